//! Private to public: what others may know of a reservation. Requests, and what sagas are doing to it, stay private.

use contracts::reservations::ReservationFact;
use eventstore::Recorded;
use feed::Public;
use kernel::Event;

use crate::domain::reservation::{ReservationEvent, State};

/// Private to public.
pub fn publish(event: &Recorded) -> Option<Public> {
    if event.stream.kind != "reservation" {
        return None;
    }
    let fact = |state: State| ReservationFact {
        hotel: None,
        reservation: event.stream.id.clone(),
        state: state.word().into(),
        room_type: None,
        arrival: None,
        departure: None,
        revision: None,
        guest: None,
        booked: None,
        roomed: false,
    };
    let (kind, fact) = match ReservationEvent::decode(event.schema, &event.json).ok()? {
        ReservationEvent::Booked(b) => (
            "reservations.Booked",
            ReservationFact {
                booked: Some(b.fact()),
                hotel: Some(b.hotel),
                room_type: Some(b.room_type),
                arrival: Some(b.arrival),
                departure: Some(b.departure),
                revision: Some(1),
                guest: b.guest,
                ..fact(State::Confirmed)
            },
        ),
        ReservationEvent::TypeChanged { room_type, revision, roomed, .. } => {
            let changed = ReservationFact { room_type: Some(room_type), revision: Some(revision), roomed, ..fact(State::Confirmed) };
            ("reservations.TypeChanged", changed)
        }
        ReservationEvent::Amended { arrival, departure, booked, revision, roomed, .. } => (
            "reservations.Amended",
            ReservationFact {
                arrival: Some(arrival),
                departure: Some(departure),
                revision: Some(revision),
                booked: Some(booked),
                roomed,
                ..fact(State::Confirmed)
            },
        ),
        ReservationEvent::Cancelled { revision, guest, roomed, .. } => {
            ("reservations.Cancelled", ReservationFact { revision: Some(revision), guest, roomed, ..fact(State::Cancelled) })
        }
        ReservationEvent::NoShowed { revision, guest, roomed } => {
            ("reservations.NoShowed", ReservationFact { revision: Some(revision), guest, roomed, ..fact(State::NoShow) })
        }
        ReservationEvent::Arrived { .. } => ("reservations.Arrived", fact(State::InHouse)),
        ReservationEvent::Unarrived {} => ("reservations.Unarrived", fact(State::Confirmed)),
        ReservationEvent::Departed { guest, .. } => ("reservations.Departed", ReservationFact { guest, ..fact(State::CheckedOut) }),
        _ => return None,
    };
    Some(Public { kind, subject: event.stream.to_string(), data: serde_json::to_value(fact).ok()? })
}
