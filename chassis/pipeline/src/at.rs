//! Layer 7, at: a caller that has seen a position elsewhere is not answered from before it.

use std::sync::Arc;
use std::task::{Context, Poll};

use tower::Service;
use tower::layer::{LayerFn, layer_fn};

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;
use crate::stack::{Inner, Walk};

/// The layer.
#[derive(Clone)]
pub struct At<S> {
    core: Arc<Core>,
    inner: S,
}

impl<S: Inner> At<S> {
    /// Wraps a service.
    pub fn layer(core: Arc<Core>) -> LayerFn<impl Fn(S) -> Self + Clone> {
        layer_fn(move |inner| Self { core: core.clone(), inner })
    }
}

impl<S: Inner> Service<Call> for At<S> {
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Walk {
        let Some(text) = call.header(peer::AT) else { return self.inner.call(call) };
        let Some(at) = peer::At::parse(text) else {
            return Box::pin(async { Err(Problem::invalid("Posthouse-At is not a list of service/lane:position")) });
        };
        let core = self.core.clone();
        // Clone and swap: the clone that was polled ready is the one that is called.
        let waiting = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, waiting);
        Box::pin(async move { if core.positions.reach(&at).await { inner.call(call).await } else { Err(Problem::retry("not-yet-there")) } })
    }
}
