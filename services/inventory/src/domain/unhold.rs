//! Unhold: a hold is given back. What is sold or gone is left as it is.

use contracts::Nothing;
use contracts::inventory::Unhold as Contract;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::ledger::{LedgerEvent, NightLedger};

/// The checked command.
pub struct Unhold(Contract);

impl TryFrom<Contract> for Unhold {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

impl Decide for Unhold {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        out.on(ledger.date()?);
        if let Some(a) = ledger.allocations.get(&self.0.reservation).filter(|a| a.held_until.is_some()) {
            out.event::<NightLedger>(&self.0.hotel, LedgerEvent::Unheld { nights: a.nights.clone() });
        }
        Ok(Nothing {})
    }
}
