//! Extend: a hold is kept for longer, counted from now, and only so often.

use contracts::inventory::{Extend as Contract, Held};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::ledger::{LedgerEvent, LedgerRefused, NightLedger};

/// How often one hold may be extended.
pub const EXTENDS_MAX: u32 = 3;
/// The longest extension, seconds.
const TTL_S_MAX: u32 = 3_600;

/// The checked command.
pub struct Extend(Contract);

impl TryFrom<Contract> for Extend {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        if c.ttl_s == 0 || c.ttl_s > TTL_S_MAX {
            return Err(Invalid::field("ttl_s", "must be 1 to 3600 seconds"));
        }
        Ok(Self(c))
    }
}

impl Decide for Extend {
    type Reply = Held;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Held, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        out.on(ledger.date()?);
        let held = ledger.allocations.get(&self.0.reservation);
        let open = held.and_then(|a| Some((a, a.held_until.filter(|until| *until > ctx.now)?)));
        let (hold, before) = open.ok_or(LedgerRefused::HoldExpired)?;
        if hold.extends >= EXTENDS_MAX {
            return Err(LedgerRefused::HoldNotExtendable.into());
        }
        // Kept for longer: a short extension does not end a long hold sooner.
        let until = ctx.now.plus_ms(i64::from(self.0.ttl_s) * 1_000).max(before);
        out.event::<NightLedger>(&self.0.hotel, LedgerEvent::HoldExtended { nights: hold.nights.clone(), until });
        Ok(Held { until, extends_left: EXTENDS_MAX - hold.extends - 1 })
    }
}
