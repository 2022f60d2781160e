//! The committer over a store that fails: what was told must be true, and what was staged must be forgotten.

use std::sync::Arc;

use eventstore::EventStore;
use eventstore::simulated::{Disk, Simulated};
use eventstore::work::Deciding;
use kernel::{Outcome, RefusalKind, Refused, lane_of};
use testkit::bank::{Doing, Order};
use testkit::clock::Standing;
use testkit::committing::order;
use testkit::mutants::NO_TOMBSTONES;
use testkit::{Faulty, StoreTrouble, asked, beside, beside_mutant};

use crate::{again, all_at_once, applied, north, open, pay, store_on};

fn faulty(disk: &Disk) -> Faulty<Simulated> {
    let chance = Arc::new(kernel::chance::Seeded::new(1));
    Faulty::new(Simulated::new(disk.clone(), chance, 100))
}

#[tokio::test(start_paused = true)]
async fn a_definite_failure_tells_everybody_to_try_again() {
    for trouble in [StoreTrouble::Begin, StoreTrouble::Load, StoreTrouble::Commit] {
        let disk = Disk::default();
        let store = faulty(&disk);
        beside(Arc::new(store.clone()), Arc::new(Standing), async |committer| {
            order(&committer, "open", open()).await;
            order(&committer, "warm", pay(1)).await;
            store.next(trouble, 0);
            // The last one needs a stream that is not cached, so that there is something to load.
            let doings = || [pay(10), pay(10), north(Doing::Look("b".into()))];
            let outcomes = all_at_once(&committer, "k", doings()).await;
            assert_eq!(outcomes, vec![Outcome::retry("store"); 3], "{trouble:?}");
            assert_eq!(store.fired(trouble), 1);
            // What was staged before the failure is forgotten: the same commands now see what is stored.
            let outcomes = all_at_once(&committer, "k", doings()).await;
            assert_eq!(outcomes[..2], [applied("{\"balance\":11}"), applied("{\"balance\":21}")], "{trouble:?}");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_commit_is_unknown_for_all_and_the_index_knows_afterwards() {
    for (trouble, happened) in [(StoreTrouble::LostAnswer, true), (StoreTrouble::LostCommit, false)] {
        let disk = Disk::default();
        let store = faulty(&disk);
        beside(Arc::new(store.clone()), Arc::new(Standing), async |committer| {
            order(&committer, "open", open()).await;
            store.next(trouble, 0);
            let outcomes = all_at_once(&committer, "k", [pay(10), pay(-50), pay(10)]).await;
            assert_eq!(outcomes, vec![Outcome::Unknown; 3], "{trouble:?}");
            let outcomes = all_at_once(&committer, "k", [pay(10), pay(-50), pay(10)]).await;
            let poor = Refused { code: "too-poor".into(), kind: RefusalKind::Conflict, detail: serde_json::json!({"balance": 10}) };
            let answers = ["{\"balance\":10}", "{\"balance\":20}"].map(|reply| if happened { again(reply) } else { applied(reply) });
            assert_eq!(outcomes, [answers[0].clone(), Outcome::Rejected(poor), answers[1].clone()], "{trouble:?}");
        })
        .await;
        let rows = store.read(lane_of("north"), 0, 99).await.expect("a lane");
        assert_eq!(rows.len(), 2 + 2 + 1 + 2, "each has one record and one effect");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_cannot_catch_up_is_dropped() {
    let disk = Disk::default();
    let store = faulty(&disk);
    beside(Arc::new(store.clone()), Arc::new(Standing), async |committer| {
        order(&committer, "open", open()).await;
        beside(store_on(&disk, 2, 0), Arc::new(Standing), async |other| {
            all_at_once(&other, "o", (0..6).map(|_| pay(1))).await;
        })
        .await;
        let loads = store.loads();
        assert_eq!(order(&committer, "warm", pay(0)).await.outcome, applied("{\"balance\":6}"));
        assert_eq!(store.loads(), loads, "what others have stored is folded, not loaded again");
        beside(store_on(&disk, 3, 0), Arc::new(Standing), async |other| {
            all_at_once(&other, "p", (0..4).map(|_| pay(1))).await;
        })
        .await;
        store.next(StoreTrouble::HalfBehind, 0);
        assert_eq!(order(&committer, "k", pay(1)).await.outcome, applied("{\"balance\":11}"));
        assert_eq!((store.fired(StoreTrouble::HalfBehind), store.loads()), (1, loads + 1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_overtakes_leaves_a_tombstone() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 0), Arc::new(Standing), async |committer| assert_eq!(overtaken(&committer).await, "overtaken")).await;
}

#[tokio::test(start_paused = true)]
async fn without_tombstones_the_late_command_has_its_effect() {
    let disk = Disk::default();
    beside_mutant(store_on(&disk, 1, 0), Arc::new(Standing), NO_TOMBSTONES, async |committer| {
        assert_eq!(overtaken(&committer).await, "{\"balance\":10}");
    })
    .await;
}

/// Undoes a payment that has not come yet, then sends it; its answer.
async fn overtaken(committer: &eventstore::Committer) -> String {
    order(committer, "open", open()).await;
    let mut undo = asked("test", "k/undo", "u");
    undo.undoes = Some("k".into());
    let undone = committer.submit(undo.clone(), lane_of("north"), Box::new(Deciding(pay(-10)))).await;
    assert_eq!(undone.outcome, applied("{}"), "an undo also accepts that it never happened");
    let undone = committer.submit(undo, lane_of("north"), Box::new(Deciding(pay(-10)))).await;
    assert_eq!(undone.outcome, again("{}"));
    match order(committer, "k", pay(10)).await.outcome {
        Outcome::Applied { reply, .. } => reply,
        Outcome::Rejected(refused) => refused.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_of_what_was_refused_does_nothing_and_of_what_was_done_undoes_it() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 0), Arc::new(Standing), async |committer| {
        order(&committer, "open", open()).await;
        order(&committer, "poor", pay(-10)).await;
        order(&committer, "rich", pay(10)).await;
        let undo = |key: &str, order: Order| {
            let mut undo = asked("test", &format!("{key}/undo"), "u");
            undo.undoes = Some(key.into());
            committer.submit(undo, order.lane(), Box::new(Deciding(order)))
        };
        assert_eq!(undo("poor", pay(10)).await.outcome, applied("{}"));
        assert_eq!(undo("rich", pay(-10)).await.outcome, applied("{\"balance\":0}"));
        assert_eq!(order(&committer, "rich", pay(10)).await.outcome, again("{\"balance\":10}"), "its record stays");
    })
    .await;
}
