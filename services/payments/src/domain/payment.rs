//! A payment: one authorisation at the provider, from the question to the answer, and back; or captured, and given back.

use contracts::payments::PaymentState;
use kernel::{Aggregate, Busy, Event, Money, Refusal, RefusalKind, Stop};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
    /// The provider is being asked to take money.
    CaptureStarted {
        /// The saga.
        saga: String,
    },
    /// The money is taken; what was authorised beyond it is free again.
    Captured {
        /// How much.
        amount: Money,
    },
    /// It was not taken.
    CaptureFailed {
        /// The refusal's code.
        reason: String,
    },
    /// The provider is being asked to give money back.
    RefundStarted {
        /// The saga.
        saga: String,
    },
    /// The money is given back.
    Refunded {
        /// How much.
        amount: Money,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// It was not given back.
    RefundFailed {
        /// The refusal's code.
        reason: String,
    },
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
    /// Money is taken.
    Captured,
    /// All that was taken is given back.
    Refunded,
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
            Self::Captured => "captured",
            Self::Refunded => "refunded",
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
    /// What was taken, minor units.
    #[serde(default)]
    pub captured: i64,
    /// What of it was given back, minor units.
    #[serde(default)]
    pub refunded: i64,
    /// The saga that is asking the provider to move money.
    #[serde(default)]
    pub busy: Option<String>,
}

impl Payment {
    /// The reply that says where a payment stands.
    pub fn answer(id: &str, state: State) -> PaymentState {
        PaymentState { payment: id.to_owned(), state: state.name().to_owned(), captured: None, refunded: None }
    }

    /// An amount of this payment's currency, unless it is nothing.
    pub fn money(&self, amount: i64) -> Option<Money> {
        self.amount.filter(|_| amount != 0).map(|of| Money { amount, ..of })
    }

    /// The reply that says where it stands, and what was moved.
    pub fn told(&self, id: &str) -> PaymentState {
        PaymentState { captured: self.money(self.captured), refunded: self.money(self.refunded), ..Self::answer(id, self.state) }
    }

    /// What was authorised, when money of `hotel` may be moved now, in this currency.
    pub fn movable(&self, hotel: &str, amount: Money) -> Result<Money, Stop> {
        if self.state_for(hotel) == State::Authorising || self.busy.is_some() {
            return Err(Stop::Busy(Busy("payment-busy")));
        }
        let of = self.amount.filter(|_| self.hotel == hotel).ok_or(PaymentRefused::PaymentUnknown)?;
        if of.currency == amount.currency { Ok(of) } else { Err(PaymentRefused::WrongCurrency.into()) }
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
                let state = State::Authorising;
                *self = Self { state, hotel, reservation, amount: Some(amount), authorisation, ..Self::default() };
            }
            PaymentEvent::Authorised { .. } => self.state = State::Authorised,
            PaymentEvent::Declined { reason } => {
                self.state = State::Declined;
                self.reason = Some(reason);
            }
            PaymentEvent::Voided {} => self.state = State::Voided,
            PaymentEvent::CaptureStarted { saga } | PaymentEvent::RefundStarted { saga } => self.busy = Some(saga),
            PaymentEvent::CaptureFailed { .. } | PaymentEvent::RefundFailed { .. } => self.busy = None,
            PaymentEvent::Captured { amount } => {
                self.busy = None;
                self.captured += amount.amount;
                self.state = State::Captured;
            }
            PaymentEvent::Refunded { amount, .. } => {
                self.busy = None;
                self.refunded += amount.amount;
                if self.refunded >= self.captured {
                    self.state = State::Refunded;
                }
            }
        }
    }
}

/// Why a payment is not begun, or its money not moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentRefused {
    /// The id has been used; a payment is authorised once.
    PaymentExists,
    /// The hotel has no such payment.
    PaymentUnknown,
    /// The amount is of another currency than the payment.
    WrongCurrency,
    /// Nothing is authorised (any more).
    NotAuthorised {
        /// Where it stands.
        state: State,
    },
    /// It was captured already.
    PaymentCaptured,
    /// More is asked for than was authorised.
    AboveAuthorised {
        /// What was authorised, minor units.
        authorised: i64,
    },
    /// Nothing was captured.
    NotCaptured {
        /// Where it stands.
        state: State,
    },
    /// More is asked back than is left of what was captured.
    AboveCaptured {
        /// What is left, minor units.
        left: i64,
    },
}

impl Refusal for PaymentRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::PaymentExists => "payment-exists",
            Self::PaymentUnknown => "payment-unknown",
            Self::WrongCurrency => "wrong-currency",
            Self::NotAuthorised { .. } => "payment-not-authorised",
            Self::PaymentCaptured => "payment-captured",
            Self::AboveAuthorised { .. } => "above-authorised",
            Self::NotCaptured { .. } => "payment-not-captured",
            Self::AboveCaptured { .. } => "above-captured",
        }
    }

    fn kind(&self) -> RefusalKind {
        if *self == Self::PaymentUnknown { RefusalKind::NotFound } else { RefusalKind::Conflict }
    }

    fn detail(&self) -> Value {
        match self {
            Self::NotAuthorised { state } | Self::NotCaptured { state } => json!({"state": state.name()}),
            Self::AboveAuthorised { authorised } => json!({"authorised": authorised}),
            Self::AboveCaptured { left } => json!({"left": left}),
            _ => Value::Null,
        }
    }
}
