//! Amend: a reservation has other nights. States the result with a revision. What it had already it keeps without being
//! asked; only nights it had not are checked against the limits, and what was slept is never touched.

use contracts::Nothing;
use contracts::inventory::Amend as Contract;
use jiff::civil::Date;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::hold::NIGHTS_MAX;
use super::ledger::{LedgerEvent, LedgerRefused, NightLedger, Nights};

/// The checked command.
pub struct Amend(Contract);

impl TryFrom<Contract> for Amend {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        if c.departure < c.arrival || (c.departure - c.arrival).get_days() > NIGHTS_MAX {
            return Err(Invalid::field("departure", "must be 0 to 400 nights after arrival"));
        }
        Ok(Self(c))
    }
}

impl Decide for Amend {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        let today = ledger.date()?;
        out.on(today);
        let sold = ledger.allocations.get(&self.0.reservation).filter(|a| a.held_until.is_none());
        let allocation = sold.ok_or(LedgerRefused::AllocationUnknown)?;
        if allocation.revision >= self.0.revision {
            return Ok(Nothing {});
        }
        if allocation.released {
            return Err(LedgerRefused::AllocationUnknown.into());
        }
        let had = &allocation.nights;
        let has = self.result(had, today)?;
        let gained = has.without(had);
        if !gained.is_empty() {
            ledger.sellable(&had.room_type)?;
            if ledger.closed {
                return Err(LedgerRefused::HotelClosed.into());
            }
            let overdue = ledger.overdue(ctx.now);
            let full: Vec<Date> = gained.iter().flat_map(|span| ledger.full(span, &overdue)).collect();
            if !full.is_empty() {
                return Err(LedgerRefused::NightSoldOut { nights: full }.into());
            }
            for nights in overdue {
                out.event::<NightLedger>(&self.0.hotel, LedgerEvent::HoldExpired { nights });
            }
        }
        // Also with no night changed: the revision must move on, so that older messages stay without effect.
        let event =
            LedgerEvent::Amended { nights: had.clone(), new_arrival: has.arrival, new_departure: has.departure, revision: self.0.revision };
        out.event::<NightLedger>(&self.0.hotel, event);
        Ok(Nothing {})
    }
}

impl Amend {
    /// The nights afterwards. A stay that has begun keeps its beginning, and ends today at the earliest; it cannot begin anew
    /// on a later day, and none can begin in the past.
    fn result(&self, had: &Nights, today: Date) -> Result<Nights, LedgerRefused> {
        let (arrival, departure) = (self.0.arrival, self.0.departure);
        match had.arrival < today {
            true if arrival > today => Err(LedgerRefused::PastDate),
            true => Ok(had.on(had.arrival, departure.max(today))),
            false if arrival < today => Err(LedgerRefused::PastDate),
            false => Ok(had.on(arrival, departure)),
        }
    }
}
