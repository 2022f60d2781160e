//! DefineHotel: a hotel comes into being.

use contracts::hotels::{DefineHotel as Contract, HotelFact, HotelRef};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, text};

use super::hotel::{Hotel, HotelEvent, HotelRefused};

/// The checked command.
pub struct DefineHotel(Contract);

impl TryFrom<Contract> for DefineHotel {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        text("name", &c.name, 100)?;
        c.address.as_deref().map_or(Ok(()), |address| text("address", address, 200))?;
        text("time_zone", &c.time_zone, 60)?;
        jiff::tz::TimeZone::get(&c.time_zone).map_err(|_| Invalid::field("time_zone", "is not an IANA time zone"))?;
        Ok(Self(c))
    }
}

impl Decide for DefineHotel {
    type Reply = HotelRef;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<HotelRef, Stop> {
        if see.get::<Hotel>(&self.0.hotel)?.defined.is_some() {
            return Err(HotelRefused::HotelExists.into());
        }
        out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::HotelDefined(self.0.clone())));
        Ok(HotelRef { hotel: self.0.hotel.clone() })
    }
}
