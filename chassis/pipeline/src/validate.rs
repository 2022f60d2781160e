//! Layer 8, validate: bytes become the contract, the contract becomes a checked command. Nothing invalid is recorded.

use std::marker::PhantomData;
use std::task::{Context, Poll};

use peer::Contract;
use serde_json::{Map, Value};
use tower::Service;
use tower::layer::{LayerFn, layer_fn};

use crate::answer::Answer;
use crate::call::Call;
use crate::problem::{Invalid, Problem};
use crate::stack::Walk;

/// A call with its checked command.
pub struct Checked<D> {
    /// The call.
    pub call: Call,
    /// The command.
    pub command: D,
}

/// The layer.
pub struct Validate<C, D, S> {
    inner: S,
    types: PhantomData<fn() -> (C, D)>,
}

impl<C, D, S: Clone> Clone for Validate<C, D, S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), types: PhantomData }
    }
}

impl<C, D, S> Validate<C, D, S> {
    /// Wraps a service.
    pub fn layer() -> LayerFn<impl Fn(S) -> Self + Clone> {
        layer_fn(|inner| Self { inner, types: PhantomData })
    }
}

impl<C, D, S> Service<Call> for Validate<C, D, S>
where
    C: Contract,
    D: TryFrom<C, Error = Invalid>,
    S: Service<Checked<D>, Response = Answer, Error = Problem, Future = Walk>,
{
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Walk {
        let checked = contract::<C>(&call).and_then(D::try_from);
        match checked {
            Ok(command) => self.inner.call(Checked { call, command }),
            Err(invalid) => Box::pin(async move { Err(invalid.into()) }),
        }
    }
}

/// Reads a contract from path and body. The path wins: a body that names another hotel than its path is refused.
pub fn contract<C: Contract>(call: &Call) -> Result<C, Invalid> {
    let body: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    let mut fields: Map<String, Value> =
        serde_json::from_slice(body).map_err(|e| Invalid(format!("the body is not a JSON object: {e}")))?;
    for (name, value) in &call.params {
        if fields.insert(name.clone(), Value::String(value.clone())).is_some() {
            return Err(Invalid::field(name, "is in the path, not in the body"));
        }
    }
    serde_json::from_value(Value::Object(fields)).map_err(|e| Invalid(e.to_string()))
}

/// A text that people type: not empty, not longer than `most` characters, no control characters.
pub fn text(name: &str, value: &str, most: usize) -> Result<(), Invalid> {
    match () {
        () if value.trim().is_empty() => Err(Invalid::field(name, "must not be empty")),
        () if value.chars().count() > most => Err(Invalid::field(name, &format!("must not be longer than {most} characters"))),
        () if value.chars().any(char::is_control) => Err(Invalid::field(name, "must not contain control characters")),
        () => Ok(()),
    }
}

/// A code such as a hotel's or a room type's.
pub fn code(name: &str, value: &str) -> Result<(), Invalid> {
    if kernel::id::is_code(value) { Ok(()) } else { Err(Invalid::field(name, "must be 1 to 16 letters, digits or hyphens")) }
}

/// An id as this house makes them.
pub fn id(name: &str, value: &str) -> Result<(), Invalid> {
    let plain = (1..=64).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if plain { Ok(()) } else { Err(Invalid::field(name, "is not an id")) }
}
