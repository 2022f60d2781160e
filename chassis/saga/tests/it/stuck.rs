//! A saga that hangs for a quarter of an hour, or has a bug, is seen; it never stops the others.

use std::time::Duration;

use kernel::Outcome;
use saga::SagaEvent;
use testkit::Act;

use crate::trip::{STEPS, Travel, Trip};
use crate::world::{World, sound};

/// How often the saga was said to be stuck.
async fn stuck(world: &World) -> usize {
    world.events::<Trip>().await.iter().filter(|e| matches!(e, SagaEvent::Stuck { .. })).count()
}

#[tokio::test(start_paused = true)]
async fn after_a_quarter_of_an_hour_a_hanging_step_is_said_once_and_gone_on_with() {
    for step in &STEPS[2..] {
        let world = World::new();
        let wanted = format!("/do/{}", if *step == "notes" { "note0" } else { step });
        let until = tokio::time::Instant::now() + Duration::from_secs(40 * 60);
        world.wire.play(
            move |path, _, _| {
                if path.ends_with(&wanted) && tokio::time::Instant::now() < until { Act::Reset } else { Act::Pass }
            },
        );
        let outcome = world
            .live(async |service| {
                let id = service.start(Travel::default()).await;
                tokio::time::sleep(Duration::from_secs(14 * 60)).await;
                assert_eq!(service.log(&id).await.stuck, None, "{step}");
                tokio::time::sleep(Duration::from_secs(2 * 60)).await;
                assert_eq!(service.log(&id).await.stuck, Some(((*step).to_owned(), "unknown".to_owned())), "{step}");
                let outcome = service.ended(&id).await.outcome;
                assert_eq!(service.log(&id).await.stuck, None, "an ended saga is not stuck");
                outcome
            })
            .await;
        sound(&outcome, &world.peer.left().await, step);
        assert_eq!(stuck(&world).await, 1, "{step}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_at_the_door_decides_no_step_and_is_seen() {
    for step in &STEPS {
        let world = World::new();
        let wanted = format!("/do/{}", if *step == "notes" { "note0" } else { step });
        let is_late = ["confirm", "notes"].contains(step);
        let until = tokio::time::Instant::now() + Duration::from_secs(if is_late { 20 * 60 } else { 30 });
        world.wire.play(
            move |path, _, _| {
                if path.ends_with(&wanted) && tokio::time::Instant::now() < until { Act::Forbid } else { Act::Pass }
            },
        );
        let outcome = world
            .live(async |service| {
                let id = service.start(Travel::default()).await;
                if is_late {
                    tokio::time::sleep(Duration::from_secs(16 * 60)).await;
                    assert_eq!(service.log(&id).await.stuck, Some(((*step).to_owned(), "not-allowed".to_owned())), "{step}");
                }
                service.ended(&id).await.outcome
            })
            .await;
        assert!(matches!(outcome, Outcome::Applied { .. }), "{step}: {outcome:?}");
        sound(&outcome, &world.peer.left().await, step);
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_hangs_is_stuck_as_well() {
    let world = World::new();
    world.peer.mood("authorise", Some(testkit::participant::Mood::Refuse("declined")));
    let until = tokio::time::Instant::now() + Duration::from_secs(40 * 60);
    world.wire.play(
        move |path, _, _| {
            if path.ends_with("/undo/hold") && tokio::time::Instant::now() < until { Act::Silence } else { Act::Pass }
        },
    );
    let (outcome, left) = world.run(Travel::default()).await;
    sound(&outcome, &left, "a hanging undo");
    assert_eq!(stuck(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_panics_is_stuck_and_the_others_go_on() {
    let world = World::new();
    world
        .live(async |service| {
            let broken = service.start_as("broken", Travel { mood: "panic-in-call", ..Travel::default() }).await;
            let ended = service.ended(&broken).await;
            assert_eq!(ended.outcome, Outcome::Unknown, "whoever waits for it learns that nobody knows");
            assert_eq!(service.log(&broken).await.stuck, Some((String::new(), "bug".to_owned())));
            let again = service.ended(&broken).await;
            assert_eq!(again.outcome, Outcome::Unknown);
            let good = service.start_as("good", Travel { cash: true, ..Travel::default() }).await;
            assert!(matches!(service.ended(&good).await.outcome, Outcome::Applied { .. }));
        })
        .await;
    assert_eq!(stuck(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_refused_after_a_pivot_or_panics_is_stuck_and_heals() {
    for (mood, reason) in [("gate", "end-refused"), ("panic-in-end", "bug")] {
        let world = World::new();
        let outcome = world
            .live(async |service| {
                let id = service.start(Travel { mood, ..Travel::default() }).await;
                let hour = tokio::time::Instant::now() + Duration::from_secs(3_600);
                assert!(service.sagas.wait(&id, hour).await.is_none());
                assert_eq!(service.log(&id).await.stuck, Some(("end".to_owned(), reason.to_owned())));
                assert!(world.peer.left().await.undone.is_empty(), "what has passed its pivot is not undone");
                service.open_gate().await;
                service.ended(&id).await.outcome
            })
            .await;
        sound(&outcome, &world.peer.left().await, mood);
        assert_eq!(stuck(&world).await, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_in_a_long_outage_asks_ever_more_rarely_and_still_ends() {
    for act in [Act::Reset, Act::Silence] {
        let world = World::new();
        let until = tokio::time::Instant::now() + Duration::from_secs(60 * 60);
        let meanwhile = act.clone();
        world.wire.play(
            move |path, _, _| {
                if path.ends_with("/do/confirm") && tokio::time::Instant::now() < until { meanwhile.clone() } else { Act::Pass }
            },
        );
        let (outcome, left) = world.run(Travel::default()).await;
        assert!(tokio::time::Instant::now() < until + Duration::from_secs(20), "{act:?}: it ends soon after");
        sound(&outcome, &left, "a long outage");
        let sent = world.wire.log().iter().filter(|sent| sent.act == act).count();
        assert!((100..500).contains(&sent), "{act:?}: {sent} attempts in an hour");
    }
}
