//! A saga whose pivot is its own last append.

use kernel::{Aggregate, Event, Outcome};
use testkit::bank::{Account, Entry};

use crate::trip::{Swap, Trade, Walk, ledger};
use crate::world::{World, lane};

/// What the saga's own decisions have written: opened, then +1 for a good end and −1 for a bad one.
async fn written(world: &World) -> i64 {
    let events = world.disk.all();
    let id = events.iter().filter_map(|s| s.event()).find(|e| e.stream.kind == "saga").expect("a saga").stream.id.clone();
    let mut account = Account::default();
    for e in events.iter().filter_map(|s| s.event()).filter(|e| e.stream == ledger(&id)) {
        account.evolve(&Entry::decode(e.schema, &e.json).expect("an entry"));
    }
    assert!(events.iter().all(|s| s.lane == lane()), "a saga lives in one lane");
    account.balance
}

#[tokio::test(start_paused = true)]
async fn a_local_pivot_that_agrees_ends_in_one_append_with_its_decision() {
    let world = World::new();
    let outcome = world
        .live(async |service| {
            service.open_gate().await;
            service.run(Trade).await
        })
        .await;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    assert_eq!(written(&world).await, 1);
    assert_eq!(world.sent(), ["do/give", "do/take"]);
}

#[tokio::test(start_paused = true)]
async fn a_local_pivot_that_refuses_undoes_everything_and_stays_refused() {
    for crash in 1..60 {
        let world = World::with(kernel::Protocol::SOUND, 200, crash.into());
        world.live_for(crash, async |service| service.run(Trade).await).await;
        // In the next life the gate is open. Once the pivot has said no, that is too late.
        let said_no = world.disk.all().iter().any(|s| matches!(&s.body, eventstore::Body::Command(r) if r.key.ends_with("/end")));
        let outcome = world
            .live(async |service| {
                service.open_gate().await;
                service.run(Trade).await
            })
            .await;
        let left = world.peer.left().await;
        match &outcome {
            Outcome::Applied { .. } => {
                assert!(!said_no, "crash {crash}");
                assert_eq!((left.standing.len(), left.undone.len(), written(&world).await), (2, 0, 1), "crash {crash}");
            }
            Outcome::Rejected(refused) => {
                assert_eq!(refused.code, "gate-shut");
                assert_eq!((left.standing.len(), written(&world).await), (0, -1), "crash {crash}");
                let sent = world.sent();
                let at = |name: &str| sent.iter().position(|s| s == name).expect("it was sent");
                assert!(at("undo/take") < at("undo/give"), "last first");
                let undo = world.wire.log().into_iter().find(|s| s.path.ends_with("undo/give")).expect("it was sent");
                assert_eq!(undo.key, "the/occasion/undo", "what was sent under an occasion's key is undone under it");
            }
            other => panic!("crash {crash}: {other:?}"),
        }
        let _ = world.events::<Swap>().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_has_to_ask_nobody_is_a_single_decision() {
    let world = World::new();
    let answer = world.live(async |service| service.submit("walk", Walk { far: false, mood: "" }).await).await;
    assert_eq!(answer, Outcome::Applied { reply: "{\"walked\":true}".into(), replayed: false });
    assert!(world.disk.all().iter().filter_map(|s| s.event()).all(|e| e.stream.kind != "saga"), "no log, nothing open");
    assert!(world.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_pivot_taken_in_the_first_append_is_not_taken_back_by_a_refused_end() {
    let world = World::new();
    let outcome = world
        .live(async |service| {
            let id = service.start(Walk { far: true, mood: "gate" }).await;
            let hour = tokio::time::Instant::now() + std::time::Duration::from_secs(3_600);
            assert!(service.sagas.wait(&id, hour).await.is_none());
            assert_eq!(service.log(&id).await.stuck, Some(("end".to_owned(), "end-refused".to_owned())));
            service.open_gate().await;
            service.ended(&id).await.outcome
        })
        .await;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
}
