//! The collector: asks every service how it is, at most once a second, for everybody who looks, and keeps what it heard for
//! the last minutes. It has no task of its own: whoever looks asks it, the first asks the services, the others get the same
//! answer; so it rests when nobody looks, and a chart has a gap there.
//!
//! It asks beside the breakers (as a poll): looking must neither open one nor be blind behind one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use kit::{Front, Process};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::services::{SERVICES, Vitals};

/// Samples that are kept: ten minutes of them.
pub const KEPT_MAX: usize = 600;
/// A service that takes longer is silent, for now.
const WITHIN: Duration = Duration::from_millis(900);
/// What is younger is fresh enough for a page.
pub const PAGE: Duration = Duration::from_millis(1_500);

/// What a service has counted, at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Point {
    pub commits: u64,
    pub commands: u64,
    pub events: u64,
    /// Calls shed or throttled.
    pub turned_away: u64,
    /// Booking sagas that have ended well.
    pub booked: u64,
    /// Milliseconds its answer took.
    pub took_ms: u64,
}

impl Point {
    fn of(vitals: &Vitals, took_ms: u64) -> Self {
        Self {
            commits: vitals.commits,
            commands: vitals.commands,
            events: vitals.events,
            turned_away: vitals.shed + vitals.throttled,
            booked: vitals.ended_sagas.get("book").map_or(0, |ends| ends.done),
            took_ms,
        }
    }
}

/// What was heard at one moment; a silent service is not in it.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    pub of: BTreeMap<&'static str, Point>,
    /// Good and bad calls so far, by process and peer.
    pub peers: BTreeMap<(String, String), (u64, u64)>,
}

/// What is known of a service.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Seen {
    /// What it says; nothing when it is silent.
    pub now: Option<Vitals>,
    /// When it was heard last, in milliseconds since the epoch.
    pub heard_ms: Option<i64>,
    pub took_ms: u64,
}

/// Everything, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub at_ms: i64,
    pub seen: BTreeMap<&'static str, Seen>,
    /// The samples, the oldest first.
    pub samples: Vec<Arc<Sample>>,
    /// Resident memory of the console's process, MiB.
    pub memory_mb: f64,
}

#[derive(Default)]
struct Kept {
    taken: Option<(Instant, Arc<Snapshot>)>,
    samples: VecDeque<Arc<Sample>>,
}

/// The collector; cheap to clone.
#[derive(Clone, Default)]
pub struct Watch(Arc<Mutex<Kept>>);

impl Watch {
    /// How everything is, not older than this.
    pub async fn look(&self, front: &Front, process: Option<&Process>, age: Duration) -> Arc<Snapshot> {
        let mut kept = self.0.lock().await;
        if let Some((taken, snapshot)) = &kept.taken
            && taken.elapsed() < age
        {
            return snapshot.clone();
        }
        let heard = join_all(SERVICES.map(|service| async move {
            let begun = Instant::now();
            let said = front.ask().wait::<Vitals>(service, "/vitals", WITHIN).await;
            (service, said.into_here(), u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX))
        }))
        .await;
        let at_ms = front.now().as_millisecond();
        let before = kept.taken.take().map(|(_, snapshot)| snapshot);
        let last = |service: &str| before.as_ref().and_then(|before| before.seen.get(service)?.heard_ms);
        let (mut sample, mut seen) = (Sample { at_ms, ..Sample::default() }, BTreeMap::new());
        for (service, now, took_ms) in heard {
            if let Some(vitals) = &now {
                sample.of.insert(service, Point::of(vitals, took_ms));
                for peer in &vitals.peers {
                    sample.peers.insert((vitals.process.clone(), peer.peer.clone()), (peer.good(), peer.bad()));
                }
            }
            let heard_ms = if now.is_some() { Some(at_ms) } else { last(service) };
            seen.insert(service, Seen { now, heard_ms, took_ms });
        }
        kept.samples.push_back(Arc::new(sample));
        while kept.samples.len() > KEPT_MAX {
            kept.samples.pop_front();
        }
        let memory_mb = process.map_or(0.0, |process| (process.memory_mb)());
        let snapshot = Arc::new(Snapshot { at_ms, seen, samples: kept.samples.iter().cloned().collect(), memory_mb });
        kept.taken = Some((Instant::now(), snapshot.clone()));
        snapshot
    }
}

/// What somebody wants to know of a point.
pub type Pick = fn(&Point) -> u64;

