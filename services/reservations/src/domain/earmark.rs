//! Earmark: a room is being given to a reservation before it arrives. Changes nothing of it; from now on its public changes say
//! that there is a room, so that who owns the room takes care of it.

use contracts::reservations::{Arrival, Earmark as Contract};
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::day::Day;
use super::reservation::{Reservation, ReservationEvent, ReservationRefused};

/// The checked command.
pub struct Earmark(Contract);

impl TryFrom<Contract> for Earmark {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

impl Decide for Earmark {
    type Reply = Arrival;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Arrival, Stop> {
        out.on(see.get::<Day>(&self.0.hotel)?.date()?);
        let reservation = see.get::<Reservation>(&self.0.reservation)?;
        let booking = reservation.confirmed()?;
        if booking.hotel != self.0.hotel {
            return Err(ReservationRefused::ReservationUnknown.into());
        }
        if !reservation.roomed {
            out.event::<Reservation>(&self.0.reservation, ReservationEvent::RoomEarmarked {});
        }
        Ok(reservation.arrival(booking))
    }
}
