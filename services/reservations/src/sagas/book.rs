//! Book: hold ▸ authorise (if a card is behind it) ▸ (pivot) confirm ▸ capture (if prepaid) ▸ booked.
//!
//! What is prepaid is authorised whole, while there is a way back, and taken when there is none: the nights are sold then, and
//! the answer says that they are paid. A provider that is away keeps the answer waiting, not the nights.
//!
//! Undone in reverse: the authorisation is voided, the hold given back; each undo leaves a tombstone should its step
//! arrive late. An expired hold is taken once more; the authorisation is not.

use contracts::inventory::CART;
use contracts::inventory::{Confirm, Hold, Unhold};
use contracts::payments::{Authorise, Capture, Void};
use contracts::reservations::{Book as Contract, Booked, Guarantee};
use jiff::civil::Date;
use kernel::{Busy, Ctx, Emit, Money, Refused, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::{code, id, text};
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::arrivals::Arrivals;
use crate::domain::day::Day;
use crate::domain::reference::{self, Reference, ReferenceEvent};
use crate::domain::reservation::{Booking, Reservation, ReservationEvent, ReservationRefused, State};

/// How long inventory holds the nights for a running booking: longer than the saga's patience.
const HOLD_TTL_S: u32 = 120;
/// An expired hold is taken anew so many times.
const ROUNDS_MAX: u32 = 1;
/// Nights of one stay.
pub const NIGHTS_MAX: i32 = 400;
/// Guests of one room.
const GUESTS_MAX: u32 = 1_000;

/// The checked command.
pub struct Book(Contract);

impl TryFrom<Contract> for Book {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        if c.departure < c.arrival || (c.departure - c.arrival).get_days() > NIGHTS_MAX {
            return Err(Invalid::field("departure", "must be 0 to 400 nights after arrival"));
        }
        if [c.adults, c.children, c.babies].iter().any(|n| *n > GUESTS_MAX) {
            return Err(Invalid::field("adults", "must not be above 1000"));
        }
        let optional = [
            ("reference", &c.reference, 40),
            ("price_reason", &c.price_reason, 200),
            ("segment", &c.segment, 60),
            ("channel", &c.channel, 60),
            ("deposit", &c.deposit, 60),
        ];
        for (name, value, most) in optional {
            value.as_deref().map_or(Ok(()), |value| text(name, value, most))?;
        }
        c.hold.as_deref().map_or(Ok(()), cart)?;
        c.guest.as_deref().map_or(Ok(()), |guest| id("guest", guest))?;
        if let Some(token) = c.guarantee.token()
            && !((1..=64).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic()))
        {
            return Err(Invalid::field("token", "must be 1 to 64 visible ASCII characters"));
        }
        if whole(&c).is_none() {
            return Err(Invalid::field("price", "is more for the whole stay than can be counted"));
        }
        Ok(Self(c))
    }
}

/// A cart's hold: the holds of other bookings that are being decided are nobody's to take.
fn cart(hold: &str) -> Result<(), Invalid> {
    id("hold", hold)?;
    if hold.starts_with(CART) { Ok(()) } else { Err(Invalid::field("hold", "is no cart's")) }
}

