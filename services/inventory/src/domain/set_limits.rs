//! SetLimits: how many may be sold, for a type or the house, standing or for some nights. Never touches what is sold.

use contracts::inventory::SetLimits as Contract;
use contracts::{HOUSE, Nothing};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, text};

use super::ledger::{LedgerEvent, NightLedger};

/// Limits one command may set.
const LIMITS_MAX: usize = 400;
/// The highest limit.
const LIMIT_MAX: u32 = 100_000;

/// The checked command.
pub struct SetLimits(Contract);

impl TryFrom<Contract> for SetLimits {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        text("reason", &c.reason, 200)?;
        if c.limits.is_empty() || c.limits.len() > LIMITS_MAX {
            return Err(Invalid::field("limits", "must hold 1 to 400 limits"));
        }
        for l in &c.limits {
            if l.room_type != HOUSE {
                code("room_type", &l.room_type)?;
            }
            if l.limit > LIMIT_MAX {
                return Err(Invalid::field("limit", "must not be above 100000"));
            }
            if let (Some(from), Some(to)) = (l.from, l.to)
                && from >= to
            {
                return Err(Invalid::field("to", "must be after from (it is the night after the last)"));
            }
        }
        Ok(Self(c))
    }
}

impl Decide for SetLimits {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        out.on(ledger.date()?);
        for l in self.0.limits.iter().filter(|l| l.room_type != HOUSE) {
            ledger.sellable(&l.room_type)?;
        }
        let event = LedgerEvent::LimitsSet { limits: self.0.limits.clone(), reason: self.0.reason.clone(), actor: ctx.actor.clone() };
        out.event::<NightLedger>(&self.0.hotel, event);
        Ok(Nothing {})
    }
}
