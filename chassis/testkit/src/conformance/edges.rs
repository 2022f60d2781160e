//! The edges: keys for ever, snapshots, older schemas, constraint rows, transactions nobody finishes.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::record::Recorded;
use eventstore::{Batch, Entry, EventStore, Open, Opened, Record, StoreFault, chain};
use futures::future::join_all;
use kernel::decide::{Past, Snapshot};
use kernel::{Aggregate, Missing, Outcome, RefusalKind, Refused, Stream, Timestamp, Verdict, lane_of};
use serde_json::{Value, json};

use super::{Place, submit};
use crate::bank::{Account, Doing, Order};
use crate::clock::Standing;
use crate::committing::{asked, beside, order};
use crate::history::{Model, Step};

/// After everything, in a new process: a key that has an answer has it for ever, and another body never gets it.
pub async fn replays(place: &Place, model: &Model, batches: &[Vec<Step>]) {
    let first: BTreeMap<_, _> = batches.iter().flatten().map(|step| ((step.caller.clone(), step.key.clone()), step)).collect();
    beside(place(), Arc::new(Standing), async |committer| {
        for ((caller, key), (fingerprint, outcome)) in model.records() {
            let Some(step) = first.get(&(caller.clone(), key.clone())) else { continue };
            let same = submit(&committer, &Step { fingerprint: fingerprint.clone(), undoes: None, ..(*step).clone() }).await;
            let other = submit(&committer, &Step { fingerprint: "another".into(), undoes: None, ..(*step).clone() }).await;
            let as_replayed = match outcome {
                Outcome::Applied { reply, .. } => Outcome::Applied { reply: reply.clone(), replayed: true },
                other => other.clone(),
            };
            assert_eq!(same.outcome, as_replayed);
            let overtaken = matches!(outcome, Outcome::Rejected(refused) if refused.code == "overtaken");
            let reused = Outcome::Rejected(Refused::new("key-reused", RefusalKind::Unprocessable));
            assert_eq!(other.outcome, if overtaken { as_replayed } else { reused });
        }
    })
    .await;
}

/// All edges, each in a place of its own.
pub async fn check(make: &impl Fn(u64) -> Place) {
    let place = |n: u64| make(1_000 + n);
    snapshots(&place(1)).await;
    an_older_snapshot_is_passed_over(&place(2)).await;
    an_older_schema_is_read(&place(3)).await;
    a_constraint_hits_the_offender_only(&place(4)).await;
    a_dropped_transaction_leaves_nothing(&place(5)).await;
    a_lane_is_held_while_a_transaction_is_open(&place(6)).await;
}

async fn balance(committer: &eventstore::Committer, key: &str, branch: &str, account: &str) -> Value {
    let answer = order(committer, key, Order::at(branch, Doing::Look(account.into()))).await;
    let Outcome::Applied { reply, .. } = answer.outcome else { panic!("a look is answered {answer:?}") };
    serde_json::from_str(&reply).expect("an account")
}

/// A snapshot and the events after it fold to the same as all events.
async fn snapshots(place: &Place) {
    let store = place();
    let lane = lane_of("north");
    beside(store.clone(), Arc::new(Standing), async |committer| {
        order(&committer, "o", Order::at("north", Doing::Open("a".into()))).await;
        for n in 0..17 {
            order(&committer, &format!("p{n}"), Order::at("north", Doing::Pay("a".into(), n))).await;
            let mut opened = open(store.as_ref(), "north").await;
            let loaded = opened.txn.load(lane, Account::stream("a")).await.expect("a stream");
            let version = n as u64 + 2;
            assert_eq!(loaded.snapshot.as_ref().map(|s| s.version), (version >= 4).then_some(version / 4 * 4));
            assert_eq!(loaded.events.len() as u64, if version >= 4 { version % 4 } else { version });
            let mut slot = Missing::of::<Account>("a").start(loaded.snapshot.as_ref());
            for (version, schema, json) in &loaded.events {
                slot.fold(&Past { version: *version, schema: *schema, json }).expect("no hole");
            }
            assert_eq!(slot.version(), version);
        }
    })
    .await;
    // A new process starts from the snapshot and knows the same.
    let seen = beside(place(), Arc::new(Standing), async |committer| balance(&committer, "look", "north", "a").await).await;
    assert_eq!(seen, json!({"open": true, "balance": 136, "payments": 17, "why": "for 16"}));
}

