//! `GET /desk/availability`: the grid. What is sold of each night, of how many; whoever may set limits does it here, in the
//! grid with a script and in the form below it without.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use kit::{Frame, Front, Part, Visit, page};
use pipeline::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::desk::{Desk, silent};
use crate::known::{Availability, Count, Hotel};
use crate::tape::words;

/// How many nights can be shown.
const ZOOMS: [i32; 3] = [7, 14, 31];
/// Further ahead than this, more sold than rooms is on purpose and asks nobody to act.
const SOON_DAYS: i64 = 14;
/// What the house's row is called in commands and addresses.
pub const HOUSE: &str = "*";

/// Which part of it.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    from: Option<Date>,
    #[serde(default)]
    nights: Option<i32>,
}

/// A night's head.
#[derive(Debug, Serialize)]
struct Day {
    date: Date,
    weekday: String,
    number: i8,
    /// Where a month begins, the whole date.
    month: Option<String>,
    is_weekend: bool,
    is_today: bool,
    is_past: bool,
}

/// A night of a type.
#[derive(Debug, PartialEq, Serialize)]
struct Cell {
    night: Date,
    /// None of it is known while inventory is silent.
    said: Option<Said>,
}

/// What is said of it.
#[derive(Debug, PartialEq, Serialize)]
struct Said {
    sold: i64,
    held: i64,
    limit: i64,
    free: i64,
    /// How many are sold or held above the limit or the rooms.
    over: i64,
    /// Whether that asks for somebody today.
    is_urgent: bool,
}

/// A type, or the house.
#[derive(Debug, Serialize)]
struct Line {
    /// `*` for the house.
    code: String,
    name: String,
    rooms: Option<u32>,
    cells: Vec<Cell>,
}

#[derive(Template, Serialize)]
#[template(path = "availability.html")]
struct Grid {
    #[serde(skip)]
    f: Frame,
    hotel: String,
    from: Date,
    to: Date,
    /// The last night shown.
    last: Date,
    today: Option<Date>,
    nights: i32,
    #[serde(skip)]
    zooms: [i32; 3],
    before: Date,
    after: Date,
    days: Vec<Day>,
    lines: Vec<Line>,
    is_closed: bool,
    /// Whether whoever looks may set limits.
    may: bool,
    missing: Vec<&'static str>,
    #[serde(skip)]
    weekdays: Vec<(u8, String)>,
    #[serde(skip)]
    key: String,
    #[serde(skip)]
    back: String,
    #[serde(skip)]
    texts: String,
}

fn said(count: &Count, rooms: Option<u32>, is_soon: bool) -> Said {
    let taken = count.sold + count.held;
    let over = count.over().max(rooms.map_or(0, |rooms| taken - i64::from(rooms))).max(0);
    Said { sold: count.sold, held: count.held, limit: count.limit, free: count.available, over, is_urgent: over > 0 && is_soon }
}

/// The rows: the house, then the types from the cheapest, those nobody has a name for last.
fn lines(f: &Frame, said_of: &Part<Availability>, hotel: &Hotel, nights: &[Date], today: Option<Date>) -> Vec<Line> {
    let mut types = hotel.room_types.clone();
    types.sort_by_key(|t| (t.price.map_or(0, |price| price.amount), t.room_type.clone()));
    let mut codes: Vec<String> = types.into_iter().map(|t| t.room_type).collect();
    let by_night: BTreeMap<Date, &crate::known::Night> =
        said_of.here().map(|a| a.nights.iter().map(|night| (night.night, night)).collect()).unwrap_or_default();
    for count in by_night.values().flat_map(|night| &night.types) {
        if !codes.contains(&count.room_type) {
            codes.push(count.room_type.clone());
        }
    }
    let is_soon = |night: Date| today.is_some_and(|today| night >= today && night < today.saturating_add(SOON_DAYS.days()));
    let cells = |of: &dyn Fn(&crate::known::Night) -> Option<Count>, rooms: Option<u32>| -> Vec<Cell> {
        let cell = |night: &Date| Cell {
            night: *night,
            said: by_night.get(night).and_then(|n| of(n)).map(|count| said(&count, rooms, is_soon(*night))),
        };
        nights.iter().map(cell).collect()
    };
    let all: u32 = hotel.room_types.iter().map(|t| t.rooms).sum();
    let house_rooms = Some(all).filter(|rooms| *rooms > 0);
    let mut lines = vec![Line {
        code: HOUSE.into(),
        name: f.t("availability-house"),
        rooms: house_rooms,
        cells: cells(&|night| Some(night.house.clone()), house_rooms),
    }];
    for code in codes {
        let rooms = hotel.room_type(&code).map(|t| t.rooms).filter(|rooms| *rooms > 0);
        let of = |night: &crate::known::Night| night.types.iter().find(|count| count.room_type == code).cloned();
        lines.push(Line { name: hotel.name_of(&code), rooms, cells: cells(&of, rooms), code });
    }
    lines
}

