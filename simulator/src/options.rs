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
        Self { steps: 9, faults: Faults::ROUGH, protocol: Protocol::SOUND, wire: Wire::Memory }
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
        nemesis: true,
    };
}

/// The classes of faults. One that never fires in a batch of runs has not been tested, which fails the batch.
pub const CLASSES: [&str; 12] = [
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
