//! What guests learns from reservations: which of them refer to a guest and are not over. Followed facts: they cannot be
//! refused, only be late. A booking of the last moment may therefore outlive an erasure; its reference then means nobody.

use contracts::Nothing;
use kernel::{Ctx, Decide, Emit, Staged, Stop};

use super::guest::{Guest, GuestEvent};

/// A reservation refers to a guest, or does so no longer.
pub struct Booking {
    /// The guest.
    pub guest: String,
    /// Which.
    pub reservation: String,
    /// Whether it is over.
    pub over: bool,
}

impl Decide for Booking {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.guest
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let guest = see.get::<Guest>(&self.guest)?;
        let (known, reservation) = (guest.reservations.contains(&self.reservation), self.reservation.clone());
        if self.over && known {
            out.event::<Guest>(&self.guest, GuestEvent::BookingSettled { reservation });
        } else if !self.over && !known && guest.exists {
            out.event::<Guest>(&self.guest, GuestEvent::BookingNoted { reservation });
        }
        Ok(Nothing {})
    }
}
