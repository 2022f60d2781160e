//! ChangeRoomType and ChangeRooms: a type gets another name, price or size, rooms are put on a floor.

use contracts::Nothing;
use contracts::hotels::{ChangeRoomType as TypeContract, ChangeRooms as RoomsContract, HotelFact};
use kernel::decide::Guard;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, text};

use super::define_room_type::sale;
use super::define_rooms::{floor, numbers};
use super::hotel::{Hotel, HotelEvent};
use super::removal::Removal;

/// The checked change of a type.
pub struct ChangeRoomType(TypeContract);

impl TryFrom<TypeContract> for ChangeRoomType {
    type Error = Invalid;

    fn try_from(c: TypeContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        c.name.as_deref().map_or(Ok(()), |name| text("name", name, 100))?;
        sale(c.price, c.sleeps)?;
        Ok(Self(c))
    }
}

impl Decide for ChangeRoomType {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Hotel>(&self.0.hotel))
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let hotel = see.get::<Hotel>(&self.0.hotel)?;
        let is = hotel.room_type(&self.0.room_type)?;
        hotel.charges(self.0.price)?;
        Removal::none(see, &self.0.hotel)?;
        let c = &self.0;
        let renamed = c.name.as_ref().is_some_and(|name| *name != is.name);
        if renamed || c.price.is_some_and(|p| Some(p) != is.price) || c.sleeps.is_some_and(|s| Some(s) != is.sleeps) {
            out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::RoomTypeChanged(self.0.clone())));
        }
        Ok(Nothing {})
    }
}

/// The checked change of rooms.
pub struct ChangeRooms(RoomsContract);

impl TryFrom<RoomsContract> for ChangeRooms {
    type Error = Invalid;

    fn try_from(c: RoomsContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        numbers(c.first, c.last)?;
        floor(c.floor)?;
        Ok(Self(c))
    }
}

impl Decide for ChangeRooms {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Hotel>(&self.0.hotel))
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        see.get::<Hotel>(&self.0.hotel)?.rooms(&self.0.room_type, self.0.first, self.0.last)?;
        Removal::none(see, &self.0.hotel)?;
        out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::RoomsChanged(self.0.clone())));
        Ok(Nothing {})
    }
}
