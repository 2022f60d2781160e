//! A payment: one authorisation at the provider, from the question to the answer, and back.

use contracts::payments::PaymentState;
use kernel::{Aggregate, Event, Money, Refusal};
use serde::{Deserialize, Serialize};

/// What can happen to a payment. The card's token is in none of them: only the saga that shows it to the provider has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PaymentEvent {
    /// The provider is being asked.
    Asked {
        /// The hotel that gets the money.
        hotel: String,
        /// What it is for.
        reservation: String,
        /// How much.
        amount: Money,
        /// The key under which the provider knows the authorisation.
        authorisation: String,
    },
    /// The amount is reserved.
    Authorised {
        /// What it is for.
        reservation: String,
        /// How much.
        amount: Money,
    },
    /// It is not reserved and will not be.
    Declined {
        /// The refusal's code.
        reason: String,
    },
    /// It is given back.
    Voided {},
}

impl Event for PaymentEvent {}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There is no such payment.
    #[default]
    None,
    /// The provider is being asked.
    Authorising,
    /// The amount is reserved.
    Authorised,
    /// It was refused.
    Declined,
    /// It is given back.
    Voided,
}

impl State {
    /// Its name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Authorising => "authorising",
            Self::Authorised => "authorised",
            Self::Declined => "declined",
            Self::Voided => "voided",
        }
    }
}

/// A payment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    /// Where it stands.
    pub state: State,
    /// The hotel that gets the money.
    pub hotel: String,
    /// What it is for.
    pub reservation: String,
    /// How much; `None` before it exists.
    pub amount: Option<Money>,
    /// The key under which the provider knows the authorisation.
    pub authorisation: String,
    /// Why it was declined.
    pub reason: Option<String>,
}

impl Payment {
    /// The reply that says where a payment stands.
    pub fn answer(id: &str, state: State) -> PaymentState {
        PaymentState { payment: id.to_owned(), state: state.name().to_owned() }
    }

    /// Its state as `hotel` sees it: two hotels may share a lane, and neither sees the other's payments.
    pub fn state_for(&self, hotel: &str) -> State {
        if self.hotel == hotel { self.state } else { State::None }
    }
}

impl Aggregate for Payment {
    const KIND: &'static str = "payment";
    type Event = PaymentEvent;

    fn evolve(&mut self, event: &PaymentEvent) {
        match event.clone() {
            PaymentEvent::Asked { hotel, reservation, amount, authorisation } => {
                *self = Self { state: State::Authorising, hotel, reservation, amount: Some(amount), authorisation, reason: None };
            }
            PaymentEvent::Authorised { .. } => self.state = State::Authorised,
            PaymentEvent::Declined { reason } => {
                self.state = State::Declined;
                self.reason = Some(reason);
            }
            PaymentEvent::Voided {} => self.state = State::Voided,
        }
    }
}

/// Why a payment is not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentRefused {
    /// The id has been used; a payment is authorised once.
    PaymentExists,
}

impl Refusal for PaymentRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::PaymentExists => "payment-exists",
        }
    }
}
