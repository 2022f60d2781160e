//! For every step: fail it, repeat it, lose its reply, leave it unknown, fail its undo, let the undo overtake it.

use std::time::Duration;

use http::StatusCode;
use kernel::{Outcome, Protocol};
use saga::SagaEvent;
use testkit::Act;
use testkit::mutants::{NO_TOMBSTONES, PIVOT_TIMEOUT_FAILS};
use testkit::participant::Mood;

use crate::trip::{STEPS, Travel, Trip};
use crate::world::{World, sound, soundness};

const UNDOABLE: [&str; 2] = ["hold", "authorise"];
/// The name of a step's (first) call.
fn thing(step: &str) -> &str {
    if step == "notes" { "note0" } else { step }
}

fn refused(outcome: &Outcome) -> &str {
    if let Outcome::Rejected(refused) = outcome { &refused.code } else { panic!("expected a refusal, got {outcome:?}") }
}

#[tokio::test(start_paused = true)]
async fn a_trip_without_trouble_is_three_appends_and_six_calls() {
    let world = World::new();
    let (outcome, left) = world.run(Travel::default()).await;
    sound(&outcome, &left, "no trouble");
    let Outcome::Applied { reply, .. } = &outcome else { panic!("{outcome:?}") };
    assert!(reply.contains(r#"["hold","authorise","confirm","capture","note0","note1"]"#), "{reply}");
    let events = world.events::<Trip>().await;
    assert!(matches!(events[..], [SagaEvent::Started { .. }, SagaEvent::PivotIntended { .. }, SagaEvent::Done { .. }]), "{events:?}");
    assert_eq!(world.sent(), ["do/hold", "do/authorise", "do/confirm", "do/capture", "do/note0", "do/note1"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_not_needed_is_not_asked_and_not_undone() {
    let world = World::new();
    world.peer.mood("confirm", Some(Mood::Refuse("sold-out")));
    let (outcome, _) = world.run(Travel { cash: true, ..Travel::default() }).await;
    assert_eq!(refused(&outcome), "sold-out");
    assert_eq!(world.sent(), ["do/hold", "do/confirm", "undo/hold"]);
}

/// One message of one step is hit in each way; the saga must not notice.
#[tokio::test(start_paused = true)]
async fn one_lost_repeated_late_or_garbled_message_of_any_step_changes_nothing() {
    let ms = Duration::from_millis;
    let acts = [
        Act::Reset,
        Act::Silence,
        Act::LoseReply,
        Act::Twice,
        Act::Busy,
        Act::Gateway(StatusCode::BAD_GATEWAY),
        Act::Gateway(StatusCode::FORBIDDEN),
        Act::Gateway(StatusCode::OK),
        Act::Delay(ms(900)),
        // Longer than an attempt waits: the answer comes when nobody listens.
        Act::Delay(ms(1_900)),
        Act::Late(ms(1)),
        Act::Late(ms(30_000)),
    ];
    for step in STEPS {
        for act in &acts {
            let world = World::new();
            let (wanted, act) = (format!("/do/{}", thing(step)), act.clone());
            let fault = act.clone();
            world.wire.play(move |path, _, before| if path.ends_with(&wanted) && before == 0 { fault.clone() } else { Act::Pass });
            let (outcome, left) = world.run(Travel::default()).await;
            sound(&outcome, &left, &format!("{step} {act:?}"));
            assert!(matches!(outcome, Outcome::Applied { .. }), "{step} {act:?}");
            // Also after everything that is still under way has arrived.
            tokio::time::sleep(Duration::from_secs(60)).await;
            sound(&outcome, &world.peer.left().await, &format!("{step} {act:?}, a minute later"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_before_or_at_the_pivot_undoes_what_was_done_last_first() {
    for (step, undone) in [("hold", vec![]), ("authorise", vec!["undo/hold"]), ("confirm", vec!["undo/authorise", "undo/hold"])] {
        let world = World::new();
        world.peer.mood(step, Some(Mood::Refuse("no")));
        let (outcome, left) = world.run(Travel::default()).await;
        assert_eq!(refused(&outcome), "no");
        sound(&outcome, &left, step);
        let sent = world.sent();
        let after = sent.iter().position(|s| *s == format!("do/{step}")).expect("it was asked") + 1;
        assert_eq!(sent[after..], undone, "{step}");
        let turned = world.events::<Trip>().await.iter().filter(|e| matches!(e, SagaEvent::TurnedBack { .. })).count();
        assert_eq!(turned, usize::from(!undone.is_empty()), "turning back is written down when there is something to undo");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_the_pivot_is_never_undone_and_an_operator_sees_it() {
    for step in ["capture", "notes"] {
        let world = World::new();
        world.peer.mood(thing(step), Some(Mood::Refuse("no")));
        world
            .live(async |service| {
                let id = service.start(Travel::default()).await;
                let hour = tokio::time::Instant::now() + Duration::from_secs(3_600);
                assert!(service.sagas.wait(&id, hour).await.is_none(), "it goes on trying");
                assert_eq!(service.log(&id).await.stuck, Some((step.to_owned(), "no".to_owned())));
            })
            .await;
        assert!(world.peer.left().await.undone.is_empty());
        let stuck = world.events::<Trip>().await.iter().filter(|e| matches!(e, SagaEvent::Stuck { .. })).count();
        assert_eq!(stuck, 1, "it is said once");
    }
}

/// A peer that says "not now" for a while, at every step and every undo.
#[tokio::test(start_paused = true)]
async fn a_peer_that_is_busy_for_a_while_only_takes_longer() {
    for step in STEPS {
        let world = World::new();
        let wanted = format!("/do/{}", thing(step));
        world.wire.play(move |path, _, before| if path.ends_with(&wanted) && before < 6 { Act::Busy } else { Act::Pass });
        let (outcome, left) = world.run(Travel::default()).await;
        assert!(matches!(outcome, Outcome::Applied { .. }));
        sound(&outcome, &left, step);
    }
    for step in UNDOABLE {
        for act in [Act::Busy, Act::Reset, Act::LoseReply, Act::Twice, Act::Silence] {
            let world = World::new();
            world.peer.mood("confirm", Some(Mood::Refuse("no")));
            let (wanted, fault) = (format!("/undo/{step}"), act.clone());
            world.wire.play(move |path, _, before| if path.ends_with(&wanted) && before < 6 { fault.clone() } else { Act::Pass });
            let (outcome, left) = world.run(Travel::default()).await;
            assert_eq!(refused(&outcome), "no");
            sound(&outcome, &left, &format!("undo of {step}, {act:?}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_is_refused_is_seen_by_an_operator_and_tried_for_ever() {
    for step in UNDOABLE {
        let world = World::new();
        world.peer.mood("confirm", Some(Mood::Refuse("no")));
        world.peer.mood(&format!("undo/{step}"), Some(Mood::Refuse("never")));
        world
            .live(async |service| {
                let id = service.start(Travel::default()).await;
                let hour = tokio::time::Instant::now() + Duration::from_secs(3_600);
                assert!(service.sagas.wait(&id, hour).await.is_none());
                assert_eq!(service.log(&id).await.stuck, Some((step.to_owned(), "never".to_owned())));
            })
            .await;
    }
}

/// The peer is away until patience is over: never reached, or reached without an answer.
#[tokio::test(start_paused = true)]
async fn before_the_pivot_what_stays_unknown_until_patience_is_undone() {
    for step in UNDOABLE {
        for act in [Act::Reset, Act::Silence, Act::LoseReply, Act::Busy] {
            let world = World::new();
            let (wanted, fault) = (format!("/do/{step}"), act.clone());
            world.wire.play(move |path, _, _| if path.ends_with(&wanted) { fault.clone() } else { Act::Pass });
            let began = tokio::time::Instant::now();
            let (outcome, left) = world.run(Travel::default()).await;
            assert_eq!(refused(&outcome), "no-answer-in-time");
            sound(&outcome, &left, &format!("{step} {act:?}"));
            let took = began.elapsed();
            assert!(took > Duration::from_secs(59) && took < Duration::from_secs(75), "{step} {act:?} took {took:?}");
            assert!(!world.sent().contains(&"do/confirm".to_owned()), "the pivot was not asked");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn from_the_pivot_on_there_is_no_patience() {
    for step in ["confirm", "capture", "notes"] {
        for act in [Act::Reset, Act::LoseReply, Act::Busy, Act::Gateway(StatusCode::SERVICE_UNAVAILABLE)] {
            let world = World::new();
            let wanted = format!("/do/{}", thing(step));
            let fault = act.clone();
            let until = tokio::time::Instant::now() + Duration::from_secs(3_600);
            world.wire.play(
                move |path, _, _| {
                    if path.ends_with(&wanted) && tokio::time::Instant::now() < until { fault.clone() } else { Act::Pass }
                },
            );
            let (outcome, left) = world.run(Travel::default()).await;
            assert!(matches!(outcome, Outcome::Applied { .. }), "{step} {act:?}");
            sound(&outcome, &left, &format!("{step} {act:?}"));
        }
    }
}

/// The first message of a step is under way for five minutes, all others get lost: the undo arrives first.
async fn overtaken(step: &str, protocol: Protocol) -> Result<(), &'static str> {
    let world = World::with(protocol, 0, 1);
    let wanted = format!("/do/{step}");
    world.wire.play(move |path, _, before| match (path.ends_with(&wanted), before) {
        (true, 0) => Act::Late(Duration::from_secs(300)),
        (true, _) => Act::Reset,
        (false, _) => Act::Pass,
    });
    let (outcome, _) = world.run(Travel::default()).await;
    assert_eq!(refused(&outcome), "no-answer-in-time");
    tokio::time::sleep(Duration::from_secs(600)).await;
    soundness(&outcome, &world.peer.left().await)
}

#[tokio::test(start_paused = true)]
async fn a_command_that_its_undo_has_overtaken_has_no_effect() {
    for step in UNDOABLE {
        assert_eq!(overtaken(step, Protocol::SOUND).await, Ok(()), "{step}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_tombstones_the_overtaken_command_is_seen_to_leave_something() {
    for step in UNDOABLE {
        assert_eq!(overtaken(step, NO_TOMBSTONES).await, Err("a trip that is undone has left nothing"), "{step}");
    }
}

#[tokio::test(start_paused = true)]
async fn taking_an_unknown_pivot_for_failed_is_seen_to_leave_something() {
    for (protocol, sound) in [(Protocol::SOUND, Ok(())), (PIVOT_TIMEOUT_FAILS, Err("a trip that is undone has left nothing"))] {
        let world = World::with(protocol, 0, 1);
        world.wire.play(|path, _, before| if path.ends_with("/do/confirm") && before == 0 { Act::LoseReply } else { Act::Pass });
        let (outcome, left) = world.run(Travel::default()).await;
        assert_eq!(soundness(&outcome, &left), sound);
    }
}
