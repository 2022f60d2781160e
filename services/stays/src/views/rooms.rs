//! The rooms: who is in each, and whether it is clean.

use std::sync::Arc;

use eventstore::Recorded;
use feed::sql::{Cell, SqlFault};
use feed::{Tx, View};
use kernel::{Event, Lane};
use pipeline::{Answer, Call, Core, Problem};
use serde_json::json;

use crate::domain::rack::{Condition, RackEvent};

/// One row a room.
pub struct Rooms;

impl View for Rooms {
    fn schema(&self) -> &'static str {
        "CREATE TABLE rooms(hotel TEXT NOT NULL, room_type TEXT NOT NULL, number INTEGER NOT NULL, stay TEXT, condition TEXT NOT NULL,
           PRIMARY KEY(hotel, room_type, number)) WITHOUT ROWID;"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        if event.stream.kind != "rack" {
            return Ok(());
        }
        let hotel = event.stream.id.as_str();
        match RackEvent::decode(event.schema, &event.json).map_err(|c| SqlFault(c.to_string()))? {
            RackEvent::RoomsAdded { room_type, first, last } => (first..=last).try_for_each(|number| {
                let cells: [Cell; 3] = [hotel.into(), room_type.as_str().into(), i64::from(number).into()];
                tx.exec("INSERT OR REPLACE INTO rooms VALUES(?1, ?2, ?3, NULL, 'clean')", &cells).map(drop)
            }),
            RackEvent::Occupied { room, stay, .. } => {
                let cells: [Cell; 4] = [hotel.into(), room.room_type.into(), i64::from(room.number).into(), stay.into()];
                tx.exec("UPDATE rooms SET stay = ?4 WHERE hotel = ?1 AND room_type = ?2 AND number = ?3", &cells).map(drop)
            }
            RackEvent::Vacated { room, condition, .. } => {
                let condition = if condition == Condition::Clean { "clean" } else { "dirty" };
                let cells: [Cell; 4] = [hotel.into(), room.room_type.into(), i64::from(room.number).into(), condition.into()];
                let sql = "UPDATE rooms SET stay = NULL, condition = ?4 WHERE hotel = ?1 AND room_type = ?2 AND number = ?3";
                tx.exec(sql, &cells).map(drop)
            }
        }
    }
}

/// `GET /hotels/{hotel}/rooms`.
pub async fn rooms(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let sql = "SELECT room_type, number, stay, condition FROM rooms WHERE hotel = ?1 ORDER BY room_type, number";
    let rows = core.views.rows(sql, vec![call.param("hotel").into()]).await?;
    let items: Vec<_> = rows
        .iter()
        .map(|r| {
            json!({"room": format!("{}-{}", r[0].text(), r[1].int()), "room_type": r[0].text(), "number": r[1].int(),
                   "occupied_by": r[2].some_text(), "condition": r[3].text()})
        })
        .collect();
    Ok(Answer::json(&json!({"items": items, "next": null})))
}
