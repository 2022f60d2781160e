//! `POST /desk/availability/limits`: how many may be sold. A form says a type (or the house), nights and a limit; the grid says
//! cells, `set=<type>.<night>.<limit>` each. Either way it is one command. A limit below what is sold asks once.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form as Body, Json};
use contracts::inventory::{Limit, SetLimits};
use jiff::ToSpan;
use jiff::civil::Date;
use kit::ask::No;
use kit::told::Form;
use kit::{Frame, Front, Part, Said, Visit, page};
use pipeline::Role;
use serde::Serialize;
use serde_json::json;

use super::page::HOUSE;
use crate::desk::{self, Day};
use crate::known::Availability;
use crate::live::hub::Hubs;

/// Longest reason, in bytes.
const REASON_MAX: usize = 200;
/// The highest limit.
const LIMIT_MAX: u32 = 100_000;
/// Nights one form may speak of.
const NIGHTS_MAX: usize = 366;
/// Spans one command may hold.
const SPANS_MAX: usize = 400;
/// Nights a question names; the rest are counted.
const NAMED_MAX: usize = 12;

/// The limit each cell is to have.
type Cells = BTreeMap<(String, Date), u32>;

/// A night that would be oversold.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Below {
    room_type: String,
    night: Date,
    limit: u32,
    sold: i64,
}

#[derive(Template, Serialize)]
#[template(path = "oversold.html")]
struct Sure {
    #[serde(skip)]
    f: Frame,
    came: &'static str,
    text: String,
    below: Vec<Below>,
    more: usize,
    #[serde(skip)]
    sent: Vec<(String, String)>,
    #[serde(skip)]
    back: String,
}

fn is_type(code: &str) -> bool {
    code == HOUSE || kernel::id::is_code(code)
}

fn limit(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|limit| *limit <= LIMIT_MAX)
}

/// What a form asks for; none when something is missing or makes no sense.
fn cells(form: &Form<'_>) -> Option<Cells> {
    let all = |name: &'static str| form.sent.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str());
    let mut cells = Cells::new();
    for one in all("set") {
        let mut parts = one.rsplitn(3, '.');
        let (to, night, room_type) = (limit(parts.next()?)?, parts.next()?.parse().ok()?, parts.next()?);
        if !is_type(room_type) {
            return None;
        }
        cells.insert((room_type.to_owned(), night), to);
    }
    if let Some(room_type) = form.field("type").filter(|code| is_type(code)) {
        let (from, last): (Date, Date) = (form.field("from")?.parse().ok()?, form.field("last")?.parse().ok()?);
        let to = limit(form.field("limit")?)?;
        let weekdays: Vec<i8> = all("weekday").filter_map(|day| day.parse().ok()).collect();
        let nights = from.series(1.day()).take_while(|night| *night <= last).take(NIGHTS_MAX + 1);
        let wanted = nights.filter(|night| weekdays.is_empty() || weekdays.contains(&night.weekday().to_monday_one_offset()));
        cells.extend(wanted.map(|night| ((room_type.to_owned(), night), to)));
    }
    // A year of one type, or a month of a house with many.
    (!cells.is_empty() && cells.len() <= NIGHTS_MAX).then_some(cells)
}

/// The same as spans: neighbours with one limit are one.
fn spans(cells: &Cells) -> Vec<Limit> {
    let mut all: Vec<Limit> = Vec::new();
    for ((room_type, night), limit) in cells {
        let next = night.saturating_add(1.day());
        match all.last_mut() {
            Some(last) if last.room_type == *room_type && last.limit == *limit && last.to == Some(*night) => last.to = Some(next),
            _ => all.push(Limit { room_type: room_type.clone(), limit: *limit, from: Some(*night), to: Some(next) }),
        }
    }
    all
}

/// The cells whose limit is below what is sold.
fn below(cells: &Cells, said: &Availability) -> Vec<Below> {
    let sold = |room_type: &str, night: Date| {
        let night = said.nights.iter().find(|n| n.night == night)?;
        let count = if room_type == HOUSE { Some(&night.house) } else { night.types.iter().find(|c| c.room_type == room_type) };
        count.map(|count| (count.sold, count.limit))
    };
    let cut = |((room_type, night), limit): (&(String, Date), &u32)| {
        let (sold, before) = sold(room_type, *night)?;
        // What is above its limit already is no news when the limit stays.
        (i64::from(*limit) < sold && i64::from(*limit) != before).then(|| Below {
            room_type: room_type.clone(),
            night: *night,
            limit: *limit,
            sold,
        })
    };
    cells.iter().filter_map(cut).collect()
}

