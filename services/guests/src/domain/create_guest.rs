//! CreateGuest: somebody becomes known to the house. By the time this is decided the vault has the person.

use contracts::guests::GuestRef;
use kernel::{Ctx, Decide, Emit, Staged, Stop};

use super::guest::{Guest, GuestEvent};

/// The command as the log sees it: a reference, derived from (caller, key).
pub struct CreateGuest {
    /// The reference.
    pub guest: String,
}

impl Decide for CreateGuest {
    type Reply = GuestRef;

    fn partition(&self) -> &str {
        &self.guest
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<GuestRef, Stop> {
        if !see.get::<Guest>(&self.guest)?.exists {
            out.event::<Guest>(&self.guest, GuestEvent::GuestCreated {});
        }
        Ok(GuestRef { guest: self.guest.clone() })
    }
}
