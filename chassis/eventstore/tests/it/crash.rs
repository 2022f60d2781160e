//! Crashes of the simulated machine: what was acknowledged is there, what was not is there wholly or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventstore::simulated::{Disk, Tail};
use eventstore::work::Deciding;
use eventstore::{Body, Committer, EventStore};
use futures::stream::{FuturesUnordered, StreamExt};
use kernel::chance::Seeded;
use kernel::{Chance, Outcome, Protocol, lane_of};
use testkit::bank::{Doing, Order};
use testkit::clock::Standing;
use testkit::conformance::gapless_and_chained;
use testkit::mutants::ANSWERS_BEFORE_COMMIT;
use testkit::{asked, beside, beside_mutant};

use crate::{open, store_on};

/// Commands of one life.
const COMMANDS: u64 = 40;

/// What somebody was told before the crash.
type Told = Arc<Mutex<BTreeMap<String, Outcome>>>;

/// One life of a machine: commands until it crashes at a seeded moment.
async fn life(disk: &Disk, seed: u64, protocol: Protocol, told: &Told) -> Tail {
    let dice = Seeded::new(seed);
    let until = Duration::from_micros(500 + dice.below(20_000));
    let living = beside_mutant(store_on(disk, seed, 900), Arc::new(Standing), protocol, |committer| async move {
        submit(&committer, "open", open()).await;
        let mut sent: FuturesUnordered<_> = (0..COMMANDS).map(|n| pay(&committer, n)).collect();
        while let Some((key, outcome)) = sent.next().await {
            told.lock().expect("no panic").insert(key, outcome);
        }
        std::future::pending::<()>().await;
    });
    // The machine ends here: everything in memory is dropped where it stands.
    let _crashed = tokio::time::timeout(until, living).await;
    disk.crash(&dice)
}

async fn submit(committer: &Committer, key: &str, order: Order) -> Outcome {
    let lane = order.lane();
    committer.submit(asked("test", key, key), lane, Box::new(Deciding(order))).await.outcome
}

/// A transfer of two events, so that half of it would show. Some come a little later, into another batch.
async fn pay(committer: &Committer, n: u64) -> (String, Outcome) {
    tokio::time::sleep(Duration::from_micros(n * 250)).await;
    let key = format!("k{n}");
    let outcome = submit(committer, &key, Order::at("north", Doing::Often("a".into(), 2))).await;
    (key, outcome)
}

/// What was told and is not so.
async fn lies(disk: &Disk, told: &Told) -> BTreeSet<String> {
    let store = store_on(disk, 0, 0);
    let mut lies = BTreeSet::new();
    let told = told.lock().expect("no panic").clone();
    for (key, outcome) in told {
        let record = store.record("test".into(), key.clone()).await.expect("a store");
        if matches!(outcome, Outcome::Applied { .. }) && record.is_none() {
            lies.insert(key);
        }
    }
    lies
}

#[tokio::test(start_paused = true)]
async fn everything_acknowledged_is_there_after_a_crash() {
    let mut tails = BTreeMap::new();
    for seed in 0..150 {
        let (disk, told) = (Disk::default(), Told::default());
        for crash in 0..3 {
            *tails.entry(format!("{:?}", life(&disk, seed * 10 + crash, Protocol::SOUND, &told).await)).or_insert(0) += 1;
            assert!(lies(&disk, &told).await.is_empty(), "seed {seed}");
            whole_commands(&disk);
        }
        // Everybody asks again with the same key: each has one effect, whatever had become of it.
        beside(store_on(&disk, seed, 0), Arc::new(Standing), async |committer| {
            submit(&committer, "open", open()).await;
            for n in 0..COMMANDS {
                assert!(matches!(pay(&committer, n).await.1, Outcome::Applied { .. }));
            }
            let last = submit(&committer, "last", Order::at("north", Doing::Pay("a".into(), 0))).await;
            assert_eq!(last, crate::applied(&format!("{{\"balance\":{}}}", 2 * COMMANDS)), "seed {seed}");
        })
        .await;
    }
    assert_eq!(tails.keys().collect::<Vec<_>>(), ["Clean", "Kept", "Lost", "Torn"], "each kind of crash has happened: {tails:?}");
}

/// No batch is there in part: each command has all its events, and the chain holds.
fn whole_commands(disk: &Disk) {
    let rows = disk.all();
    gapless_and_chained(lane_of("north"), &rows);
    let mut events: BTreeMap<u64, usize> = BTreeMap::new();
    for row in &rows {
        match &row.body {
            Body::Command(record) => {
                if record.key.starts_with('k') {
                    events.insert(row.pos, 2);
                }
            }
            Body::Event(e) => {
                events.entry(e.command_pos).and_modify(|left| *left -= 1);
            }
        }
    }
    assert!(events.values().all(|left| *left == 0), "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_answers_before_its_commit_is_caught_lying() {
    let mut caught = 0;
    for seed in 0..40 {
        let (disk, told) = (Disk::default(), Told::default());
        life(&disk, seed, ANSWERS_BEFORE_COMMIT, &told).await;
        caught += lies(&disk, &told).await.len();
    }
    assert!(caught > 0, "the mutant must be visible here");
}

#[tokio::test(start_paused = true)]
async fn whoever_still_waits_when_the_machine_crashes_learns_that_nobody_knows() {
    let disk = Disk::default();
    beside(store_on(&disk, 3, 2_000), Arc::new(Standing), async |committer| {
        let mut waiting = std::pin::pin!(submit(&committer, "k", open()));
        while disk.crash(&Seeded::new(2)) == Tail::Clean {
            assert!(futures::poll!(waiting.as_mut()).is_pending());
            tokio::time::sleep(Duration::from_micros(50)).await;
        }
        assert_eq!(waiting.await, Outcome::Unknown);
    })
    .await;
}
