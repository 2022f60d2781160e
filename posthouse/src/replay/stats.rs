//! What the house says of itself at `/ops/stats`, and what this process can say of its own memory.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::client::Client;

/// Counters of one service since its process started.
#[derive(Debug, Default, Clone, Deserialize)]
struct Service {
    #[serde(default)]
    public_events: u64,
}

/// Counters of a house; only differences of two readings mean something.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct Stats {
    #[serde(default)]
    services: BTreeMap<String, Service>,
    /// Commands and queries through the pipeline.
    #[serde(default)]
    pub pipeline_passes: u64,
    /// Transactions.
    #[serde(default)]
    pub commits: u64,
    /// Memory of the house's process.
    #[serde(default)]
    pub rss_mb: f64,
    /// Processor time of the house's process.
    #[serde(default)]
    pub cpu_seconds: f64,
}

impl Stats {
    /// Reads them, public events included: the house counts these through its whole history, which takes a while.
    pub async fn of(client: &Client) -> Result<Option<Stats>, String> {
        Self::read(client, "/ops/stats").await
    }

    /// Reads what is at hand; public events are not counted.
    pub async fn at_hand(client: &Client) -> Result<Option<Stats>, String> {
        Self::read(client, "/ops/stats?public=false").await
    }

    /// Nothing where the house has no such page.
    async fn read(client: &Client, path: &str) -> Result<Option<Stats>, String> {
        let answer = client.get(path).await?;
        if !answer.applied() {
            return Ok(None);
        }
        answer.json().map(Some).map_err(|e| format!("GET /ops/stats: {e}"))
    }

    /// Events on the public feeds of all services.
    pub fn public_events(&self) -> u64 {
        self.services.values().map(|s| s.public_events).sum()
    }
}

/// The highest memory this process had resident, where the system tells.
pub fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some((kib / 102.4).round() / 10.0)
}
