//! The tape chart: all bars that touch a range of days, and the rooms they are drawn in.

use std::sync::Arc;

use feed::Tx;
use feed::sql::{Cell, Row, SqlFault};
use jiff::ToSpan;
use jiff::civil::Date;
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde::Serialize;
use serde_json::{Value, json};

use super::bar::{Bar, COLUMNS, LONG_NIGHTS, Shown};
use super::changes::epoch;

/// Days of one page.
const NIGHTS_MAX: i32 = 62;

/// Where a hotel's tape is.
pub struct Head {
    /// The number of the last change.
    pub seq: i64,
    /// The open business date.
    pub date: Date,
    /// Whether its audit is running.
    pub auditing: bool,
}

impl Head {
    /// Reads it; `None`: no such hotel (any more).
    pub fn read(tx: &Tx<'_>, hotel: &str) -> Result<Option<Self>, SqlFault> {
        let rows = tx.rows("SELECT seq, date, auditing FROM tape_hotels WHERE hotel = ?1", &[hotel.into()])?;
        let head = |row: &Row| Some(Self { seq: row[0].int(), date: row[1].some_text()?.parse().ok()?, auditing: row[2].int() != 0 });
        Ok(rows.first().and_then(head))
    }
}

/// Reads something of a hotel's tape, all on one state.
pub async fn of_hotel<T: Send + 'static>(
    core: &Core,
    call: &Call,
    read: impl FnOnce(&Tx<'_>, &str, &Head) -> Result<T, SqlFault> + Send + 'static,
) -> Result<(Head, T), Problem> {
    AsOf::none(call, super::super::NO_PAST)?;
    let hotel = call.param("hotel").to_owned();
    let found = core.views.read(move |tx| {
        let Some(head) = Head::read(tx, &hotel)? else { return Ok(None) };
        let read = read(tx, &hotel, &head)?;
        Ok(Some((head, read)))
    });
    found.await?.ok_or_else(|| Problem::not_found("hotel-unknown"))
}

/// `GET /hotels/{hotel}/tape?from&nights[&room_type]`.
pub async fn tape(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let (asked, room_type) = (call.asked_as::<Date>("from")?, call.asked("room_type"));
    let nights = call.asked_as::<i32>("nights")?.unwrap_or(31);
    if !(1..=NIGHTS_MAX).contains(&nights) {
        return Err(Problem::invalid("'nights' is not between 1 and 62"));
    }
    let epoch = epoch(&core).await?;
    let (head, (from, rooms, bars)) = of_hotel(&core, &call, move |tx, hotel, head| {
        let from = asked.unwrap_or(head.date);
        Ok((from, rooms(tx, hotel, room_type.as_deref())?, bars(tx, hotel, from, nights, room_type.as_deref())?))
    })
    .await?;
    let (hotel, business_date) = (call.param("hotel"), head.date);
    let bars = bars.iter().map(Bar::shown).collect();
    Ok(Answer::json(&Page { hotel, epoch: &epoch, seq: head.seq, business_date, from, nights, rooms, bars }))
}

#[derive(Serialize)]
struct Page<'a> {
    hotel: &'a str,
    epoch: &'a str,
    seq: i64,
    business_date: Date,
    from: Date,
    nights: i32,
    rooms: Vec<Value>,
    bars: Vec<Shown<'a>>,
}

fn bars(tx: &Tx<'_>, hotel: &str, from: Date, nights: i32, room_type: Option<&str>) -> Result<Vec<Bar>, SqlFault> {
    // Two ranges of one index: most stays are short, so those that may reach into the page began not long before it.
    let of = |is_long: u8, began: &str| {
        format!(
            "SELECT {COLUMNS} FROM tape WHERE hotel = ?1 AND is_long = {is_long} AND arrival >= {began} AND arrival < ?3 AND departure >= ?4
             AND state <> 'cancelled' AND state <> 'no_show' AND COALESCE(real_type, room_type) = COALESCE(?5, real_type, room_type)"
        )
    };
    let sql = format!("{} UNION ALL {}", of(0, "?2"), of(1, "''"));
    let (began, to) = (from.saturating_sub(LONG_NIGHTS.days()), from.saturating_add(nights.days()));
    let rows = tx.rows(&sql, &[hotel.into(), began.into(), to.into(), from.into(), room_type.into()])?;
    Ok(rows.iter().map(Bar::of_row).collect())
}

fn rooms(tx: &Tx<'_>, hotel: &str, room_type: Option<&str>) -> Result<Vec<Value>, SqlFault> {
    let sql = "SELECT room_type, number, condition, stay FROM rooms WHERE hotel = ?1 AND room_type = COALESCE(?2, room_type)
       ORDER BY room_type, number";
    let rows = tx.rows(sql, &[hotel.into(), room_type.into()])?;
    let shown = |row: &Row| {
        let (room_type, number) = (row[0].text(), row[1].int());
        let mut shown =
            json!({"room": format!("{room_type}-{number}"), "room_type": room_type, "number": number, "condition": row[2].text()});
        if let Cell::Text(stay) = &row[3] {
            shown["occupied_by"] = json!(stay);
        }
        shown
    };
    Ok(rows.iter().map(shown).collect())
}
