//! Asking services. A question has an answer, a no, or silence; a command has one of four outcomes. Everything goes through
//! the peer's guard (breaker, bulkhead) with a deadline, and this is the one layer that asks again: a front end's call has
//! no saga above it.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use kernel::Outcome;
use peer::guard::Kind;
use peer::{At, Call, Contract, client};
use pipeline::Role;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use crate::front::Front;
use crate::visit::{Person, Visit};

/// Answers that are kept for when a service is silent.
const KEPT_MAX: usize = 64;
/// How long a panel waits for its service.
pub const PANEL: Duration = Duration::from_millis(1_200);
/// How long somebody who has pressed a button waits for a decision.
pub const DECISION: Duration = Duration::from_secs(8);
/// Attempts of one command, the first included.
const ATTEMPTS: u32 = 3;
/// The first pause between two attempts is somewhere below this; later ones below twice the one before.
const PAUSE_MS: u64 = 80;

/// Why a service says no.
#[derive(Clone, Debug, PartialEq)]
pub struct No {
    /// The stable code, e.g. `night-sold-out`.
    pub code: String,
    /// What else it says (nights, counts, states).
    pub detail: Value,
    /// The HTTP status.
    pub status: u16,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Part<T> {
    /// Here it is.
    Here(T),
    /// There is no such thing, or it may not be seen.
    No(No),
    /// The service does not answer (in time).
    Silent(&'static str),
}

impl<T> Part<T> {
    /// What is here.
    pub fn here(&self) -> Option<&T> {
        match self {
            Self::Here(value) => Some(value),
            _ => None,
        }
    }

    /// What is here, taken out.
    pub fn into_here(self) -> Option<T> {
        match self {
            Self::Here(value) => Some(value),
            _ => None,
        }
    }

    /// The service that is missing.
    pub fn silent(&self) -> Option<&'static str> {
        match self {
            Self::Silent(service) => Some(service),
            _ => None,
        }
    }

    /// Something else of what is here.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Part<U> {
        match self {
            Self::Here(value) => Part::Here(make(value)),
            Self::No(no) => Part::No(no),
            Self::Silent(service) => Part::Silent(service),
        }
    }
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Said<R> {
    /// It is done.
    Done(R, At),
    /// It is refused; nothing has happened.
    No(No),
    /// It has begun and is not over: where to look.
    Pending(String),
    /// Nothing has happened, and it may be tried again: the code says why.
    Later(String),
    /// Nobody knows yet. The same key asks again.
    Unknown,
}

/// Asks services for somebody.
#[derive(Clone)]
pub struct Ask<'a> {
    front: &'a Front,
    person: Option<Person>,
    at: At,
}

impl Front {
    /// Asks as this front end itself, for guests: what they may see is decided here.
    pub fn ask(&self) -> Ask<'_> {
        Ask { front: self, person: None, at: At::default() }
    }

    /// Asks as whoever is logged in: what they may do is decided by the services, and their name stands in the events.
    pub fn ask_for(&self, visit: &Visit) -> Ask<'_> {
        Ask { front: self, person: visit.person.clone(), at: visit.at.clone() }
    }
}