/// What the whole stay costs; a day use costs one night.
fn whole(c: &Contract) -> Option<Money> {
    c.price.times(i64::from((c.departure - c.arrival).get_days()).max(1))
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BookState {
    /// The reservation that will be.
    pub reservation: String,
    /// What is booked.
    pub booking: Booking,
    /// The open hold (a cart's) whose nights it takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
}

impl Begin for Book {
    type Saga = BookSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn begin(&self, saga: &str, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<BookState, Stop> {
        let c = &self.0;
        let day = see.get::<Day>(&c.hotel)?;
        let today = day.living()?;
        let id = ctx.ids.derive("res");
        if !day.types.contains(&c.room_type) {
            return Err(ReservationRefused::RoomTypeUnknown.into());
        }
        if day.currency != Some(c.price.currency) {
            return Err(ReservationRefused::WrongCurrency.into());
        }
        if c.arrival < today {
            return Err(ReservationRefused::PastDate.into());
        }
        if day.closed && c.arrival == today {
            return Err(Stop::Busy(Busy("day-auditing")));
        }
        if see.get::<Reservation>(&id)?.state != State::None {
            return Err(ReservationRefused::ReferenceTaken.into());
        }
        if let Some(number) = &c.reference {
            let key = reference::id(&c.hotel, number);
            if see.get::<Reference>(&key)?.reservation.is_some() {
                return Err(ReservationRefused::ReferenceTaken.into());
            }
            out.event::<Reference>(&key, ReferenceEvent::Taken { reservation: id.clone() });
        }
        out.on(today);
        out.event::<Reservation>(&id, ReservationEvent::Requested { saga: saga.to_owned() });
        let by_card = c.guarantee.token().is_some();
        let prepaid = matches!(c.guarantee, Guarantee::Prepaid { .. });
        let booking = Booking {
            hotel: c.hotel.clone(),
            confirmation: confirmation(&ctx.ids.derive("cnf")),
            reference: c.reference.clone(),
            room_type: c.room_type.clone(),
            arrival: c.arrival,
            departure: c.departure,
            guests: [c.adults, c.children, c.babies],
            guest: c.guest.clone(),
            price: c.price,
            price_reason: c.price_reason.clone(),
            segment: c.segment.clone(),
            channel: c.channel.clone(),
            deposit: c.deposit.clone(),
            guarantee: c.guarantee.clone(),
            payment: by_card.then(|| ctx.ids.derive("pay")),
            prepaid: whole(c).filter(|whole| prepaid && whole.amount > 0),
        };
        Ok(BookState { reservation: id, booking, hold: c.hold.clone() })
    }
}

/// Eight letters in two groups: readable on the telephone.
fn confirmation(id: &str) -> String {
    let letters: String = id.chars().skip_while(|c| *c != '_').skip(1).take(8).collect();
    let (a, b) = letters.split_at(letters.len().min(4));
    format!("{a}-{b}").to_uppercase()
}

/// The definition.
pub struct BookSaga;

const STEPS: &[Step<BookState>] = &[
    Step { name: "hold", when: always, call: hold, times: once, each_round: true, kind: Kind::Undoable(unhold), learn: nothing },
    Step {
        name: "authorise",
        when: |s| s.booking.payment.is_some(),
        call: authorise,
        times: once,
        each_round: false,
        kind: Kind::Undoable(void),
        learn: nothing,
    },
    Step { name: "confirm", when: always, call: confirm, times: once, each_round: true, kind: Kind::Pivot, learn: nothing },
    Step {
        name: "capture",
        when: |s| s.booking.prepaid.is_some(),
        call: capture,
        times: once,
        each_round: false,
        kind: Kind::Retriable,
        learn: nothing,
    },
];

fn hold(s: &BookState, _: u32) -> Call {
    Call::to(&Hold {
        hotel: s.booking.hotel.clone(),
        reservation: s.reservation.clone(),
        room_type: s.booking.room_type.clone(),
        arrival: s.booking.arrival,
        departure: s.booking.departure,
        ttl_s: HOLD_TTL_S,
        // In a second round it is gone: then the nights are taken like any others.
        takes: s.hold.clone(),
    })
}

fn unhold(s: &BookState) -> Call {
    Call::to(&Unhold { hotel: s.booking.hotel.clone(), reservation: s.reservation.clone() })
}

fn authorise(s: &BookState, _: u32) -> Call {
    // The guarantee is the first night; a free or refunded night still proves that the card is good.
    let first_night = Money { amount: s.booking.price.amount.max(0), ..s.booking.price };
    Call::to(&Authorise {
        hotel: s.booking.hotel.clone(),
        payment: s.booking.payment.clone().unwrap_or_default(),
        reservation: s.reservation.clone(),
        amount: s.booking.prepaid.unwrap_or(first_night),
        token: s.booking.guarantee.token().unwrap_or_default().to_owned(),
    })
}

fn void(s: &BookState) -> Call {
    Call::to(&Void { hotel: s.booking.hotel.clone(), payment: s.booking.payment.clone().unwrap_or_default() })
}

fn confirm(s: &BookState, _: u32) -> Call {
    Call::to(&Confirm { hotel: s.booking.hotel.clone(), reservation: s.reservation.clone(), revision: 1 })
}

fn capture(s: &BookState, _: u32) -> Call {
    Call::to(&Capture {
        hotel: s.booking.hotel.clone(),
        payment: s.booking.payment.clone().unwrap_or_default(),
        amount: s.booking.prepaid.unwrap_or(s.booking.price),
    })
}

impl Saga for BookSaga {
    const NAME: &'static str = "book";
    type State = BookState;

    fn steps(_: u16) -> &'static [Step<BookState>] {
        STEPS
    }

    fn subject(state: &BookState) -> Option<&str> {
        Some(&state.reservation)
    }

    fn again(_: &BookState, round: u32, refused: &Refused) -> bool {
        refused.code == "hold-expired" && round < ROUNDS_MAX
    }

    fn end(_: &str, s: &BookState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let hotel = &s.booking.hotel;
        let today: Date = see.get::<Day>(hotel)?.date()?;
        out.on(today);
        match ending {
            Ending::Done => {
                out.event::<Reservation>(&s.reservation, ReservationEvent::Booked(Box::new(s.booking.clone())));
                Arrivals::expect(out, hotel, s.booking.arrival, &s.reservation);
                let booked = Booked {
                    reservation: s.reservation.clone(),
                    confirmation: s.booking.confirmation.clone(),
                    state: State::Confirmed.word().into(),
                    revision: 1,
                };
                Ok(serde_json::to_value(booked).unwrap_or_default())
            }
            Ending::Undone(_) => {
                out.event::<Reservation>(&s.reservation, ReservationEvent::Declined {});
                if let Some(number) = &s.booking.reference {
                    out.event::<Reference>(&reference::id(hotel, number), ReferenceEvent::Freed {});
                }
                Ok(Value::Null)
            }
        }
    }
}
