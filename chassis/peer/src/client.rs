//! The peer client: one attempt behind the peer's guard and with a deadline, read as one of the four outcomes. Who asks
//! again is the caller's business (one retrying layer: the saga or the BFF).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use kernel::{Outcome, RefusalKind, Refused};
use serde_json::Value;

use crate::at::At;
use crate::contract::Call;
use crate::deadline;
use crate::guard::{Heard, Kind, NotSent};
use crate::guards::Guards;
use crate::wire::Wire;

/// Of the time a request is handed on with, so much at most (a tenth of a short one) is kept: half for the service's answer
/// to be here before it is given up, half for whoever asked to hear it in time.
const FORWARD_MARGIN: Duration = Duration::from_millis(100);

/// The envelope of one attempt.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The idempotency key; the same for every attempt.
    pub key: &'a str,
    /// The key of the command this one undoes.
    pub undoes: Option<&'a str>,
    /// Whether it was sent before: it needs a retry of the budget.
    pub again: bool,
    /// How long this attempt may take.
    pub timeout: Duration,
    /// What made it happen.
    pub causation: &'a str,
    /// Trace context.
    pub traceparent: &'a str,
}

/// An outcome and how far the answering services had come.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerAnswer {
    /// The outcome.
    pub outcome: Outcome,
    /// The positions it rests on.
    pub at: At,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing was sent.
    NotSent(NotSent),
    /// It was sent, and nobody knows what became of it.
    Unknown,
}

/// The peers one service may call, as that service.
#[derive(Clone)]
pub struct Peers {
    caller: Arc<str>,
    wire: Arc<dyn Wire>,
    outside: BTreeMap<&'static str, Arc<dyn Wire>>,
    guards: Guards,
}

impl Peers {
    /// Peers over a wire, called as `caller`.
    pub fn new(caller: &str, wire: Arc<dyn Wire>) -> Self {
        Self { caller: caller.into(), wire, outside: BTreeMap::new(), guards: Guards::default() }
    }

    /// Behind the guards that all callers of the process share.
    pub fn with_guards(self, guards: Guards) -> Self {
        Self { guards, ..self }
    }

    /// The guards its calls pass.
    pub fn guards(&self) -> &Guards {
        &self.guards
    }

    /// Adds something outside the house that is reached in its own way (the payment provider).
    pub fn with_outside(mut self, service: &'static str, wire: Arc<dyn Wire>) -> Self {
        self.outside.insert(service, wire);
        self
    }

    /// One attempt of a command. What was not sent is *retry*: a guard never decides a saga.
    pub async fn call(&self, call: &Call, attempt: &Attempt<'_>) -> PeerAnswer {
        let mut request = Request::post(&call.path)
            .header("content-type", "application/json")
            .header(crate::KEY, attempt.key)
            .header(crate::CALLER, self.caller.as_ref())
            .header(crate::CAUSATION, attempt.causation);
        if let Some(undone) = attempt.undoes {
            request = request.header(crate::UNDOES, undone);
        }
        if !attempt.traceparent.is_empty() {
            request = request.header("traceparent", attempt.traceparent);
        }
        let Ok(request) = request.body(Bytes::from(call.body.clone())) else {
            tracing::error!(command = call.name, path = call.path, "a call cannot be put into a request");
            return PeerAnswer { outcome: Outcome::retry("bug"), at: At::default() };
        };
        match self.guarded(call.service, request, attempt.timeout, Kind::Command, attempt.again, Duration::ZERO).await {
            Ok(response) => read(&response),
            Err(Silence::NotSent(why)) => PeerAnswer { outcome: Outcome::Retry(why.code().into()), at: At::default() },
            Err(Silence::Unknown) => PeerAnswer { outcome: Outcome::Unknown, at: At::default() },
        }
    }

    /// One query; `None` when no usable answer came in time.
    pub async fn get(&self, service: &str, path: &str, timeout: Duration) -> Option<Response<Bytes>> {
        self.ask(service, path, timeout, Kind::Query).await
    }

    /// One long poll, which waits at the peer for news.
    pub async fn poll(&self, service: &str, path: &str, timeout: Duration) -> Option<Response<Bytes>> {
        self.ask(service, path, timeout, Kind::Poll).await
    }

    async fn ask(&self, service: &str, path: &str, timeout: Duration, kind: Kind) -> Option<Response<Bytes>> {
        let request = Request::get(path).header(crate::CALLER, self.caller.as_ref()).body(Bytes::new()).ok()?;
        self.guarded(service, request, timeout, kind, false, Duration::ZERO).await.ok()
    }

