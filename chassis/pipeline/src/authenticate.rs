//! Layer 4, authenticate: who asks. A service of the house is known by the caller header, which only the wire between
//! services carries (the listener removes it from requests that come from outside). Everybody else is, for now, a
//! development principal: the name after `Bearer dev:`, or `dev`, with every role a person can have.

use std::task::{Context, Poll};

use http::HeaderMap;
use tower::Service;
use tower::layer::{LayerFn, layer_fn};

use crate::answer::Answer;
use crate::call::{Call, Principal};
use crate::problem::Problem;
use crate::route::Role;
use crate::stack::{Inner, Walk};

/// The layer.
#[derive(Clone)]
pub struct Authenticate<S> {
    inner: S,
}

impl<S: Inner> Authenticate<S> {
    /// Wraps a service.
    pub fn layer() -> LayerFn<impl Fn(S) -> Self + Clone> {
        layer_fn(|inner| Self { inner })
    }
}

impl<S: Inner> Service<Call> for Authenticate<S> {
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut call: Call) -> Walk {
        match principal(&call.headers) {
            Some(principal) => call.principal = principal,
            None => {
                let problem =
                    Problem::none(http::StatusCode::UNAUTHORIZED, "not-authenticated", "The token is not one this house gives out.");
                return Box::pin(async { Err(problem) });
            }
        }
        self.inner.call(call)
    }
}

/// Who sends these headers; `None` when they show a token this house does not give out.
pub fn principal(headers: &HeaderMap) -> Option<Principal> {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    if let Some(service) = header(peer::CALLER) {
        return Some(Principal { name: format!("service:{service}"), role: Role::Peer });
    }
    match header("authorization") {
        None => Some(Principal { name: "dev".into(), role: Role::Operator }),
        Some(token) => {
            let name = token.strip_prefix("Bearer dev:")?;
            let plain = (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
            plain.then(|| Principal { name: format!("dev:{name}"), role: Role::Operator })
        }
    }
}
