//! House status: what is to be done today, and what wants to be looked at soon. Every figure opens its list.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use kit::{Frame, Front, Part, Visit, page};
use serde::Serialize;

use crate::desk::{Desk, silent};
use crate::known::{Availability, Count, Hotel, HouseStatus, Night};

/// Nights ahead that are looked at for more sold than may be.
const AHEAD: i32 = 14;
/// Oversold nights that are named one by one.
const NAMED_MAX: usize = 5;

/// Units of the chart a night is wide, and the chart is high.
const WIDE: i64 = 10;
const HIGH: i64 = 100;

/// A night with more sold than may be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Over {
    night: Date,
    /// The type's code; none: the house.
    room_type: String,
    /// What it is called.
    name: String,
    n: i64,
}

/// A night of the chart, in its units, from its upper edge.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Bar {
    night: Date,
    weekday: String,
    sold: i64,
    held: i64,
    limit: i64,
    is_over: bool,
    left: i64,
    top: i64,
    height: i64,
    /// Where the line of what may be sold is.
    line: i64,
}

impl Bar {
    /// What can still be sold; below nothing there is nothing.
    fn free(&self) -> i64 {
        (self.limit - self.sold - self.held).max(0)
    }
}

#[derive(Template, Serialize)]
#[template(path = "status.html")]
struct Status {
    #[serde(skip)]
    f: Frame,
    hotel: String,
    status: Option<HouseStatus>,
    tonight: Option<Count>,
    /// None: not known.
    over: Option<Vec<Over>>,
    over_nights: usize,
    /// The next nights; empty while they are not known.
    chart: Vec<Bar>,
    /// Whether the day can be closed: none is not known.
    is_ready: Option<bool>,
    missing: Vec<&'static str>,
}

impl Status {
    /// Per cent of the rooms that may be sold.
    fn filled(&self) -> Option<i64> {
        self.tonight.as_ref().and_then(per_cent)
    }

    /// The chart in one sentence.
    fn sentence(&self) -> String {
        let Some(fullest) = self.chart.iter().max_by_key(|bar| (bar.sold * HIGH / bar.limit.max(1), std::cmp::Reverse(bar.night))) else {
            return String::new();
        };
        let (day, sold, limit) = (self.f.day(&fullest.night), fullest.sold.to_string(), fullest.limit.to_string());
        let all = [("day", day.as_str().into()), ("sold", sold.as_str().into()), ("limit", limit.as_str().into())];
        format!("{} {}", self.f.tx("status-fullest", &all), self.f.tn("status-over-nights", self.over_nights as i64))
    }

    /// What wants to be done first: the text of the page's button and where it leads.
    fn first(&self) -> Option<(String, &'static str)> {
        let status = self.status.as_ref()?;
        let (out, arriving) = (status.departures, status.arrivals.left);
        let (key, n, to) = match () {
            () if status.state == "auditing" => ("status-first-auditing", 0, "/desk/audit"),
            () if out.overdue > 0 => ("status-first-overdue", out.overdue, "/desk/departures"),
            () if arriving > 0 => ("status-first-arrivals", arriving, "/desk/arrivals"),
            () if out.left > 0 => ("status-first-departures", out.left, "/desk/departures"),
            () => ("status-first-audit", 0, "/desk/audit"),
        };
        Some((self.f.tn(key, n), to))
    }
}

fn per_cent(count: &Count) -> Option<i64> {
    (count.limit > 0).then(|| (count.sold * 100 + count.limit / 2) / count.limit)
}

/// The chart's bars: the highest number fills it.
fn chart(nights: &[Night], weekday: impl Fn(Date) -> String) -> Vec<Bar> {
    let most = nights.iter().map(|night| night.house.sold.max(night.house.limit)).max().unwrap_or(0).max(1);
    let bar = |(n, night): (usize, &Night)| {
        let Count { sold, held, limit, .. } = night.house;
        let height = sold.max(0) * HIGH / most;
        let (left, line) = (n as i64 * WIDE, HIGH - limit.max(0) * HIGH / most);
        let is_over = night.house.over() > 0;
        Bar { night: night.night, weekday: weekday(night.night), sold, held, limit, is_over, left, top: HIGH - height, height, line }
    };
    nights.iter().enumerate().map(bar).collect()
}

