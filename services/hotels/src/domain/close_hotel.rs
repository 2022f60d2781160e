//! CloseHotel and ReopenHotel: whether a hotel sells. What is sold stays sold, so nobody has to be asked; inventory learns
//! of it by the feed.

use contracts::hotels::{CloseHotel as CloseContract, HotelFact, HotelRef, ReopenHotel as ReopenContract};
use kernel::decide::Guard;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, text};

use super::hotel::{Hotel, HotelEvent, HotelRefused};

/// The checked closing.
pub struct CloseHotel(CloseContract);

impl TryFrom<CloseContract> for CloseHotel {
    type Error = Invalid;

    fn try_from(c: CloseContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        c.reason.as_deref().map_or(Ok(()), |reason| text("reason", reason, 200))?;
        Ok(Self(c))
    }
}

impl Decide for CloseHotel {
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
        if hotel.closed {
            return Err(HotelRefused::HotelClosed.into());
        }
        out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::HotelClosed(self.0.clone())));
        Ok(HotelRef { hotel: self.0.hotel.clone() })
    }
}

/// The checked reopening.
pub struct ReopenHotel(ReopenContract);

impl TryFrom<ReopenContract> for ReopenHotel {
    type Error = Invalid;

    fn try_from(c: ReopenContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        Ok(Self(c))
    }
}

impl Decide for ReopenHotel {
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
        if !hotel.closed {
            return Err(HotelRefused::HotelOpen.into());
        }
        out.event::<Hotel>(&self.0.hotel, HotelEvent(HotelFact::HotelReopened(self.0.clone())));
        Ok(HotelRef { hotel: self.0.hotel.clone() })
    }
}
