//! What stays learns from hotels: a hotel opens, is described anew and is gone; rooms exist, get a floor and are gone. Taken in by command, because decisions need it.

use contracts::Nothing;
use jiff::civil::Date;
use kernel::{Ctx, Decide, Emit, Staged, Stop};

use super::day::{BusinessDay, DayEvent};
use super::rack::{Rack, RackEvent, Span};

/// A hotel exists.
pub struct OpenHotel {
    /// Its code.
    pub hotel: String,
    /// Its first business date.
    pub on: Date,
    /// Whether a room is clean right after check-out.
    pub clean_on_checkout: bool,
    /// Stays that may be in the house at one moment.
    pub house_rooms: Option<u32>,
}

impl Decide for OpenHotel {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        if see.get::<BusinessDay>(&self.hotel)?.date.is_none() {
            let event = DayEvent::HotelOpened { on: self.on, clean_on_checkout: self.clean_on_checkout, house_rooms: self.house_rooms };
            out.event::<BusinessDay>(&self.hotel, event);
        }
        Ok(Nothing {})
    }
}

/// Rooms exist.
pub struct AddRooms {
    /// The hotel.
    pub hotel: String,
    /// The type.
    pub room_type: String,
    /// The first number.
    pub first: u32,
    /// The last number.
    pub last: u32,
    /// Their floor.
    pub floor: Option<i32>,
}

impl Decide for AddRooms {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        see.get::<Rack>(&self.hotel)?;
        see.get::<BusinessDay>(&self.hotel)?.date.into_iter().for_each(|today| out.on(today));
        let event = RackEvent::RoomsAdded { room_type: self.room_type.clone(), first: self.first, last: self.last, floor: self.floor };
        out.event::<Rack>(&self.hotel, event);
        Ok(Nothing {})
    }
}

/// Rooms are on another floor, or gone. They were retired first, so nobody is in them.
pub struct TellRooms {
    /// The hotel.
    pub hotel: String,
    /// What is told.
    pub event: RackEvent,
}

impl TellRooms {
    /// Rooms are on another floor.
    pub fn floored(hotel: String, rooms: Span, floor: Option<i32>) -> Self {
        Self { hotel, event: RackEvent::RoomsFloored { rooms, floor } }
    }

    /// Rooms are gone.
    pub fn removed(hotel: String, rooms: Span) -> Self {
        Self { hotel, event: RackEvent::RoomsRemoved { rooms } }
    }
}

impl Decide for TellRooms {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        see.get::<Rack>(&self.hotel)?;
        see.get::<BusinessDay>(&self.hotel)?.date.into_iter().for_each(|today| out.on(today));
        out.event::<Rack>(&self.hotel, self.event.clone());
        Ok(Nothing {})
    }
}

/// A hotel is described anew, or gone.
pub struct TellHotel {
    /// The hotel.
    pub hotel: String,
    /// What is told.
    pub event: DayEvent,
}

impl Decide for TellHotel {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        see.get::<BusinessDay>(&self.hotel)?.date.into_iter().for_each(|today| out.on(today));
        out.event::<BusinessDay>(&self.hotel, self.event.clone());
        Ok(Nothing {})
    }
}
