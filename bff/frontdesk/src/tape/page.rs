//! `GET /desk/tape`: the frame of the chart, its first rows, and the same for tonight as a list: for phones, for paper, and
//! without scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use kit::{Frame, Front, Visit, page};
use serde::Serialize;
use serde_json::json;

use super::chart::{self, LANES_MAX, Tile};
use super::house::{self, House, Tape, Wanted, days, type_of};
use super::words;
use crate::desk::{Desk, silent};
use crate::live::hub::Hubs;
use crate::live::row::Bar;

/// Rows that come with the page; the script draws the rest.
const ROWS_FIRST: usize = 40;
/// Patience with names.
const NAMES: Duration = Duration::from_millis(300);

/// How many nights may be shown.
#[derive(Clone, Debug)]
struct Zoom {
    n: i32,
    words: String,
    is_here: bool,
}

/// A day's head.
#[derive(Clone, Debug, Serialize)]
struct Day {
    date: Date,
    weekday: String,
    number: i8,
    /// The month where one begins; it stands in for the weekday.
    month: Option<String>,
    is_weekend: bool,
    is_today: bool,
    is_past: bool,
}

/// A cell of a row.
#[derive(Clone, Debug, Serialize)]
struct Cell {
    col: i32,
    span: i32,
    /// Classes; empty: nights without a bar.
    class: String,
    /// Where the bar is drawn: its first night is −1 where it began before.
    start: i32,
    width: i32,
    text: String,
}

/// A row of the chart.
#[derive(Clone, Debug, Serialize)]
struct Line {
    kind: &'static str,
    label: String,
    /// How many rooms the type has.
    note: String,
    clean: bool,
    cells: Vec<Cell>,
    totals: Vec<Total>,
}

/// What is sold of a type on a night.
#[derive(Clone, Debug, Serialize)]
struct Total {
    sold: Option<i64>,
    free: Option<i64>,
    limit: Option<i64>,
    above: bool,
}

/// Who sleeps in a room tonight.
#[derive(Clone, Debug, Serialize)]
struct Tonight {
    room: String,
    room_type: String,
    clean: bool,
    id: String,
    who: String,
    look: &'static str,
    until: Option<Date>,
}

#[derive(Template, Serialize)]
#[template(path = "tape.html")]
struct Chart {
    #[serde(skip)]
    f: Frame,
    hotel: String,
    from: Option<Date>,
    nights: i32,
    #[serde(skip)]
    zooms: Vec<Zoom>,
    types: String,
    before: Option<Date>,
    after: Option<Date>,
    days: Vec<Day>,
    lines: Vec<Line>,
    tonight: Vec<Tonight>,
    rows: usize,
    missing: Vec<&'static str>,
    #[serde(skip)]
    texts: String,
    #[serde(skip)]
    start: String,
}