/// The nights on which more is sold and held than may be: of types first, and of the house only where no type says it.
fn oversold(availability: &Availability, hotel: &Hotel) -> Vec<Over> {
    let of_night = |night: &Night| {
        let mut over: Vec<Over> = night
            .types
            .iter()
            .filter(|count| count.over() > 0)
            .map(|count| Over {
                night: night.night,
                room_type: count.room_type.clone(),
                name: hotel.name_of(&count.room_type),
                n: count.over(),
            })
            .collect();
        if over.is_empty() && night.house.over() > 0 {
            over.push(Over { night: night.night, room_type: String::new(), name: String::new(), n: night.house.over() });
        }
        over
    };
    availability.nights.iter().flat_map(of_night).collect()
}

/// `GET /desk`.
pub async fn page(State(front): State<Front>, visit: Visit) -> Response {
    let desk = match Desk::open(&front, &visit, "status-title", "status").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let (ask, today) = (desk.ask(), desk.today());
    let until = today.saturating_add(AHEAD.days());
    let paths = (desk.path("/house-status"), desk.path(&format!("/availability?from={today}&to={until}")), desk.path(""));
    let (status, nights, hotel): (Part<HouseStatus>, Part<Availability>, Part<Hotel>) =
        futures::join!(ask.get("stays", &paths.0), ask.get("inventory", &paths.1), ask.get("hotels", &paths.2));
    let missing = silent([status.silent(), nights.silent(), hotel.silent(), desk.day.silent()]);
    let (status, nights, hotel) = (status.into_here(), nights.into_here(), hotel.into_here().unwrap_or_default());
    let over = nights.as_ref().map(|nights| oversold(nights, &hotel));
    let mut nights_over: Vec<Date> = over.iter().flatten().map(|over| over.night).collect();
    nights_over.dedup();
    let is_ready = status.as_ref().map(|s| s.state == "open" && s.arrivals.left == 0 && s.departures.left == 0);
    let nights = nights.map(|all| all.nights).unwrap_or_default();
    // Two letters: fourteen of them stand side by side on a phone.
    let chart = chart(&nights, |night| desk.frame.words().weekday(night).chars().take(2).collect());
    let tonight = nights.into_iter().next().map(|night| night.house);
    let over_nights = nights_over.len();
    let over = over.map(|mut over| {
        over.truncate(NAMED_MAX);
        over
    });
    page::show(&visit, &Status { f: desk.frame, hotel: desk.hotel, status, tonight, over, over_nights, chart, is_ready, missing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_night_is_oversold_by_type_or_by_house() {
        let count = |room_type: &str, sold, held, limit| Count { room_type: room_type.into(), limit, sold, held, available: 0 };
        let night = |day, house, types| Night { night: date(2027, 3, day), house, types };
        let nights = Availability {
            closed: false,
            nights: vec![
                night(4, count("", 9, 0, 10), vec![count("A", 6, 0, 6), count("B", 3, 0, 4)]),
                night(5, count("", 12, 0, 10), vec![count("A", 8, 0, 6), count("B", 4, 0, 4)]),
                night(6, count("", 9, 2, 10), vec![count("A", 6, 0, 6), count("B", 3, 0, 4)]),
            ],
        };
        let found: Vec<(i8, String, i64)> =
            oversold(&nights, &Hotel::default()).into_iter().map(|o| (o.night.day(), o.room_type, o.n)).collect();
        assert_eq!(found, [(5, "A".into(), 2), (6, String::new(), 1)]);
    }

    #[test]
    fn the_highest_number_fills_the_chart() {
        let night = |sold, limit| Night { night: date(2027, 3, 4), house: Count { sold, limit, ..Count::default() }, types: vec![] };
        let bars = chart(&[night(5, 10), night(20, 10), night(0, 0)], |_| String::new());
        let drawn: Vec<_> = bars.iter().map(|bar| (bar.left, bar.top, bar.height, bar.line, bar.is_over)).collect();
        assert_eq!(drawn, [(0, 75, 25, 50, false), (10, 0, 100, 50, true), (20, 100, 0, 100, false)]);
        assert!(chart(&[], |_| String::new()).is_empty());
    }
}
