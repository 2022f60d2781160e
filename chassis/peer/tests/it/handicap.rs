//! The hand on a wire: what each fault does to a call, and that it heals by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use kernel::chance::Seeded;
use peer::wire::BoxFuture;
use peer::{Fault, Faults, Handicapped, Lost, Wire};
use tokio::time::Instant;

/// Answers after a second, and counts what has reached it.
#[derive(Clone, Default)]
struct Peer(Arc<AtomicU32>);

impl Wire for Peer {
    fn send<'a>(&'a self, _: &'a str, _: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(testkit::scripted::answer(StatusCode::OK, Some("applied"), "{}"))
        })
    }
}

struct World {
    peer: Peer,
    faults: Faults,
    wire: Handicapped,
}

fn world() -> World {
    let (peer, faults) = (Peer::default(), Faults::default());
    let wire = Handicapped::new(Arc::new(peer.clone()), faults.clone(), Arc::new(Seeded::new(7)));
    World { peer, faults, wire }
}

impl World {
    fn set(&self, fault: Fault, seconds: u64) {
        self.faults.set("peer", fault, Duration::from_secs(seconds));
    }

    /// The status, 0 when it is lost, and how many milliseconds that took.
    async fn ask(&self, service: &str) -> (u16, u64) {
        let began = Instant::now();
        let answer = self.wire.send(service, Request::new(Bytes::new())).await;
        (answer.map_or(0, |answer| answer.status().as_u16()), u64::try_from(began.elapsed().as_millis()).unwrap_or(0))
    }

    fn reached(&self) -> u32 {
        self.peer.0.load(Ordering::Relaxed)
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_fault_everything_passes_and_a_fault_is_that_of_one_service() {
    let world = world();
    assert_eq!(world.ask("peer").await, (200, 1_000));
    world.set(Fault::Stopped, 60);
    assert_eq!((world.ask("peer").await, world.ask("other").await), ((0, 0), (200, 1_000)));
    assert_eq!(world.reached(), 2, "what is stopped hears of nothing");
}

#[tokio::test(start_paused = true)]
async fn a_cut_wire_is_silent_until_it_is_whole_again() {
    let world = world();
    world.set(Fault::Cut, 30);
    assert_eq!(world.ask("peer").await, (0, 30_000), "it heals by itself, and what was under way is lost");
    assert_eq!((world.reached(), world.ask("peer").await), (0, (200, 1_000)));
    world.set(Fault::Cut, 10_000);
    assert_eq!(world.faults.of("peer").1, Duration::from_secs(600), "ten minutes at most");
    let heal = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        world.set(Fault::None, 60);
    };
    assert_eq!(futures::join!(world.ask("peer"), heal).0, (0, 5_000));
    assert_eq!(world.faults.of("peer"), (Fault::None, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_when_a_wire_is_cut_or_stopped_has_no_answer() {
    for (fault, took) in [(Fault::Cut, 9_500), (Fault::Stopped, 1_000)] {
        let world = world();
        let cut = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            world.set(fault, 9);
        };
        assert_eq!(futures::join!(world.ask("peer"), cut).0, (0, took), "{fault:?}");
        assert_eq!(world.reached(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_wire_is_slow_and_a_failing_one_fails_before_or_after() {
    let world = world();
    world.set(Fault::Slow { ms: 700 }, 60);
    assert_eq!(world.ask("peer").await, (200, 1_700));
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..200 {
        world.set(Fault::Failing { percent: 50 }, 60);
        *seen.entry(world.ask("peer").await.0).or_insert(0u32) += 1;
    }
    assert!(seen[&200] > 70 && seen[&503] > 25 && seen[&0] > 25, "{seen:?}");
    assert_eq!(world.reached(), 1 + seen[&200] + seen[&0], "an answer that is lost is that of something which has happened");
    world.set(Fault::Failing { percent: 100 }, 60);
    for _ in 0..50 {
        assert_ne!(world.ask("peer").await.0, 200);
    }
}

#[test]
fn faults_are_written_as_words_and_have_limits() {
    let read = |text: &str| serde_json::from_str::<Fault>(text).ok().filter(|fault| fault.is_sound());
    assert_eq!(read("\"cut\""), Some(Fault::Cut));
    assert_eq!(read("{\"slow\":{\"ms\":10000}}"), Some(Fault::Slow { ms: 10_000 }));
    for bad in
        ["\"broken\"", "{\"slow\":{\"ms\":10001}}", "{\"slow\":{\"ms\":0}}", "{\"failing\":{\"percent\":101}}", "{\"slow\":{\"s\":1}}"]
    {
        assert_eq!(read(bad), None, "{bad}");
    }
}
