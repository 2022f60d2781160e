//! UpdateGuest: a guest is described anew. By the time this is decided the vault has the sheet; the event says that it is the
//! present one, so log and vault cannot disagree about which that is.

use contracts::guests::GuestRef;
use kernel::decide::Guard;
use kernel::{Ctx, Decide, Emit, Staged, Stop};

use super::guest::{Guest, GuestEvent};

/// The command as the log sees it: two references.
pub struct UpdateGuest {
    /// The guest.
    pub guest: String,
    /// The vault's sheet.
    pub edit: String,
}

impl Decide for UpdateGuest {
    type Reply = GuestRef;

    fn partition(&self) -> &str {
        &self.guest
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Guest>(&self.guest))
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<GuestRef, Stop> {
        see.get::<Guest>(&self.guest)?.settled()?;
        out.event::<Guest>(&self.guest, GuestEvent::GuestUpdated { edit: self.edit.clone() });
        Ok(GuestRef { guest: self.guest.clone() })
    }
}
