//! How commands become commits: what is gathered, what is bounded, what one command's bug does to the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use eventstore::EventStore;
use eventstore::simulated::Disk;
use eventstore::work::{Deciding, Work};
use kernel::{Ctx, Emit, Outcome, RefusalKind, Refused, Staged, Stop, Verdict, lane_of};
use testkit::bank::{Account, Doing, Order};
use testkit::clock::Standing;
use testkit::committing::order;
use testkit::{asked, beside};

use crate::{again, all_at_once, applied, north, open, pay, store_on};

#[tokio::test(start_paused = true)]
async fn commands_that_wait_together_cost_one_commit() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 100), Arc::new(Standing), async |committer| {
        order(&committer, "open", open()).await;
        let before = committer.stats.commits.load(Ordering::Relaxed);
        let outcomes = all_at_once(&committer, "k", (0..200).map(|_| pay(1))).await;
        assert_eq!(outcomes[199], applied("{\"balance\":200}"), "each decision sees the ones before it in the batch");
        assert_eq!(committer.stats.commits.load(Ordering::Relaxed) - before, 1);
        assert_eq!(committer.stats.commands.load(Ordering::Relaxed), 201);
        // Answers from the record write nothing.
        let replayed = all_at_once(&committer, "k", (0..200).map(|_| pay(1))).await;
        assert_eq!(replayed[7], again("{\"balance\":8}"));
        assert_eq!(committer.stats.commits.load(Ordering::Relaxed) - before, 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_commit_holds_256_commands_or_one_mebibyte() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 0), Arc::new(Standing), async |committer| {
        order(&committer, "open", open()).await;
        all_at_once(&committer, "k", (0..600).map(|_| pay(1))).await;
        assert_eq!(committer.stats.commits.load(Ordering::Relaxed), 1 + 3);
        // 200 commands of 100 events of about a hundred bytes are two mebibytes.
        all_at_once(&committer, "big", (0..200).map(|_| north(Doing::Often("a".into(), 100)))).await;
        let commits = committer.stats.commits.load(Ordering::Relaxed) - 4;
        assert!((2..=4).contains(&commits), "{commits} commits");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_stages_nothing_and_the_rest_of_the_batch_goes_on() {
    let disk = Disk::default();
    let store = store_on(&disk, 1, 0);
    beside(store.clone(), Arc::new(Standing), async |committer| {
        let orders = [open(), pay(1), north(Doing::Panic("a".into())), pay(2), north(Doing::Poison("a".into())), pay(3)];
        let outcomes = all_at_once(&committer, "k", orders).await;
        assert_eq!(outcomes[1], applied("{\"balance\":1}"));
        assert_eq!(outcomes[2], Outcome::retry("bug"), "a panic in the decision");
        assert_eq!(outcomes[3], applied("{\"balance\":3}"));
        assert_eq!(outcomes[4], Outcome::retry("bug"), "a panic in the fold of what it says");
        assert_eq!(outcomes[5], applied("{\"balance\":6}"));
        assert_eq!(store.record("test".into(), "k2".into()).await, Ok(None), "a bug is not recorded");
        assert_eq!(order(&committer, "after", pay(1)).await.outcome, applied("{\"balance\":7}"), "the committer lives");
    })
    .await;
}

/// Asks for another stream each time it is run.
struct Insatiable(AtomicU64);

impl Work for Insatiable {
    fn run(&self, see: &Staged, _: &Ctx, _: &mut Emit) -> Result<Verdict, Stop> {
        let n = self.0.fetch_add(1, Ordering::Relaxed);
        see.get::<Account>(&format!("never{n}"))?;
        Ok(Verdict::Applied("null".into()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_never_has_enough_is_a_bug() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 0), Arc::new(Standing), async |committer| {
        let answer = committer.submit(asked("test", "k", "f"), 1, Box::new(Insatiable(AtomicU64::new(0)))).await;
        assert_eq!(answer.outcome, Outcome::retry("bug"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_fits_its_record_or_is_a_bug() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 0), Arc::new(Standing), async |committer| {
        order(&committer, "open", open()).await;
        let fits = order(&committer, "fits", north(Doing::Long("a".into(), 510))).await.outcome;
        assert!(matches!(fits, Outcome::Applied { .. }), "{fits:?}");
        let longer = order(&committer, "longer", north(Doing::Long("a".into(), 511))).await.outcome;
        assert_eq!(longer, Outcome::retry("bug"));
        assert_eq!(order(&committer, "p", pay(0)).await.outcome, applied("{\"balance\":1}"), "it has staged nothing");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn past_its_deadline_a_command_is_not_begun_but_a_known_key_is_answered() {
    let disk = Disk::default();
    let store = store_on(&disk, 1, 0);
    beside(store.clone(), Arc::new(Standing), async |committer| {
        order(&committer, "open", open()).await;
        let late = |key: &str| {
            let mut envelope = asked("test", key, key);
            envelope.deadline = tokio::time::Instant::now();
            committer.submit(envelope, lane_of("north"), Box::new(Deciding(pay(1))))
        };
        assert_eq!(late("k").await.outcome, Outcome::retry("deadline-passed"));
        assert_eq!(store.record("test".into(), "k".into()).await, Ok(None));
        assert_eq!(order(&committer, "k", pay(1)).await.outcome, applied("{\"balance\":1}"));
        assert_eq!(late("k").await.outcome, again("{\"balance\":1}"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_says_so_at_once() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 0), Arc::new(Standing), async |committer| {
        let outcomes = all_at_once(&committer, "k", (0..5_000).map(|n| north(Doing::Open(format!("a{n}"))))).await;
        let full = outcomes.iter().filter(|o| **o == Outcome::retry("queue-full")).count();
        assert_eq!(full, 5_000 - 4_096);
        assert_eq!(order(&committer, "k4999", north(Doing::Open("a4999".into()))).await.at.map(|(lane, _)| lane), Some(lane_of("north")));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_repeated_key_is_answered_before_if_match_is_looked_at() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 0), Arc::new(Standing), async |committer| {
        order(&committer, "open", open()).await;
        let guarded = |key: &str, version: u64| {
            let mut envelope = asked("test", key, "f");
            envelope.if_match = Some(version);
            committer.submit(envelope, lane_of("north"), Box::new(Deciding(pay(1))))
        };
        assert_eq!(guarded("k", 1).await.outcome, applied("{\"balance\":1}"));
        assert_eq!(guarded("k", 1).await.outcome, again("{\"balance\":1}"));
        let detail = serde_json::json!({"version": 2, "if_match": 1});
        let stale = Outcome::Rejected(Refused { code: "stale-version".into(), kind: RefusalKind::Stale, detail });
        assert_eq!(guarded("other", 1).await.outcome, stale);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_changes_nothing() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 2_000), Arc::new(Standing), async |committer| {
        order(&committer, "open", open()).await;
        let gone = tokio::time::timeout(Duration::from_micros(1), order(&committer, "k", pay(5))).await;
        assert!(gone.is_err());
        assert_eq!(order(&committer, "next", pay(1)).await.outcome, applied("{\"balance\":6}"));
        assert_eq!(order(&committer, "k", pay(5)).await.outcome, again("{\"balance\":5}"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_and_the_followers_wake_up_come_after_the_commit() {
    let disk = Disk::default();
    let store = store_on(&disk, 1, 5_000);
    beside(store.clone(), Arc::new(Standing), async |committer| {
        let mut news = committer.commits.clone();
        for n in 0..20 {
            let answer = order(&committer, &format!("k{n}"), north(Doing::Open(format!("a{n}")))).await;
            assert_eq!(futures::poll!(std::pin::pin!(news.changed())), std::task::Poll::Ready(Ok(())));
            let (lane, pos) = answer.at.expect("a position");
            assert_eq!(store.heads().await.expect("heads")[&lane].pos, pos);
            assert_eq!(committer.commits.borrow().get(&lane), Some(&pos));
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_key_in_two_lanes_of_one_batch_has_one_effect() {
    let disk = Disk::default();
    beside(store_on(&disk, 1, 0), Arc::new(Standing), async |committer| {
        let send = |branch: &str| {
            let order = Order::at(branch, Doing::Open("a".into()));
            committer.submit(asked("test", "same", branch), order.lane(), Box::new(Deciding(order)))
        };
        let (north, south) = futures::join!(send("north"), send("south"));
        assert!(matches!(north.outcome, Outcome::Applied { .. }));
        assert_eq!(south.outcome, Outcome::Rejected(Refused::new("key-reused", RefusalKind::Unprocessable)));
    })
    .await;
}
