//! A refused pivot may be tried once more from the first step.

use kernel::Outcome;
use saga::SagaEvent;
use testkit::Act;
use testkit::participant::Mood;

use crate::trip::{Travel, Trip};
use crate::world::World;

/// The pivot is refused with this code until the keys of this round are seen.
fn refuse_until(world: &World, code: &'static str, round: &'static str) {
    world.peer.mood("confirm", Some(Mood::Refuse(code)));
    let peer = world.peer.clone();
    world.wire.play(move |_, key, _| {
        if key.contains(round) {
            peer.mood("confirm", None);
        }
        Act::Pass
    });
}

#[tokio::test(start_paused = true)]
async fn an_expired_hold_is_taken_once_more_under_a_new_key() {
    let world = World::new();
    refuse_until(&world, "hold-expired", "again1");
    let (outcome, left) = world.run(Travel::default()).await;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    assert_eq!((left.done["hold"], left.done["confirm"], left.done["authorise"]), (2, 1, 1), "what happens once only keeps its key");
    let keys: Vec<String> = world.wire.log().into_iter().map(|sent| sent.key.split_once('/').expect("a step").1.to_owned()).collect();
    let expected = ["hold", "authorise", "confirm", "hold/again1", "authorise", "confirm/again1", "capture", "notes", "notes/1"];
    assert_eq!(keys, expected);
    let rounds = world.events::<Trip>().await.into_iter().filter(|e| matches!(e, SagaEvent::TriedAgain { .. })).count();
    assert_eq!(rounds, 1);
}

#[tokio::test(start_paused = true)]
async fn rounds_have_an_end() {
    let world = World::new();
    refuse_until(&world, "hold-expired", "never");
    let (outcome, left) = world.run(Travel::default()).await;
    assert!(matches!(&outcome, Outcome::Rejected(refused) if refused.code == "hold-expired"), "{outcome:?}");
    assert!(left.standing.is_empty());
    assert_eq!(world.sent().iter().filter(|s| *s == "do/confirm").count(), 3, "the first and two more");
}

#[tokio::test(start_paused = true)]
async fn patience_begins_anew_with_a_round() {
    let world = World::new();
    world.peer.mood("confirm", Some(Mood::Refuse("hold-expired")));
    let peer = world.peer.clone();
    let begin = tokio::time::Instant::now();
    world.wire.play(move |path, key, _| {
        let seconds = begin.elapsed().as_secs();
        if key.contains("again1") {
            peer.mood("confirm", None);
        }
        match (path.ends_with("/do/confirm"), path.ends_with("/do/hold") && key.contains("again1")) {
            // The pivot hangs for two minutes, then the hold of the next round for another half: neither is too long.
            (true, _) if seconds < 120 => Act::Reset,
            (_, true) if seconds < 150 => Act::Reset,
            _ => Act::Pass,
        }
    });
    let (outcome, _) = world.run(Travel::default()).await;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
}
