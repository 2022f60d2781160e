//! Layer 6, authorise: the route table says who may. Commands between services are open to services alone.

use std::task::{Context, Poll};

use tower::Service;
use tower::layer::{LayerFn, layer_fn};

use crate::answer::Answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::stack::{Inner, Walk};

/// The layer.
#[derive(Clone)]
pub struct Authorise<S> {
    inner: S,
}

impl<S: Inner> Authorise<S> {
    /// Wraps a service.
    pub fn layer() -> LayerFn<impl Fn(S) -> Self + Clone> {
        layer_fn(|inner| Self { inner })
    }
}

impl<S: Inner> Service<Call> for Authorise<S> {
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Walk {
        if call.principal.role < call.route.role {
            let detail = format!("{} needs the role {:?}.", call.route.name, call.route.role);
            let problem = Problem::none(http::StatusCode::FORBIDDEN, "not-allowed", &detail);
            return Box::pin(async { Err(problem) });
        }
        self.inner.call(call)
    }
}
