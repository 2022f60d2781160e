//! CloseNight: the night audit's pivot. What is sold for the night must be what sleeps in the house.

use contracts::inventory::CloseNight as Contract;
use contracts::{HOUSE, Nothing};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::code;

use super::ledger::{LedgerEvent, LedgerRefused, NightLedger};

/// The checked command.
pub struct CloseNight(Contract);

impl TryFrom<Contract> for CloseNight {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        Ok(Self(c))
    }
}

impl Decide for CloseNight {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let ledger = see.get::<NightLedger>(&self.0.hotel)?;
        let open = ledger.date()?;
        out.on(open);
        if open != self.0.date {
            return Err(LedgerRefused::NotBusinessDate { open }.into());
        }
        let (sold, in_house) = (ledger.at(open, HOUSE).sold, self.0.in_house);
        if sold != in_house {
            return Err(LedgerRefused::NightUnbalanced { sold, in_house }.into());
        }
        // Nobody arrives on this date any more: a booking that is still being decided must not become a sale of a past night.
        for late in ledger.allocations.values().filter(|a| a.held_until.is_some() && a.nights.arrival <= open) {
            out.event::<NightLedger>(&self.0.hotel, LedgerEvent::HoldExpired { nights: late.nights.clone() });
        }
        out.event::<NightLedger>(&self.0.hotel, LedgerEvent::NightClosed { date: open, in_house });
        Ok(Nothing {})
    }
}
