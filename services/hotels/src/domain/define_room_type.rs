//! DefineRoomType: a hotel gets another category to sell.

use contracts::Nothing;
use contracts::hotels::{DefineRoomType as Contract, HotelFact};
use kernel::{Ctx, Decide, Emit, Money, Staged, Stop};
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
        sale(c.price, c.sleeps)?;
        Ok(Self(c))
    }
}

/// Guests of one room.
const SLEEPS_MAX: u32 = 100;

/// What a room type is sold as: a night costs nothing less than nothing, and somebody sleeps in it.
pub fn sale(price: Option<Money>, sleeps: Option<u32>) -> Result<(), Invalid> {
    if price.is_some_and(|price| price.amount < 0) {
        return Err(Invalid::field("price", "must not be below 0"));
    }
    if sleeps.is_some_and(|sleeps| sleeps == 0 || sleeps > SLEEPS_MAX) {
        return Err(Invalid::field("sleeps", "must be 1 to 100"));
    }
    Ok(())
}

impl Decide for DefineRoomType {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let hotel = see.get::<Hotel>(&self.0.hotel)?;
        hotel.charges(self.0.price)?;
        Removal::none(see, &self.0.hotel)?;
        if hotel.room_types.contains_key(&self.0.room_type) {
            return Err(HotelRefused::RoomTypeExists.into());
        }
        out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::RoomTypeDefined(self.0.clone())));
        Ok(Nothing {})
    }
}
