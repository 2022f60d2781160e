//! Layer 9, handle: the command goes to its lane's committer; when a saga decides, its end is waited for.

use std::sync::Arc;
use std::task::{Context, Poll};

use eventstore::{Envelope, KEY_REUSED, Work, chain};
use http::StatusCode;
use kernel::{Lane, Outcome};
use peer::At;
use sha2::{Digest, Sha256};
use tower::Service;

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;
use crate::stack::Walk;
use crate::validate::Checked;

/// The part of the caller's time that is kept for the answer's way back.
const ANSWER_MARGIN: std::time::Duration = std::time::Duration::from_millis(50);

/// Makes work of a checked command.
pub type Submit<D> = fn(D) -> (Lane, Box<dyn Work>);

/// The innermost service of a command.
pub struct Handle<D> {
    core: Arc<Core>,
    submit: Submit<D>,
}

impl<D> Handle<D> {
    /// Hands commands to this service's committer.
    pub fn new(core: Arc<Core>, submit: Submit<D>) -> Self {
        Self { core, submit }
    }
}

impl<D> Clone for Handle<D> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), submit: self.submit }
    }
}

impl<D: Send + 'static> Service<Checked<D>> for Handle<D> {
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, checked: Checked<D>) -> Walk {
        let core = self.core.clone();
        let (lane, work) = (self.submit)(checked.command);
        Box::pin(async move {
            let fingerprint = fingerprint(&checked.call);
            submit(&core, &checked.call, fingerprint, lane, work).await
        })
    }
}

/// SHA-256 of route and raw body, first 16 bytes, hex.
pub fn fingerprint(call: &Call) -> String {
    let mut h = Sha256::new();
    h.update(call.route.name);
    for value in call.params.values() {
        h.update((value.len() as u64).to_be_bytes());
        h.update(value);
    }
    h.update(&call.body);
    chain::hex(&h.finalize()[..16])
}

/// The key of a POST: 1 to 128 visible ASCII characters.
pub fn key(call: &Call) -> Result<String, Problem> {
    let Some(key) = call.header(peer::KEY) else {
        return Err(Problem::invalid("Idempotency-Key is missing: choose one per intention and send it again on a retry"));
    };
    let fits = (1..=128).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(key.to_owned()) } else { Err(Problem::invalid("Idempotency-Key must be 1 to 128 visible ASCII characters")) }
}

/// Submits work under the call's envelope and waits for the answer, also a saga's.
pub async fn submit(core: &Core, call: &Call, fingerprint: String, lane: Lane, work: Box<dyn Work>) -> Result<Answer, Problem> {
    let if_match = match call.header("if-match") {
        None => None,
        Some(text) => Some(text.trim_matches('"').parse().map_err(|_| Problem::invalid("If-Match is not a version in quotes"))?),
    };
    let envelope = Envelope {
        caller: call.principal.name.clone(),
        key: key(call)?,
        fingerprint,
        if_match,
        undoes: call.header(peer::UNDOES).map(str::to_owned),
        deadline: call.deadline,
        actor: call.principal.name.clone(),
        causation: call.header(peer::CAUSATION).unwrap_or_default().to_owned(),
        traceparent: call.traceparent.clone(),
    };
    let waiting = core.gates.pressure.join();
    let answer = core.committer.submit(envelope, lane, work).await;
    drop(waiting);
    let mut at = answer.at.map(|(lane, pos)| At::of(core.service, lane, pos)).unwrap_or_default();
    let outcome = match answer.outcome {
        Outcome::Pending { saga, replayed } => {
            if !replayed {
                core.sagas.begun(&saga);
            }
            match core.sagas.wait(&saga, call.deadline - ANSWER_MARGIN).await {
                Some(ended) => {
                    at.merge(&ended.at);
                    ended.outcome
                }
                None => return Ok(pending(core.service, &saga, at)),
            }
        }
        // The key belongs to another request, whose decision this is not.
        Outcome::Rejected(refused) if refused.code == KEY_REUSED => return Err(Problem::refused(&refused)),
        outcome => outcome,
    };
    match outcome {
        Outcome::Applied { reply, replayed } => Ok(applied(call, reply, replayed, at)),
        Outcome::Rejected(refused) => Err(Problem::refused(&refused).recorded()),
        Outcome::Retry(code) => Err(Problem::retry(&code)),
        Outcome::Unknown | Outcome::Pending { .. } => Err(Problem::unknown()),
    }
}

fn applied(call: &Call, reply: String, replayed: bool, at: At) -> Answer {
    let mut answer = Answer { applied: true, replayed, ..Answer::text(reply).at(at) };
    if let Some(field) = call.route.creates {
        let made: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
        answer.status = StatusCode::CREATED;
        answer.location = made[field].as_str().map(|id| format!("{}/{id}", call.path));
    }
    answer
}

fn pending(service: &str, saga: &str, at: At) -> Answer {
    let body = serde_json::json!({"saga": saga, "state": "running"}).to_string();
    let location = Some(format!("/api/{service}/v1/sagas/{saga}"));
    Answer { status: StatusCode::ACCEPTED, location, ..Answer::text(body).at(at) }
}
