//! CheckOut: before the day of departure the nights left are given back first; a card's authorisation is voided, the
//! folio's balance goes to the city ledger. With nothing to ask of anybody it is a single decision.

use contracts::inventory::Release;
use contracts::payments::Void;
use contracts::stays::{CheckOut as Contract, CheckedOut};
use jiff::civil::Date;
use kernel::{Ctx, Emit, Money, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::{code, id};
use saga::definition::{nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check_in::room_claim;
use crate::domain::day::BusinessDay;
use crate::domain::folio::{Folio, FolioEvent};
use crate::domain::rack::{Condition, Rack, RackEvent};
use crate::domain::refused::StayRefused;
use crate::domain::stay::{Stay, StayEvent};

/// The checked command.
pub struct CheckOut(Contract);

impl TryFrom<Contract> for CheckOut {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckOutState {
    /// The hotel.
    pub hotel: String,
    /// The stay.
    pub reservation: String,
    /// The business date.
    pub date: Date,
    /// The revision that gives nights back, when the guest leaves early.
    pub release: Option<u32>,
    /// The authorisation to void.
    pub payment: Option<String>,
}

impl Begin for CheckOut {
    type Saga = CheckOutSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<CheckOutState, Stop> {
        let date = see.get::<BusinessDay>(&self.0.hotel)?.open()?;
        let stay = see.get::<Stay>(&self.0.reservation)?;
        let (_, reservation) = stay.settled(&self.0.hotel)?;
        let early = date < reservation.departure;
        let state = CheckOutState {
            hotel: self.0.hotel.clone(),
            reservation: self.0.reservation.clone(),
            date,
            release: early.then_some(reservation.revision + 1),
            // What was prepaid is taken: there is nothing to give back.
            payment: reservation.payment.clone().filter(|_| reservation.prepaid.is_none()),
        };
        out.on(date);
        if STEPS.iter().any(|step| (step.when)(&state)) {
            out.event::<Stay>(&self.0.reservation, StayEvent::CheckOutStarted { saga: saga.to_owned() });
        }
        Ok(state)
    }
}

/// The definition.
pub struct CheckOutSaga;

const STEPS: &[Step<CheckOutState>] = &[
    Step {
        name: "release",
        when: |s| s.release.is_some(),
        call: release,
        times: once,
        each_round: false,
        kind: Kind::Retriable,
        learn: nothing,
    },
    Step { name: "void", when: |s| s.payment.is_some(), call: void, times: once, each_round: false, kind: Kind::Retriable, learn: nothing },
];

fn release(s: &CheckOutState, _: u32) -> Call {
    Call::to(&Release { hotel: s.hotel.clone(), reservation: s.reservation.clone(), from: s.date, revision: s.release.unwrap_or_default() })
}

fn void(s: &CheckOutState, _: u32) -> Call {
    Call::to(&Void { hotel: s.hotel.clone(), payment: s.payment.clone().unwrap_or_default() })
}

impl Saga for CheckOutSaga {
    const NAME: &'static str = "checkout";
    type State = CheckOutState;

    fn steps(_: u16) -> &'static [Step<CheckOutState>] {
        STEPS
    }

    fn subject(state: &CheckOutState) -> Option<&str> {
        Some(&state.reservation)
    }

    fn end(_: &str, s: &CheckOutState, _: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let day = see.get::<BusinessDay>(&s.hotel)?;
        let date = day.open()?;
        let stay = see.get::<Stay>(&s.reservation)?;
        let folio = see.get::<Folio>(&s.reservation)?;
        see.get::<Rack>(&s.hotel)?;
        let (Some(room), Some(price)) = (&stay.room, folio.price) else { return Err(StayRefused::StayUnknown.into()) };
        out.on(date);
        out.unclaim(room_claim(&s.hotel, room));
        let condition = if day.clean_on_checkout { Condition::Clean } else { Condition::Dirty };
        out.event::<Rack>(&s.hotel, RackEvent::Vacated { room: room.clone(), stay: s.reservation.clone(), condition });
        let balance = Money { amount: folio.balance(), ..price };
        if balance.amount != 0 {
            out.event::<Folio>(&s.reservation, FolioEvent::Settled { amount: balance });
        }
        out.event::<Stay>(&s.reservation, StayEvent::CheckedOut { hotel: s.hotel.clone(), date });
        let answer = CheckedOut {
            stay: s.reservation.clone(),
            nights_stayed: folio.nights.len() as u32,
            posted: Money { amount: folio.posted(), ..price },
        };
        Ok(serde_json::to_value(answer).unwrap_or_default())
    }
}
