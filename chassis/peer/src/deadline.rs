//! Deadlines shrink: what a request causes at other services may not take longer than the request itself has left. Work
//! that outlives its request (a saga) runs outside of it, with patience of its own.

use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Runs work that belongs to a request with this deadline.
pub fn within<F: Future>(deadline: Instant, work: F) -> impl Future<Output = F::Output> {
    DEADLINE.scope(deadline, work)
}

/// How long a call made now may take: `most`, or what the request around it has left; `None` when that is nothing.
pub fn left(most: Duration) -> Option<Duration> {
    let around = DEADLINE.try_with(|deadline| deadline.saturating_duration_since(Instant::now()));
    Some(around.map_or(most, |left| left.min(most))).filter(|left| *left >= Duration::from_millis(1))
}
