//! The desk's lists: who arrives, who leaves, who is in house, and who is meant by a number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use feed::Tx;
use feed::sql::{Cell, Row, SqlFault};
use jiff::civil::Date;
use pipeline::{Answer, Call, Core, Problem};
use serde_json::{Map, Value, json};

use super::ask::of_hotel;
use super::bar::{Bar, COLUMNS, State, key_of};

/// Items of a list.
const ITEMS_MAX: usize = 1_000;
/// Rooms that are offered for one arrival.
const READY_MAX: usize = 5;
/// Bars found by a number.
const FOUND_MAX: usize = 20;

/// `GET /hotels/{hotel}/arrivals[?date]`: all who arrive on a date, or have.
pub async fn arrivals(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    // Both halves of the index; a literal list keeps it one range each.
    on_date(core, call, "is_long IN (0, 1) AND arrival = ?2 AND state <> 'cancelled' AND state <> 'no_show'").await
}

/// `GET /hotels/{hotel}/departures[?date]`: all in house who leave on a date, or who have left on it.
pub async fn departures(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    on_date(core, call, "state IN ('in_house', 'checked_out') AND departure = ?2").await
}

/// `GET /hotels/{hotel}/in-house`.
pub async fn in_house(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    on_date(core, call, "state = 'in_house' AND departure >= '' AND ?2 = ?2").await
}

async fn on_date(core: Arc<Core>, call: Call, which: &'static str) -> Result<Answer, Problem> {
    let asked = call.asked_as::<Date>("date")?;
    let (head, (date, items)) = of_hotel(&core, &call, move |tx, hotel, head| {
        let date = asked.unwrap_or(head.date);
        Ok((date, items(tx, hotel, which, date, head.date)?))
    })
    .await?;
    Ok(Answer::json(&json!({"hotel": call.param("hotel"), "business_date": head.date, "date": date, "items": items})))
}

fn items(tx: &Tx<'_>, hotel: &str, which: &str, date: Date, today: Date) -> Result<Vec<Value>, SqlFault> {
    let sql = format!(
        "SELECT bar.*, stays.nights_posted, stays.posted FROM (SELECT {COLUMNS} FROM tape WHERE hotel = ?1 AND {which}) AS bar
         LEFT JOIN stays ON stays.stay = bar.id ORDER BY bar.arrival, bar.id LIMIT {ITEMS_MAX}"
    );
    let rows = tx.rows(&sql, &[hotel.into(), date.into()])?;
    let free = FreeRooms::read(tx, hotel)?;
    let shown = |row: &Row| {
        let bar = Bar::of_row(row);
        let mut shown = bar.object();
        if let [.., Cell::Int(nights), Cell::Int(posted)] = row.as_slice() {
            shown.insert("nights_posted".into(), json!(nights));
            shown.insert("posted".into(), json!({"amount": posted, "currency": bar.currency}));
        }
        if bar.state == State::Confirmed {
            shown.insert("ready".into(), json!(free.for_one(&bar, today)));
        }
        Value::Object(shown)
    };
    Ok(rows.iter().map(shown).collect())
}

/// Rooms somebody can move into now, by type, and who has been given one.
struct FreeRooms {
    clean: BTreeMap<String, Vec<u32>>,
    given: Vec<Bar>,
}

impl FreeRooms {
    fn read(tx: &Tx<'_>, hotel: &str) -> Result<Self, SqlFault> {
        let sql = "SELECT room_type, number FROM rooms WHERE hotel = ?1 AND stay IS NULL AND condition = 'clean' AND retired = 0
           ORDER BY room_type, number";
        let mut clean: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for row in tx.rows(sql, &[hotel.into()])? {
            clean.entry(row[0].text().to_owned()).or_default().push(row[1].int() as u32);
        }
        let given = format!("SELECT {COLUMNS} FROM tape WHERE live = 1 AND hotel = ?1 AND real_type >= '' AND assigned = 1");
        Ok(Self { clean, given: tx.rows(&given, &[hotel.into()])?.iter().map(Bar::of_row).collect() })
    }

    fn for_one(&self, bar: &Bar, today: Date) -> Vec<String> {
        let clashes = |other: &&Bar| other.id != bar.id && other.arrival < bar.departure && other.departure > today.min(bar.arrival);
        let taken: BTreeSet<u32> = self
            .given
            .iter()
            .filter(clashes)
            .filter_map(|other| other.real.as_ref().filter(|room| room.room_type == bar.room_type).map(|room| room.number))
            .collect();
        let free = self.clean.get(&bar.room_type).into_iter().flatten().filter(|number| !taken.contains(number));
        free.take(READY_MAX).map(|number| format!("{}-{number}", bar.room_type)).collect()
    }
}

/// `GET /hotels/{hotel}/tape/find?q=`: who is in a room, or has a confirmation or reference that begins so. Hyphens and the
/// size of letters do not matter.
pub async fn find(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let key = key_of(&call.asked("q").unwrap_or_default());
    let (_, items) =
        of_hotel(&core, &call, move |tx, hotel, _| if key.is_empty() { Ok(Vec::new()) } else { found(tx, hotel, &key) }).await?;
    Ok(Answer::json(&json!({"items": items})))
}

fn found(tx: &Tx<'_>, hotel: &str, key: &str) -> Result<Vec<Map<String, Value>>, SqlFault> {
    let mut rows = Vec::new();
    for room in tx.rows("SELECT room_type, number FROM rooms WHERE hotel = ?1 ORDER BY room_type, number", &[hotel.into()])? {
        if key_of(&format!("{}-{}", room[0].text(), room[1].int())) == key {
            let sql = format!(
                "SELECT {COLUMNS} FROM tape WHERE live = 1 AND hotel = ?1 AND real_type = ?2 AND number = ?3 ORDER BY departure LIMIT {FOUND_MAX}"
            );
            rows.extend(tx.rows(&sql, &[hotel.into(), room[0].clone(), room[1].clone()])?);
        }
    }
    for column in ["confirmation_key", "reference_key"] {
        let sql = format!(
            "SELECT {COLUMNS} FROM tape WHERE hotel = ?1 AND {column} >= ?2 AND {column} < ?3 ORDER BY {column}, id LIMIT {FOUND_MAX}"
        );
        rows.extend(tx.rows(&sql, &[hotel.into(), key.into(), format!("{key}\u{10ffff}").into()])?);
    }
    let mut seen = BTreeSet::new();
    let bars = rows.iter().map(Bar::of_row).filter(|bar| seen.insert(bar.id.clone()));
    Ok(bars.take(FOUND_MAX).map(|bar| bar.object()).collect())
}