/// How much a counter grows in a second between two samples; `None` when one of them has no such point, or the service
/// has begun anew between them.
fn growth(a: &Sample, b: &Sample, service: &str, pick: Pick) -> Option<f64> {
    let (from, to) = (pick(a.of.get(service)?), pick(b.of.get(service)?));
    let ms = b.at_ms - a.at_ms;
    (ms > 0 && to >= from).then(|| (to - from) as f64 * 1_000.0 / ms as f64)
}

impl Snapshot {
    /// The growth a second of a counter over the last so many seconds.
    pub fn rate(&self, service: &str, pick: Pick, seconds: i64) -> Option<f64> {
        let last = self.samples.last()?;
        let from = self.samples.iter().find(|sample| sample.at_ms >= last.at_ms - seconds * 1_000 && sample.of.contains_key(service))?;
        growth(from, last, service, pick)
    }

    /// The growth a second between each two samples of the last so many seconds, summed over services, with the moment in
    /// seconds before now. `None` is a gap: nobody looked, or nobody answered.
    pub fn series(&self, services: &[&str], pick: Pick, seconds: i64) -> Vec<(f64, Option<f64>)> {
        let Some(last) = self.samples.last() else { return Vec::new() };
        let first = last.at_ms - seconds * 1_000;
        let pairs = self.samples.windows(2).filter(|pair| pair[1].at_ms >= first);
        pairs
            .map(|pair| {
                let known: Vec<f64> = services.iter().filter_map(|service| growth(&pair[0], &pair[1], service, pick)).collect();
                // Nobody looked for a while: what happened then has no moment.
                let is_gap = known.is_empty() || pair[1].at_ms - pair[0].at_ms > 5_000;
                ((last.at_ms - pair[1].at_ms) as f64 / 1_000.0, (!is_gap).then(|| known.iter().sum()))
            })
            .collect()
    }

    /// Bad calls and all calls of a process to a peer in the last ten seconds.
    pub fn calls(&self, process: &str, peer: &str) -> (u64, u64) {
        let key = (process.to_owned(), peer.to_owned());
        let Some(last) = self.samples.last() else { return (0, 0) };
        let from = self.samples.iter().filter(|sample| sample.at_ms >= last.at_ms - 10_000).find_map(|sample| sample.peers.get(&key));
        let (Some(from), Some(to)) = (from, last.peers.get(&key)) else { return (0, 0) };
        let bad = to.1.saturating_sub(from.1);
        (bad, bad + to.0.saturating_sub(from.0))
    }

    /// The slowest answer of a hundred, of the last minute.
    pub fn p99_ms(&self, service: &str) -> Option<u64> {
        let mut all: Vec<u64> = self.samples.iter().rev().take(60).filter_map(|sample| Some(sample.of.get(service)?.took_ms)).collect();
        all.sort_unstable();
        all.get((all.len() * 99).div_ceil(100).saturating_sub(1)).copied()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample(at_s: i64, commands: &[(&'static str, u64)]) -> Arc<Sample> {
        let of =
            commands.iter().map(|(service, commands)| (*service, Point { commands: *commands, took_ms: *commands, ..Point::default() }));
        Arc::new(Sample { at_ms: at_s * 1_000, of: of.collect(), ..Sample::default() })
    }

    #[test]
    fn a_rate_knows_what_it_does_not_know() {
        let mut snapshot = Snapshot { samples: vec![sample(1, &[("a", 10), ("b", 5)]), sample(2, &[("a", 30)])], ..Snapshot::default() };
        assert_eq!(snapshot.rate("a", |p| p.commands, 10), Some(20.0));
        assert_eq!(snapshot.rate("b", |p| p.commands, 10), None, "silent now");
        snapshot.samples.push(sample(3, &[("a", 4), ("b", 9)]));
        assert_eq!(snapshot.rate("a", |p| p.commands, 10), None, "begun anew");
        assert_eq!(snapshot.rate("b", |p| p.commands, 10), Some(2.0));
        assert_eq!(snapshot.series(&["a", "b"], |p| p.commands, 60), [(1.0, Some(20.0)), (0.0, None)]);
    }

    #[test]
    fn what_happened_while_nobody_looked_has_no_moment() {
        let snapshot = Snapshot { samples: vec![sample(1, &[("a", 0)]), sample(60, &[("a", 600)])], ..Snapshot::default() };
        assert_eq!(snapshot.series(&["a"], |p| p.commands, 300), [(0.0, None)]);
    }

    #[test]
    fn the_ninety_ninth_of_few_is_the_slowest() {
        let snapshot = Snapshot { samples: (1..=9).map(|n| sample(n, &[("a", n as u64)])).collect(), ..Snapshot::default() };
        assert_eq!((snapshot.p99_ms("a"), snapshot.p99_ms("b")), (Some(9), None));
    }
}
