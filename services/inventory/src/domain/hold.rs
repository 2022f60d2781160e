//! Hold: a unit of the type and one of the house for every night, all or none, until an instant. This is the one place
//! where a new sale can be refused for want of rooms. It may take over the nights of another open hold: that one ends and
//! this one begins in one append, so nobody comes between.

use contracts::inventory::{Held, Hold as Contract};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::extend::EXTENDS_MAX;
use super::ledger::{Allocation, LedgerEvent, LedgerRefused, NightLedger, Nights};

/// Nights of one stay.
pub const NIGHTS_MAX: i32 = 400;
/// The longest hold, seconds.
const TTL_S_MAX: u32 = 86_400;

/// The checked command.
pub struct Hold(Contract);

impl TryFrom<Contract> for Hold {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        id("reservation", &c.reservation)?;
        c.takes.as_deref().map_or(Ok(()), |takes| id("takes", takes))?;
        if c.departure < c.arrival || (c.departure - c.arrival).get_days() > NIGHTS_MAX {
            return Err(Invalid::field("departure", "must be 0 to 400 nights after arrival"));
        }
        if c.ttl_s == 0 || c.ttl_s > TTL_S_MAX {
            return Err(Invalid::field("ttl_s", "must be 1 to 86400 seconds"));
        }
        Ok(Self(c))
    }
}

impl Decide for Hold {
    type Reply = Held;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Held, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        let today = ledger.date()?;
        out.on(today);
        ledger.sellable(&self.0.room_type)?;
        if ledger.closed {
            return Err(LedgerRefused::HotelClosed.into());
        }
        if self.0.arrival < today {
            return Err(LedgerRefused::PastDate.into());
        }
        let overdue = ledger.overdue(ctx.now);
        let own = ledger.allocations.get(&self.0.reservation);
        if own.is_some_and(|a| !overdue.iter().any(|o| o.reservation == a.nights.reservation)) {
            return Err(LedgerRefused::AlreadyAllocated.into());
        }
        let nights = Nights {
            reservation: self.0.reservation.clone(),
            room_type: self.0.room_type.clone(),
            arrival: self.0.arrival,
            departure: self.0.departure,
        };
        // Only what is held and not over is taken: a sale is never touched.
        let is_open = |a: &&Allocation| a.held_until.is_some_and(|until| until > ctx.now);
        let taken = self.0.takes.as_ref().and_then(|takes| ledger.allocations.get(takes)).filter(is_open).map(|a| a.nights.clone());
        let ending: Vec<Nights> = overdue.iter().chain(&taken).cloned().collect();
        let full = ledger.full(&nights, &ending);
        if !full.is_empty() {
            return Err(LedgerRefused::NightSoldOut { nights: full }.into());
        }
        for nights in overdue {
            out.event::<NightLedger>(&self.0.hotel, LedgerEvent::HoldExpired { nights });
        }
        if let Some(nights) = taken {
            out.event::<NightLedger>(&self.0.hotel, LedgerEvent::Unheld { nights });
        }
        let until = ctx.now.plus_ms(i64::from(self.0.ttl_s) * 1_000);
        out.event::<NightLedger>(&self.0.hotel, LedgerEvent::Held { nights, until });
        Ok(Held { until, extends_left: EXTENDS_MAX })
    }
}
