//! Release: sold nights from a date on are given back. States the result, so repeating it or sending it late is harmless.

use contracts::Nothing;
use contracts::inventory::Release as Contract;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::ledger::{LedgerEvent, NightLedger};

/// The checked command.
pub struct Release(Contract);

impl TryFrom<Contract> for Release {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

impl Decide for Release {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        let today = ledger.date()?;
        out.on(today);
        let sold = ledger.allocations.get(&self.0.reservation).filter(|a| a.held_until.is_none());
        let Some(allocation) = sold.filter(|a| a.revision < self.0.revision) else { return Ok(Nothing {}) };
        // A closed night was slept or is lost: it is not given back.
        let back = allocation.nights.from(self.0.from.max(today));
        // Also with no night left to give: the revision must move on, so that older messages stay without effect.
        out.event::<NightLedger>(&self.0.hotel, LedgerEvent::Released { nights: back, revision: self.0.revision });
        Ok(Nothing {})
    }
}
