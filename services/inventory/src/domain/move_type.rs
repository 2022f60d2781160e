//! Move: all nights of a reservation that are not closed change type. Not checked against limits: an upgrade may pass them, and the event
//! says on how many nights it does.

use contracts::Nothing;
use contracts::inventory::Move as Contract;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id, text};

use super::ledger::{LedgerEvent, LedgerRefused, NightLedger, nights};

/// The checked command.
pub struct Move(Contract);

impl TryFrom<Contract> for Move {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        id("reservation", &c.reservation)?;
        text("reason", &c.reason, 200)?;
        Ok(Self(c))
    }
}

impl Decide for Move {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        let today = ledger.date()?;
        out.on(today);
        let limits = ledger.sellable(&self.0.room_type)?;
        let sold = ledger.allocations.get(&self.0.reservation).filter(|a| a.held_until.is_none());
        let allocation = sold.ok_or(LedgerRefused::AllocationUnknown)?;
        if allocation.revision >= self.0.revision {
            return Ok(Nothing {});
        }
        // What was slept was slept in the old type.
        let span = allocation.nights.from(today);
        let above = |night| {
            let count = ledger.at(night, &self.0.room_type);
            count.sold + count.held >= limits.of(night)
        };
        let event = LedgerEvent::Moved {
            nights: span.clone(),
            to: self.0.room_type.clone(),
            revision: self.0.revision,
            reason: self.0.reason.clone(),
            oversold: nights(span.arrival, span.departure).filter(|n| above(*n)).count() as u32,
        };
        out.event::<NightLedger>(&self.0.hotel, event);
        Ok(Nothing {})
    }
}
