//! Void: `provider.Void`, if there is anything to give back ▸ end.

use kernel::{Ctx, Emit, Staged, Stop};
use saga::definition::{nothing, once};
use saga::{Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::payment::{Payment, PaymentEvent, State};
use crate::provider::wire;

/// The saga.
pub struct Voiding;

/// Its state.
#[derive(Clone, Serialize, Deserialize)]
pub struct GivingBack {
    /// The hotel.
    pub hotel: String,
    /// The payment.
    pub payment: String,
    /// The provider's key of what is given back; `None` when nothing is reserved.
    pub authorisation: Option<String>,
}

static STEPS: [Step<GivingBack>; 1] = [Step {
    name: "void",
    when: |state| state.authorisation.is_some(),
    call: |state, _| wire::void(state.authorisation.as_deref().unwrap_or_default()),
    times: once,
    each_round: false,
    kind: Kind::Retriable,
    learn: nothing,
}];

impl Saga for Voiding {
    const NAME: &'static str = "void";
    type State = GivingBack;

    fn steps(_: u16) -> &'static [Step<GivingBack>] {
        &STEPS
    }

    fn subject(state: &GivingBack) -> Option<&str> {
        Some(&state.payment)
    }

    fn end(_: &str, state: &GivingBack, _: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let payment = see.get::<Payment>(&state.payment)?;
        let mut now = payment.state_for(&state.hotel);
        // Two voids may have asked the provider for the same: it happened once.
        if state.authorisation.is_some() && now == State::Authorised {
            out.event::<Payment>(&state.payment, PaymentEvent::Voided {});
            now = State::Voided;
        }
        Ok(json!(Payment::answer(&state.payment, now)))
    }
}