fn head(f: &Frame, nights: &[Date], today: Option<Date>) -> Vec<Day> {
    let day = |(n, date): (usize, &Date)| Day {
        date: *date,
        weekday: f.words().weekday(*date),
        number: date.day(),
        month: (n == 0 || date.day() == 1).then(|| f.day(date)),
        is_weekend: matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
        is_today: Some(*date) == today,
        is_past: today.is_some_and(|today| *date < today),
    };
    nights.iter().enumerate().map(day).collect()
}

/// Weekdays to choose from, by their ISO numbers.
fn weekdays(f: &Frame) -> Vec<(u8, String)> {
    let monday = jiff::civil::date(2024, 1, 1);
    (0..7_u8).map(|n| (n + 1, f.words().weekday(monday.saturating_add(i64::from(n).days())))).collect()
}

/// Texts of the script.
fn texts(f: &Frame) -> serde_json::Value {
    let all = [
        "editing",
        "unsaved",
        "saving",
        "saved",
        "refused",
        "some-refused",
        "not-number",
        "readonly-past",
        "readonly-role",
        "theirs",
        "later",
        "unknown",
        "free",
        "held",
        "over",
        "range",
        "discarded",
    ];
    // The script puts values where these stand.
    let say = |key: &str| f.tab(format!("availability-js-{key}"), ("a", "{a}"), ("b", "{b}"));
    json!(all.iter().map(|key| (*key, say(key))).collect::<BTreeMap<_, _>>())
}

/// `GET /desk/availability?from&nights`.
pub async fn show(State(front): State<Front>, visit: Visit, Query(wanted): Query<Wanted>) -> Response {
    let desk = match Desk::open(&front, &visit, "availability-title", "availability").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let today = desk.day.here().map(|day| day.business_date);
    let from = wanted.from.unwrap_or_else(|| desk.today());
    let nights = wanted.nights.filter(|nights| ZOOMS.contains(nights)).unwrap_or(14);
    let to = from.saturating_add(nights.days());
    let (paths, ask) = ([desk.path(&format!("/availability?from={from}&to={to}")), desk.path("")], desk.ask());
    let (availability, hotel) = futures::join!(ask.get::<Availability>("inventory", &paths[0]), ask.get::<Hotel>("hotels", &paths[1]));
    let missing = silent([desk.day.silent(), availability.silent(), hotel.silent()]);
    let hotel = hotel.into_here().unwrap_or_default();
    let dates: Vec<Date> = from.series(1.day()).take_while(|night| *night < to).collect();
    let grid = Grid {
        days: head(&desk.frame, &dates, today),
        lines: lines(&desk.frame, &availability, &hotel, &dates, today),
        is_closed: availability.here().is_some_and(|a| a.closed),
        from,
        to,
        last: to.saturating_sub(1.day()),
        today,
        nights,
        zooms: ZOOMS,
        before: from.saturating_sub(nights.min(7).days()),
        after: from.saturating_add(nights.min(7).days()),
        may: visit.may(Role::Revenue),
        missing,
        weekdays: weekdays(&desk.frame),
        key: front.token(),
        back: format!("/desk/availability?from={from}&nights={nights}"),
        texts: words::block(&texts(&desk.frame)),
        hotel: desk.hotel,
        f: desk.frame,
    };
    page::show(&visit, &grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_the_limit_or_the_rooms_is_urgent_when_it_is_soon() {
        let count = |sold, held, limit| Count { sold, held, limit, available: 0, ..Count::default() };
        let of = |count: Count, rooms, is_soon| {
            let said = said(&count, rooms, is_soon);
            (said.over, said.is_urgent)
        };
        assert_eq!(of(count(10, 0, 10), Some(10), true), (0, false));
        assert_eq!(of(count(10, 1, 10), Some(12), true), (1, true), "what is held counts");
        assert_eq!(of(count(12, 0, 15), Some(10), true), (2, true), "a limit may be above the rooms; the rooms are what there is");
        assert_eq!(of(count(12, 0, 15), Some(10), false), (2, false), "far ahead it is on purpose");
        assert_eq!(of(count(12, 0, 15), None, true), (0, false), "without hotels nobody knows the rooms");
    }
}
