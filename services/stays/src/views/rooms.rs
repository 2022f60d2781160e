//! The rooms: on which floor each is, who is in it, and whether it is clean.

use std::sync::Arc;

use eventstore::Recorded;
use feed::sql::{Cell, Row, SqlFault};
use feed::{Tx, View};
use jiff::civil::Date;
use kernel::{Event, Lane};
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde_json::json;

use crate::domain::rack::{self, Condition, Occupant, Rack, RackEvent, Span};

/// One row a room.
pub struct Rooms;

impl View for Rooms {
    fn schema(&self) -> &'static str {
        "CREATE TABLE rooms(hotel TEXT NOT NULL, room_type TEXT NOT NULL, number INTEGER NOT NULL, stay TEXT, condition TEXT NOT NULL,
           departure TEXT, floor INTEGER, retired INTEGER NOT NULL, PRIMARY KEY(hotel, room_type, number)) WITHOUT ROWID;"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        if event.stream.kind != "rack" {
            return Ok(());
        }
        let hotel = event.stream.id.as_str();
        match RackEvent::decode(event.schema, &event.json).map_err(|c| SqlFault(c.to_string()))? {
            RackEvent::RoomsAdded { room_type, first, last, floor } => (first..=last).try_for_each(|number| {
                let cells: [Cell; 4] = [hotel.into(), room_type.as_str().into(), i64::from(number).into(), floor.map(i64::from).into()];
                tx.run("INSERT OR REPLACE INTO rooms VALUES(?1, ?2, ?3, NULL, 'clean', NULL, ?4, 0)", &cells)
            }),
            RackEvent::RoomsFloored { rooms, floor } => {
                let sql = format!("UPDATE rooms SET floor = ?5 {THESE}");
                tx.run(&sql, &these(hotel, rooms, floor.map(i64::from).into()))
            }
            RackEvent::RoomsRetired { rooms } => tx.run(&format!("UPDATE rooms SET retired = ?5 {THESE}"), &these(hotel, rooms, 1.into())),
            RackEvent::RoomsUnretired { rooms } => {
                tx.run(&format!("UPDATE rooms SET retired = ?5 {THESE}"), &these(hotel, rooms, 0.into()))
            }
            RackEvent::RoomsRemoved { rooms } => tx.run(&format!("DELETE FROM rooms {THESE}"), &these(hotel, rooms, Cell::Null)[..4]),
            RackEvent::Occupied { room, stay, departure } => {
                let number = i64::from(room.number).into();
                let cells: [Cell; 5] = [hotel.into(), room.room_type.into(), number, stay.into(), departure.into()];
                let sql = "UPDATE rooms SET stay = ?4, departure = ?5 WHERE hotel = ?1 AND room_type = ?2 AND number = ?3";
                tx.run(sql, &cells)
            }
            RackEvent::Vacated { room, condition, .. } => {
                let cells: [Cell; 4] = [hotel.into(), room.room_type.into(), i64::from(room.number).into(), condition.word().into()];
                let sql =
                    "UPDATE rooms SET stay = NULL, departure = NULL, condition = ?4 WHERE hotel = ?1 AND room_type = ?2 AND number = ?3";
                tx.run(sql, &cells)
            }
            RackEvent::Extended { room, departure, .. } => {
                let cells: [Cell; 4] = [hotel.into(), room.room_type.into(), i64::from(room.number).into(), departure.into()];
                tx.run("UPDATE rooms SET departure = ?4 WHERE hotel = ?1 AND room_type = ?2 AND number = ?3", &cells)
            }
            RackEvent::Conditioned { rooms, condition } => rooms.into_iter().try_for_each(|room| {
                let cells: [Cell; 4] = [hotel.into(), room.room_type.into(), i64::from(room.number).into(), condition.word().into()];
                tx.run("UPDATE rooms SET condition = ?4 WHERE hotel = ?1 AND room_type = ?2 AND number = ?3", &cells)
            }),
            // Who may get a room later on is drawn on the tape.
            RackEvent::Kept { .. }
            | RackEvent::LetGo { .. }
            | RackEvent::Assigned { .. }
            | RackEvent::Unassigned { .. }
            | RackEvent::Locked { .. } => Ok(()),
        }
    }
}

const THESE: &str = "WHERE hotel = ?1 AND room_type = ?2 AND number >= ?3 AND number <= ?4";

fn these(hotel: &str, rooms: Span, value: Cell) -> [Cell; 5] {
    [hotel.into(), rooms.room_type.into(), i64::from(rooms.first).into(), i64::from(rooms.last).into(), value]
}

/// A room as it is shown.
pub struct Shown {
    /// Its type.
    pub room_type: String,
    /// Its number inside the type.
    pub number: u32,
    /// Its floor, where it is known.
    pub floor: Option<i32>,
    /// Who is in it, until when.
    pub occupant: Option<Occupant>,
    /// Whether it is clean.
    pub condition: Condition,
    /// Whether it is to be deleted.
    pub retired: bool,
}

impl Shown {
    /// The name on the door.
    pub fn name(&self) -> String {
        format!("{}-{}", self.room_type, self.number)
    }

    fn of_row(row: &Row) -> Self {
        let departure = row[4].some_text().and_then(|d| d.parse().ok()).unwrap_or(Date::MAX);
        Self {
            room_type: row[0].text().to_owned(),
            number: row[1].int() as u32,
            occupant: row[2].some_text().map(|stay| Occupant { stay: stay.to_owned(), departure, locked: false }),
            condition: if row[3].text() == "clean" { Condition::Clean } else { Condition::Dirty },
            floor: if row[5] == Cell::Null { None } else { Some(row[5].int() as i32) },
            retired: row[6].int() != 0,
        }
    }
}

/// All rooms of a hotel by type and number, now from the view or folded up to a past moment.
pub async fn all(core: &Core, call: &Call) -> Result<Vec<Shown>, Problem> {
    let hotel = call.param("hotel");
    if AsOf::within(call, hotel)?.is_none() {
        let sql =
            "SELECT room_type, number, stay, condition, departure, floor, retired FROM rooms WHERE hotel = ?1 ORDER BY room_type, number";
        return Ok(core.views.rows(sql, vec![hotel.into()]).await?.iter().map(Shown::of_row).collect());
    }
    let rack = core.aggregate::<Rack>(call, hotel, hotel).await?.map(|seen| seen.state).unwrap_or_default();
    let of_type = |(room_type, rooms): (&String, &rack::Rooms)| {
        let numbers = rooms.numbers().into_iter();
        let shown = |number| Shown {
            room_type: room_type.clone(),
            number,
            floor: rooms.floors.get(&number).copied(),
            occupant: rooms.occupied.get(&number).cloned(),
            condition: if rooms.dirty.contains(&number) { Condition::Dirty } else { Condition::Clean },
            retired: rooms.retired.contains(&number),
        };
        numbers.map(shown).collect::<Vec<_>>()
    };
    Ok(rack.types.iter().flat_map(of_type).collect())
}

/// `GET /hotels/{hotel}/rooms[?floor][&as_of]`.
pub async fn rooms(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let floor = call.asked_as::<i32>("floor")?;
    let shown = all(&core, &call).await?;
    let items: Vec<_> = shown
        .iter()
        .filter(|room| floor.is_none() || room.floor == floor)
        .map(|room| {
            json!({"room": room.name(), "room_type": room.room_type, "number": room.number, "floor": room.floor,
                   "occupied_by": room.occupant.as_ref().map(|o| &o.stay), "condition": room.condition})
        })
        .collect();
    Ok(Answer::json(&json!({"items": items, "next": null})))
}
