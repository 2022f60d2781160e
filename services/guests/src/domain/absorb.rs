//! Absorb: another reference meant this guest. Who is just being merged cannot absorb: two guests that are each merged into the
//! other would both be gone.

use contracts::guests::{Absorb as Contract, GuestRef};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::id;

use super::guest::{Guest, GuestEvent, GuestRefused};

/// The checked command.
pub struct Absorb(Contract);

impl TryFrom<Contract> for Absorb {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        id("guest", &c.guest)?;
        id("other", &c.other)?;
        Ok(Self(c))
    }
}

impl Decide for Absorb {
    type Reply = GuestRef;

    fn partition(&self) -> &str {
        &self.0.guest
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<GuestRef, Stop> {
        if see.get::<Guest>(&self.0.guest)?.living()?.busy.is_some() {
            return Err(GuestRefused::MergeCrossed.into());
        }
        out.event::<Guest>(&self.0.guest, GuestEvent::Absorbed { guest: self.0.other.clone() });
        Ok(GuestRef { guest: self.0.guest.clone() })
    }
}
