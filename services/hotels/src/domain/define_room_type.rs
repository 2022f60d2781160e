//! DefineRoomType: a hotel gets another category to sell.

use contracts::Nothing;
use contracts::hotels::{DefineRoomType as Contract, HotelFact};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, text};

use super::hotel::{Hotel, HotelEvent, HotelRefused};
use super::removal::Removal;

/// The checked command.
pub struct DefineRoomType(Contract);

impl TryFrom<Contract> for DefineRoomType {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        text("name", &c.name, 100)?;
        Ok(Self(c))
    }
}

impl Decide for DefineRoomType {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let hotel = see.get::<Hotel>(&self.0.hotel)?;
        hotel.living()?;
        Removal::none(see, &self.0.hotel)?;
        if hotel.room_types.contains_key(&self.0.room_type) {
            return Err(HotelRefused::RoomTypeExists.into());
        }
        out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::RoomTypeDefined(self.0.clone())));
        Ok(Nothing {})
    }
}
