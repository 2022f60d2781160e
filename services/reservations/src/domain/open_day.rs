//! OpenDay: the next business date begins. States the result, so repeating it is harmless.

use contracts::Nothing;
use contracts::reservations::OpenDay as Contract;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::code;

use super::day::{Day, DayEvent};

/// The checked command.
pub struct OpenDay(Contract);

impl TryFrom<Contract> for OpenDay {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        Ok(Self(c))
    }
}

impl Decide for OpenDay {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let open = see.get::<Day>(&self.0.hotel)?.date()?;
        if open < self.0.date {
            out.on(self.0.date);
            out.event::<Day>(&self.0.hotel, DayEvent::DayOpened { date: self.0.date });
        }
        Ok(Nothing {})
    }
}
