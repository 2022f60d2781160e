//! A hotel: its data, its room types and the rooms of each.

use std::collections::BTreeMap;

use contracts::hotels::{DefineHotel, HotelFact};
use kernel::{Aggregate, Event, Refusal, RefusalKind};
use serde::{Deserialize, Serialize};

/// What can happen to a hotel: here the private events are the public ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HotelEvent(pub HotelFact);

impl Event for HotelEvent {}

/// One room type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RoomType {
    /// Its name.
    pub name: String,
    /// The numbers of its rooms, as ranges in the order they were defined.
    pub rooms: Vec<(u32, u32)>,
}

impl RoomType {
    /// How many rooms it has.
    pub fn count(&self) -> u32 {
        self.rooms.iter().map(|(first, last)| last - first + 1).sum()
    }
}

/// A hotel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hotel {
    /// How it was defined; `None` before it exists.
    pub defined: Option<DefineHotel>,
    /// Its room types by code.
    pub room_types: BTreeMap<String, RoomType>,
}

impl Aggregate for Hotel {
    const KIND: &'static str = "hotel";
    type Event = HotelEvent;

    fn evolve(&mut self, event: &HotelEvent) {
        match &event.0 {
            HotelFact::HotelDefined(defined) => self.defined = Some(defined.clone()),
            HotelFact::RoomTypeDefined(t) => {
                self.room_types.insert(t.room_type.clone(), RoomType { name: t.name.clone(), rooms: Vec::new() });
            }
            HotelFact::RoomsDefined(r) => {
                self.room_types.entry(r.room_type.clone()).or_default().rooms.push((r.first, r.last));
            }
        }
    }
}

/// Why a hotel is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HotelRefused {
    /// There is one with this code.
    HotelExists,
    /// There is none with this code.
    HotelUnknown,
    /// It has such a type.
    RoomTypeExists,
    /// It has no such type.
    RoomTypeUnknown,
    /// A room with one of the numbers exists.
    RoomExists,
}

impl Refusal for HotelRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::HotelExists => "hotel-exists",
            Self::HotelUnknown => "hotel-unknown",
            Self::RoomTypeExists => "room-type-exists",
            Self::RoomTypeUnknown => "room-type-unknown",
            Self::RoomExists => "room-exists",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::HotelUnknown | Self::RoomTypeUnknown => RefusalKind::NotFound,
            Self::HotelExists | Self::RoomTypeExists | Self::RoomExists => RefusalKind::Conflict,
        }
    }
}
