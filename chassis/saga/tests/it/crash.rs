//! The orchestrator crashes at every await of several stories, and its next life brings each to a sound end from what is
//! stored.

use std::time::Duration;

use kernel::Outcome;
use testkit::Act;
use testkit::participant::Mood;

use crate::trip::{Travel, Trip};
use crate::world::{World, soundness};

/// A story: what goes wrong besides the crash.
type Story = fn(&World);

/// Messages take their time, so that there is something to await.
const SLOW: Act = Act::Delay(Duration::from_millis(3));

fn smooth(world: &World) {
    world.wire.play(|_, _, _| SLOW);
}

fn refused_card(world: &World) {
    smooth(world);
    world.peer.mood("authorise", Some(Mood::Refuse("declined")));
}

fn refused_pivot(world: &World) {
    smooth(world);
    world.peer.mood("confirm", Some(Mood::Refuse("sold-out")));
}

/// Answers of the card are lost until it is undone, then everything works: after a crash in the middle of undoing, a saga
/// that only asked its steps again would hear "applied" and go forward over what it has undone.
fn lost_card(world: &World) {
    let mut undone = false;
    world.wire.play(move |path, _, _| {
        undone |= path.ends_with("/undo/authorise");
        if path.ends_with("/do/authorise") && !undone { Act::LoseReply } else { SLOW }
    });
}

/// Every first answer of everything is lost.
fn lost_answers(world: &World) {
    world.wire.play(|_, _, before| if before == 0 { Act::LoseReply } else { SLOW });
}

fn expired_hold(world: &World) {
    world.peer.mood("confirm", Some(Mood::Refuse("hold-expired")));
    let peer = world.peer.clone();
    world.wire.play(move |_, key, _| {
        if key.contains("again1") {
            peer.mood("confirm", None);
        }
        SLOW
    });
}

const STORIES: [(&str, Story, bool); 6] = [
    ("smooth", smooth, true),
    ("refused card", refused_card, false),
    ("refused pivot", refused_pivot, false),
    ("lost card", lost_card, false),
    ("lost answers", lost_answers, true),
    ("expired hold", expired_hold, true),
];

/// Polls of a life that nobody crashes.
const NEVER: u32 = u32::MAX;

#[tokio::test(start_paused = true)]
async fn a_saga_that_crashed_anywhere_is_brought_to_a_sound_end() {
    for (name, story, goes_well) in STORIES {
        let mut crashes = 0;
        for polls in 1..NEVER {
            let world = World::with(kernel::Protocol::SOUND, 400, u64::from(polls % 7));
            story(&world);
            let first = world.live_for(polls, async |service| service.run(Travel::default()).await).await;
            let Some(done) = first else {
                crashes += 1;
                // It crashes once more a little later, and then lives.
                world.live_for(polls / 2 + 3, async |_| tokio::time::sleep(Duration::from_secs(3_600)).await).await;
                let (outcome, left) = world.run(Travel::default()).await;
                // The deeds of a hold that expired are counted by round: only what is standing matters there.
                let sound = soundness(&outcome, &left);
                let sound = if name == "expired hold" && sound == Err("each thing is done once") { Ok(()) } else { sound };
                assert_eq!(sound, Ok(()), "{name}, {polls} polls: {outcome:?} {left:?} {:?}", world.events::<Trip>().await);
                if goes_well {
                    assert!(matches!(outcome, Outcome::Applied { .. }), "{name}, {polls} polls: {outcome:?}");
                }
                continue;
            };
            assert_eq!(matches!(done, Outcome::Applied { .. }), goes_well, "{name} without a crash");
            break;
        }
        assert!(crashes > 20, "{name} has only {crashes} places to crash");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_open_goes_on_at_start_and_not_with_the_next_traffic() {
    let world = World::new();
    world.wire.play(|path, _, _| if path.ends_with("/do/capture") { Act::Silence } else { Act::Pass });
    let id = world
        .live(async |service| {
            let id = service.start(Travel::default()).await;
            tokio::time::sleep(Duration::from_secs(10)).await;
            id
        })
        .await;
    world.wire.play(|_, _, _| Act::Pass);
    world
        .live(async |service| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert!(matches!(service.log(&id).await.phase, saga::log::Phase::Done(_)));
            assert!(service.store.claims("saga/".into()).await.expect("claims").is_empty(), "an ended saga is not open");
        })
        .await;
}
