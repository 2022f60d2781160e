//! What inventory learns from hotels: a hotel opens, a type exists. Taken in by command, because decisions need it.

use contracts::Nothing;
use jiff::civil::Date;
use kernel::{Ctx, Decide, Emit, Staged, Stop};

use super::ledger::{LedgerEvent, NightLedger};

/// A hotel exists.
pub struct Open {
    /// Its code.
    pub hotel: String,
    /// Its first business date.
    pub on: Date,
}

impl Decide for Open {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        if see.get::<NightLedger>(&self.hotel)?.business_date.is_none() {
            out.event::<NightLedger>(&self.hotel, LedgerEvent::Opened { on: self.on });
        }
        Ok(Nothing {})
    }
}

/// A room type exists.
pub struct AddType {
    /// The hotel.
    pub hotel: String,
    /// The type.
    pub room_type: String,
}

impl Decide for AddType {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        if !see.get::<NightLedger>(&self.hotel)?.limits.contains_key(&self.room_type) {
            out.event::<NightLedger>(&self.hotel, LedgerEvent::TypeAdded { room_type: self.room_type.clone() });
        }
        Ok(Nothing {})
    }
}