/// Opens a transaction over a branch's lane.
pub async fn open(store: &dyn EventStore, branch: &str) -> Opened {
    let lanes = BTreeMap::from([(lane_of(branch), u64::MAX)]);
    store.begin(Open { lanes, keys: Vec::new() }).await.expect("a transaction")
}

/// An entry made by hand, as an older program would have written it.
/// A command with its events, as a committer would write it.
pub fn entry(opened: &Opened, branch: &str, key: &str, events: &[(u64, u16, &str)], snapshots: Vec<(Stream, Snapshot)>) -> Entry {
    let lane = lane_of(branch);
    let head = opened.heads[&lane];
    let record = Record {
        caller: "older".into(),
        key: key.into(),
        fingerprint: "f".into(),
        verdict: Verdict::Applied("null".into()),
        at: Timestamp(1),
        actor: String::new(),
        causation: String::new(),
        traceparent: String::new(),
        business_date: None,
        claims: vec![],
    };
    let json = serde_json::to_string(&record).expect("a record is JSON");
    let pos = head.pos + 1;
    let hash = chain::of_command(&head.hash, lane, pos, &json);
    let (mut last, by) = (hash, Arc::new(record.clone()));
    let stored = events.iter().enumerate().map(|(i, (version, schema, json))| {
        let stream = Account::stream("a");
        last = chain::of_event(&last, lane, pos + 1 + i as u64, &format!("{stream}@{version}#{schema}"), json);
        let name = kernel::aggregate::name_of(json).to_owned();
        let (version, schema, json) = (*version, *schema, (*json).to_owned());
        (Recorded { stream, version, name, schema, json, command_pos: pos, by: by.clone() }, last)
    });
    Entry { lane, pos, json, hash, events: stored.collect(), snapshots, record }
}