/// `GET /desk/tape?from&nights&types`.
pub async fn show(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Response {
    let desk = match Desk::open(&front, &visit, "tape-title", "tape").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let today = desk.day.here().map(|day| day.business_date);
    let from = wanted
        .from
        .or(today.map(|today| today.saturating_sub(1.days())))
        .unwrap_or_else(|| front.now().to_zoned(jiff::tz::TimeZone::UTC).date());
    let house = house::ask(&front, &visit, &desk.hotel, from, &wanted).await;
    let nights = wanted.nights();
    let mut chart = Chart {
        texts: words::block(&words::texts(&desk.frame)),
        start: words::block(
            &json!({"hotel": desk.hotel, "from": from, "nights": nights, "types": wanted.types.clone().unwrap_or_default(),
            "root": desk.frame.root, "icons": desk.frame.asset("icons.svg")}),
        ),
        from: Some(from),
        nights,
        zooms: house::ZOOMS.iter().map(|n| Zoom { n: *n, words: desk.frame.tn("nights", *n), is_here: *n == nights }).collect(),
        types: wanted.types.unwrap_or_default(),
        before: Some(from.saturating_sub(7.days())),
        after: Some(from.saturating_add(7.days())),
        days: heads(&desk.frame, from, nights, today),
        lines: Vec::new(),
        tonight: Vec::new(),
        rows: 0,
        missing: silent([house.tape.silent(), house.nights.silent()]),
        hotel: desk.hotel,
        f: desk.frame,
    };
    if let Some(tape) = house.tape.here() {
        let laid = Laid::of(&house, tape);
        let guests: BTreeSet<&str> = laid.guests(tape).collect();
        let joined = hubs.names.of(&front, guests, NAMES).await;
        if !joined.is_all {
            chart.missing.push("guests");
        }
        chart.rows = laid.rows.len();
        chart.lines = laid.rows.iter().take(ROWS_FIRST).map(|row| line(&chart.f, &house, tape, row, &joined.names)).collect();
        chart.tonight = tonight(tape, &joined.names);
    }
    page::show(&visit, &chart)
}

fn heads(f: &Frame, from: Date, nights: i32, today: Option<Date>) -> Vec<Day> {
    let day = |n: i32| {
        let date = from.saturating_add(n.days());
        Day {
            date,
            weekday: f.words().weekday(date),
            number: date.day(),
            month: (n == 0 || date.day() == 1)
                .then(|| f.words().day_month(date).trim_start_matches(|c: char| !c.is_alphabetic()).to_owned()),
            is_weekend: matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
            is_today: today == Some(date),
            is_past: today.is_some_and(|today| date < today),
        }
    };
    (0..nights).map(day).collect()
}

/// A row before it is drawn.
enum Row<'a> {
    Head(&'a house::RoomType),
    Lane(Vec<&'a Bar>),
    More(usize),
    Room(&'a house::Room, Vec<&'a Bar>),
}

struct Laid<'a> {
    rows: Vec<Row<'a>>,
}

impl<'a> Laid<'a> {
    /// All rows in their order: per type its head, what has no room, its rooms.
    fn of(house: &'a House, tape: &'a Tape) -> Self {
        let mut by_room: BTreeMap<&str, Vec<&Bar>> = BTreeMap::new();
        let mut over: BTreeMap<&str, Vec<&Bar>> = BTreeMap::new();
        let mut sorted: Vec<&Bar> = tape.bars.iter().collect();
        sorted.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
        for bar in sorted {
            match &bar.row {
                Some(row) => by_room.entry(row).or_default().push(bar),
                None => over.entry(type_of(bar)).or_default().push(bar),
            }
        }
        let mut rows = Vec::new();
        for kind in &house.types {
            rows.push(Row::Head(kind));
            let waiting = over.remove(kind.room_type.as_str()).unwrap_or_default();
            let lanes = chart::lanes(&spans(tape, &waiting));
            for lane in 0..LANES_MAX.min(lanes.iter().max().map_or(0, |last| last + 1)) {
                let here = waiting.iter().zip(&lanes).filter(|(_, l)| **l == lane).map(|(bar, _)| *bar).collect();
                rows.push(Row::Lane(here));
            }
            let more = lanes.iter().filter(|lane| **lane >= LANES_MAX).count();
            rows.extend((more > 0).then_some(Row::More(more)));
            let own = tape.rooms.iter().filter(|room| room.room_type == kind.room_type);
            rows.extend(own.map(|room| Row::Room(room, by_room.remove(room.room.as_str()).unwrap_or_default())));
        }
        Self { rows }
    }

    /// Whose names the page says.
    fn guests<'b>(&'b self, tape: &'b Tape) -> impl Iterator<Item = &'b str> {
        let bars = |row: &'b Row<'a>| match row {
            Row::Lane(bars) | Row::Room(_, bars) => bars.as_slice(),
            Row::Head(_) | Row::More(_) => &[],
        };
        let drawn = self.rows.iter().take(ROWS_FIRST).flat_map(bars).copied();
        drawn.chain(tape.bars.iter().filter(|bar| is_tonight(bar, tape.business_date))).filter_map(|bar| bar.guest.as_deref())
    }
}

fn spans(tape: &Tape, bars: &[&Bar]) -> Vec<(i32, i32)> {
    bars.iter().map(|bar| (days(tape.from, bar.from), days(tape.from, bar.to))).collect()
}

fn is_tonight(bar: &Bar, today: Date) -> bool {
    bar.row.is_some() && (bar.st == "in_house" || (bar.st == "confirmed" && bar.from <= today && today < bar.to))
}

/// The name of a bar: its guest's, or the number while that is not known.
fn who(bar: &Bar, names: &BTreeMap<String, String>) -> String {
    let name = bar.guest.as_ref().and_then(|guest| names.get(guest)).filter(|name| !name.is_empty());
    name.or(bar.confirmation.as_ref()).cloned().unwrap_or_else(|| "—".into())
}

fn line(f: &Frame, house: &House, tape: &Tape, row: &Row<'_>, names: &BTreeMap<String, String>) -> Line {
    let none = Line { kind: "room", label: String::new(), note: String::new(), clean: true, cells: Vec::new(), totals: Vec::new() };
    match row {
        Row::Head(kind) => {
            let rooms = tape.rooms.iter().filter(|room| room.room_type == kind.room_type).count() as i64;
            let of_night = |n: i32| {
                let night = house.nights.here().and_then(|all| all.nights.iter().find(|night| days(tape.from, night.night) == n));
                let count = night.and_then(|night| night.types.iter().find(|count| count.room_type == kind.room_type));
                Total {
                    sold: count.map(|c| c.sold),
                    free: count.map(|c| (c.limit - c.sold - c.held).max(0)),
                    limit: count.map(|c| c.limit),
                    above: count.is_some_and(|c| c.sold > rooms),
                }
            };
            let label = if kind.name.is_empty() { kind.room_type.clone() } else { kind.name.clone() };
            Line { kind: "head", label, note: f.tn("tape-rooms", rooms), totals: (0..tape.nights).map(of_night).collect(), ..none }
        }
        Row::Lane(bars) => Line { kind: "lane", label: f.t("tape-over"), cells: cells(tape, bars, names), ..none },
        Row::More(n) => Line { kind: "more", label: f.ta("tape-over-more", "n", n.to_string()), ..none },
        Row::Room(room, bars) => {
            Line { label: room.room.clone(), clean: room.condition == "clean", cells: cells(tape, bars, names), ..none }
        }
    }
}

fn cells(tape: &Tape, bars: &[&Bar], names: &BTreeMap<String, String>) -> Vec<Cell> {
    let spans = spans(tape, bars);
    let cell = |tile: Tile| {
        let Some(n) = tile.bar else {
            return Cell { col: tile.col, span: tile.span, class: String::new(), start: 0, width: 0, text: String::new() };
        };
        let (bar, (from, to)) = (bars[n], spans[n]);
        // Cut one night outside of what is shown: the half day there is hidden by the row.
        let (start, end) = (from.max(-1), to.min(tape.nights + 1));
        let planned = if bar.planned { " planned" } else { "" };
        let class = format!("{}{planned}", chart::look(bar, tape.business_date));
        Cell { col: tile.col, span: tile.span, class, start, width: (end - start).max(0), text: who(bar, names) }
    };
    chart::tiles(&spans, tape.nights).into_iter().map(cell).collect()
}

fn tonight(tape: &Tape, names: &BTreeMap<String, String>) -> Vec<Tonight> {
    let mut here: BTreeMap<&str, &Bar> = BTreeMap::new();
    for bar in tape.bars.iter().filter(|bar| is_tonight(bar, tape.business_date)) {
        let Some(row) = &bar.row else { continue };
        // Who is in the room stands before who comes into it.
        if here.get(row.as_str()).is_none_or(|other| other.st != "in_house") {
            here.insert(row, bar);
        }
    }
    let of_room = |room: &house::Room| {
        let bar = here.get(room.room.as_str());
        Tonight {
            room: room.room.clone(),
            room_type: room.room_type.clone(),
            clean: room.condition == "clean",
            id: bar.map(|bar| bar.id.clone()).unwrap_or_default(),
            who: bar.map(|bar| who(bar, names)).unwrap_or_default(),
            look: bar.map_or("", |bar| chart::look(bar, tape.business_date)),
            until: bar.map(|bar| bar.to),
        }
    };
    tape.rooms.iter().map(of_room).collect()
}
