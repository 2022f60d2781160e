//! What operators say to a saga: asked again now, turned back before its pivot, never after it, and all of it on record.

use std::time::Duration;

use kernel::{Outcome, Protocol};
use saga::log::Phase;
use saga::sight::StepState::{Done, Running, Undone, Waiting};
use saga::{SagaEvent, Verb};
use testkit::Act;
use tokio::time::{Instant, sleep};

use crate::trip::{STEPS, Trade, Travel, Trip, Walk};
use crate::world::{Service, World, sound, soundness};

/// Calls of this step get no answer.
fn silence(world: &World, step: &'static str) {
    world.wire.play(move |path, _, _| if path.ends_with(step) { Act::Silence } else { Act::Pass });
}

fn code(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Rejected(refused) => &refused.code,
        Outcome::Applied { .. } => "applied",
        _ => "unknown",
    }
}

/// The verbs on record, with who said them.
async fn spoken(world: &World) -> Vec<(Verb, String)> {
    let verbs = world.events::<Trip>().await.into_iter().filter_map(|e| match e {
        SagaEvent::Nudged { verb, actor, reason, .. } if reason == "because" => Some((verb, actor)),
        _ => None,
    });
    verbs.collect()
}

#[tokio::test(start_paused = true)]
async fn a_retry_asks_now_and_not_after_the_pause() {
    for (step, verb) in [("authorise", Verb::Retry), ("confirm", Verb::Retry), ("confirm", Verb::Force), ("note0", Verb::Force)] {
        let world = World::new();
        let healed = Instant::now() + Duration::from_secs(40);
        let wanted = format!("/do/{step}");
        world.wire.play(move |path, _, _| if path.ends_with(&wanted) && Instant::now() < healed { Act::Forbid } else { Act::Pass });
        let outcome = world
            .live(async |service| {
                let id = service.start(Travel::default()).await;
                // In a pause that still has some time to go: pauses are seconds long by now.
                tokio::time::sleep_until(healed).await;
                let sent = world.sent().len();
                assert_eq!(code(&service.say(&id, verb).await), "applied");
                sleep(Duration::from_millis(1)).await;
                assert!(world.sent().len() > sent, "{step}: it has been asked at once");
                service.ended(&id).await.outcome
            })
            .await;
        assert!(matches!(outcome, Outcome::Applied { .. }), "{step}: {outcome:?}");
        sound(&outcome, &world.peer.left().await, step);
        assert_eq!(spoken(&world).await, [(verb, "ann's hand".to_owned())]);
    }
}

#[tokio::test(start_paused = true)]
async fn before_the_pivot_a_saga_can_be_abandoned_and_leaves_nothing() {
    for step in ["hold", "authorise"] {
        let world = World::new();
        silence(&world, if step == "hold" { "/do/hold" } else { "/do/authorise" });
        let outcome = world
            .live(async |service| {
                let id = service.start(Travel::default()).await;
                sleep(Duration::from_secs(5)).await;
                assert_eq!(code(&service.say(&id, Verb::Force).await), "saga-before-pivot");
                assert_eq!(code(&service.say(&id, Verb::Abandon).await), "applied");
                let outcome = service.ended(&id).await.outcome;
                assert_eq!(code(&service.say(&id, Verb::Retry).await), "saga-ended");
                outcome
            })
            .await;
        assert_eq!(code(&outcome), "abandoned", "long before its patience is over: {outcome:?}");
        sound(&outcome, &world.peer.left().await, step);
        assert_eq!(spoken(&world).await, [(Verb::Abandon, "ann's hand".to_owned())]);
    }
}

