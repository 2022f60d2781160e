//! Depart: stays says that the guest has gone. A followed fact: it cannot be refused, only be late.

use contracts::Nothing;
use jiff::civil::Date;
use kernel::{Ctx, Decide, Emit, Staged, Stop};

use super::reservation::{Reservation, ReservationEvent, State};

/// The guest has gone.
pub struct Depart {
    /// The hotel.
    pub hotel: String,
    /// Whose reservation.
    pub reservation: String,
    /// The business date in stays.
    pub date: Date,
}

impl Decide for Depart {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let reservation = see.get::<Reservation>(&self.reservation)?;
        if reservation.state == State::InHouse {
            let guest = reservation.booking.as_ref().and_then(|booking| booking.guest.clone());
            out.on(self.date);
            out.event::<Reservation>(&self.reservation, ReservationEvent::Departed { date: self.date, guest });
        }
        Ok(Nothing {})
    }
}
