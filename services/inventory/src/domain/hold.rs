//! Hold: a unit of the type and one of the house for every night, all or none, until an instant. This is the one place
//! where a sale can be refused for want of rooms.

use contracts::inventory::Hold as Contract;
use contracts::{HOUSE, Nothing};
use jiff::civil::Date;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::ledger::{LedgerEvent, LedgerRefused, NightLedger, Nights, nights};

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
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
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
        let full: Vec<Date> = nights(self.0.arrival, self.0.departure).filter(|n| self.is_full(ledger, &overdue, *n)).collect();
        if !full.is_empty() {
            return Err(LedgerRefused::NightSoldOut { nights: full }.into());
        }
        for nights in overdue {
            out.event::<NightLedger>(&self.0.hotel, LedgerEvent::HoldExpired { nights });
        }
        let nights = Nights {
            reservation: self.0.reservation.clone(),
            room_type: self.0.room_type.clone(),
            arrival: self.0.arrival,
            departure: self.0.departure,
        };
        let until = ctx.now.plus_ms(i64::from(self.0.ttl_s) * 1_000);
        out.event::<NightLedger>(&self.0.hotel, LedgerEvent::Held { nights, until });
        Ok(Nothing {})
    }
}

impl Hold {
    /// Whether the type or the house has nothing left; holds whose time is over do not count.
    fn is_full(&self, ledger: &NightLedger, overdue: &[Nights], night: Date) -> bool {
        let over = |room_type: &str| {
            let on_night = overdue.iter().filter(|o| o.arrival <= night && night < o.departure);
            on_night.filter(|o| room_type == HOUSE || o.room_type == room_type).count() as u32
        };
        [HOUSE, &self.0.room_type].iter().any(|room_type| {
            let count = ledger.at(night, room_type);
            let limit = ledger.limits.get(*room_type).map_or(0, |l| l.of(night));
            count.sold + count.held - over(room_type) >= limit
        })
    }
}