    /// Hands somebody else's request on as it is, with the time that is left. Whoever asked waits for `timeout`: what is
    /// said here, be it only that nobody has answered, is said a little earlier, and the service is told to be earlier
    /// still, so that its own "not yet" comes before anybody has to guess.
    /// `again`: it was sent before, and needs a retry of the budget.
    pub async fn forward(
        &self,
        service: &str,
        request: Request<Bytes>,
        timeout: Duration,
        kind: Kind,
        again: bool,
    ) -> Result<Response<Bytes>, Silence> {
        let margin = (timeout / 10).min(FORWARD_MARGIN) / 2;
        self.guarded(service, request, timeout - margin, kind, again, margin).await
    }

    async fn guarded(
        &self,
        service: &str,
        mut request: Request<Bytes>,
        timeout: Duration,
        kind: Kind,
        again: bool,
        kept: Duration,
    ) -> Result<Response<Bytes>, Silence> {
        let time = deadline::left(timeout).ok_or(Silence::NotSent(NotSent::DeadlinePassed))?;
        let permit = self.guards.of(service).admit(kind, again).map_err(Silence::NotSent)?;
        let told = u64::try_from(time.saturating_sub(kept).as_millis()).unwrap_or(u64::MAX);
        request.headers_mut().insert(crate::DEADLINE, HeaderValue::from(told));
        let wire = self.outside.get(service).unwrap_or(&self.wire);
        let answer = tokio::time::timeout(time, wire.send(service, request)).await;
        let heard = match &answer {
            Ok(Ok(response)) => heard(kind, response),
            Ok(Err(_)) => Heard::Lost,
            Err(_) => Heard::Late,
        };
        if permit.settle(heard) {
            tracing::warn!(peer = service, "the breaker of a peer has opened");
            wire.forget(service);
        }
        answer.ok().and_then(Result::ok).ok_or(Silence::Unknown)
    }
}

/// What an answer says about the peer's health.
fn heard(kind: Kind, response: &Response<Bytes>) -> Heard {
    let status = response.status();
    let is_problem = response.headers().get("content-type").is_some_and(|v| v == "application/problem+json");
    match response.headers().get(crate::EFFECT).map(HeaderValue::as_bytes) {
        _ if status == StatusCode::ACCEPTED => Heard::Pending,
        _ if status == StatusCode::TOO_MANY_REQUESTS => Heard::Retry,
        Some(b"none") if status.is_server_error() => Heard::Retry,
        // A peer that answers is well; but what decides nothing earns no retry, or it would be asked again without end.
        Some(b"none") if !status.is_success() && kind == Kind::Command && !is_recorded(response) => Heard::Retry,
        Some(b"none") if !status.is_success() => Heard::Refused,
        Some(b"applied") if status.is_success() => Heard::Done,
        // Only commands speak of effects; a query's 503 with a reason comes from a peer that lives.
        _ if kind != Kind::Command && status == StatusCode::SERVICE_UNAVAILABLE && is_problem => Heard::Retry,
        _ if status.is_server_error() => Heard::Broken,
        _ if kind != Kind::Command => Heard::Done,
        _ => Heard::Strange,
    }
}

/// Whether a refusal stands under its command's key.
fn is_recorded(response: &Response<Bytes>) -> bool {
    response.headers().get(crate::DECISION).is_some_and(|v| v == crate::RECORDED)
}

/// Reads an answer as an outcome. Only a recorded refusal is a *no*: any other (an unknown route, a wrong body, a key that
/// belongs to something else, no permission) may be another one tomorrow, and says nothing about what is under the key.
pub fn read(response: &Response<Bytes>) -> PeerAnswer {
    let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok());
    let at = header(crate::AT).and_then(At::parse).unwrap_or_default();
    let body = || String::from_utf8_lossy(response.body()).into_owned();
    let outcome = match (header(crate::EFFECT), response.status()) {
        // A peer's 202 says that it does not know yet either.
        (_, StatusCode::ACCEPTED) => Outcome::Unknown,
        (Some("applied"), s) if s.is_success() => Outcome::Applied { reply: body(), replayed: header("idempotent-replayed").is_some() },
        // "Nothing happened" with a good status contradicts itself: no refusal to act upon.
        (Some("none"), s) if !s.is_success() => refused(s, response.body(), is_recorded(response)),
        _ => Outcome::Unknown,
    };
    PeerAnswer { outcome, at }
}

fn refused(status: StatusCode, body: &Bytes, is_recorded: bool) -> Outcome {
    let mut problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = problem["code"].as_str().unwrap_or("unreadable-problem").to_owned();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || !is_recorded {
        return Outcome::Retry(code.into());
    }
    let kind = match status {
        StatusCode::NOT_FOUND => RefusalKind::NotFound,
        StatusCode::PRECONDITION_FAILED => RefusalKind::Stale,
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => RefusalKind::Unprocessable,
        _ => RefusalKind::Conflict,
    };
    if let Some(fields) = problem.as_object_mut() {
        for standard in ["type", "title", "status", "code", "detail", "instance"] {
            fields.remove(standard);
        }
        if fields.is_empty() {
            problem = Value::Null;
        }
    }
    Outcome::Rejected(Refused { code, kind, detail: problem })
}
