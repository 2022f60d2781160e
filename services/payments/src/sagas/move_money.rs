//! Capture and Refund: (pivot) the provider moves the money ▸ end. One step each, so the first append is the pivot's intent as
//! well: money that may have moved is asked after until it is known, and never taken for not moved.

use kernel::{Ctx, Emit, Staged, Stop};
use saga::definition::{always, nothing, once};
use saga::{Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::payment::{Payment, PaymentEvent, State};
use crate::provider::{Moved, wire};

/// The name of the step, and with the saga's id the provider's key of the movement.
pub const STEP: &str = "move";

/// What both know.
#[derive(Clone, Serialize, Deserialize)]
pub struct Moving {
    /// The payment.
    pub payment: String,
    /// What the provider is asked.
    pub asked: Moved,
    /// Why, of a refund.
    pub reason: Option<String>,
}

/// Takes money.
pub struct Capturing;

/// Gives money back.
pub struct Refunding;

static CAPTURE: [Step<Moving>; 1] = [Step {
    name: STEP,
    when: always,
    call: |state, _| wire::capture(&state.asked),
    times: once,
    each_round: false,
    kind: Kind::Pivot,
    learn: nothing,
}];

static REFUND: [Step<Moving>; 1] = [Step {
    name: STEP,
    when: always,
    call: |state, _| wire::refund(&state.asked),
    times: once,
    each_round: false,
    kind: Kind::Pivot,
    learn: nothing,
}];

impl Saga for Capturing {
    const NAME: &'static str = "capture";
    type State = Moving;

    fn steps(_: u16) -> &'static [Step<Moving>] {
        &CAPTURE
    }

    fn subject(state: &Moving) -> Option<&str> {
        Some(&state.payment)
    }

    fn end(_: &str, state: &Moving, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let payment = see.get::<Payment>(&state.payment)?;
        let event = match ending {
            Ending::Done => PaymentEvent::Captured { amount: state.asked.amount },
            Ending::Undone(refused) => PaymentEvent::CaptureFailed { reason: refused.code.clone() },
        };
        out.event::<Payment>(&state.payment, event);
        let after = Payment { state: State::Captured, captured: payment.captured + state.asked.amount.amount, ..payment.clone() };
        Ok(json!(after.told(&state.payment)))
    }
}

impl Saga for Refunding {
    const NAME: &'static str = "refund";
    type State = Moving;

    fn steps(_: u16) -> &'static [Step<Moving>] {
        &REFUND
    }

    fn subject(state: &Moving) -> Option<&str> {
        Some(&state.payment)
    }

    fn end(_: &str, state: &Moving, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let payment = see.get::<Payment>(&state.payment)?;
        let event = match ending {
            Ending::Done => PaymentEvent::Refunded { amount: state.asked.amount, reason: state.reason.clone() },
            Ending::Undone(refused) => PaymentEvent::RefundFailed { reason: refused.code.clone() },
        };
        out.event::<Payment>(&state.payment, event);
        let refunded = payment.refunded + state.asked.amount.amount;
        let now = if refunded >= payment.captured { State::Refunded } else { State::Captured };
        Ok(json!(Payment { state: now, refunded, ..payment.clone() }.told(&state.payment)))
    }
}
