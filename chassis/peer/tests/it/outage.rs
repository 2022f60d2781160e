//! A long outage, call by call: what reaches the sick peer, and how soon everything is done once it is well.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use http::{Request, Response, StatusCode};
use kernel::Outcome;
use peer::guard::NotSent;
use peer::wire::BoxFuture;
use peer::{Attempt, Call, Lost, Peers, Wire};
use testkit::scripted::answer;
use tokio::time::{Instant, sleep};

/// A peer that is sick, and counts what reaches it; `forgotten` counts dropped connections.
#[derive(Default)]
struct Sick {
    well: AtomicBool,
    silent: bool,
    reached: Mutex<Vec<Instant>>,
    forgotten: AtomicU32,
}

impl Wire for Sick {
    fn send<'a>(&'a self, _: &'a str, _: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        self.reached.lock().expect("no panic").push(Instant::now());
        Box::pin(async move {
            match (self.well.load(Ordering::Relaxed), self.silent) {
                (true, _) => Ok(answer(StatusCode::OK, Some("applied"), "{}")),
                (false, true) => std::future::pending().await,
                (false, false) => Err(Lost),
            }
        })
    }

    fn forget(&self, _: &str) {
        self.forgotten.fetch_add(1, Ordering::Relaxed);
    }
}

impl Sick {
    fn reached(&self) -> u32 {
        self.reached.lock().expect("no panic").len() as u32
    }
}

/// One saga step: asked until it is applied, with a saga's pauses. How many attempts, and the outcomes it has seen.
async fn step(peers: &Peers, key: &str) -> Vec<Outcome> {
    let call = Call { service: "peer", name: "Test", path: "/api/peer/v1/x".into(), body: "{}".into(), key: None };
    let (mut seen, mut sent) = (Vec::new(), false);
    loop {
        let attempt = Attempt { key, undoes: None, again: sent, timeout: Duration::from_secs(2), causation: "saga", traceparent: "" };
        match peers.call(&call, &attempt).await.outcome {
            Outcome::Applied { .. } => return seen,
            outcome => {
                sent |= !matches!(&outcome, Outcome::Retry(code) if NotSent::is(code));
                seen.push(outcome);
            }
        }
        sleep(Duration::from_millis((10 << seen.len().min(9)).min(5_000))).await;
    }
}

/// Steps begin at this pace for this long while the peer is sick; then it is well. Attempts while it was sick, steps begun,
/// and how long the last of them took after that.
async fn outage(silent: bool, every: Duration, lasts: Duration) -> (u32, u32, Duration) {
    let sick = Arc::new(Sick { silent, ..Sick::default() });
    let peers = Peers::new("stays", sick.clone());
    let steps = (lasts.as_millis() / every.as_millis()) as u32;
    let run = join_all((0..steps).map(|n| {
        let peers = &peers;
        async move {
            sleep(every * n).await;
            step(peers, &format!("saga{n}/step")).await
        }
    }));
    let heal = async {
        sleep(lasts).await;
        let reached = sick.reached();
        sick.well.store(true, Ordering::Relaxed);
        (reached, Instant::now())
    };
    let (seen, (reached, healed)) = futures::join!(run, heal);
    for outcome in seen.iter().flatten() {
        let decides_nothing = match outcome {
            Outcome::Unknown => true,
            Outcome::Retry(code) => NotSent::is(code),
            _ => false,
        };
        assert!(decides_nothing, "{outcome:?}");
    }
    assert!(sick.forgotten.load(Ordering::Relaxed) > 0, "an opened breaker drops the connections");
    (reached, steps, healed.elapsed())
}

#[tokio::test(start_paused = true)]
async fn in_a_long_outage_retries_stay_below_a_tenth_of_the_first_tries() {
    for silent in [true, false] {
        let (reached, steps, after) = outage(silent, Duration::from_millis(500), Duration::from_secs(20 * 60)).await;
        assert!(f64::from(reached) <= 1.1 * f64::from(steps), "{reached} attempts for {steps} steps");
        assert!(reached < 300, "{reached} attempts at a peer that is gone for so long");
        assert!(after < Duration::from_secs(120), "the last step is done {after:?} after the peer is well");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_breaker_the_budget_alone_holds_retries_below_a_tenth() {
    let sick = Arc::new(Sick::default());
    let peers = Peers::new("stays", sick.clone());
    let guards = peer::Guards::default();
    let peers = peers.with_guards(guards.clone());
    guards.of("peer").turn(peer::breaker::Switch::Closed);
    let steps = 2_400;
    let all = join_all((0..steps).map(|n| {
        let peers = &peers;
        async move {
            sleep(Duration::from_millis(250) * n).await;
            step(peers, &format!("saga{n}/step")).await
        }
    }));
    // Ten minutes, then everybody is let go.
    let _over = tokio::time::timeout(Duration::from_secs(600), all).await;
    let reached = sick.reached();
    assert!(reached >= steps && f64::from(reached) <= 1.1 * f64::from(steps), "{reached} attempts for {steps} steps");
}

#[tokio::test(start_paused = true)]
async fn a_saga_alone_in_the_world_comes_to_its_end_after_an_hour() {
    let sick = Arc::new(Sick::default());
    let peers = Peers::new("stays", sick.clone());
    let heal = async {
        sleep(Duration::from_secs(3_600)).await;
        sick.well.store(true, Ordering::Relaxed);
        Instant::now()
    };
    let (_, healed) = futures::join!(step(&peers, "saga/step"), heal);
    assert!(healed.elapsed() <= Duration::from_secs(20), "{:?}", healed.elapsed());
    assert!(sick.reached() < 500, "{}", sick.reached());
}
