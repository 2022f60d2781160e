//! What the process has done and used: counters of its services, memory and CPU time from the kernel.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use eventstore::StoreFault;
use kernel::Lane;
use kernel::stream::LANES;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::house::House;

/// One service's counters since the process started.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ServiceStats {
    /// Transactions committed.
    pub commits: u64,
    /// Commands recorded.
    pub commands: u64,
    /// Events stored.
    pub events: u64,
    /// Calls that entered the pipeline.
    pub pipeline_passes: u64,
    /// Events of the public feed, over the whole history.
    pub public_events: u64,
}

/// The process's counters.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stats {
    /// By service.
    pub services: BTreeMap<String, ServiceStats>,
    /// Sum over the services.
    pub pipeline_passes: u64,
    /// Sum over the services.
    pub commits: u64,
    /// Sum over the services.
    pub public_events: u64,
    /// Resident memory now, MiB.
    pub rss_mb: f64,
    /// The most it has been, MiB.
    pub peak_rss_mb: f64,
    /// User and system time of the process, seconds.
    pub cpu_seconds: f64,
}

/// Positions read at once while public events are counted.
const PAGE: usize = 2_000;

/// How far the public events of each lane have been counted: the position, and how many there are up to it.
#[derive(Default)]
pub struct Counted(Mutex<BTreeMap<OfLane, (u64, u64)>>);

/// A lane of a service.
type OfLane = (&'static str, Lane);

impl House {
    /// Counters of the process.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats { rss_mb: rss_mb(), peak_rss_mb: status_mb("VmHWM:"), cpu_seconds: cpu_seconds(), ..Stats::default() };
        for (name, core) in &self.cores {
            let counted = &core.committer.stats;
            let service = ServiceStats {
                commits: counted.commits.load(Ordering::Relaxed),
                commands: counted.commands.load(Ordering::Relaxed),
                events: counted.events.load(Ordering::Relaxed),
                pipeline_passes: core.passes.load(Ordering::Relaxed),
                public_events: 0,
            };
            stats.pipeline_passes += service.pipeline_passes;
            stats.commits += service.commits;
            stats.services.insert((*name).to_owned(), service);
        }
        stats
    }

    /// The same with the public events of every lane. The first time it reads the whole history, later only what is new;
    /// who gives up before it has an answer finds what was counted until then.
    pub async fn stats_with_public(&self) -> Result<Stats, StoreFault> {
        let mut counted = self.counted.0.lock().await;
        let mut stats = self.stats();
        for (name, core) in &self.cores {
            for lane in 0..LANES {
                let (after, count) = counted.entry((name, lane)).or_default();
                loop {
                    let page = core.store.read(lane, *after, PAGE).await?;
                    let Some(last) = page.last() else { break };
                    *count += page.iter().filter_map(|s| s.event()).filter(|e| (core.publish)(e).is_some()).count() as u64;
                    *after = last.pos;
                }
                stats.public_events += *count;
                stats.services.entry((*name).to_owned()).or_default().public_events += *count;
            }
        }
        Ok(stats)
    }
}

/// Resident memory of the process now, MiB.
pub fn rss_mb() -> f64 {
    status_mb("VmRSS:")
}

/// A line of `/proc/self/status` in MiB; 0 where there is no such file.
fn status_mb(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib: f64 = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0);
    kib / 1_024.0
}

/// User and system time of the process, seconds: from `/proc/self/stat` (fields 14 and 15, in ticks of 1/100 s).
pub fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
