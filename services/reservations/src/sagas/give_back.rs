//! Cancel and NoShow: (local pivot) the reservation ends ▸ release its nights ▸ void its authorisation, or refund what was
//! paid ▸ end. Both answer only after the nights are given back, and neither can fail after its first append.
//!
//! The rule for a prepaid stay: cancelled before its day of arrival it is refunded in full; from that day on, and when nobody
//! comes, it is forfeited.

use contracts::inventory::Release;
use contracts::payments::{Refund, Void};
use contracts::reservations::{Cancel as CancelContract, Changed, MarkNoShow as NoShowContract};
use jiff::civil::Date;
use kernel::decide::Guard;
use kernel::{Busy, Ctx, Emit, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::{code, id, text};
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::arrivals::Arrivals;
use crate::domain::day::Day;
use crate::domain::reservation::{Booking, Reservation, ReservationEvent, ReservationRefused, State};

/// The checked cancellation.
pub struct Cancel(CancelContract);

impl TryFrom<CancelContract> for Cancel {
    type Error = Invalid;

    fn try_from(c: CancelContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        c.reason.as_deref().map_or(Ok(()), |reason| text("reason", reason, 200))?;
        Ok(Self(c))
    }
}

/// The checked no-show.
pub struct MarkNoShow(NoShowContract);

impl TryFrom<NoShowContract> for MarkNoShow {
    type Error = Invalid;

    fn try_from(c: NoShowContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GiveBackState {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
    /// The first night given back.
    pub from: Date,
    /// The revision that gives them back.
    pub revision: u32,
    /// The authorisation to void.
    pub payment: Option<String>,
    /// The payment to give back.
    #[serde(default)]
    pub refund: Option<Refund>,
    /// The answer.
    pub changed: Changed,
}

fn state_of(hotel: &str, id: &str, reservation: &Reservation, booking: &Booking, state: State, today: Date) -> GiveBackState {
    let revision = reservation.revision + 1;
    let back = booking.prepaid.filter(|_| state == State::Cancelled && today < booking.arrival);
    let refund = booking.payment.clone().zip(back).map(|(payment, amount)| Refund {
        hotel: hotel.to_owned(),
        payment,
        amount,
        reason: Some("cancelled".into()),
    });
    GiveBackState {
        hotel: hotel.to_owned(),
        reservation: id.to_owned(),
        from: booking.arrival,
        revision,
        payment: booking.payment.clone().filter(|_| booking.prepaid.is_none()),
        refund,
        changed: Changed {
            reservation: id.to_owned(),
            state: state.word().into(),
            room_type: reservation.room_type.clone(),
            revision,
            refund: back,
        },
    }
}

impl Begin for Cancel {
    type Saga = GiveBackSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Reservation>(&self.0.reservation))
    }

    fn begin(&self, _: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<GiveBackState, Stop> {
        let (hotel, id) = (&self.0.hotel, &self.0.reservation);
        let today = see.get::<Day>(hotel)?.date()?;
        let reservation = see.get::<Reservation>(id)?;
        let booking = reservation.confirmed()?;
        if booking.hotel != *hotel {
            return Err(ReservationRefused::ReservationUnknown.into());
        }
        let state = state_of(hotel, id, reservation, booking, State::Cancelled, today);
        out.on(today);
        let (refund, guest, roomed) = (state.changed.refund, booking.guest.clone(), reservation.roomed);
        let event = ReservationEvent::Cancelled { revision: state.revision, reason: self.0.reason.clone(), refund, guest, roomed };
        out.event::<Reservation>(id, event);
        Arrivals::settle(out, hotel, booking.arrival, id);
        Ok(state)
    }
}

impl Begin for MarkNoShow {
    type Saga = GiveBackSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Reservation>(&self.0.reservation))
    }

    fn begin(&self, _: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<GiveBackState, Stop> {
        let (hotel, id) = (&self.0.hotel, &self.0.reservation);
        let day = see.get::<Day>(hotel)?;
        let today = day.date()?;
        let reservation = see.get::<Reservation>(id)?;
        let booking = reservation.confirmed()?;
        if booking.hotel != *hotel {
            return Err(ReservationRefused::ReservationUnknown.into());
        }
        if day.closed {
            return Err(Stop::Busy(Busy("day-auditing")));
        }
        if booking.arrival != today {
            let (arrival, departure) = (booking.arrival, booking.departure);
            return Err(ReservationRefused::NotArrivalDate { arrival, departure, business_date: today }.into());
        }
        let state = state_of(hotel, id, reservation, booking, State::NoShow, today);
        out.on(today);
        let (guest, roomed) = (booking.guest.clone(), reservation.roomed);
        out.event::<Reservation>(id, ReservationEvent::NoShowed { revision: state.revision, guest, roomed });
        Arrivals::settle(out, hotel, booking.arrival, id);
        Ok(state)
    }
}

/// The definition.
pub struct GiveBackSaga;

const STEPS: &[Step<GiveBackState>] = &[
    Step { name: "release", when: always, call: release, times: once, each_round: false, kind: Kind::Retriable, learn: nothing },
    Step { name: "void", when: |s| s.payment.is_some(), call: void, times: once, each_round: false, kind: Kind::Retriable, learn: nothing },
    Step {
        name: "refund",
        when: |s| s.refund.is_some(),
        call: refund,
        times: once,
        each_round: false,
        kind: Kind::Retriable,
        learn: nothing,
    },
];

fn release(s: &GiveBackState, _: u32) -> Call {
    Call::to(&Release { hotel: s.hotel.clone(), reservation: s.reservation.clone(), from: s.from, revision: s.revision })
}

fn void(s: &GiveBackState, _: u32) -> Call {
    Call::to(&Void { hotel: s.hotel.clone(), payment: s.payment.clone().unwrap_or_default() })
}

fn refund(s: &GiveBackState, _: u32) -> Call {
    let refund = |Refund { hotel, payment, amount, reason }| Call::to(&Refund { hotel, payment, amount, reason });
    // The step is made only when there is one; a void of what was taken changes nothing.
    s.refund.clone().map_or_else(|| void(s, 0), refund)
}

impl Saga for GiveBackSaga {
    const NAME: &'static str = "giveback";
    type State = GiveBackState;

    fn steps(_: u16) -> &'static [Step<GiveBackState>] {
        STEPS
    }

    fn subject(state: &GiveBackState) -> Option<&str> {
        Some(&state.reservation)
    }

    fn end(_: &str, s: &GiveBackState, _: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        out.on(see.get::<Day>(&s.hotel)?.date()?);
        Ok(serde_json::to_value(&s.changed).unwrap_or_default())
    }
}
