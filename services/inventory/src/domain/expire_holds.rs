//! ExpireHolds: the timer's command. The decision looks at the clock again, so an early or repeated timer does no harm: it
//! is told "not yet" and comes again. Were it recorded, its key would be used up and the hold would never end by itself.

use contracts::Nothing;
use kernel::{Busy, Ctx, Decide, Emit, Staged, Stop};

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
        let overdue = ledger.overdue(ctx.now);
        if overdue.is_empty() {
            return Err(Stop::Busy(Busy("not-due")));
        }
        for nights in overdue {
            out.event::<NightLedger>(&self.hotel, LedgerEvent::HoldExpired { nights });
        }
        Ok(Nothing {})
    }
}
