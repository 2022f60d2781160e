//! Layer 4, authenticate: who asks. A service of the house is known by the caller header, which only the wire between
//! services carries (the listener removes it from requests that come from outside). Everybody else is, for now, a
//! development principal: the name after `Bearer dev:`, or `dev`, with every role a person can have; `Bearer
//! dev:<role>:<name>` has that role (`guest`, `desk`, `revenue`, `operator`).

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
            let said = token.strip_prefix("Bearer dev:")?;
            let (role, name) = match said.split_once(':') {
                Some((role, name)) => (person(role)?, name),
                None => (Role::Operator, said),
            };
            let plain = (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
            // The role is no part of the name: keys belong to the person, whatever they may do today.
            plain.then(|| Principal { name: format!("dev:{name}"), role })
        }
    }
}

/// The role of a development principal. None of them is a peer: that is said by the wire alone.
fn person(role: &str) -> Option<Role> {
    match role {
        "guest" => Some(Role::Guest),
        "desk" => Some(Role::Desk),
        "revenue" => Some(Role::Revenue),
        "operator" => Some(Role::Operator),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(token: Option<&str>) -> Option<(String, Role)> {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert("authorization", token.parse().ok()?);
        }
        principal(&headers).map(|who| (who.name, who.role))
    }

    #[test]
    fn a_token_names_a_person_and_what_they_may_do() {
        assert_eq!(of(None), Some(("dev".into(), Role::Operator)));
        assert_eq!(of(Some("Bearer dev:ann")), Some(("dev:ann".into(), Role::Operator)));
        let roles = [("guest", Role::Guest), ("desk", Role::Desk), ("revenue", Role::Revenue), ("operator", Role::Operator)];
        for (word, role) in roles {
            assert_eq!(of(Some(&format!("Bearer dev:{word}:ann"))), Some(("dev:ann".into(), role)));
        }
    }

    #[test]
    fn nobody_names_themselves_a_peer() {
        for bad in ["dev:peer:ann", "dev:public:ann", "dev::ann", "dev:desk:", "dev:Desk:ann", "dev:desk:ann:b", "dev:desk:a b"] {
            assert_eq!(of(Some(&format!("Bearer {bad}"))), None, "{bad}");
        }
    }
}
