//! Layer 5, throttle: nobody may ask for more than their share, however often they ask. Services are not throttled: they
//! are bounded by their own bulkheads and budgets.
//!
//! GCRA: for each principal one instant, the one at which everything asked for so far is paid off at the allowed rate. The
//! map has a limit: whoever has paid everything off is forgotten first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tower::Service;
use tower::layer::{LayerFn, layer_fn};

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;
use crate::route::Role;
use crate::stack::{Inner, Walk};

/// Principals that are remembered at most.
const PRINCIPALS_MAX: usize = 10_000;

/// What a principal may ask of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Share {
    /// Calls a second in the long run; at least 1.
    pub per_second: u32,
    /// Calls at once after a rest; at least 1.
    pub burst: u32,
}

impl Default for Share {
    /// Generous: it stops a loop gone wild, not a busy desk.
    fn default() -> Self {
        Self { per_second: 20_000, burst: 40_000 }
    }
}

#[derive(Debug, Default)]
struct Paying {
    share: Share,
    until: BTreeMap<String, Instant>,
}

/// What each principal may still ask for.
#[derive(Debug, Default)]
pub struct Throttle {
    paying: Mutex<Paying>,
    throttled: AtomicU64,
}

impl Throttle {
    /// From now on everybody has this share.
    pub fn set(&self, share: Share) {
        self.paying.lock().unwrap_or_else(PoisonError::into_inner).share = share;
    }

    /// Takes one call of a principal in, or says how long it has to wait.
    pub fn take(&self, principal: &str, now: Instant) -> Result<(), Duration> {
        let mut paying = self.paying.lock().unwrap_or_else(PoisonError::into_inner);
        let price = Duration::from_secs(1) / paying.share.per_second.max(1);
        let credit = price * (paying.share.burst.max(1) - 1);
        match paying.until.get_mut(principal) {
            Some(until) => {
                let owed = until.saturating_duration_since(now);
                if owed > credit {
                    return Err(owed - credit);
                }
                *until = (*until).max(now) + price;
            }
            None => {
                paying.make_room(now);
                paying.until.insert(principal.to_owned(), now + price);
            }
        }
        Ok(())
    }

    /// Calls that were throttled since the start.
    pub fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }
}

impl Paying {
    fn make_room(&mut self, now: Instant) {
        if self.until.len() < PRINCIPALS_MAX {
            return;
        }
        self.until.retain(|_, until| *until > now);
        if self.until.len() >= PRINCIPALS_MAX
            && let Some(least) = self.until.iter().min_by_key(|(_, until)| **until).map(|(name, _)| name.clone())
        {
            self.until.remove(&least);
        }
    }
}

/// The layer.
#[derive(Clone)]
pub struct Throttled<S> {
    core: Arc<Core>,
    inner: S,
}

impl<S: Inner> Throttled<S> {
    /// Wraps a service.
    pub fn layer(core: Arc<Core>) -> LayerFn<impl Fn(S) -> Self + Clone> {
        layer_fn(move |inner| Self { core: core.clone(), inner })
    }
}

impl<S: Inner> Service<Call> for Throttled<S> {
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Walk {
        let throttle = &self.core.gates.throttle;
        if call.principal.role == Role::Peer {
            return self.inner.call(call);
        }
        match throttle.take(&call.principal.name, Instant::now()) {
            Ok(()) => self.inner.call(call),
            Err(wait) => {
                throttle.throttled.fetch_add(1, Ordering::Relaxed);
                let detail = "This principal asks for more than its share; nothing has happened.";
                let mut problem = Problem::none(StatusCode::TOO_MANY_REQUESTS, "throttled", detail);
                problem.retry_after_s = wait.as_secs() + 1;
                Box::pin(async { Err(problem) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn throttle(per_second: u32, burst: u32) -> Throttle {
        let throttle = Throttle::default();
        throttle.set(Share { per_second, burst });
        throttle
    }

    #[test]
    fn a_burst_goes_through_and_then_the_rate_counts() {
        let (throttle, now) = (throttle(10, 5), Instant::now());
        assert_eq!((0..9).filter(|_| throttle.take("ann", now).is_ok()).count(), 5);
        assert_eq!(throttle.take("ann", now), Err(Duration::from_millis(100)));
        assert_eq!(throttle.take("bob", now), Ok(()), "everybody has a share of their own");
        assert_eq!(throttle.take("ann", now + Duration::from_millis(100)), Ok(()));
        let rested = now + Duration::from_secs(60);
        assert_eq!((0..9).filter(|_| throttle.take("ann", rested).is_ok()).count(), 5, "rest is not saved up beyond a burst");
    }

    #[test]
    fn so_many_names_are_remembered_and_no_more() {
        let (throttle, now) = (throttle(1, 2), Instant::now());
        assert!(throttle.take("busy", now).is_ok() && throttle.take("busy", now).is_ok() && throttle.take("busy", now).is_err());
        for n in 0..PRINCIPALS_MAX + 20 {
            assert_eq!(throttle.take(&n.to_string(), now), Ok(()));
        }
        assert!(throttle.paying.lock().unwrap().until.len() <= PRINCIPALS_MAX);
        assert!(throttle.take("busy", now).is_err(), "whoever owes most is forgotten last");
        assert_eq!(throttle.take("late", now + Duration::from_secs(9)), Ok(()));
        assert_eq!(throttle.paying.lock().unwrap().until.len(), 1, "whoever owes nothing is forgotten first");
    }

    proptest! {
        #[test]
        fn in_no_stretch_of_time_more_than_burst_and_rate(per_second in 1u32..50, burst in 1u32..20, steps in prop::collection::vec(0u64..400, 1..300)) {
            let (throttle, began) = (throttle(per_second, burst), Instant::now());
            let mut now = began;
            let mut through: Vec<Instant> = Vec::new();
            for ms in steps {
                now += Duration::from_millis(ms);
                if throttle.take("ann", now).is_ok() {
                    through.push(now);
                }
            }
            for (i, from) in through.iter().enumerate() {
                let calls = through[i..].iter().take_while(|at| **at - *from <= Duration::from_secs(1)).count();
                prop_assert!(calls as u32 <= per_second + burst, "{calls}");
            }
            let allowed = f64::from(burst) + (now - began).as_secs_f64() * f64::from(per_second);
            prop_assert!(through.len() as f64 <= allowed + 1.0);
        }
    }
}
