//! Whose first try is a retry: a saga that is taken up anew, by the next life or by another replica, needs the budget for
//! all it asks; one that has just been started does not, and with an empty budget every one of them still ends.

use std::time::Duration;

use futures::future::join_all;
use kernel::Outcome;
use saga::log::Phase;
use testkit::Act;
use tokio::time::sleep;

use crate::trip::Travel;
use crate::world::{Service, World};

/// Sagas at once: far more than the ten retries a new process has.
const MANY: usize = 40;

/// Calls of this step are reset.
fn reset(world: &World, step: &'static str) {
    world.wire.play(move |path, _, _| if path.ends_with(step) { Act::Reset } else { Act::Pass });
}

async fn start_many(service: &Service) -> Vec<String> {
    join_all((0..MANY).map(async |n| service.start_as(&format!("t{n}"), Travel::default()).await)).await
}

/// Attempts that were reset while this was done: the good ones cost nothing.
async fn attempts(world: &World, work: impl Future) -> usize {
    let reset = || world.wire.log().iter().filter(|sent| sent.act == Act::Reset).count();
    let before = reset();
    work.await;
    reset() - before
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_up_anew_asks_no_more_than_the_budget_allows_and_still_ends() {
    let world = World::new();
    reset(&world, "/do/confirm");
    let ids = world
        .live(async |service| {
            let ids = start_many(&service).await;
            sleep(Duration::from_secs(600)).await;
            ids
        })
        .await;
    for _ in 0..3 {
        let asked = attempts(&world, world.live(async |_| sleep(Duration::from_secs(1)).await)).await;
        assert!((1..=12).contains(&asked), "{asked} attempts of {} sagas", ids.len());
    }
    world
        .live(async |service| {
            sleep(Duration::from_secs(3_600)).await;
            world.wire.play(|_, _, _| Act::Pass);
            sleep(Duration::from_secs(120)).await;
            for id in &ids {
                assert!(matches!(service.log(id).await.phase, Phase::Done(_)), "{id} goes on");
            }
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn another_replica_that_is_asked_for_them_needs_the_budget_too() {
    let world = World::new();
    reset(&world, "/do/confirm");
    world
        .live(async |other| {
            // Nothing was open when the other began; now everybody asks it, under the same keys.
            sleep(Duration::from_secs(1)).await;
            world.live(async |one| (start_many(&one).await, sleep(Duration::from_secs(60)).await)).await;
            let soon = tokio::time::Instant::now() + Duration::from_millis(500);
            let ids = start_many(&other).await;
            let asked = attempts(&world, join_all(ids.iter().map(|id| other.sagas.wait(id, soon)))).await;
            assert!((1..=12).contains(&asked), "{asked} attempts of {} sagas", ids.len());
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_has_just_been_started_needs_no_budget() {
    let world = World::new();
    reset(&world, "/do/hold");
    world
        .live(async |service| {
            let asked = attempts(&world, async { (start_many(&service).await, sleep(Duration::from_secs(1)).await) }).await;
            assert!(asked >= 20, "{asked} first tries, until the breaker has opened");
            // And the answers they are waited for with are a saga's, once it ends.
            world.wire.play(|_, _, _| Act::Pass);
            let id = service.start_as("last", Travel::default()).await;
            assert!(matches!(service.ended(&id).await.outcome, Outcome::Applied { .. }));
        })
        .await;
}
