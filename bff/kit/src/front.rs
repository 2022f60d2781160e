//! What a front end is given by the process it runs in, and what it makes of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRef;
use axum_extra::extract::cookie::Key;
use kernel::{Chance, Clock};
use peer::{Faults, Peers, Spawn};
use pipeline::Closing;

use crate::assets::Assets;
use crate::texts::Texts;

/// The ports a front end stands on.
#[derive(Clone)]
pub struct Setup {
    /// The services, called as this front end.
    pub peers: Peers,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// Tasks.
    pub spawn: Spawn,
    /// Whether the process is going down: streams end.
    pub closing: Closing,
    /// Seals cookies; the same for all replicas.
    pub key: Key,
    /// Whether this is the demonstration: pages say so, and faults can be played.
    pub is_demo: bool,
}

/// What the process itself can tell and suffer, beside its services. The process lays it on every request of its front ends.
#[derive(Clone)]
pub struct Process {
    /// The hand on the wire between the services; in a demonstration only.
    pub faults: Option<Faults>,
    /// Resident memory now, MiB.
    pub memory_mb: fn() -> f64,
}

/// One front end.
#[derive(Clone)]
pub struct Front {
    /// Its ports.
    pub setup: Setup,
    /// Its name, e.g. `frontdesk`.
    pub name: &'static str,
    /// The path it stands under, e.g. `/desk`; empty for the website.
    pub root: &'static str,
    /// Its texts and the shared ones.
    pub texts: Arc<Texts>,
    /// Its files and the shared ones.
    pub assets: Arc<Assets>,
    /// Answers that were given before, for when a service is silent.
    pub kept: Arc<Kept>,
}

/// The last answers to questions that are the same for everybody and seldom answered otherwise, by address.
#[derive(Debug, Default)]
pub struct Kept(Mutex<BTreeMap<String, serde_json::Value>>);

impl Kept {
    /// The answers, under their lock.
    pub(crate) fn all(&self) -> MutexGuard<'_, BTreeMap<String, serde_json::Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Front {
    /// A random name that nobody guesses: keys of commands, ids of carts.
    pub fn token(&self) -> String {
        let bits = (u128::from(self.setup.chance.next()) << 64) | u128::from(self.setup.chance.next());
        format!("{bits:032x}")
    }

    /// Now, on the clock of the process.
    pub fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.setup.clock.now().0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl FromRef<Front> for Key {
    fn from_ref(front: &Front) -> Self {
        front.setup.key.clone()
    }
}
