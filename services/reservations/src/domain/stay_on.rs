//! StayOn: stays says that a guest in house leaves on another day. A followed fact: it cannot be refused, only be late.

use contracts::Nothing;
use jiff::civil::Date;
use kernel::{Ctx, Decide, Emit, Staged, Stop};

use super::day::Day;
use super::reservation::{Reservation, ReservationEvent, State};

/// The guest leaves on another day.
pub struct StayOn {
    /// The hotel.
    pub hotel: String,
    /// Whose reservation.
    pub reservation: String,
    /// Day of departure.
    pub departure: Date,
}

impl Decide for StayOn {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let reservation = see.get::<Reservation>(&self.reservation)?;
        let leaves = reservation.booking.as_ref().map(|booking| booking.departure);
        if reservation.state == State::InHouse && leaves != Some(self.departure) {
            see.get::<Day>(&self.hotel)?.date.into_iter().for_each(|today| out.on(today));
            out.event::<Reservation>(&self.reservation, ReservationEvent::StayExtended { departure: self.departure });
        }
        Ok(Nothing {})
    }
}