impl Ask<'_> {
    /// The same, resting on what an earlier answer rested on.
    pub fn after(mut self, at: &At) -> Self {
        self.at.merge(at);
        self
    }

    /// One question.
    pub async fn get<T: DeserializeOwned>(&self, service: &'static str, path: &str) -> Part<T> {
        self.get_within(service, path, PANEL).await
    }

    /// One question with its own deadline.
    pub async fn get_within<T: DeserializeOwned>(&self, service: &'static str, path: &str, within: Duration) -> Part<T> {
        let until = Instant::now() + within;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let request = self.signed(Request::get(format!("/api/{service}/v1{path}")));
            let Ok(request) = request.body(Bytes::new()) else { return Part::Silent(service) };
            let Ok(answer) = self.front.setup.peers.forward(service, request, left, Kind::Query, false).await else {
                return Part::Silent(service);
            };
            match answer.status() {
                status if status.is_success() => match serde_json::from_slice(answer.body()) {
                    Ok(value) => return Part::Here(value),
                    Err(error) => {
                        tracing::error!(service, path, %error, "an answer is not what this front end knows");
                        return Part::Silent(service);
                    }
                },
                // It is on its way to what the last command did: a moment, then again.
                StatusCode::SERVICE_UNAVAILABLE if no(&answer).code == "not-yet-there" && left > Duration::from_millis(300) => {}
                status if status.is_server_error() => return Part::Silent(service),
                _ => return Part::No(no(&answer)),
            }
        }
    }

    /// One question whose last answer will do while the service is silent; it must be the same for everybody.
    pub async fn get_kept<T: DeserializeOwned>(&self, service: &'static str, path: &str) -> Part<T> {
        let name = format!("{service}{path}");
        let said: Part<Value> = self.get(service, path).await;
        let kept = match said {
            Part::Here(value) => {
                let mut all = self.front.kept.all();
                if all.len() < KEPT_MAX || all.contains_key(&name) {
                    all.insert(name, value.clone());
                }
                value
            }
            Part::No(no) => return Part::No(no),
            Part::Silent(service) => match self.front.kept.all().get(&name) {
                Some(value) => value.clone(),
                None => return Part::Silent(service),
            },
        };
        serde_json::from_value(kept).map_or(Part::Silent(service), Part::Here)
    }

    /// Waits at a service for news; the answer's body, or nothing.
    pub async fn wait<T: DeserializeOwned>(&self, service: &'static str, path: &str, within: Duration) -> Part<T> {
        let request = self.signed(Request::get(format!("/api/{service}/v1{path}")));
        let Ok(request) = request.body(Bytes::new()) else { return Part::Silent(service) };
        match self.front.setup.peers.forward(service, request, within, Kind::Poll, false).await {
            Ok(answer) if answer.status().is_success() => match serde_json::from_slice(answer.body()) {
                Ok(value) => Part::Here(value),
                Err(_) => Part::Silent(service),
            },
            Ok(answer) if answer.status().is_client_error() => Part::No(no(&answer)),
            _ => Part::Silent(service),
        }
    }

    /// One command, asked again under the same key while nothing is known or nothing has happened.
    pub async fn send<C: Contract>(&self, command: &C, key: &str) -> Said<C::Reply> {
        self.send_within(command, key, None, DECISION).await
    }

    /// The same for a thing as it was seen: refused `stale-version` when it has changed since.
    pub async fn send_seen<C: Contract>(&self, command: &C, key: &str, version: u64) -> Said<C::Reply> {
        self.send_within(command, key, Some(version), DECISION).await
    }

    /// The same with its own deadline.
    pub async fn send_within<C: Contract>(&self, command: &C, key: &str, version: Option<u64>, within: Duration) -> Said<C::Reply> {
        match self.post(&Call::to(command), key, version, within).await {
            Said::Done(reply, at) => match serde_json::from_value(reply) {
                Ok(reply) => Said::Done(reply, at),
                Err(error) => {
                    tracing::error!(command = C::NAME, %error, "a reply is not what this front end knows");
                    Said::Unknown
                }
            },
            Said::No(no) => Said::No(no),
            Said::Pending(location) => Said::Pending(location),
            Said::Later(code) => Said::Later(code),
            Said::Unknown => Said::Unknown,
        }
    }

    /// A command without a contract: path and body as they are.
    pub async fn post(&self, call: &Call, key: &str, version: Option<u64>, within: Duration) -> Said<Value> {
        let until = Instant::now() + within;
        let (mut said, mut is_unsure) = (Said::Unknown, false);
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                let pause = Duration::from_millis(self.front.setup.chance.below(PAUSE_MS << attempt));
                if Instant::now() + pause >= until {
                    break;
                }
                tokio::time::sleep(pause).await;
            }
            let left = until.saturating_duration_since(Instant::now());
            let mut request = self.signed(Request::post(&call.path)).header("content-type", "application/json").header(peer::KEY, key);
            if let Some(version) = version {
                request = request.header("if-match", format!("\"{version}\""));
            }
            let Ok(request) = request.body(Bytes::from(call.body.clone())) else { return Said::Later("bug".into()) };
            said = match self.front.setup.peers.forward(call.service, request, left, Kind::Command, attempt > 0).await {
                Ok(answer) => heard(&answer),
                Err(peer::Silence::NotSent(why)) => Said::Later(why.code().into()),
                Err(peer::Silence::Unknown) => Said::Unknown,
            };
            match &said {
                Said::Done(..) | Said::No(_) | Said::Pending(_) => return said,
                Said::Later(_) => {}
                Said::Unknown => is_unsure = true,
            }
        }
        // "Not now" is said of the last attempt; an earlier one may have arrived.
        if is_unsure { Said::Unknown } else { said }
    }

    /// Says who asks, and what the answer has to rest on.
    fn signed(&self, request: http::request::Builder) -> http::request::Builder {
        let request = match &self.person {
            Some(person) => request.header("authorization", format!("Bearer dev:{}:{}", word(person.role), person.name)),
            None => request.header(peer::CALLER, HeaderValue::from_static(self.front.name)),
        };
        if self.at.0.is_empty() { request } else { request.header(peer::AT, self.at.to_string()) }
    }
}

/// The word of a role in a development token.
pub fn word(role: Role) -> &'static str {
    match role {
        Role::Public | Role::Guest => "guest",
        Role::Desk => "desk",
        Role::Revenue => "revenue",
        Role::Operator | Role::Peer => "operator",
    }
}

fn no(answer: &Response<Bytes>) -> No {
    let detail: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let code = detail["code"].as_str().unwrap_or("unreadable").to_owned();
    No { code, detail, status: answer.status().as_u16() }
}

fn heard(answer: &Response<Bytes>) -> Said<Value> {
    let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok());
    if answer.status() == StatusCode::ACCEPTED {
        return header("location").map_or(Said::Unknown, |at| Said::Pending(at.to_owned()));
    }
    let at = header(peer::AT).and_then(At::parse).unwrap_or_default();
    match client::read(answer).outcome {
        Outcome::Applied { reply, .. } => Said::Done(serde_json::from_str(&reply).unwrap_or_default(), at),
        Outcome::Rejected(_) => Said::No(no(answer)),
        // What is wrong with the request itself stays wrong.
        Outcome::Retry(_) if answer.status().is_client_error() && answer.status() != StatusCode::TOO_MANY_REQUESTS => Said::No(no(answer)),
        Outcome::Retry(code) => Said::Later(Cow::into_owned(code)),
        Outcome::Pending { .. } | Outcome::Unknown => Said::Unknown,
    }
}
