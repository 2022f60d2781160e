//! ChangeHotel: a hotel is described anew. What bookings rest on (its code, currency, first business date) stays.

use contracts::hotels::{ChangeHotel as Contract, DefineHotel, HotelFact, HotelRef};
use kernel::decide::Guard;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, text};

use super::hotel::{Hotel, HotelEvent};

/// The checked command.
pub struct ChangeHotel(Contract);

impl TryFrom<Contract> for ChangeHotel {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        c.name.as_deref().map_or(Ok(()), |name| text("name", name, 100))?;
        c.address.as_deref().map_or(Ok(()), |address| text("address", address, 200))?;
        if let Some(zone) = &c.time_zone {
            text("time_zone", zone, 60)?;
            jiff::tz::TimeZone::get(zone).map_err(|_| Invalid::field("time_zone", "is not an IANA time zone"))?;
        }
        Ok(Self(c))
    }
}

impl Decide for ChangeHotel {
    type Reply = HotelRef;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Hotel>(&self.0.hotel))
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<HotelRef, Stop> {
        let is = see.get::<Hotel>(&self.0.hotel)?.living()?;
        let c = self.0.clone();
        let changed = DefineHotel {
            name: c.name.unwrap_or_else(|| is.name.clone()),
            time_zone: c.time_zone.unwrap_or_else(|| is.time_zone.clone()),
            clean_on_checkout: c.clean_on_checkout.unwrap_or(is.clean_on_checkout),
            address: c.address.or_else(|| is.address.clone()),
            check_in_from: c.check_in_from.or(is.check_in_from),
            check_out_until: c.check_out_until.or(is.check_out_until),
            house_rooms: c.house_rooms.map_or(is.house_rooms, |rooms| Some(rooms).filter(|rooms| *rooms > 0)),
            ..is.clone()
        };
        if changed != *is {
            out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::HotelChanged(changed)));
        }
        Ok(HotelRef { hotel: self.0.hotel.clone() })
    }
}
