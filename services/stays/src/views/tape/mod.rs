//! The tape: one row a reservation, from booking to check-out, with the room it has, or is drawn in. It serves the tape chart,
//! arrivals, departures and who is in house. Made of two feeds: what was booked comes from reservations, rooms and days are
//! the own events. Each of the two writes columns of its own, and who sleeps in the house is past what reservations say of
//! it, so it does not matter which of them is heard first.
//!
//! A booking without a room is drawn in a *planned* row (`plan`). That is a picture: no rule reads it, and made anew it may be
//! another one. Each change of a row has the next number of its hotel (`seq`), without gaps: whoever has seen `n` asks for
//! what is newer (`changes`). A row that is gone stays as a tombstone, its state is the reason.

pub mod ask;
pub mod bar;
pub mod changes;
pub mod lists;
mod plan;
pub mod status;

use contracts::reservations::ReservationFact;
use eventstore::Recorded;
use feed::sql::{Cell, SqlFault};
use feed::{PublicEvent, Tx, View};
use kernel::{Event, Lane};

use self::bar::{Bar, State};
use self::plan::Plan;
use super::list::stay_event;
use crate::domain::day::DayEvent;
use crate::domain::rack::RackEvent;
use crate::domain::stay::StayEvent;

/// The tape.
pub struct Tape;

impl View for Tape {
    fn schema(&self) -> &'static str {
        "CREATE TABLE tape(hotel TEXT NOT NULL, id TEXT PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL, live INTEGER NOT NULL,
           room_type TEXT NOT NULL, sold_as TEXT NOT NULL, arrival TEXT NOT NULL, departure TEXT NOT NULL, is_long INTEGER NOT NULL,
           real_type TEXT, number INTEGER, planned INTEGER, assigned INTEGER NOT NULL, locked INTEGER NOT NULL,
           confirmation TEXT, reference TEXT, guests TEXT, guest TEXT, price INTEGER NOT NULL, currency TEXT NOT NULL, guarantee TEXT, channel TEXT,
           checked_in_on TEXT, checked_out_on TEXT, confirmation_key TEXT, reference_key TEXT);
         CREATE INDEX tape_seq ON tape(hotel, seq);
         CREATE INDEX tape_span ON tape(hotel, is_long, arrival);
         CREATE INDEX tape_out ON tape(hotel, state, departure);
         CREATE INDEX tape_room ON tape(hotel, real_type, number, departure) WHERE live = 1;
         CREATE INDEX tape_plan ON tape(hotel, room_type, planned, departure) WHERE planned IS NOT NULL;
         CREATE INDEX tape_over ON tape(hotel, room_type, arrival) WHERE live = 1 AND number IS NULL AND planned IS NULL;
         CREATE INDEX tape_confirmation ON tape(hotel, confirmation_key);
         CREATE INDEX tape_reference ON tape(hotel, reference_key);
         CREATE TABLE tape_hotels(hotel TEXT PRIMARY KEY, seq INTEGER NOT NULL, date TEXT, auditing INTEGER NOT NULL) WITHOUT ROWID;
         CREATE TABLE tape_types(hotel TEXT NOT NULL, room_type TEXT NOT NULL, rooms TEXT NOT NULL, PRIMARY KEY(hotel, room_type)) WITHOUT ROWID;
         CREATE TABLE tape_nights(hotel TEXT NOT NULL, room_type TEXT NOT NULL, night TEXT NOT NULL, taken TEXT NOT NULL,
           PRIMARY KEY(hotel, room_type, night)) WITHOUT ROWID;
         CREATE TABLE tape_epoch(one INTEGER PRIMARY KEY, id TEXT NOT NULL);"
    }

    fn pictures(&self) -> &'static [&'static str] {
        &["tape.planned", "tape.seq", "tape_hotels.seq", "tape_nights", "tape_epoch"]
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        match (event.stream.kind.as_ref(), event.name.as_str()) {
            ("stay", "CheckedIn" | "RoomMoved" | "Extended" | "CheckedOut") => stay(tx, &event.stream.id, stay_event(event)?),
            ("rack", "RoomsAdded" | "RoomsRetired" | "RoomsUnretired" | "RoomsRemoved" | "Assigned" | "Unassigned" | "Locked") => {
                let event_of = RackEvent::decode(event.schema, &event.json).map_err(|c| SqlFault(c.to_string()))?;
                rack(tx, &event.stream.id, event_of)
            }
            ("day", _) => {
                let event_of = DayEvent::decode(event.schema, &event.json).map_err(|c| SqlFault(c.to_string()))?;
                day(tx, &event.stream.id, event_of)
            }
            _ => Ok(()),
        }
    }
}

