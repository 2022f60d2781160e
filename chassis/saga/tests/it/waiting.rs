//! Those who wait for a saga's end: in time, too late, afterwards, and for one that does not exist.

use std::time::Duration;

use futures::future::join_all;
use kernel::Outcome;
use saga::lane_of_id;
use testkit::Act;

use crate::trip::Travel;
use crate::world::{World, lane};

#[tokio::test(start_paused = true)]
async fn everybody_who_waits_is_told_and_who_asks_later_is_told_the_same() {
    let world = World::new();
    world
        .live(async |service| {
            let id = service.start(Travel::default()).await;
            assert_eq!(lane_of_id(&id), Some(lane()));
            let ends = join_all((0..20).map(|_| service.ended(&id))).await;
            let first = ends[0].outcome.clone();
            assert!(matches!(first, Outcome::Applied { .. }));
            assert!(ends.iter().all(|end| end.outcome == first));
            assert!(!ends[0].at.0.is_empty(), "an end says how far everybody had come");
            let Outcome::Applied { reply, .. } = first else { return };
            let later = service.ended(&id).await.outcome;
            assert_eq!(later, Outcome::Applied { reply, replayed: true });
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn who_cannot_wait_any_longer_goes_and_the_saga_goes_on() {
    let world = World::new();
    world.wire.play(|path, _, before| if path.ends_with("/do/confirm") && before < 3 { Act::Silence } else { Act::Pass });
    world
        .live(async |service| {
            let id = service.start(Travel::default()).await;
            let soon = tokio::time::Instant::now() + Duration::from_millis(300);
            assert!(service.sagas.wait(&id, soon).await.is_none());
            assert!(matches!(service.ended(&id).await.outcome, Outcome::Applied { .. }));
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_does_not_exist_is_unknown_at_once() {
    let world = World::new();
    world
        .live(async |service| {
            for id in ["trip_0000000000000000-01", "journey_0000000000000000-01", "nonsense", ""] {
                assert_eq!(service.ended(id).await.outcome, Outcome::Unknown, "{id}");
            }
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_saga_whose_start_nobody_came_to_wait_for_is_driven_all_the_same() {
    let world = World::new();
    world
        .live(async |service| {
            let Outcome::Pending { saga: id, .. } = service.submit("travel", Travel::default()).await else { panic!("no saga") };
            tokio::time::sleep(Duration::from_secs(6)).await;
            assert!(matches!(service.log(&id).await.phase, saga::log::Phase::Done(_)));
            // Nothing happens any more: nobody looks again and again.
            let until = tokio::time::Instant::now() + Duration::from_secs(10 * 365 * 86_400);
            tokio::time::sleep_until(until).await;
        })
        .await;
}
