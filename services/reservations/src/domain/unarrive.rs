//! Unarrive: the check-in did not happen after all.

use contracts::Nothing;
use contracts::reservations::Unarrive as Contract;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::arrivals::Arrivals;
use super::day::Day;
use super::reservation::{Reservation, ReservationEvent, State};

/// The checked command.
pub struct Unarrive(Contract);

impl TryFrom<Contract> for Unarrive {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

impl Decide for Unarrive {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        out.on(see.get::<Day>(&self.0.hotel)?.date()?);
        let reservation = see.get::<Reservation>(&self.0.reservation)?;
        if let (State::InHouse, Some(booking)) = (reservation.state, &reservation.booking) {
            out.event::<Reservation>(&self.0.reservation, ReservationEvent::Unarrived {});
            Arrivals::expect(out, &self.0.hotel, booking.arrival, &self.0.reservation);
        }
        Ok(Nothing {})
    }
}
