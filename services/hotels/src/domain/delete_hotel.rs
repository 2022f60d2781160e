//! DeleteHotel: the last of three. A room leaves when stays have let go of it, a type when it has no room and inventory has
//! let go of it, the hotel when it has no type: then nobody sleeps in it and nobody has booked it, and nobody must be asked.

use contracts::hotels::{DeleteHotel as Contract, HotelFact, HotelRef};
use kernel::decide::Guard;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::code;

use super::hotel::{Hotel, HotelEvent, HotelRefused};

/// The checked command.
pub struct DeleteHotel(Contract);

impl TryFrom<Contract> for DeleteHotel {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        Ok(Self(c))
    }
}

impl Decide for DeleteHotel {
    type Reply = HotelRef;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Hotel>(&self.0.hotel))
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<HotelRef, Stop> {
        let hotel = see.get::<Hotel>(&self.0.hotel)?;
        hotel.living()?;
        if !hotel.room_types.is_empty() {
            return Err(HotelRefused::HotelInUse { room_types: hotel.room_types.keys().cloned().collect() }.into());
        }
        out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::HotelDeleted(self.0.clone())));
        Ok(HotelRef { hotel: self.0.hotel.clone() })
    }
}
