//! Confirm: a hold becomes a sale. Whether it is still a hold is decided here, by this service's clock, and nowhere else.

use contracts::Nothing;
use contracts::inventory::Confirm as Contract;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::ledger::{LedgerEvent, LedgerRefused, NightLedger};

/// The checked command.
pub struct Confirm(Contract);

impl TryFrom<Contract> for Confirm {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

impl Decide for Confirm {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        out.on(ledger.date()?);
        let allocation = ledger.allocations.get(&self.0.reservation).ok_or(LedgerRefused::HoldExpired)?;
        match allocation.held_until {
            // Sold already, by this revision or a newer one: the result stated is the case.
            None if allocation.revision >= self.0.revision => Ok(Nothing {}),
            Some(until) if until > ctx.now => {
                let event = LedgerEvent::Sold { nights: allocation.nights.clone(), revision: self.0.revision };
                out.event::<NightLedger>(&self.0.hotel, event);
                Ok(Nothing {})
            }
            None | Some(_) => Err(LedgerRefused::HoldExpired.into()),
        }
    }
}
