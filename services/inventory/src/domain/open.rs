//! What inventory learns from hotels: a hotel opens, closes for sale and opens again, a type exists and is gone. Taken in by command, because decisions need it.

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
        let ledger = see.get::<NightLedger>(&self.hotel)?;
        if !ledger.limits.contains_key(&self.room_type) {
            ledger.business_date.into_iter().for_each(|today| out.on(today));
            out.event::<NightLedger>(&self.hotel, LedgerEvent::TypeAdded { room_type: self.room_type.clone() });
        }
        Ok(Nothing {})
    }
}

/// A room type is gone. Nothing of it is held or sold: it was retired first.
pub struct RemoveType {
    /// The hotel.
    pub hotel: String,
    /// The type.
    pub room_type: String,
}

impl Decide for RemoveType {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.hotel)?;
        if ledger.limits.contains_key(&self.room_type) {
            ledger.business_date.into_iter().for_each(|today| out.on(today));
            out.event::<NightLedger>(&self.hotel, LedgerEvent::TypeRemoved { room_type: self.room_type.clone() });
        }
        Ok(Nothing {})
    }
}

/// A hotel sells, or sells nothing more.
pub struct Sell {
    /// The hotel.
    pub hotel: String,
    /// Whether it sells.
    pub open: bool,
}

impl Decide for Sell {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.hotel)?;
        if ledger.closed == self.open {
            ledger.business_date.into_iter().for_each(|today| out.on(today));
            let event = if self.open { LedgerEvent::SalesReopened {} } else { LedgerEvent::SalesClosed {} };
            out.event::<NightLedger>(&self.hotel, event);
        }
        Ok(Nothing {})
    }
}
