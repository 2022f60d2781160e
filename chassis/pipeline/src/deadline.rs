//! Layer 2, deadline: every call has one. It comes as time *remaining* on arrival, so clocks need not agree. Past it, work that has
//! not begun is not begun (the committer looks again); work that has begun is never cut off in the middle.

use std::task::{Context, Poll};
use std::time::Duration;

use tower::Service;
use tower::layer::{LayerFn, layer_fn};

use crate::answer::Answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::stack::{Inner, Walk};

/// When the caller does not say.
const DEADLINE_MS_DEFAULT: u64 = 10_000;
/// Nobody may keep a call for longer.
const DEADLINE_MS_MAX: u64 = 60_000;

/// The layer.
#[derive(Clone)]
pub struct Deadline<S> {
    inner: S,
}

impl<S: Inner> Deadline<S> {
    /// Wraps a service.
    pub fn layer() -> LayerFn<impl Fn(S) -> Self + Clone> {
        layer_fn(|inner| Self { inner })
    }
}

impl<S: Inner> Service<Call> for Deadline<S> {
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut call: Call) -> Walk {
        let asked = match call.header(peer::DEADLINE).map(str::parse::<u64>) {
            None => DEADLINE_MS_DEFAULT,
            Some(Ok(0)) => return Box::pin(async { Err(Problem::retry("deadline-passed")) }),
            Some(Ok(ms)) => ms.min(DEADLINE_MS_MAX),
            Some(Err(_)) => {
                return Box::pin(async { Err(Problem::invalid("Posthouse-Deadline-Ms is not a number of milliseconds")) });
            }
        };
        call.deadline = call.arrived + Duration::from_millis(asked);
        // Whatever this call asks of other services has no more time than it has itself.
        Box::pin(peer::deadline::within(call.deadline, self.inner.call(call)))
    }
}
