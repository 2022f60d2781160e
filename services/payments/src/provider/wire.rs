//! How sagas reach the provider: as a peer outside of the house. This is the one place that turns its answers into the
//! four outcomes: what it has decided under our key stands in its ledger, and is marked like a service's own record.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use peer::wire::BoxFuture;
use peer::{Call, Lost, Wire};
use pipeline::{Answer, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Asked, Moved, Movement, PaymentProvider, State};

/// The name sagas know the provider by.
pub const PROVIDER: &str = "provider";
const AUTHORISE: &str = "/authorise";
const VOID: &str = "/void";
const CAPTURE: &str = "/capture";
const REFUND: &str = "/refund";

/// The body of a void.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Voided {
    key: String,
}

/// The call that reserves an amount.
pub fn authorise(asked: &Asked) -> Call {
    Call { service: PROVIDER, name: "ProviderAuthorise", path: AUTHORISE.into(), body: json!(asked).to_string(), key: None }
}

/// The call that gives an authorisation back.
pub fn void(key: &str) -> Call {
    let body = json!(Voided { key: key.to_owned() }).to_string();
    Call { service: PROVIDER, name: "ProviderVoid", path: VOID.into(), body, key: None }
}

/// The call that takes money.
pub fn capture(asked: &Moved) -> Call {
    Call { service: PROVIDER, name: "ProviderCapture", path: CAPTURE.into(), body: json!(asked).to_string(), key: None }
}

/// The call that gives money back.
pub fn refund(asked: &Moved) -> Call {
    Call { service: PROVIDER, name: "ProviderRefund", path: REFUND.into(), body: json!(asked).to_string(), key: None }
}

/// A provider as a wire.
pub struct ProviderWire {
    provider: Arc<dyn PaymentProvider>,
}

impl ProviderWire {
    /// Carries calls to this provider.
    pub fn new(provider: Arc<dyn PaymentProvider>) -> Self {
        Self { provider }
    }

    async fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let (body, is_post) = (request.body(), request.method() == Method::POST);
        match request.uri().path() {
            AUTHORISE if is_post => match serde_json::from_slice(body) {
                Ok(asked) => Ok(authorised(self.provider.authorise(asked).await?)),
                Err(_) => Ok(unreadable()),
            },
            VOID if is_post => match serde_json::from_slice::<Voided>(body) {
                Ok(Voided { key }) => Ok(applied(self.provider.void(key).await?)),
                Err(_) => Ok(unreadable()),
            },
            CAPTURE if is_post => match serde_json::from_slice(body) {
                Ok(asked) => Ok(moved(self.provider.capture(asked).await?)),
                Err(_) => Ok(unreadable()),
            },
            REFUND if is_post => match serde_json::from_slice(body) {
                Ok(asked) => Ok(moved(self.provider.refund(asked).await?)),
                Err(_) => Ok(unreadable()),
            },
            _ => Ok(Problem::not_found("not-found").into_response()),
        }
    }
}

impl Wire for ProviderWire {
    fn send<'a>(&'a self, _: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(self.answer(request))
    }
}

fn authorised(state: State) -> Response<Bytes> {
    match state {
        // A late repetition of one that has been captured since: it was authorised.
        State::Authorised | State::Captured => applied(state),
        State::Declined => decided("card-declined"),
        // Voids of other keys never meet this one: the saga itself has given it back, and this request is a late one.
        State::Voided => decided("overtaken"),
    }
}

fn moved(movement: Movement) -> Response<Bytes> {
    match movement {
        Movement::Done => Answer { applied: true, ..Answer::json(&json!({"movement": movement})) }.into_response(),
        Movement::Refused => decided("provider-refused"),
    }
}

/// The provider's no, which stands under our key.
fn decided(code: &str) -> Response<Bytes> {
    Problem::none(StatusCode::CONFLICT, code, "").recorded().into_response()
}

fn applied(state: State) -> Response<Bytes> {
    Answer { applied: true, ..Answer::json(&json!({"state": state})) }.into_response()
}

/// Both sides of this wire are in this file: a body that cannot be read is a bug. It is certainly without
/// effect and decides nothing: its saga hangs, with this code, until a person looks.
fn unreadable() -> Response<Bytes> {
    Problem::invalid("the body is not what the provider is asked").into_response()
}
