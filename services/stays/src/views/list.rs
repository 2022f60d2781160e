//! The list of stays with what was posted to each.

use std::sync::Arc;

use eventstore::Recorded;
use feed::sql::{Cell, Row, SqlFault};
use feed::{Tx, View};
use kernel::{Event, Lane};
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde_json::{Value, json};

use crate::domain::folio::FolioEvent;
use crate::domain::stay::{State, StayEvent};

/// One row a stay.
pub struct Stays;

/// Reads a stored event of a stay.
pub fn stay_event(event: &Recorded) -> Result<StayEvent, SqlFault> {
    StayEvent::decode(event.schema, &event.json).map_err(|c| SqlFault(c.to_string()))
}

impl View for Stays {
    fn schema(&self) -> &'static str {
        "CREATE TABLE stays(hotel TEXT NOT NULL, stay TEXT PRIMARY KEY, reference TEXT, state TEXT NOT NULL, room_type TEXT NOT NULL, number INTEGER NOT NULL,
           sold_as TEXT NOT NULL, arrival TEXT NOT NULL, departure TEXT NOT NULL, checked_in_on TEXT NOT NULL, checked_out_on TEXT,
           nights_posted INTEGER NOT NULL, posted INTEGER NOT NULL, currency TEXT NOT NULL) WITHOUT ROWID;
         CREATE INDEX stays_hotel ON stays(hotel, stay);"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        let id = event.stream.id.as_str();
        match (event.stream.kind.as_ref(), event.name.as_str()) {
            ("stay", "CheckedIn") => {
                let StayEvent::CheckedIn { hotel, room, reservation: r, date } = stay_event(event)? else { return Ok(()) };
                let cells: [Cell; 11] = [
                    hotel.into(),
                    id.into(),
                    r.reference.into(),
                    State::InHouse.word().into(),
                    room.room_type.into(),
                    i64::from(room.number).into(),
                    r.sold_as.into(),
                    r.arrival.into(),
                    r.departure.into(),
                    date.into(),
                    r.price.currency.as_str().into(),
                ];
                let sql = "INSERT OR REPLACE INTO stays VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, 0, 0, ?11)";
                tx.run(sql, &cells)
            }
            ("stay", "CheckedOut") => {
                let StayEvent::CheckedOut { date, .. } = stay_event(event)? else { return Ok(()) };
                let cells: [Cell; 3] = [id.into(), State::CheckedOut.word().into(), date.into()];
                tx.run("UPDATE stays SET state = ?2, checked_out_on = ?3 WHERE stay = ?1", &cells)
            }
            ("stay", "RoomMoved") => {
                let StayEvent::RoomMoved { room, .. } = stay_event(event)? else { return Ok(()) };
                let cells: [Cell; 3] = [id.into(), room.room_type.into(), i64::from(room.number).into()];
                tx.run("UPDATE stays SET room_type = ?2, number = ?3 WHERE stay = ?1", &cells)
            }
            ("stay", "Extended") => {
                let StayEvent::Extended { departure, .. } = stay_event(event)? else { return Ok(()) };
                tx.run("UPDATE stays SET departure = ?2 WHERE stay = ?1", &[id.into(), departure.into()])
            }
            ("folio", "Posted") => {
                let event = FolioEvent::decode(event.schema, &event.json).map_err(|c| SqlFault(c.to_string()))?;
                let FolioEvent::Posted { amount, .. } = event else { return Ok(()) };
                let sql = "UPDATE stays SET nights_posted = nights_posted + 1, posted = posted + ?2 WHERE stay = ?1";
                tx.run(sql, &[id.into(), amount.amount.into()])
            }
            _ => Ok(()),
        }
    }
}

const COLUMNS: &str = "SELECT stay, reference, state, room_type, number, sold_as, arrival, departure, checked_in_on, checked_out_on,
   nights_posted, posted, currency FROM stays WHERE hotel = ?1";
/// Rows one page may have.
const LIMIT_MAX: i64 = 1_000;

/// `GET /hotels/{hotel}/stays?limit&cursor&state`.
pub async fn list(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    AsOf::none(&call, super::NO_PAST)?;
    let limit = call.asked_as::<i64>("limit")?.unwrap_or(100).clamp(1, LIMIT_MAX);
    let cells: Vec<Cell> =
        vec![call.param("hotel").into(), call.asked("cursor").unwrap_or_default().into(), call.asked("state").into(), limit.into()];
    let sql = format!("{COLUMNS} AND stay > ?2 AND state = COALESCE(?3, state) ORDER BY stay LIMIT ?4");
    let rows = core.views.read(move |tx| tx.rows(&sql, &cells)).await?;
    let next = (rows.len() as i64 == limit).then(|| rows.last().map(|r| r[0].text().to_owned())).flatten();
    Ok(Answer::json(&json!({"items": rows.iter().map(shown).collect::<Vec<_>>(), "next": next})))
}

fn shown(r: &Row) -> Value {
    let room = format!("{}-{}", r[3].text(), r[4].int());
    json!({
        "stay": r[0].text(), "reservation": r[0].text(), "reference": r[1].some_text(), "state": r[2].text(),
        "room": room, "room_type": r[3].text(), "number": r[4].int(), "sold_as": r[5].text(),
        "arrival": r[6].text(), "departure": r[7].text(), "checked_in_on": r[8].text(), "checked_out_on": r[9].some_text(),
        "nights_posted": r[10].int(), "posted": {"amount": r[11].int(), "currency": r[12].text()},
    })
}
