//! The conformance suite of the event store port: every store runs it with the same seeded histories, and everybody must
//! come to the same digest of lanes, positions, stream versions, hashes and verdicts.
//!
//! ```text
//! let digest = conformance(|seed| sqlite_in(dir(seed))).await;
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::work::Deciding;
use eventstore::{Answer, Body, EventStore};
use futures::future::join_all;
use kernel::Outcome;
use sha2::{Digest as _, Sha256};

use crate::clock::Standing;
use crate::committing::{asked, beside};
use crate::history::{Model, Step, history};

mod edges;
mod order;
mod pruning;
mod replicas;

pub use edges::{entry, open};
pub use order::gapless_and_chained;

/// Where one store lives: each call opens it once more, as another process would.
pub type Place = Box<dyn Fn() -> Arc<dyn EventStore>>;

/// Seeds every store is fed.
const SEEDS: std::ops::Range<u64> = 1..7;
/// Commands of one history.
const STEPS: usize = 320;

/// What a store has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// SHA-256 over everything that must be the same on every store, hex.
    pub hash: String,
    /// Commands sent, by what they were answered: a class that never occurred proves nothing.
    pub answers: BTreeMap<String, u64>,
    /// Positions stored.
    pub positions: u64,
}

/// Runs the suite; `make` gives an empty place for each seed.
pub async fn conformance(make: impl Fn(u64) -> Place) -> Digest {
    let mut hash = Sha256::new();
    let mut digest = Digest { hash: String::new(), answers: BTreeMap::new(), positions: 0 };
    for seed in SEEDS {
        let place = make(seed);
        let mut model = Model::default();
        for outcome in run(&place, &history(seed, STEPS), &mut model).await {
            let class = class(&outcome);
            hash.update(format!("{outcome:?}"));
            *digest.answers.entry(class).or_default() += 1;
        }
        order::check(&place(), &model).await;
        edges::replays(&place, &model, &history(seed, STEPS)).await;
        for (lane, rows) in order::lanes(place().as_ref()).await {
            digest.positions += rows.len() as u64;
            for row in rows {
                let what = match &row.body {
                    Body::Command(record) => format!("{}/{} {:?}", record.caller, record.key, record.verdict),
                    Body::Event(e) => format!("{}@{} of {}", e.stream, e.version, e.command_pos),
                };
                hash.update(format!("{lane}:{} {} {what}", row.pos, eventstore::chain::hex(&row.hash)));
            }
        }
    }
    edges::check(&make).await;
    replicas::check(&make).await;
    pruning::check(&make).await;
    for class in ["applied", "replayed", "bug", "key-reused", "overtaken", "stale-version", "too-poor", "not-now", "occupied"] {
        assert!(digest.answers.get(class).is_some_and(|n| *n > 0), "no command was answered '{class}': {:?}", digest.answers);
    }
    digest.hash = eventstore::chain::hex(&hash.finalize());
    digest
}

fn class(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied { replayed: true, .. } => "replayed".into(),
        Outcome::Applied { .. } => "applied".into(),
        Outcome::Rejected(refused) => refused.code.clone(),
        Outcome::Retry(code) => code.to_string(),
        Outcome::Unknown => "unknown".into(),
        Outcome::Pending { .. } => "pending".into(),
    }
}

/// Sends a history batch by batch, each batch at once, and holds every answer against the model's.
async fn run(place: &Place, batches: &[Vec<Step>], model: &mut Model) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    // In two halves, with the store closed and opened again between them.
    for half in [&batches[..batches.len() / 2], &batches[batches.len() / 2..]] {
        let store = place();
        beside(store, Arc::new(Standing), async |committer| {
            for batch in half.iter().flat_map(|batch| unrelated(batch)) {
                let answers = join_all(batch.iter().map(|step| submit(&committer, step))).await;
                for (step, answer) in batch.iter().zip(answers) {
                    assert_eq!(answer.outcome, model.expect(step), "{step:?}");
                    outcomes.push(answer.outcome);
                }
            }
        })
        .await;
    }
    outcomes
}

/// A batch in runs within which no key is used in two lanes: a store may have several committers, and which of them comes
/// first is nobody's promise.
fn unrelated(batch: &[Step]) -> Vec<&[Step]> {
    let (mut runs, mut from, mut used) = (Vec::new(), 0, BTreeMap::new());
    for (i, step) in batch.iter().enumerate() {
        let lane = step.order.lane();
        let keys = || std::iter::once(&step.key).chain(&step.undoes).map(|key| (&step.caller, key));
        if keys().any(|key| used.get(&key).is_some_and(|of| *of != lane)) {
            runs.push(&batch[from..i]);
            from = i;
            used.clear();
        }
        used.extend(keys().map(|key| (key, lane)));
    }
    runs.push(&batch[from..]);
    runs
}

async fn submit(committer: &eventstore::Committer, step: &Step) -> Answer {
    let mut envelope = asked(&step.caller, &step.key, &step.fingerprint);
    envelope.if_match = step.if_match;
    envelope.undoes.clone_from(&step.undoes);
    let lane = step.order.lane();
    committer.submit(envelope, lane, Box::new(Deciding(step.order.clone()))).await
}