/// `POST /desk/availability/limits`.
pub async fn set(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Body(sent): Body<Vec<(String, String)>>,
) -> Response {
    if let Some(answer) = front.needs(&visit, Role::Revenue) {
        return answer;
    }
    let of = |name: &str| sent.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let to = desk::back(Some(of("back")));
    let form = Form { front: &front, visit: &visit, sent: &sent, to: &to };
    let (hotel, key) = (of("hotel").to_owned(), of("key").to_owned());
    let reason = form.field("reason").filter(|reason| reason.len() <= REASON_MAX);
    let (Some(cells), Some(reason), true) = (cells(&form), reason, desk::is_key(&key) && kernel::id::is_code(&hotel)) else {
        return form.lacks();
    };
    let limits = spans(&cells);
    if limits.len() > SPANS_MAX {
        return form.lacks();
    }
    let nights = || cells.keys().map(|(_, night)| *night);
    let (Some(first), Some(last)) = (nights().min(), nights().max()) else { return form.lacks() };
    let (ask, after) = (front.ask_for(&visit), last.saturating_add(1.day()));
    let paths = [format!("/hotels/{hotel}/business-day"), format!("/hotels/{hotel}/availability?from={first}&to={after}")];
    let (day, said) = futures::join!(ask.get::<Day>("stays", &paths[0]), ask.get::<Availability>("inventory", &paths[1]));
    // What is over stays as it was sold.
    if day.here().is_some_and(|day| first < day.business_date) {
        return form.no(&No { code: "past-date".into(), detail: json!({}), status: 409 });
    }
    if of("sure").is_empty() {
        let below = said.here().map(|said| below(&cells, said)).unwrap_or_default();
        if !below.is_empty() {
            return sure(&front, &visit, &sent, &to, below);
        }
    }
    let command = SetLimits { hotel: hotel.clone(), limits, reason: reason.to_owned() };
    match ask.send(&command, &key).await {
        Said::Done(reply, at) => {
            // Once the list of nights has it, all desks look, not at their next idle look.
            let _there: Part<Availability> = front.ask_for(&visit).after(&at).get("inventory", &paths[1]).await;
            if let Some(hub) = hubs.of(&hotel) {
                hub.stirred.notify_one();
            }
            form.done(&format!("limits.{}", cells.len()), &reply, &at)
        }
        other => form.came("limits.0", other),
    }
}

/// Asks whether nights are to be oversold.
fn sure(front: &Front, visit: &Visit, sent: &[(String, String)], back: &str, mut below: Vec<Below>) -> Response {
    let f = Frame::new(front, visit, "oversold-title").in_part("availability");
    let text = f.tn("oversold-text", i64::try_from(below.len()).unwrap_or(i64::MAX));
    let more = below.len().saturating_sub(NAMED_MAX);
    if visit.wants_json {
        return Json(json!({"came": "ask", "text": text, "below": below})).into_response();
    }
    below.truncate(NAMED_MAX);
    page::show(visit, &Sure { f, came: "ask", text, below, more, sent: sent.to_vec(), back: back.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::{Count, Night};
    use jiff::civil::date;

    fn cells(of: &[(&str, i8, u32)]) -> Cells {
        of.iter().map(|(t, day, limit)| (((*t).to_owned(), date(2027, 3, *day)), *limit)).collect()
    }

    #[test]
    fn neighbours_with_one_limit_are_one_span() {
        let all = spans(&cells(&[("A", 4, 10), ("A", 5, 10), ("A", 6, 9), ("A", 8, 9), ("B", 9, 9)]));
        let told: Vec<_> =
            all.iter().map(|l| (&*l.room_type, l.from.map_or(0, |d| d.day()), l.to.map_or(0, |d| d.day()), l.limit)).collect();
        assert_eq!(told, [("A", 4, 6, 10), ("A", 6, 7, 9), ("A", 8, 9, 9), ("B", 9, 10, 9)]);
    }

    #[test]
    fn a_limit_below_what_is_sold_is_asked_about_unless_it_was_so_before() {
        let count = |sold, limit| Count { room_type: "A".into(), sold, limit, ..Count::default() };
        let night = |day, sold, limit| Night { night: date(2027, 3, day), house: count(sold, limit), types: vec![count(sold, limit)] };
        let said = Availability { closed: false, nights: vec![night(4, 8, 10), night(5, 8, 6)] };
        let of = |wanted: &[(&str, i8, u32)]| below(&cells(wanted), &said).len();
        assert_eq!([of(&[("A", 4, 8)]), of(&[("A", 4, 7)]), of(&[("*", 4, 7)]), of(&[("A", 5, 6)]), of(&[("A", 6, 0)])], [0, 1, 1, 0, 0]);
    }
}
