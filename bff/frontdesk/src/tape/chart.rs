//! The chart's arithmetic: what a bar asks for, how a row is tiled, how bars without a room are laid into lanes. The script
//! does the same with the rows it draws; this draws the first ones.

use jiff::civil::Date;

use crate::live::row::Bar;

/// Lanes of bars without a room that are shown; what does not fit is counted.
pub const LANES_MAX: usize = 3;
/// Bars without a room ask for something when they come within so many days: hotels oversell on purpose.
pub const OVER_DAYS: i32 = 14;

/// What a bar asks for, as a class.
pub fn look(bar: &Bar, today: Date) -> &'static str {
    let soon = || today.until(bar.from).map_or(0, |span| span.get_days()) <= OVER_DAYS;
    match bar.st.as_str() {
        "checked_out" => "past",
        "in_house" if bar.to < today => "urgent",
        "in_house" if bar.to == today => "due out",
        "in_house" => "inhouse",
        _ if bar.from < today => "urgent",
        _ if bar.row.is_none() && soon() => "urgent",
        _ if bar.from == today => "due in",
        _ => "future",
    }
}

/// A cell of a row: a bar, or nights without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The first night, counted from the first that is shown.
    pub col: i32,
    /// Nights.
    pub span: i32,
    /// Which of the bars.
    pub bar: Option<usize>,
}

/// Tiles a row of so many nights with bars, given as first night and day of departure and sorted by the former. Every night
/// is in one tile; a bar that lies under another keeps the nights that are left, and one at least.
pub fn tiles(bars: &[(i32, i32)], nights: i32) -> Vec<Tile> {
    let (mut tiles, mut at) = (Vec::new(), 0);
    for (n, (from, to)) in bars.iter().enumerate() {
        if *to < 0 || *from >= nights {
            continue;
        }
        let col = (*from).max(at).min(nights - 1);
        if col > at {
            tiles.push(Tile { col: at, span: col - at, bar: None });
        }
        let end = (*to).min(nights).max(col + 1);
        tiles.push(Tile { col, span: end - col, bar: Some(n) });
        at = end;
    }
    if at < nights {
        tiles.push(Tile { col: at, span: nights - at, bar: None });
    }
    tiles
}

/// Which lane each bar lies in: the first that is free from its first night on. Sorted by first night, that takes the fewest.
pub fn lanes(bars: &[(i32, i32)]) -> Vec<usize> {
    let mut ends: Vec<i32> = Vec::new();
    bars.iter()
        .map(|(from, to)| {
            let lane = ends.iter().position(|end| end <= from).unwrap_or(ends.len());
            if lane == ends.len() {
                ends.push(0);
            }
            ends[lane] = *to.max(&(from + 1));
            lane
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn bar(st: &str, from: i8, to: i8, row: Option<&str>) -> Bar {
        serde_json::from_value(serde_json::json!({"id": "r", "v": 1, "row": row, "room_type": "A", "sold_as": "A", "st": st,
            "from": date(2027, 3, from), "to": date(2027, 3, to)}))
        .expect("a bar")
    }

    #[test]
    fn a_colour_asks_for_what_is_to_be_done_today() {
        let today = date(2027, 3, 4);
        let of = |st, from, to| look(&bar(st, from, to, Some("A-1")), today);
        assert_eq!((of("confirmed", 4, 6), of("confirmed", 5, 6), of("confirmed", 3, 6)), ("due in", "future", "urgent"));
        assert_eq!((of("in_house", 1, 6), of("in_house", 1, 4), of("in_house", 1, 3)), ("inhouse", "due out", "urgent"));
        assert_eq!(of("checked_out", 1, 4), "past");
        let over = |from| look(&bar("confirmed", from, 31, None), today);
        assert_eq!((over(4), over(18), over(19)), ("urgent", "urgent", "future"), "far ahead the over lane is quiet");
    }

    #[test]
    fn a_row_is_tiled_without_holes_or_overlaps() {
        let tile = |col, span, bar| Tile { col, span, bar };
        assert_eq!(tiles(&[], 7), [tile(0, 7, None)]);
        assert_eq!(
            tiles(&[(-3, 2), (2, 4), (5, 12)], 7),
            [tile(0, 2, Some(0)), tile(2, 2, Some(1)), tile(4, 1, None), tile(5, 2, Some(2))]
        );
        assert_eq!(tiles(&[(-3, 0), (9, 10)], 7), [tile(0, 1, Some(0)), tile(1, 6, None)], "who leaves on the first day is still seen");
        assert_eq!(tiles(&[(1, 1)], 3), [tile(0, 1, None), tile(1, 1, Some(0)), tile(2, 1, None)], "day use takes a cell");
        for seed in 0..200_u64 {
            let mut dice = seed;
            let mut roll = |below: i32| {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((dice >> 33) % below as u64) as i32
            };
            let mut bars: Vec<(i32, i32)> =
                (0..roll(9)).map(|_| (roll(40) - 4, roll(6))).map(|(from, nights)| (from, from + nights)).collect();
            bars.sort_unstable();
            let tiles = tiles(&bars, 31);
            let mut at = 0;
            for tile in &tiles {
                assert!(tile.span > 0 && tile.col <= at && (tile.col == at || tile.col == 30), "{bars:?} {tiles:?}");
                at = at.max(tile.col + tile.span);
            }
            assert_eq!(at, 31, "{bars:?} {tiles:?}");
        }
    }

    #[test]
    fn bars_without_a_room_take_the_first_free_lane() {
        assert_eq!(lanes(&[(0, 3), (1, 2), (2, 4), (3, 5), (3, 3)]), [0, 1, 1, 0, 2]);
        let crowd: Vec<(i32, i32)> = (0..38).map(|_| (4, 6)).collect();
        assert_eq!(lanes(&crowd).into_iter().filter(|lane| *lane >= LANES_MAX).count(), 35);
    }
}