async fn an_older_snapshot_is_passed_over(place: &Place) {
    let store = place();
    let events = [(1, 2, r#""Opened""#), (2, 2, r#"{"Paid":{"by":7,"why":"x"}}"#), (3, 2, r#"{"Paid":{"by":1,"why":"y"}}"#)];
    let of_another_shape = ("north", 0, r#"{"open":true,"balance":999,"payments":9,"why":"z"}"#);
    for (branch, shape, json) in [of_another_shape, ("south", 1, "not an account")] {
        let opened = open(store.as_ref(), branch).await;
        let snapshot = Snapshot { version: 2, shape, json: json.into() };
        let made = entry(&opened, branch, branch, &events, vec![(Account::stream("a"), snapshot)]);
        opened.txn.commit(Batch { entries: vec![made] }).await.expect("a commit");
        let seen = beside(store.clone(), Arc::new(Standing), async |committer| balance(&committer, branch, branch, "a").await).await;
        assert_eq!(seen["balance"], 8, "the events before a snapshot nobody can read are not lost");
    }
}

async fn an_older_schema_is_read(place: &Place) {
    let store = place();
    let opened = open(store.as_ref(), "north").await;
    let made = entry(&opened, "north", "k", &[(1, 2, r#""Opened""#), (2, 1, r#"{"Paid":{"amount":5}}"#)], Vec::new());
    opened.txn.commit(Batch { entries: vec![made] }).await.expect("a commit");
    let seen = beside(store.clone(), Arc::new(Standing), async |committer| {
        order(&committer, "p", Order::at("north", Doing::Pay("a".into(), 2))).await;
        balance(&committer, "look", "north", "a").await
    });
    assert_eq!(seen.await, json!({"open": true, "balance": 7, "payments": 2, "why": "for 2"}));
    super::order::gapless_and_chained(lane_of("north"), &store.read(lane_of("north"), 0, 99).await.expect("a lane"));
}

/// Of commands that arrive together, only the one that takes what is taken suffers.
async fn a_constraint_hits_the_offender_only(place: &Place) {
    let store = place();
    let doings = [
        Doing::Open("a".into()),
        Doing::Take("s1".into(), false),
        Doing::Pay("a".into(), 3),
        Doing::Take("s1".into(), false),
        Doing::Pay("a".into(), 4),
        Doing::Free("s1".into()),
        Doing::Take("s1".into(), true),
    ];
    beside(store.clone(), Arc::new(Standing), async |committer| {
        let answers = doings.iter().enumerate().map(|(i, doing)| {
            let order = Order::at("north", doing.clone());
            let lane = order.lane();
            committer.submit(asked("test", &format!("k{i}"), "f"), lane, Box::new(eventstore::work::Deciding(order)))
        });
        let answers: Vec<_> = join_all(answers).await.into_iter().map(|a| a.outcome).collect();
        for (i, outcome) in answers.iter().enumerate() {
            match i {
                3 => assert_eq!(*outcome, Outcome::retry("bug")),
                _ => assert!(matches!(outcome, Outcome::Applied { replayed: false, .. }), "{i}: {outcome:?}"),
            }
        }
        assert_eq!(balance(&committer, "look", "north", "a").await["balance"], 7);
        // It is not on record, so the same key may come again, and another lane's taker is refused as well.
        let south = order(&committer, "south", Order::at("south", Doing::Take("s1".into(), false))).await;
        assert_eq!(south.outcome, Outcome::retry("bug"), "a claim holds across lanes");
    })
    .await;
    assert_eq!(store.claims(String::new()).await.expect("claims").len(), 1);
}

async fn a_dropped_transaction_leaves_nothing(place: &Place) {
    let store = place();
    let mut opened = open(store.as_ref(), "north").await;
    opened.txn.load(lane_of("north"), Account::stream("a")).await.expect("a stream");
    drop(opened);
    // One whose opening nobody waited for.
    drop(store.begin(Open::default()));
    let opened = open(store.as_ref(), "north").await;
    let wrong = {
        let mut wrong = entry(&opened, "north", "k", &[(1, 2, r#""Opened""#)], Vec::new());
        wrong.record.claims = vec![("x".into(), true), ("x".into(), true)];
        wrong
    };
    let refused = opened.txn.commit(Batch { entries: vec![wrong] }).await;
    assert!(matches!(refused, Err(StoreFault::Constraint(_))), "{refused:?}");
    assert!(store.heads().await.expect("heads").is_empty());
    assert!(store.claims(String::new()).await.expect("claims").is_empty());
    assert_eq!(store.record("older".into(), "k".into()).await.expect("no record"), None);
    let opened = open(store.as_ref(), "north").await;
    let made = entry(&opened, "north", "k", &[(1, 2, r#""Opened""#)], Vec::new());
    opened.txn.commit(Batch { entries: vec![made] }).await.expect("the next transaction is not in anybody's way");
    assert_eq!(store.heads().await.expect("heads")[&lane_of("north")].pos, 2);
}

async fn a_lane_is_held_while_a_transaction_is_open(place: &Place) {
    let store = place();
    let first = open(store.as_ref(), "north").await;
    let mut second = std::pin::pin!(open(store.as_ref(), "north"));
    assert!(futures::poll!(second.as_mut()).is_pending(), "a lane has one transaction at a time");
    tokio::task::yield_now().await;
    assert!(futures::poll!(second.as_mut()).is_pending(), "a lane has one transaction at a time");
    let made = entry(&first, "north", "k", &[(1, 2, r#""Opened""#)], Vec::new());
    first.txn.commit(Batch { entries: vec![made] }).await.expect("a commit");
    assert_eq!(second.await.heads[&lane_of("north")].pos, 2, "the second sees what the first has written");
}
