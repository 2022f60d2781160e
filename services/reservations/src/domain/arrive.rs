//! Arrive: the guest stands at the desk. Pins the reservation: it is not cancelled or amended after.

use contracts::reservations::{Arrival, Arrive as Contract};
use kernel::{Busy, Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::arrivals::Arrivals;
use super::day::Day;
use super::reservation::{Reservation, ReservationEvent, ReservationRefused};

/// The checked command.
pub struct Arrive(Contract);

impl TryFrom<Contract> for Arrive {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

impl Decide for Arrive {
    type Reply = Arrival;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Arrival, Stop> {
        let day = see.get::<Day>(&self.0.hotel)?;
        let open = day.date()?;
        let reservation = see.get::<Reservation>(&self.0.reservation)?;
        let booking = reservation.confirmed()?;
        if day.closed || open != self.0.date {
            // The desk and this service are not on the same date for a moment while the audit runs.
            return Err(Stop::Busy(Busy("day-auditing")));
        }
        let day_use = booking.arrival == booking.departure && open == booking.arrival;
        if booking.hotel != self.0.hotel {
            return Err(ReservationRefused::ReservationUnknown.into());
        }
        if open < booking.arrival || (open >= booking.departure && !day_use) {
            let (arrival, departure) = (booking.arrival, booking.departure);
            return Err(ReservationRefused::NotArrivalDate { arrival, departure, business_date: open }.into());
        }
        out.on(open);
        out.event::<Reservation>(&self.0.reservation, ReservationEvent::Arrived { date: open });
        Arrivals::settle(out, &self.0.hotel, booking.arrival, &self.0.reservation);
        Ok(reservation.arrival(booking))
    }
}
