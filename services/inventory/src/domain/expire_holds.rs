//! ExpireHolds: the timer's command. The decision looks at the clock again, so an early or repeated timer does no harm.

use contracts::Nothing;
use kernel::{Ctx, Decide, Emit, Staged, Stop};

use super::ledger::{LedgerEvent, NightLedger};

/// Ends the holds of a hotel whose time is over.
pub struct ExpireHolds {
    /// The hotel.
    pub hotel: String,
}

impl Decide for ExpireHolds {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.hotel)?;
        out.on(ledger.date()?);
        for nights in ledger.overdue(ctx.now) {
            out.event::<NightLedger>(&self.hotel, LedgerEvent::HoldExpired { nights });
        }
        Ok(Nothing {})
    }
}
