//! CloseSales and its undo: nobody arrives on the date any more. Refused while somebody is still expected.

use contracts::Nothing;
use contracts::reservations::{CloseSales as Contract, ReopenSales as UndoContract};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::code;

use super::arrivals::Arrivals;
use super::day::{Day, DayEvent};
use super::reservation::ReservationRefused;

/// Reservations named in a refusal.
const NAMED_MAX: usize = 10;

/// The checked command.
pub struct CloseSales(Contract);

impl TryFrom<Contract> for CloseSales {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        Ok(Self(c))
    }
}

impl Decide for CloseSales {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let open = see.get::<Day>(&self.0.hotel)?.date()?;
        if open != self.0.date {
            return Err(ReservationRefused::NotBusinessDate { open }.into());
        }
        let expected = &Arrivals::on(see, &self.0.hotel, open)?.expected;
        if !expected.is_empty() {
            let reservations = expected.iter().take(NAMED_MAX).cloned().collect();
            return Err(ReservationRefused::ArrivalsLeft { left: expected.len(), reservations }.into());
        }
        out.on(open);
        out.event::<Day>(&self.0.hotel, DayEvent::SalesClosed { date: open });
        Ok(Nothing {})
    }
}

/// The checked undo.
pub struct ReopenSales(UndoContract);

impl TryFrom<UndoContract> for ReopenSales {
    type Error = Invalid;

    fn try_from(c: UndoContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        Ok(Self(c))
    }
}

impl Decide for ReopenSales {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let day = see.get::<Day>(&self.0.hotel)?;
        if day.closed && day.date()? == self.0.date {
            out.on(self.0.date);
            out.event::<Day>(&self.0.hotel, DayEvent::SalesReopened { date: self.0.date });
        }
        Ok(Nothing {})
    }
}
