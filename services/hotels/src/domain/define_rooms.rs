//! DefineRooms: a type gets rooms with numbers.

use contracts::Nothing;
use contracts::hotels::{DefineRooms as Contract, HotelFact};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::code;

use super::hotel::{Hotel, HotelEvent, HotelRefused};

/// Rooms one command may define.
const ROOMS_MAX: u32 = 500;
/// The highest room number.
const NUMBER_MAX: u32 = 99_999;

/// The checked command.
pub struct DefineRooms(Contract);

impl TryFrom<Contract> for DefineRooms {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        if c.first == 0 || c.last < c.first || c.last > NUMBER_MAX {
            return Err(Invalid::field("last", "must not be before first, and numbers are 1 to 99999"));
        }
        if c.last - c.first >= ROOMS_MAX {
            return Err(Invalid::field("last", "one command defines at most 500 rooms"));
        }
        Ok(Self(c))
    }
}

impl Decide for DefineRooms {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let hotel = see.get::<Hotel>(&self.0.hotel)?;
        if hotel.defined.is_none() {
            return Err(HotelRefused::HotelUnknown.into());
        }
        let room_type = hotel.room_types.get(&self.0.room_type).ok_or(HotelRefused::RoomTypeUnknown)?;
        if room_type.rooms.iter().any(|(first, last)| *first <= self.0.last && self.0.first <= *last) {
            return Err(HotelRefused::RoomExists.into());
        }
        out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::RoomsDefined(self.0.clone())));
        Ok(Nothing {})
    }
}
