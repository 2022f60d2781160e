//! DefineRooms: a type gets rooms with numbers.

use contracts::Nothing;
use contracts::hotels::{DefineRooms as Contract, HotelFact};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::code;

use super::hotel::{Hotel, HotelEvent, HotelRefused};
use super::removal::Removal;

/// Rooms one command may define.
const ROOMS_MAX: u32 = 500;
/// The highest room number.
const NUMBER_MAX: u32 = 99_999;

/// Floors a house may have.
const FLOORS: std::ops::RangeInclusive<i32> = -20..=200;

/// The checked command.
pub struct DefineRooms(Contract);

impl TryFrom<Contract> for DefineRooms {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        numbers(c.first, c.last)?;
        floor(c.floor)?;
        Ok(Self(c))
    }
}

/// Numbers of rooms one command may speak of.
pub fn numbers(first: u32, last: u32) -> Result<(), Invalid> {
    if first == 0 || last < first || last > NUMBER_MAX {
        return Err(Invalid::field("last", "must not be before first, and numbers are 1 to 99999"));
    }
    if last - first >= ROOMS_MAX {
        return Err(Invalid::field("last", "one command speaks of at most 500 rooms"));
    }
    Ok(())
}

/// A floor people can stand on.
pub fn floor(floor: Option<i32>) -> Result<(), Invalid> {
    let is = floor.is_none_or(|floor| FLOORS.contains(&floor));
    if is { Ok(()) } else { Err(Invalid::field("floor", "must be -20 to 200")) }
}

impl Decide for DefineRooms {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let hotel = see.get::<Hotel>(&self.0.hotel)?;
        let room_type = hotel.room_type(&self.0.room_type)?;
        Removal::none(see, &self.0.hotel)?;
        if room_type.rooms.iter().any(|(first, last)| *first <= self.0.last && self.0.first <= *last) {
            return Err(HotelRefused::RoomExists.into());
        }
        out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::RoomsDefined(self.0.clone())));
        Ok(Nothing {})
    }
}
