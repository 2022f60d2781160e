//! What can go wrong, how often it does, and how often it has.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use kernel::Protocol;

/// How a run is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What each client wants, in number.
    pub steps: u32,
    /// What goes wrong.
    pub faults: Faults,
    /// The protocol the house runs.
    pub protocol: Protocol,
    /// What carries its messages.
    pub wire: Wire,
    /// Whether every machine keeps an archive, and what is in it leaves the stores. Snapshots are taken often then: nothing
    /// leaves without one.
    pub archived: bool,
}

/// What carries the messages of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wire {
    /// A network of our own in memory: every message can be lost, repeated and delayed by itself.
    #[default]
    Memory,
    /// The real HTTP/2 client and server over turmoil's connections: links and machines fail, messages do not.
    Turmoil,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 9, faults: Faults::ROUGH, protocol: Protocol::SOUND, wire: Wire::Memory, archived: true }
    }
}

/// How often something goes wrong with a message, in a thousand each, and whether anybody breaks links and machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// A request is lost.
    pub drop_permille: u64,
    /// A reply is lost.
    pub reply_permille: u64,
    /// A command arrives twice.
    pub duplicate_permille: u64,
    /// A command arrives long after its caller has given up.
    pub delay_permille: u64,
    /// What the payment provider does.
    pub provider: payments::provider::simulated::Faults,
    /// A request to the archive is lost.
    pub archive_lost_permille: u64,
    /// A request to the archive is done, and its answer is lost.
    pub archive_unanswered_permille: u64,
    /// Machines crash, links are cut, the provider is away.
    pub nemesis: bool,
}

impl Faults {
    /// Everything works.
    pub const NONE: Self = Self {
        drop_permille: 0,
        reply_permille: 0,
        duplicate_permille: 0,
        delay_permille: 0,
        provider: payments::provider::simulated::Faults::NONE,
        archive_lost_permille: 0,
        archive_unanswered_permille: 0,
        nemesis: false,
    };

    /// Everything goes wrong, often.
    pub const ROUGH: Self = Self {
        drop_permille: 25,
        reply_permille: 35,
        duplicate_permille: 40,
        delay_permille: 25,
        provider: payments::provider::simulated::Faults {
            lost_permille: 80,
            duplicate_permille: 120,
            slow_permille: 60,
            slow_ms_max: 4_000,
        },
        archive_lost_permille: 30,
        archive_unanswered_permille: 30,
        nemesis: true,
    };
}

/// The classes of faults. One that never fires in a batch of runs has not been tested, which fails the batch.
pub const CLASSES: [&str; 15] = [
    "crash",
    "lost-tail",
    "torn-batch",
    "kept-tail",
    "drop",
    "reply-lost",
    "duplicate",
    "delay",
    "partition",
    "provider-outage",
    "provider-lost",
    "provider-duplicate",
    "archive-lost",
    "archive-unanswered",
    "pruned",
];

/// How often each class of faults has fired.
#[derive(Debug, Default)]
pub struct Fired(Mutex<BTreeMap<String, u64>>);

impl Fired {
    /// One more of this class.
    pub fn count(&self, class: &str) {
        self.add(class, 1);
    }

    /// So many more of this class.
    pub fn add(&self, class: &str, times: u64) {
        debug_assert!(CLASSES.contains(&class));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(class.to_owned()).or_default() += times;
    }

    /// All counts so far.
    pub fn all(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
