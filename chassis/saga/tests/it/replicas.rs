//! Two processes drive the same saga (a paused one that woke up, another replica): they never part ways.

use std::time::Duration;

use kernel::{Outcome, Protocol};
use saga::SagaEvent;
use testkit::Act;
use testkit::participant::Mood;

use crate::trip::{Travel, Trip};
use crate::world::{World, sound};

#[tokio::test(start_paused = true)]
async fn two_drivers_of_one_saga_come_to_one_end() {
    for seed in 0..60 {
        for refused in [None, Some("confirm"), Some("authorise")] {
            let world = World::with(Protocol::SOUND, 3_000, seed);
            if let Some(step) = refused {
                world.peer.mood(step, Some(Mood::Refuse("no")));
            }
            // Some answers get lost, so that the two are told different things.
            world.wire.play(move |_, _, before| if (u64::from(before) + seed).is_multiple_of(3) { Act::LoseReply } else { Act::Pass });
            let one = world.live(async |service| service.run(Travel::default()).await);
            let other = world.live(async |service| {
                tokio::time::sleep(Duration::from_millis(seed)).await;
                service.run(Travel::default()).await
            });
            let (one, other) = futures::join!(one, other);
            let final_one = matches!(one, Outcome::Applied { .. });
            assert_eq!((final_one, final_one), (matches!(other, Outcome::Applied { .. }), refused.is_none()), "seed {seed}");
            sound(&one, &world.peer.left().await, &format!("seed {seed}"));
            let events = world.events::<Trip>().await;
            let ends = events.iter().filter(|e| matches!(e, SagaEvent::Done { .. } | SagaEvent::Undone { .. })).count();
            assert_eq!(ends, 1, "{events:?}");
            let pivots = events.iter().filter(|e| matches!(e, SagaEvent::PivotIntended { .. })).count();
            assert!(pivots <= 1, "{events:?}");
        }
    }
}

/// One is cut off from the peer and loses patience; the other is not and goes forward. Whoever writes first decides.
#[tokio::test(start_paused = true)]
async fn patience_and_the_pivot_exclude_each_other() {
    let mut ended = (0, 0);
    for ms in 0..40 {
        let world = World::with(Protocol::SOUND, 0, ms);
        let reachable = tokio::time::Instant::now() + Duration::from_secs(58) + Duration::from_millis(150 * ms);
        world.wire.play(move |path, _, _| {
            if path.ends_with("/do/authorise") && tokio::time::Instant::now() < reachable { Act::LoseReply } else { Act::Pass }
        });
        let one = world.live(async |service| service.run(Travel::default()).await);
        let other = world.live(async |service| {
            tokio::time::sleep(Duration::from_millis(7)).await;
            service.run(Travel::default()).await
        });
        let (one, other) = futures::join!(one, other);
        sound(&one, &world.peer.left().await, &format!("{ms}"));
        sound(&other, &world.peer.left().await, &format!("{ms}"));
        if matches!(one, Outcome::Applied { .. }) { ended.0 += 1 } else { ended.1 += 1 }
    }
    assert!(ended.0 > 0 && ended.1 > 0, "both ends have been seen: {ended:?}");
}

/// One has turned back and undone everything; the other hears the old "applied" of a step and wants to go forward.
#[tokio::test(start_paused = true)]
async fn who_comes_too_late_with_its_append_reads_the_log_again() {
    for seed in 0..20 {
        let world = World::with(Protocol::SOUND, 0, seed);
        let patience = tokio::time::Instant::now() + Duration::from_secs(60);
        let mut lost_late = 0;
        world.wire.play(move |path, _, _| {
            let late = tokio::time::Instant::now() >= patience;
            lost_late += u32::from(late && path.ends_with("/do/authorise"));
            if path.ends_with("/do/authorise") && (!late || lost_late == 1) { Act::LoseReply } else { Act::Pass }
        });
        let one = world.live(async |service| service.run(Travel::default()).await);
        let other = world.live(async |service| {
            tokio::time::sleep(Duration::from_millis(7)).await;
            service.run(Travel::default()).await
        });
        let (one, other) = futures::join!(one, other);
        for outcome in [one, other] {
            sound(&outcome, &world.peer.left().await, &format!("seed {seed}"));
            assert!(matches!(outcome, Outcome::Rejected(_)), "seed {seed}");
        }
        assert!(!world.sent().contains(&"do/confirm".to_owned()), "seed {seed}: the pivot was asked after turning back");
    }
}
