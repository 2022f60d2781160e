//! Layer 3, shed: when decisions wait too long, what matters least is not taken in at all. A request that nobody waits for
//! any more is dropped before anything is done for it.
//!
//! How long the oldest undecided command has been waiting is the age of the queue: it grows with a slow store as with too
//! much work, and is there before any timeout is. What finishes or undoes something is never shed: it makes room.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tower::Service;
use tower::layer::{LayerFn, layer_fn};

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;
use crate::route::Criticality;
use crate::stack::{Inner, Walk};

/// The age of the queue from which on calls of this kind are shed; `None`: never.
fn age_max(criticality: Criticality) -> Option<Duration> {
    match criticality {
        Criticality::Finish => None,
        Criticality::Capture => Some(Duration::from_secs(9)),
        Criticality::Hold => Some(Duration::from_secs(6)),
        Criticality::Quote => Some(Duration::from_secs(4)),
        Criticality::Search => Some(Duration::from_secs(3)),
    }
}

/// The commands that wait for their decision.
#[derive(Debug, Default)]
pub struct Pressure {
    waiting: Mutex<BTreeMap<u64, Instant>>,
    tickets: AtomicU64,
    shed: AtomicU64,
}

/// A command's place in the queue; dropping it leaves the queue.
pub struct Ticket {
    pressure: Arc<Pressure>,
    number: u64,
}

impl Pressure {
    /// Joins the queue.
    pub fn join(self: &Arc<Self>) -> Ticket {
        // Tickets are in order of time: the first one left is the oldest.
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.tickets.fetch_add(1, Ordering::Relaxed);
        waiting.insert(number, Instant::now());
        Ticket { pressure: self.clone(), number }
    }

    /// How long the oldest has been waiting.
    pub fn age(&self) -> Duration {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.first_key_value().map_or(Duration::ZERO, |(_, since)| since.elapsed())
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Calls that were shed since the start.
    pub fn shed(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.pressure.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

/// The layer.
#[derive(Clone)]
pub struct Shed<S> {
    core: Arc<Core>,
    inner: S,
}

impl<S: Inner> Shed<S> {
    /// Wraps a service.
    pub fn layer(core: Arc<Core>) -> LayerFn<impl Fn(S) -> Self + Clone> {
        layer_fn(move |inner| Self { core: core.clone(), inner })
    }
}

impl<S: Inner> Service<Call> for Shed<S> {
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Walk {
        let pressure = &self.core.gates.pressure;
        let code = if call.deadline <= Instant::now() {
            "deadline-passed"
        } else if age_max(call.route.criticality).is_some_and(|most| pressure.age().max(call.arrived.elapsed()) > most) {
            "overloaded"
        } else {
            return self.inner.call(call);
        };
        pressure.shed.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { Err(Problem::retry(code)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_age_of_the_queue_is_that_of_the_oldest_who_still_waits() {
        let pressure = Arc::new(Pressure::default());
        assert_eq!(pressure.age(), Duration::ZERO);
        let first = pressure.join();
        tokio::time::advance(Duration::from_secs(2)).await;
        let second = pressure.join();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(pressure.age(), Duration::from_secs(3));
        drop(first);
        assert_eq!(pressure.age(), Duration::from_secs(1));
        drop(second);
        assert_eq!(pressure.age(), Duration::ZERO);
    }

    #[test]
    fn what_matters_less_is_shed_earlier() {
        let order = [Criticality::Finish, Criticality::Capture, Criticality::Hold, Criticality::Quote, Criticality::Search];
        let ages: Vec<_> = order.iter().map(|c| age_max(*c).unwrap_or(Duration::MAX)).collect();
        assert!(ages.is_sorted_by(|a, b| a > b), "{ages:?}");
    }
}
