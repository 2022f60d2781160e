//! What services say of themselves, as far as this front end reads it. Fields that a service does not (yet) send are empty.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The services there are, in the order a booking meets them.
pub const SERVICES: [&str; 6] = ["hotels", "reservations", "inventory", "payments", "stays", "guests"];

/// `GET /vitals`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Vitals {
    pub uptime_s: u64,
    pub closing: bool,
    pub commits: u64,
    pub commands: u64,
    pub events: u64,
    pub passes: u64,
    pub shed: u64,
    pub throttled: u64,
    pub queue_age_ms: u64,
    pub waiting: u64,
    pub open_sagas: u64,
    pub stuck_sagas: u64,
    pub ended_sagas: BTreeMap<String, Ends>,
    pub head: u64,
    pub heads: BTreeMap<String, u64>,
    pub follows: Vec<Follow>,
    pub views: Views,
    pub archive: Vec<Archived>,
    pub process: String,
    pub peers: Vec<Peer>,
}

/// How a service's archive is in one place.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Archived {
    pub place: String,
    pub positions: u64,
    pub at: Option<String>,
    pub fault: String,
}

/// How sagas of a kind have ended.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Ends {
    pub done: u64,
    pub undone: u64,
}

/// How far a follower is in a source.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Follow {
    pub source: String,
    pub at: BTreeMap<String, u64>,
    pub parked: u64,
}

/// How far a service's own views are.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Views {
    pub behind: u64,
    pub parked: u64,
}

/// What stands between a process and a service it calls.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Peer {
    pub peer: String,
    pub breaker: String,
    pub switch: String,
    pub hand: Option<Hand>,
    pub probe_in_ms: Option<u64>,
    pub retries_saved: f64,
    pub calls: u64,
    pub calls_max: u64,
    pub polls: u64,
    pub polls_max: u64,
    pub counts: BTreeMap<String, u64>,
}

impl Peer {
    fn sum(&self, labels: &[&str]) -> u64 {
        labels.iter().filter_map(|label| self.counts.get(*label)).sum()
    }

    /// Calls that came back as they should, a refusal included.
    pub fn good(&self) -> u64 {
        self.sum(&["done", "refused", "pending"])
    }

    /// Calls without a (good) answer.
    pub fn bad(&self) -> u64 {
        self.sum(&["retry", "strange", "broken", "lost", "late"])
    }

    /// Calls that were not sent: the breaker, the bulkhead, the budget.
    pub fn not_sent(&self) -> u64 {
        self.sum(&["peer-unavailable", "peer-busy", "budget"])
    }
}

/// Whose hand lies on a breaker.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Hand {
    pub by: String,
    pub reason: String,
    pub until: String,
}

/// `GET /sagas`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sagas {
    pub items: Vec<Saga>,
}

/// One saga.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Saga {
    pub saga: String,
    pub kind: String,
    pub state: String,
    pub phase: String,
    pub since: String,
    pub age_s: u64,
    pub ended_at: Option<String>,
    pub partition: String,
    pub subject: Option<String>,
    pub steps: Vec<Step>,
    pub tries: Option<u32>,
    pub heard: Option<String>,
    pub stuck: Option<Stuck>,
    pub nudges: u32,
    pub nudged: Option<Nudged>,
    pub answer: Option<Value>,
}

impl Saga {
    /// Whether it has ended.
    pub fn ended(&self) -> bool {
        self.state == "done" || self.state == "undone"
    }
}

/// One step.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Step {
    pub name: String,
    pub state: String,
}

/// Where it is stuck.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Stuck {
    pub step: String,
    pub reason: String,
}

/// What an operator has said last.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Nudged {
    pub verb: String,
    pub actor: String,
    pub reason: String,
    pub at: String,
}

/// `GET /history`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct History {
    pub items: Vec<Stored>,
    pub records: Vec<Stored>,
}

/// A stored event, or the record of a command.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Stored {
    pub stream: String,
    pub version: u64,
    pub name: String,
    pub lane: u64,
    pub pos: u64,
    pub data: Value,
    pub at: String,
    pub caller: String,
    pub key: String,
    pub actor: String,
    pub causation: String,
    pub traceparent: String,
    pub verdict: String,
    pub detail: Value,
}

impl Stored {
    /// What is there, as it is stored.
    pub fn raw(&self) -> String {
        let mut raw = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(fields) = &mut raw {
            fields.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        }
        serde_json::to_string_pretty(&raw).unwrap_or_default()
    }
}

/// `GET /hotels`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Hotels {
    pub items: Vec<Hotel>,
}

/// One hotel.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Hotel {
    pub hotel: String,
    pub name: String,
}
