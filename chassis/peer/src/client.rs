//! The peer client: one attempt with a deadline, read as one of the four outcomes. Who asks again is the caller's
//! business (one retrying layer: the saga or the BFF).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use kernel::{Outcome, RefusalKind, Refused};
use serde_json::Value;

use crate::at::At;
use crate::contract::Call;
use crate::wire::Wire;

/// The envelope of one attempt.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The idempotency key; the same for every attempt.
    pub key: &'a str,
    /// The key of the command this one undoes.
    pub undoes: Option<&'a str>,
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

/// The peers one service may call, as that service.
#[derive(Clone)]
pub struct Peers {
    caller: Arc<str>,
    wire: Arc<dyn Wire>,
    outside: BTreeMap<&'static str, Arc<dyn Wire>>,
}

impl Peers {
    /// Peers over a wire, called as `caller`.
    pub fn new(caller: &str, wire: Arc<dyn Wire>) -> Self {
        Self { caller: caller.into(), wire, outside: BTreeMap::new() }
    }

    /// Adds something outside the house that is reached in its own way (the payment provider).
    pub fn with_outside(mut self, service: &'static str, wire: Arc<dyn Wire>) -> Self {
        self.outside.insert(service, wire);
        self
    }

    /// One attempt of a command.
    pub async fn call(&self, call: &Call, attempt: &Attempt<'_>) -> PeerAnswer {
        let mut request = Request::post(&call.path)
            .header("content-type", "application/json")
            .header(crate::KEY, attempt.key)
            .header(crate::CALLER, self.caller.as_ref())
            .header(crate::CAUSATION, attempt.causation)
            .header(crate::DEADLINE, attempt.timeout.as_millis().to_string());
        if let Some(undone) = attempt.undoes {
            request = request.header(crate::UNDOES, undone);
        }
        if !attempt.traceparent.is_empty() {
            request = request.header("traceparent", attempt.traceparent);
        }
        let unknown = PeerAnswer { outcome: Outcome::Unknown, at: At::default() };
        let Ok(request) = request.body(Bytes::from(call.body.clone())) else {
            tracing::error!(command = call.name, path = call.path, "a call cannot be put into a request");
            return PeerAnswer { outcome: Outcome::retry("bug"), at: At::default() };
        };
        match self.send(call.service, request, attempt.timeout).await {
            Some(response) => read(&response),
            None => unknown,
        }
    }

    /// One query; `None` when no usable answer came in time.
    pub async fn get(&self, service: &str, path: &str, timeout: Duration) -> Option<Response<Bytes>> {
        let request = Request::get(path)
            .header(crate::CALLER, self.caller.as_ref())
            .header(crate::DEADLINE, timeout.as_millis().to_string())
            .body(Bytes::new())
            .ok()?;
        self.send(service, request, timeout).await
    }

    async fn send(&self, service: &str, request: Request<Bytes>, timeout: Duration) -> Option<Response<Bytes>> {
        let wire = self.outside.get(service).unwrap_or(&self.wire);
        tokio::time::timeout(timeout, wire.send(service, request)).await.ok()?.ok()
    }
}

/// Reads an answer as an outcome.
pub fn read(response: &Response<Bytes>) -> PeerAnswer {
    let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok());
    let at = header(crate::AT).and_then(At::parse).unwrap_or_default();
    let body = || String::from_utf8_lossy(response.body()).into_owned();
    let outcome = match (header(crate::EFFECT), response.status()) {
        // A peer's 202 says that it does not know yet either.
        (_, StatusCode::ACCEPTED) => Outcome::Unknown,
        (Some("applied"), s) if s.is_success() => Outcome::Applied { reply: body(), replayed: header("idempotent-replayed").is_some() },
        // "Nothing happened" with a good status contradicts itself: no refusal to act upon.
        (Some("none"), s) if !s.is_success() => refused(s, response.body()),
        _ => Outcome::Unknown,
    };
    PeerAnswer { outcome, at }
}

fn refused(status: StatusCode, body: &Bytes) -> Outcome {
    let mut problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = problem["code"].as_str().unwrap_or("unreadable-problem").to_owned();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
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
