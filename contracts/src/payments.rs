//! payments: money at the payment provider.

use kernel::Money;
use peer::Contract;
use serde::{Deserialize, Serialize};

/// Reserves an amount on a card. Refused `card-declined`, `provider-unavailable`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorise {
    /// The hotel.
    pub hotel: String,
    /// The payment's id, chosen by the caller before it asks.
    pub payment: String,
    /// What it is for.
    pub reservation: String,
    /// How much.
    pub amount: Money,
    /// The provider's token of the card.
    pub token: String,
}

impl Contract for Authorise {
    const SERVICE: &'static str = "payments";
    const NAME: &'static str = "Authorise";
    const PATH: &'static str = "/hotels/{hotel}/payments";
    type Reply = PaymentState;
}

/// Gives an authorisation back; the undo of [`Authorise`]. A payment that is not authorised is left as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Void {
    /// The hotel.
    pub hotel: String,
    /// Which payment.
    pub payment: String,
}

impl Contract for Void {
    const SERVICE: &'static str = "payments";
    const NAME: &'static str = "Void";
    const PATH: &'static str = "/hotels/{hotel}/payments/{payment}/void";
    type Reply = PaymentState;
}

/// Takes an authorised amount, or a part of it; what is not taken is free again. A payment is captured once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// The hotel.
    pub hotel: String,
    /// Which payment.
    pub payment: String,
    /// How much, more than nothing.
    pub amount: Money,
}

impl Contract for Capture {
    const SERVICE: &'static str = "payments";
    const NAME: &'static str = "Capture";
    const PATH: &'static str = "/hotels/{hotel}/payments/{payment}/captures";
    type Reply = PaymentState;
}

/// Gives captured money back, all of it or a part, as often as anything is left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// The hotel.
    pub hotel: String,
    /// Which payment.
    pub payment: String,
    /// How much, more than nothing.
    pub amount: Money,
    /// Why; kept with the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Contract for Refund {
    const SERVICE: &'static str = "payments";
    const NAME: &'static str = "Refund";
    const PATH: &'static str = "/hotels/{hotel}/payments/{payment}/refunds";
    type Reply = PaymentState;
}

/// A payment after a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaymentState {
    /// Which.
    pub payment: String,
    /// `authorised`, `voided`, `declined`, `captured` or `refunded` (all of it).
    pub state: String,
    /// What was taken so far, where anything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<Money>,
    /// What was given back of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Money>,
}

/// Public events of payments; the CloudEvents type is `payments.<variant>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PaymentFact {
    /// An amount is reserved.
    Authorised {
        /// The payment.
        payment: String,
        /// What it is for.
        reservation: String,
        /// How much.
        amount: Money,
    },
    /// It is given back.
    Voided {
        /// The payment.
        payment: String,
    },
    /// An amount is taken.
    Captured {
        /// The payment.
        payment: String,
        /// How much.
        amount: Money,
    },
    /// An amount is given back.
    Refunded {
        /// The payment.
        payment: String,
        /// How much.
        amount: Money,
    },
}
