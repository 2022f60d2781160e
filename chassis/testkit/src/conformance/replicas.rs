//! Two processes on one store: each finds what the other has written before it decides.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::{Committer, Open};
use futures::future::join_all;
use kernel::{Lane, Outcome, lane_of};

use super::Place;
use super::order::{gapless_and_chained, lanes};
use crate::bank::{Doing, Order};
use crate::clock::Standing;
use crate::committing::{asked, beside, order};

/// Everything about replicas.
pub async fn check(make: &impl Fn(u64) -> Place) {
    taking_turns(&make(2_000)).await;
    at_once(&make(2_001)).await;
    behind(&make(2_002)).await;
}

/// Runs two committers, each over its own opening of the store.
async fn both<F: Future>(place: &Place, body: impl FnOnce(Committer, Committer) -> F) -> F::Output {
    beside(place(), Arc::new(Standing), |a| async move { beside(place(), Arc::new(Standing), |b| body(a, b)).await }).await
}

async fn taking_turns(place: &Place) {
    both(place, |a, b| async move {
        order(&a, "open", Order::at("north", Doing::Open("a".into()))).await;
        for n in 0..20 {
            let with = if n % 3 == 0 { &a } else { &b };
            let answer = order(with, &format!("k{n}"), Order::at("north", Doing::Pay("a".into(), 1))).await;
            let reply = format!("{{\"balance\":{}}}", n + 1);
            assert_eq!(answer.outcome, Outcome::Applied { reply: reply.clone(), replayed: false }, "a warm cache is not stale");
            let other = if n % 3 == 0 { &b } else { &a };
            let again = order(other, &format!("k{n}"), Order::at("north", Doing::Pay("a".into(), 1))).await;
            assert_eq!(again.outcome, Outcome::Applied { reply, replayed: true }, "a key is known to every replica");
            let lane = lane_of("north");
            let known = |c: &Committer| c.commits.borrow().get(&lane).copied();
            assert_eq!((known(&a), known(&b)), (Some(2 * n as u64 + 4), Some(2 * n as u64 + 4)), "followers of both are woken");
        }
    })
    .await;
}

async fn at_once(place: &Place) {
    both(place, |a, b| async move {
        order(&a, "open", Order::at("north", Doing::Open("a".into()))).await;
        let all =
            (0..60).map(|n| {
                let committer = if n % 2 == 0 { a.clone() } else { b.clone() };
                let order = Order::at("north", Doing::Pay("a".into(), 1));
                let lane = order.lane();
                // Every third key is sent to both.
                async move {
                    committer.submit(asked("test", &format!("k{}", n / 3), "f"), lane, Box::new(eventstore::work::Deciding(order))).await
                }
            });
        let answers = join_all(all).await;
        let applied = answers.iter().filter(|a| matches!(a.outcome, Outcome::Applied { replayed: false, .. })).count();
        let replayed = answers.iter().filter(|a| matches!(a.outcome, Outcome::Applied { replayed: true, .. })).count();
        assert_eq!((applied, replayed), (20, 40), "a key has one effect, whoever gets it");
        let last = order(&b, "last", Order::at("north", Doing::Pay("a".into(), 0))).await;
        assert_eq!(last.outcome, Outcome::Applied { reply: "{\"balance\":20}".into(), replayed: false });
    })
    .await;
    for (lane, rows) in lanes(place().as_ref()).await {
        gapless_and_chained(lane, &rows);
    }
}

/// What others stored since the committer looked, and nothing else.
async fn behind(place: &Place) {
    let store = place();
    beside(store.clone(), Arc::new(Standing), async |committer| {
        for branch in ["north", "south"] {
            order(&committer, &format!("o{branch}"), Order::at(branch, Doing::Open(branch.into()))).await;
            order(&committer, &format!("p{branch}"), Order::at(branch, Doing::Pay(branch.into(), 1))).await;
        }
    })
    .await;
    let (north, south) = (lane_of("north"), lane_of("south"));
    for (after, want) in [(0, 4), (2, 2), (3, 1), (4, 0), (u64::MAX, 0)] {
        let lanes: BTreeMap<Lane, u64> = [(north, after), (south, 4)].into();
        let opened = store.begin(Open { lanes, keys: vec![("test".into(), "osouth".into()), ("test".into(), "no".into())] }).await;
        let opened = opened.expect("a transaction");
        assert_eq!(
            opened.behind.iter().map(|s| (s.lane, s.pos)).collect::<Vec<_>>(),
            (5 - want..5).map(|pos| (north, pos)).collect::<Vec<_>>()
        );
        assert_eq!(opened.heads.iter().map(|(lane, head)| (*lane, head.pos)).collect::<BTreeMap<_, _>>(), [(north, 4), (south, 4)].into());
        let found: Vec<_> = opened.records.iter().map(|r| r.as_ref().map(|r| r.key.as_str())).collect();
        assert_eq!(found, [Some("osouth"), None]);
    }
}
