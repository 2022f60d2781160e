//! Authorise: `provider.Authorise` (undo: `provider.Void`) ▸ end. The provider is the only peer, so there is no pivot: the
//! answer is the end.

use kernel::{Ctx, Emit, Staged, Stop};
use saga::definition::{always, nothing, once};
use saga::{Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::payment::{Payment, PaymentEvent, State};
use crate::provider::{Asked, wire};

/// The name of the step, and with the saga's id the provider's key of the authorisation.
pub const STEP: &str = "authorise";

/// The saga.
pub struct Authorising;

/// Its state.
#[derive(Clone, Serialize, Deserialize)]
pub struct Question {
    /// The payment.
    pub payment: String,
    /// What the provider is asked.
    pub asked: Asked,
}

static STEPS: [Step<Question>; 1] = [Step {
    name: STEP,
    when: always,
    call: |state, _| wire::authorise(&state.asked),
    times: once,
    each_round: false,
    kind: Kind::Undoable(|state| wire::void(&state.asked.key)),
    learn: nothing,
}];

impl Saga for Authorising {
    const NAME: &'static str = "authorise";
    /// Shorter than a booking's: its saga must hear our answer before its own patience is over.
    const PATIENCE_MS: u64 = 30_000;
    const IMPATIENT: &'static str = "provider-unavailable";
    type State = Question;

    fn steps(_: u16) -> &'static [Step<Question>] {
        &STEPS
    }

    fn subject(state: &Question) -> Option<&str> {
        Some(&state.payment)
    }

    fn end(_: &str, state: &Question, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let payment = see.get::<Payment>(&state.payment)?;
        let (event, now) = match ending {
            Ending::Done => {
                let (reservation, amount) = (payment.reservation.clone(), state.asked.amount);
                (PaymentEvent::Authorised { reservation, amount }, State::Authorised)
            }
            Ending::Undone(refused) => (PaymentEvent::Declined { reason: refused.code.clone() }, State::Declined),
        };
        out.event::<Payment>(&state.payment, event);
        Ok(json!(Payment::answer(&state.payment, now)))
    }
}
