//! Why the desk says no.

use jiff::civil::Date;
use kernel::{Refusal, RefusalKind};
use serde_json::{Value, json};

/// Stays named in a refusal.
const NAMED_MAX: usize = 5;

/// A refusal of stays.
#[derive(Clone, Debug, PartialEq)]
pub enum StayRefused {
    /// No such hotel.
    HotelUnknown,
    /// No such stay.
    StayUnknown,
    /// No such room.
    RoomUnknown,
    /// The guest is in house already, or has been.
    AlreadyArrived,
    /// The guest is not in house.
    NotInHouse {
        /// Where the stay is in its life.
        state: &'static str,
    },
    /// No room of the type is free.
    NoRoomFree {
        /// The type.
        room_type: String,
    },
    /// As many stays are in house as the house has rooms.
    HouseFull {
        /// How many.
        house_rooms: u32,
    },
    /// Somebody is in the room.
    RoomOccupied {
        /// The room.
        room: String,
    },
    /// The room has not been cleaned.
    RoomNotReady {
        /// The room.
        room: String,
    },
    /// The room is given to somebody who has not arrived yet.
    RoomAssigned {
        /// The room.
        room: String,
    },
    /// The guest must not be moved from the room.
    RoomLocked {
        /// The room.
        room: String,
    },
    /// The guest is in this room.
    SameRoom,
    /// The guest leaves on this day.
    SameDates,
    /// The reservation has no room yet.
    NotAssigned,
    /// The reservation is cancelled, or nobody came.
    ReservationGone,
    /// The reservation has changed meanwhile.
    StaleVersion,
    /// The day lies before the business date.
    PastDate,
    /// Somebody is in one of the rooms.
    RoomInUse {
        /// Who.
        stays: Vec<String>,
        /// Their folios that have a balance.
        folios: Vec<String>,
        /// Reservations that were given one of them.
        given: Vec<String>,
    },
    /// The room is of another type than the reservation.
    WrongRoomType {
        /// The reservation's type.
        room_type: String,
    },
    /// Another date is open.
    NotBusinessDate {
        /// Which.
        open: Date,
    },
    /// Guests who should have left are in house.
    DeparturesLeft {
        /// How many.
        left: usize,
        /// Some of them.
        stays: Vec<String>,
    },
}

impl Refusal for StayRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::HotelUnknown => "hotel-unknown",
            Self::StayUnknown => "stay-unknown",
            Self::RoomUnknown => "room-unknown",
            Self::AlreadyArrived => "already-arrived",
            Self::NotInHouse { .. } => "not-in-house",
            Self::NoRoomFree { .. } => "no-room-free",
            Self::HouseFull { .. } => "house-full",
            Self::RoomOccupied { .. } => "room-occupied",
            Self::RoomNotReady { .. } => "room-not-ready",
            Self::WrongRoomType { .. } => "wrong-room-type",
            Self::RoomAssigned { .. } => "room-assigned",
            Self::RoomLocked { .. } => "room-locked",
            Self::SameRoom => "same-room",
            Self::SameDates => "same-dates",
            Self::NotAssigned => "not-assigned",
            Self::ReservationGone => "reservation-gone",
            Self::StaleVersion => "stale-version",
            Self::PastDate => "past-date",
            Self::RoomInUse { .. } => "room-in-use",
            Self::NotBusinessDate { .. } => "not-business-date",
            Self::DeparturesLeft { .. } => "departures-left",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::HotelUnknown | Self::StayUnknown | Self::RoomUnknown => RefusalKind::NotFound,
            Self::StaleVersion => RefusalKind::Stale,
            _ => RefusalKind::Conflict,
        }
    }

    fn detail(&self) -> Value {
        match self {
            Self::NotInHouse { state } => json!({"state": state}),
            Self::NoRoomFree { room_type } | Self::WrongRoomType { room_type } => json!({"room_type": room_type}),
            Self::RoomOccupied { room } | Self::RoomNotReady { room } | Self::RoomAssigned { room } | Self::RoomLocked { room } => {
                json!({"room": room})
            }
            Self::RoomInUse { stays, folios, given } => {
                let named = |kind: &str, ids: &[String]| json!({"kind": kind, "total": ids.len(), "ids": ids.iter().take(NAMED_MAX).collect::<Vec<_>>()});
                let all = [("stay", stays), ("folio-with-balance", folios), ("reservation", given)]
                    .into_iter()
                    .filter(|(_, ids)| !ids.is_empty());
                json!({"dependants": all.map(|(kind, ids)| named(kind, ids)).collect::<Vec<_>>()})
            }
            Self::HouseFull { house_rooms } => json!({"house_rooms": house_rooms}),
            Self::NotBusinessDate { open } => json!({"business_date": open}),
            Self::DeparturesLeft { left, stays } => json!({"left": left, "stays": stays}),
            _ => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_list_of_dependants_fits_into_a_record() {
        let ids: Vec<String> = (0..1_000).map(|n| format!("res_{n:016}")).collect();
        let refused = StayRefused::RoomInUse { stays: ids.clone(), folios: ids.clone(), given: ids };
        assert!(refused.detail().to_string().len() <= eventstore::REPLY_BYTES_MAX);
    }
}