#[tokio::test(start_paused = true)]
async fn from_the_pivot_on_nothing_is_abandoned() {
    for step in &STEPS[2..] {
        let world = World::new();
        silence(
            &world,
            match *step {
                "confirm" => "/do/confirm",
                "capture" => "/do/capture",
                _ => "/do/note0",
            },
        );
        let outcome = world
            .live(async |service| {
                let id = service.start(Travel::default()).await;
                sleep(Duration::from_secs(5)).await;
                assert_eq!(code(&service.say(&id, Verb::Abandon).await), "saga-past-pivot", "{step}");
                world.wire.play(|_, _, _| Act::Pass);
                service.ended(&id).await.outcome
            })
            .await;
        assert_eq!(code(&outcome), "applied");
        sound(&outcome, &world.peer.left().await, step);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pivot_in_the_first_append_is_behind_and_one_in_the_last_is_not() {
    let world = World::new();
    world.wire.play(|_, _, _| Act::Silence);
    world
        .live(async |service| {
            let walk = service.start_as("walk", Walk { far: true, mood: "" }).await;
            let trade = service.start_as("trade", Trade).await;
            sleep(Duration::from_secs(1)).await;
            assert_eq!(service.log(&walk).await.phase, Phase::Running);
            assert_eq!(code(&service.say(&walk, Verb::Abandon).await), "saga-past-pivot");
            assert_eq!(code(&service.say(&trade, Verb::Retry).await), "applied");
            world.wire.play(|path, _, _| if path.contains("/do/") { Act::Silence } else { Act::Pass });
            let (lane, work) = service.sagas.nudge(&trade, Verb::Abandon, "because").expect("a saga");
            let said = service.committer.submit(testkit::asked("ann", "trade", "f"), lane, work).await.outcome;
            service.sagas.nudged(&trade);
            assert_eq!((code(&said), code(&service.ended(&trade).await.outcome)), ("applied", "abandoned"));
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_abandonment_that_crosses_the_pivot_is_refused_or_undoes_everything() {
    let (mut undone, mut done) = (0, 0);
    for n in 0..120u64 {
        let world = World::with(Protocol::SOUND, 400, n);
        world.wire.play(|_, _, _| Act::Delay(Duration::from_millis(3)));
        let (said, outcome) = world
            .live(async |service: Service| {
                let id = service.start(Travel::default()).await;
                sleep(Duration::from_micros(n * 200)).await;
                (service.say_surely(&id, Verb::Abandon).await, service.ended(&id).await.outcome)
            })
            .await;
        if let Err(why) = soundness(&outcome, &world.peer.left().await) {
            panic!("{n}: {why}: {said:?} {outcome:?}");
        }
        match (code(&said), code(&outcome)) {
            ("applied", "abandoned") => undone += 1,
            ("saga-past-pivot" | "saga-ended", "applied") => done += 1,
            other => panic!("{n}: {other:?}"),
        }
    }
    assert!(undone > 10 && done > 10, "both have happened: {undone}, {done}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_anywhere_loses_no_abandonment_that_was_answered() {
    let mut crashes = 0;
    for polls in 1.. {
        let world = World::with(Protocol::SOUND, 400, u64::from(polls % 7));
        world.wire.play(|path, _, _| if path.ends_with("/do/authorise") { Act::Silence } else { Act::Delay(Duration::from_millis(3)) });
        let told = std::cell::RefCell::new(None);
        let lived = world
            .live_for(polls, async |service| {
                let id = service.start(Travel::default()).await;
                sleep(Duration::from_millis(20)).await;
                *told.borrow_mut() = Some(service.say_surely(&id, Verb::Abandon).await);
                service.ended(&id).await
            })
            .await;
        crashes += u32::from(lived.is_none());
        world.wire.play(|_, _, _| Act::Delay(Duration::from_millis(3)));
        let outcome = world.live(async |service| service.run(Travel::default()).await).await;
        let left = world.peer.left().await;
        sound(&outcome, &left, "after a crash");
        if told.into_inner().is_some() {
            assert_eq!(code(&outcome), "abandoned", "crash at {polls}");
        }
        if lived.is_some() {
            break;
        }
    }
    assert!(crashes > 20, "{crashes}");
}

#[tokio::test(start_paused = true)]
async fn a_saga_with_a_bug_is_tried_again_when_somebody_says_so() {
    let world = World::new();
    world
        .live(async |service| {
            let id = service.start(Travel { mood: "panic-in-call", ..Travel::default() }).await;
            assert_eq!(service.ended(&id).await.outcome, Outcome::Unknown);
            assert_eq!(service.sagas.board.counts(), (1, 1), "nobody drives it, and it is seen");
            let sent = world.sent().len();
            assert_eq!(code(&service.say(&id, Verb::Retry).await), "applied");
            sleep(Duration::from_secs(1)).await;
            assert!(world.sent().len() > sent);
            assert_eq!(service.sagas.board.counts(), (1, 1));
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn the_steps_are_seen_where_they_are() {
    let world = World::new();
    silence(&world, "/do/authorise");
    world
        .live(async |service| {
            let id = service.start(Travel::default()).await;
            sleep(Duration::from_secs(30)).await;
            let waiting = [("hold", Done), ("authorise", Running), ("confirm", Waiting), ("capture", Waiting), ("notes", Waiting)];
            assert_eq!(service.steps(&id).await, waiting);
            let place = service.sagas.board.place(&id).expect("it is driven here");
            assert_eq!((place.tries > 3, place.heard.as_str()), (true, "unknown"));
            silence(&world, "/undo/hold");
            service.say(&id, Verb::Abandon).await;
            sleep(Duration::from_secs(30)).await;
            let turned = [("hold", Running), ("authorise", Undone), ("confirm", Waiting), ("capture", Waiting), ("notes", Waiting)];
            assert_eq!(service.steps(&id).await, turned);
            world.wire.play(|_, _, _| Act::Pass);
            service.ended(&id).await;
            let undone = [("hold", Undone), ("authorise", Undone), ("confirm", Waiting), ("capture", Waiting), ("notes", Waiting)];
            assert_eq!((service.steps(&id).await, service.sagas.board.counts()), (undone.to_vec(), (0, 0)));
            assert_eq!(service.sagas.board.ended()[0].0, id);
            let cash = service.start_as("cash", Travel { cash: true, ..Travel::default() }).await;
            service.ended(&cash).await;
            assert_eq!(service.steps(&cash).await, [("hold", Done), ("confirm", Done), ("notes", Done)], "what is not needed is not shown");
        })
        .await;
}
