//! Pruning: what a snapshot covers goes, whoever asks for it is told, and every decision and every key is as before.

use std::sync::Arc;

use eventstore::{EventStore, Pruned, StoreFault};
use kernel::{Aggregate, Outcome, Stream, lane_of};

use super::Place;
use crate::bank::{Account, Doing, Order};
use crate::clock::Standing;
use crate::committing::{beside, order};

/// Everything about pruning.
pub async fn check(make: &impl Fn(u64) -> Place) {
    what_is_covered_goes_and_nothing_else(&make(3_000)).await;
    a_replica_that_was_behind_is_not_misled(&make(3_001)).await;
}

/// Payments of 1 into an account that is opened first.
async fn paid(store: Arc<dyn EventStore>, account: &str, from: u64, to: u64) {
    beside(store, Arc::new(Standing), async |committer| {
        order(&committer, &format!("{account} opened"), Order::at("north", Doing::Open(account.into()))).await;
        for n in from..to {
            let answer = order(&committer, &format!("{account} {n}"), Order::at("north", Doing::Pay(account.into(), 1))).await;
            let Outcome::Applied { reply, .. } = answer.outcome else { panic!("a payment is answered {answer:?}") };
            assert_eq!(reply, format!("{{\"balance\":{}}}", n + 1));
        }
    })
    .await;
}

fn to(through: u64) -> Pruned {
    Pruned { through, places: vec!["file:///one".into(), "s3://two".into()] }
}

async fn what_is_covered_goes_and_nothing_else(place: &Place) {
    let (store, lane) = (place(), lane_of("north"));
    let (long, short) = (Account::stream("a"), Account::stream("b"));
    paid(store.clone(), "b", 0, 2).await;
    paid(store.clone(), "a", 0, 17).await;
    let rows = store.rows(lane, 0, 100).await.expect("rows");
    let events = |stream: &Stream| {
        let name = stream.to_string();
        rows.iter().filter(move |row| row.event.as_ref().is_some_and(|place| place.stream == name)).count()
    };
    // Three events are no reason for a snapshot, eighteen have one at the sixteenth.
    assert_eq!((events(&short), events(&long), rows.len()), (3, 18, 42));
    let (heads, loaded) = (store.heads().await.expect("heads"), store.load(lane, long.clone()).await.expect("a stream"));
    let kept = store.stream(lane, short.clone(), 0).await.expect("a stream");
    assert_eq!(store.pruned().await.expect("an answer").len(), 0);
    // The ninth event of the long one stands at position 24: it stays, as what lies behind it.
    assert_eq!(store.prune(lane, to(24)).await, Ok(8));
    assert_eq!(store.prune(lane, to(42)).await, Ok(7));
    assert_eq!(store.prune(lane, to(42)).await, Ok(0));
    assert_eq!(store.prune(lane, to(24)).await, Ok(0));
    let gone = Err(StoreFault::Pruned);
    assert_eq!((place().read(lane, 0, 100).await, place().rows(lane, 0, 100).await.err()), (gone.clone(), gone.clone().err()));
    for again in [store.clone(), place()] {
        assert_eq!(again.pruned().await.expect("an answer"), [(lane, to(42))].into(), "it never goes back");
        assert_eq!(
            (again.heads().await.expect("heads"), again.load(lane, long.clone()).await.expect("a stream")),
            (heads.clone(), loaded.clone())
        );
        assert_eq!(again.stream(lane, short.clone(), 0).await.expect("a stream"), kept);
        assert_eq!((again.stream(lane, long.clone(), 0).await, again.stream(lane, long.clone(), 14).await), (gone.clone(), gone.clone()));
        assert_eq!(again.stream(lane, long.clone(), 15).await.map(|found| found.len()), Ok(3));
        assert_eq!(again.rows(lane, 37, 100).await.expect("rows"), rows[37..], "the sixteenth event and what lies behind it");
        assert_eq!(again.read(lane, 41, 9).await.map(|page| page.len()), Ok(1));
        // Every key is answered as ever, and decisions go on.
        paid(again.clone(), "b", 0, 2).await;
        paid(again.clone(), "a", 0, 17).await;
        assert_eq!(again.heads().await.expect("heads"), heads);
    }
    paid(store.clone(), "a", 17, 19).await;
    paid(store, "b", 2, 7).await;
}

/// A committer that has folded a lane up to somewhere, and finds that what follows was written and pruned by others.
async fn a_replica_that_was_behind_is_not_misled(place: &Place) {
    let lane = lane_of("north");
    beside(place(), Arc::new(Standing), async |behind| {
        let pay = async |key: &str| order(&behind, key, Order::at("north", Doing::Pay("a".into(), 1))).await.outcome;
        paid(place(), "a", 0, 2).await;
        let answer = |balance: u64| Outcome::Applied { reply: format!("{{\"balance\":{balance}}}"), replayed: false };
        assert_eq!(pay("warm").await, answer(3));
        beside(place(), Arc::new(Standing), async |ahead| {
            for n in 0..10 {
                order(&ahead, &format!("other {n}"), Order::at("north", Doing::Pay("a".into(), 1))).await;
            }
        })
        .await;
        let head = place().heads().await.expect("heads")[&lane].pos;
        assert!(place().prune(lane, to(head)).await.is_ok_and(|gone| gone > 0));
        assert_eq!(pay("after").await, answer(14));
    })
    .await;
}
