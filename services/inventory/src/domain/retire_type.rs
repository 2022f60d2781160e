//! RetireType and its undo: a type is to be deleted. From here on nothing of it is held, sold or moved to, so what depends on
//! it now is all that ever will; while there is anything, the answer is no, with a list.

use contracts::Nothing;
use contracts::inventory::{RetireType as Contract, UnretireType as UndoContract};
use kernel::{Busy, Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::code;

use super::ledger::{Allocation, LedgerEvent, LedgerRefused, NightLedger};

/// The checked command.
pub struct RetireType(Contract);

impl TryFrom<Contract> for RetireType {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        Ok(Self(c))
    }
}

impl Decide for RetireType {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        // The asker knows the type: here its feed is still on the way.
        let heard = ledger.business_date.filter(|_| ledger.limits_of(&self.0.room_type).is_ok());
        let today = heard.ok_or(Stop::Busy(Busy("not-yet-there")))?;
        out.on(today);
        let overdue = ledger.overdue(ctx.now);
        let is_over = |a: &Allocation| overdue.iter().any(|o| o.reservation == a.nights.reservation);
        // Nights that have passed need nothing; a day use has none and needs a room on its day.
        let needs = |a: &&Allocation| {
            let is_day_use = a.nights.arrival == a.nights.departure;
            a.nights.room_type == self.0.room_type
                && !a.released
                && (a.nights.departure > today || (is_day_use && a.nights.arrival == today))
        };
        let (mut reservations, mut holds) = (Vec::new(), Vec::new());
        for a in ledger.allocations.values().filter(needs).filter(|a| !is_over(a)) {
            if a.held_until.is_some() { &mut holds } else { &mut reservations }.push(a.nights.reservation.clone());
        }
        let limit = ledger.limits_of(&self.0.room_type)?.highest_from(today);
        if limit > 0 || !reservations.is_empty() || !holds.is_empty() {
            return Err(LedgerRefused::RoomTypeInUse { limit, reservations, holds }.into());
        }
        for nights in overdue {
            out.event::<NightLedger>(&self.0.hotel, LedgerEvent::HoldExpired { nights });
        }
        if !ledger.retired.contains(&self.0.room_type) {
            out.event::<NightLedger>(&self.0.hotel, LedgerEvent::TypeRetired { room_type: self.0.room_type.clone() });
        }
        Ok(Nothing {})
    }
}

/// The checked undo.
pub struct UnretireType(UndoContract);

impl TryFrom<UndoContract> for UnretireType {
    type Error = Invalid;

    fn try_from(c: UndoContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        Ok(Self(c))
    }
}

impl Decide for UnretireType {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        if ledger.retired.contains(&self.0.room_type) {
            ledger.business_date.into_iter().for_each(|today| out.on(today));
            out.event::<NightLedger>(&self.0.hotel, LedgerEvent::TypeUnretired { room_type: self.0.room_type.clone() });
        }
        Ok(Nothing {})
    }
}