fn stay(tx: &Tx<'_>, id: &str, event: StayEvent) -> Result<(), SqlFault> {
    let old = Bar::load(tx, id)?;
    let known = |hotel: &str| old.clone().unwrap_or_else(|| Bar::new(hotel, id));
    let new = match event {
        StayEvent::CheckedIn { hotel, room, reservation: r, date } => Bar {
            state: State::InHouse,
            room_type: r.room_type,
            sold_as: r.sold_as,
            arrival: r.arrival,
            departure: r.departure,
            real: Some(room),
            assigned: false,
            locked: old.as_ref().is_some_and(|bar| bar.locked),
            reference: r.reference,
            price: r.price.amount,
            currency: r.price.currency.as_str().to_owned(),
            checked_in_on: Some(date),
            ..known(&hotel)
        },
        StayEvent::RoomMoved { hotel, room, .. } => {
            Bar { room_type: room.room_type.clone(), real: Some(room), locked: false, ..known(&hotel) }
        }
        StayEvent::Extended { hotel, departure, .. } => Bar { departure, ..known(&hotel) },
        // What was really slept is what is drawn.
        StayEvent::CheckedOut { hotel, date } => {
            Bar { state: State::CheckedOut, departure: date, checked_out_on: Some(date), locked: false, ..known(&hotel) }
        }
        _ => return Ok(()),
    };
    Plan::change(tx, old, new)
}

fn rack(tx: &Tx<'_>, hotel: &str, event: RackEvent) -> Result<(), SqlFault> {
    match event {
        RackEvent::RoomsAdded { room_type, first, last, .. } => Plan::open(tx, hotel)?.rooms_come(&room_type, first, last),
        RackEvent::RoomsUnretired { rooms } => Plan::open(tx, hotel)?.rooms_come(&rooms.room_type, rooms.first, rooms.last),
        RackEvent::RoomsRetired { rooms } | RackEvent::RoomsRemoved { rooms } => {
            Plan::open(tx, hotel)?.rooms_go(&rooms.room_type, rooms.first, rooms.last)
        }
        RackEvent::Assigned { room, reservation, arrival, departure } => {
            let old = Bar::load(tx, &reservation)?;
            // Reservations may not have been heard of it yet; what they say of its nights counts.
            let unheard = || Bar { room_type: room.room_type.clone(), arrival, departure, ..Bar::new(hotel, &reservation) };
            let bar = old.clone().unwrap_or_else(unheard);
            let locked = bar.locked && bar.real.as_ref() == Some(&room);
            Plan::change(tx, old, Bar { real: Some(room), assigned: true, locked, ..bar })
        }
        RackEvent::Unassigned { reservation, .. } => {
            let Some(old) = Bar::load(tx, &reservation)? else { return Ok(()) };
            Plan::change(tx, Some(old.clone()), Bar { real: None, assigned: false, locked: false, ..old })
        }
        RackEvent::Locked { reservation, locked } => {
            let Some(old) = Bar::load(tx, &reservation)? else { return Ok(()) };
            Plan::change(tx, Some(old.clone()), Bar { locked, ..old })
        }
        _ => Ok(()),
    }
}

fn day(tx: &Tx<'_>, hotel: &str, event: DayEvent) -> Result<(), SqlFault> {
    let (date, auditing): (Cell, i64) = match event {
        DayEvent::HotelOpened { on, .. } => (on.into(), 0),
        DayEvent::DayOpened { date, .. } => {
            // What was slept is no longer planned around.
            tx.run("DELETE FROM tape_nights WHERE hotel = ?1 AND night < ?2", &[hotel.into(), date.into()])?;
            (date.into(), 0)
        }
        DayEvent::AuditStarted { date, .. } => (date.into(), 1),
        DayEvent::AuditReopened { date } => (date.into(), 0),
        DayEvent::HotelDeleted {} => (Cell::Null, 0),
        DayEvent::HotelChanged { .. } => return Ok(()),
    };
    tx.run(
        "INSERT INTO tape_hotels VALUES(?1, 0, ?2, ?3) ON CONFLICT(hotel) DO UPDATE SET date = excluded.date, auditing = excluded.auditing",
        &[hotel.into(), date, auditing.into()],
    )
}

/// A fact of reservations.
pub fn reservations(tx: &Tx<'_>, _: Lane, event: &PublicEvent) -> Result<(), SqlFault> {
    if !matches!(event.kind.strip_prefix("reservations."), Some("Booked" | "TypeChanged" | "Amended" | "Cancelled" | "NoShowed")) {
        return Ok(());
    }
    let fact: ReservationFact = serde_json::from_value(event.data.clone()).map_err(|e| SqlFault(e.to_string()))?;
    let old = Bar::load(tx, &fact.reservation)?;
    let bar = match (&old, &fact.hotel) {
        (Some(bar), _) => bar.clone(),
        (None, Some(hotel)) => Bar::new(hotel, &fact.reservation),
        // Later than a booking that was never heard of.
        (None, None) => return Ok(()),
    };
    Plan::change(tx, old, bar.told(fact))
}
