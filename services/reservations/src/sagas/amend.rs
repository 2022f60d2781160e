//! Amend: (pivot) amend the nights ▸ amended. One step, so the first append is the pivot's intent as well. Until it ends the
//! reservation is expected on its old day; nobody arrives meanwhile, because it is busy.
//!
//! The rule for a prepaid stay: what was paid is what it costs, so it may be moved and not made longer, shorter or dearer.

use contracts::inventory::Amend as AmendNights;
use contracts::reservations::{Amend as Contract, Amended, BookedFact, Guarantee};
use jiff::civil::Date;
use kernel::decide::Guard;
use kernel::{Busy, Ctx, Emit, Money, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::{code, id, text};
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::book::NIGHTS_MAX;
use crate::domain::arrivals::Arrivals;
use crate::domain::day::Day;
use crate::domain::reservation::{Booking, Reservation, ReservationEvent, ReservationRefused};

/// The checked command.
pub struct Amend(Contract);

impl TryFrom<Contract> for Amend {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        c.reason.as_deref().map_or(Ok(()), |reason| text("reason", reason, 200))?;
        let nights = (c.departure - c.arrival).get_days();
        if !(0..=NIGHTS_MAX).contains(&nights) {
            return Err(Invalid::field("departure", "must be 0 to 400 nights after arrival"));
        }
        if c.price.is_some_and(|price| price.times(i64::from(nights).max(1)).is_none()) {
            return Err(Invalid::field("price", "is more for the whole stay than can be counted"));
        }
        Ok(Self(c))
    }
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AmendState {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// Price of a night.
    pub price: Money,
    /// The revision the change makes.
    pub revision: u32,
    /// Why.
    pub reason: Option<String>,
}

impl Begin for Amend {
    type Saga = AmendSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Reservation>(&self.0.reservation))
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<AmendState, Stop> {
        let c = &self.0;
        let day = see.get::<Day>(&c.hotel)?;
        let today = day.date()?;
        let reservation = see.get::<Reservation>(&c.reservation)?;
        let booking = reservation.confirmed()?;
        if booking.hotel != c.hotel {
            return Err(ReservationRefused::ReservationUnknown.into());
        }
        let price = c.price.unwrap_or(booking.price);
        self.may(booking, price, today)?;
        if day.closed && c.arrival == today {
            return Err(Stop::Busy(Busy("day-auditing")));
        }
        out.on(today);
        out.event::<Reservation>(&c.reservation, ReservationEvent::ChangeStarted { saga: saga.to_owned() });
        Ok(AmendState {
            hotel: c.hotel.clone(),
            reservation: c.reservation.clone(),
            arrival: c.arrival,
            departure: c.departure,
            price,
            revision: reservation.revision + 1,
            reason: c.reason.clone(),
        })
    }
}

impl Amend {
    fn may(&self, booking: &Booking, price: Money, today: Date) -> Result<(), ReservationRefused> {
        let (arrival, departure) = (self.0.arrival, self.0.departure);
        let is_longer_or_shorter = (departure - arrival).get_days() != (booking.departure - booking.arrival).get_days();
        let is_day_use = booking.departure == booking.arrival;
        match () {
            () if price.currency != booking.price.currency => Err(ReservationRefused::WrongCurrency),
            () if (arrival, departure, price) == (booking.arrival, booking.departure, booking.price) => Err(ReservationRefused::SameDates),
            () if arrival < today => Err(ReservationRefused::PastDate),
            () if arrival == departure && !is_day_use => Err(ReservationRefused::NoNights),
            () if matches!(booking.guarantee, Guarantee::Prepaid { .. }) && (is_longer_or_shorter || price != booking.price) => {
                Err(ReservationRefused::PrepaidNights)
            }
            () => Ok(()),
        }
    }
}

/// The definition.
pub struct AmendSaga;

const STEPS: &[Step<AmendState>] =
    &[Step { name: "amend", when: always, call: amend_nights, times: once, each_round: false, kind: Kind::Pivot, learn: nothing }];

fn amend_nights(s: &AmendState, _: u32) -> Call {
    Call::to(&AmendNights {
        hotel: s.hotel.clone(),
        reservation: s.reservation.clone(),
        arrival: s.arrival,
        departure: s.departure,
        revision: s.revision,
    })
}

impl Saga for AmendSaga {
    const NAME: &'static str = "amend";
    type State = AmendState;

    fn steps(_: u16) -> &'static [Step<AmendState>] {
        STEPS
    }

    fn end(_: &str, s: &AmendState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        out.on(see.get::<Day>(&s.hotel)?.date()?);
        let reservation = see.get::<Reservation>(&s.reservation)?;
        let (Ending::Done, Some(booking)) = (ending, &reservation.booking) else {
            out.event::<Reservation>(&s.reservation, ReservationEvent::ChangeFailed {});
            return Ok(Value::Null);
        };
        let event = ReservationEvent::Amended {
            arrival: s.arrival,
            departure: s.departure,
            booked: BookedFact { price: s.price, ..booking.fact() },
            revision: s.revision,
            reason: s.reason.clone(),
            roomed: reservation.roomed,
        };
        out.event::<Reservation>(&s.reservation, event);
        if booking.arrival != s.arrival {
            Arrivals::settle(out, &s.hotel, booking.arrival, &s.reservation);
            Arrivals::expect(out, &s.hotel, s.arrival, &s.reservation);
        }
        let amended = Amended {
            reservation: s.reservation.clone(),
            arrival: s.arrival,
            departure: s.departure,
            price: s.price,
            revision: s.revision,
        };
        Ok(serde_json::to_value(amended).unwrap_or_default())
    }
}
