//! PostNight: one chunk of the audit's postings. In house is frozen while the audit runs, so the chunks are the same
//! whenever they are asked for; a folio that has the night already is passed over.

use contracts::stays::{NightPosted, PostNight as Contract};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::code;

use super::day::BusinessDay;
use super::folio::{Folio, FolioEvent};
use super::rack::Rack;
use super::refused::StayRefused;

/// Folios in one chunk.
pub const CHUNK: usize = 200;

/// The checked command.
pub struct PostNight(Contract);

impl TryFrom<Contract> for PostNight {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        Ok(Self(c))
    }
}

impl Decide for PostNight {
    type Reply = NightPosted;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<NightPosted, Stop> {
        let open = see.get::<BusinessDay>(&self.0.hotel)?.date()?;
        if open != self.0.date {
            return Err(StayRefused::NotBusinessDate { open }.into());
        }
        out.on(open);
        let mut total = 0;
        for stay in see.get::<Rack>(&self.0.hotel)?.in_house().keys().skip(self.0.chunk as usize * CHUNK).take(CHUNK) {
            let folio = see.get::<Folio>(stay)?;
            if let Some(price) = folio.price.filter(|_| !folio.has(open)) {
                out.event::<Folio>(stay, FolioEvent::Posted { date: open, amount: price });
                total += price.amount;
            }
        }
        Ok(NightPosted { amount: total })
    }
}
