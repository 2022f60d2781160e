//! The list of reservations, by id, by state, by the booker's number, by the number a guest is told.

use std::sync::Arc;

use eventstore::Recorded;
use feed::sql::{Cell, SqlFault};
use feed::{Tx, View};
use kernel::{Event, Lane};
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde_json::json;

use crate::domain::reservation::{ReservationEvent, State};

/// One row a reservation that was confirmed once.
pub struct Reservations;

/// Reads a stored event of a reservation.
pub fn event_of(event: &Recorded) -> Result<Option<ReservationEvent>, SqlFault> {
    if event.stream.kind != "reservation" {
        return Ok(None);
    }
    ReservationEvent::decode(event.schema, &event.json).map(Some).map_err(|c| SqlFault(c.to_string()))
}

impl View for Reservations {
    fn schema(&self) -> &'static str {
        "CREATE TABLE reservations(hotel TEXT NOT NULL, reservation TEXT NOT NULL, reference TEXT, confirmation TEXT NOT NULL, state TEXT NOT NULL,
           room_type TEXT NOT NULL, sold_as TEXT NOT NULL, arrival TEXT NOT NULL, departure TEXT NOT NULL, PRIMARY KEY(reservation)) WITHOUT ROWID;
         CREATE INDEX reservations_hotel ON reservations(hotel, reservation);
         CREATE INDEX reservations_reference ON reservations(hotel, reference);
         CREATE INDEX reservations_confirmation ON reservations(hotel, confirmation);"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        let id = event.stream.id.as_str();
        let state = |state: State| tx.run("UPDATE reservations SET state = ?2 WHERE reservation = ?1", &[id.into(), state.word().into()]);
        match event_of(event)? {
            Some(ReservationEvent::Booked(b)) => {
                let cells: [Cell; 8] = [
                    b.hotel.into(),
                    id.into(),
                    b.reference.into(),
                    b.confirmation.into(),
                    State::Confirmed.word().into(),
                    b.room_type.into(),
                    b.arrival.into(),
                    b.departure.into(),
                ];
                tx.run("INSERT OR REPLACE INTO reservations VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)", &cells)
            }
            Some(ReservationEvent::TypeChanged { room_type, .. }) => {
                tx.run("UPDATE reservations SET room_type = ?2 WHERE reservation = ?1", &[id.into(), room_type.into()])
            }
            Some(ReservationEvent::Amended { arrival, departure, .. }) => {
                let cells: [Cell; 3] = [id.into(), arrival.into(), departure.into()];
                tx.run("UPDATE reservations SET arrival = ?2, departure = ?3 WHERE reservation = ?1", &cells)
            }
            Some(ReservationEvent::StayExtended { departure }) => {
                tx.run("UPDATE reservations SET departure = ?2 WHERE reservation = ?1", &[id.into(), departure.into()])
            }
            Some(ReservationEvent::Cancelled { .. }) => state(State::Cancelled),
            Some(ReservationEvent::NoShowed { .. }) => state(State::NoShow),
            Some(ReservationEvent::Arrived { .. }) => state(State::InHouse),
            Some(ReservationEvent::Unarrived {}) => state(State::Confirmed),
            Some(ReservationEvent::Departed { .. }) => state(State::CheckedOut),
            _ => Ok(()),
        }
    }
}

const COLUMNS: &str = "SELECT reservation, reference, confirmation, state, room_type, sold_as, arrival, departure FROM reservations";
/// Rows one page may have.
const LIMIT_MAX: i64 = 1_000;

/// `GET /hotels/{hotel}/reservations?limit&cursor&state&reference&confirmation`. `reference` and `confirmation` do not go together.
pub async fn list(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    AsOf::none(&call, super::NO_PAST)?;
    let limit = call.asked_as::<i64>("limit")?.unwrap_or(100).clamp(1, LIMIT_MAX);
    let (reference, confirmation) = (call.asked("reference"), call.asked("confirmation"));
    if reference.is_some() && confirmation.is_some() {
        return Err(Problem::invalid("'reference' and 'confirmation' do not go together"));
    }
    let where_ = match (&reference, &confirmation) {
        (None, None) => ALL.to_owned(),
        (Some(_), _) => by("reference"),
        (None, Some(_)) => by("confirmation"),
    };
    let cells: Vec<Cell> = vec![
        call.param("hotel").into(),
        call.asked("cursor").unwrap_or_default().into(),
        call.asked("state").into(),
        reference.or(confirmation).into(),
        limit.into(),
    ];
    let rows = core.views.read(move |tx| tx.rows(&format!("{COLUMNS} {where_}"), &cells)).await?;
    let next = (rows.len() as i64 == limit).then(|| rows.last().map(|r| r[0].text().to_owned())).flatten();
    let items: Vec<_> = rows
        .iter()
        .map(|r| {
            json!({"reservation": r[0].text(), "reference": r[1].some_text(), "confirmation": r[2].text(), "state": r[3].text(),
                   "room_type": r[4].text(), "sold_as": r[5].text(), "arrival": r[6].text(), "departure": r[7].text()})
        })
        .collect();
    Ok(Answer::json(&json!({"items": items, "next": next})))
}

const ALL: &str =
    "WHERE hotel = ?1 AND reservation > ?2 AND state = COALESCE(?3, state) AND CAST(?4 AS TEXT) IS NULL ORDER BY reservation LIMIT ?5";

/// Those with a number in a column.
fn by(column: &str) -> String {
    format!("WHERE hotel = ?1 AND {column} = ?4 AND reservation > ?2 AND state = COALESCE(?3, state) ORDER BY reservation LIMIT ?5")
}
