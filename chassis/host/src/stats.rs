//! What the process has done and used: counters of its services, memory and CPU time from the kernel.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde::Serialize;

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
const PAGE: usize = 5_000;

impl House {
    /// Counters; with `public`, the public events of every lane are counted too (reads the whole history).
    pub async fn stats(&self, public: bool) -> Stats {
        let mut stats =
            Stats { rss_mb: status_mb("VmRSS:"), peak_rss_mb: status_mb("VmHWM:"), cpu_seconds: cpu_seconds(), ..Stats::default() };
        for (name, core) in &self.cores {
            let counted = &core.committer.stats;
            let service = ServiceStats {
                commits: counted.commits.load(Ordering::Relaxed),
                commands: counted.commands.load(Ordering::Relaxed),
                events: counted.events.load(Ordering::Relaxed),
                pipeline_passes: core.passes.load(Ordering::Relaxed),
                public_events: if public { count_public(core).await } else { 0 },
            };
            stats.pipeline_passes += service.pipeline_passes;
            stats.commits += service.commits;
            stats.public_events += service.public_events;
            stats.services.insert((*name).to_owned(), service);
        }
        stats
    }
}

async fn count_public(core: &pipeline::Core) -> u64 {
    let mut count = 0;
    for lane in 0..kernel::stream::LANES {
        let mut after = 0;
        while let Ok(page) = core.store.read(lane, after, PAGE).await {
            let Some(last) = page.last() else { break };
            after = last.pos;
            count += page.iter().filter_map(|s| s.event()).filter(|e| (core.publish)(e).is_some()).count() as u64;
        }
    }
    count
}

/// A line of `/proc/self/status` in MiB; 0 where there is no such file.
fn status_mb(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib: f64 = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0);
    kib / 1_024.0
}

/// User and system time from `/proc/self/stat` (fields 14 and 15, in ticks of 1/100 s).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
