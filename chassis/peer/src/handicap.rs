//! A wire with a hand on it, for demonstrations: a service can be made silent, slow or failing while the house runs, and
//! heals by itself. Only what crosses this wire suffers; nothing else is changed by it.
//!
//! What fails here fails as it does in the world: a cut wire carries no answer either of what was sent before it was cut,
//! and an answer that is lost may be that of something which has happened.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use kernel::Chance;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::wire::{BoxFuture, Lost, Wire};

/// A fault heals after so long at the latest, in seconds.
pub const SECONDS_MAX: u64 = 600;
/// The slowest wire, in milliseconds.
pub const SLOW_MS_MAX: u64 = 10_000;

/// What is wrong with the wire to a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Nobody is there: lost at once.
    Stopped,
    /// No answer, until the caller gives up or the wire is whole again.
    Cut,
    /// Everything arrives, later.
    Slow {
        /// Milliseconds, [`SLOW_MS_MAX`] at most.
        ms: u64,
    },
    /// Some calls fail: half of them before the service has heard of them, half after, so that only the answer is lost.
    Failing {
        /// How many of a hundred.
        percent: u64,
    },
}

impl Fault {
    /// Whether it is one that can be asked for.
    pub fn is_sound(self) -> bool {
        match self {
            Self::None | Self::Stopped | Self::Cut => true,
            Self::Slow { ms } => (1..=SLOW_MS_MAX).contains(&ms),
            Self::Failing { percent } => (1..=100).contains(&percent),
        }
    }
}

/// What is wrong with which service, until when. Clones share it: whoever has one has the hand.
#[derive(Clone)]
pub struct Faults(Arc<watch::Sender<BTreeMap<String, (Fault, Instant)>>>);

impl Default for Faults {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(BTreeMap::new())))
    }
}

impl Faults {
    /// From now on this is wrong with a service, for so long ([`SECONDS_MAX`] at most).
    pub fn set(&self, service: &str, fault: Fault, time: Duration) {
        let until = Instant::now() + time.min(Duration::from_secs(SECONDS_MAX));
        self.0.send_modify(|faults| {
            faults.insert(service.to_owned(), (fault, until));
        });
    }

    /// What is wrong with a service now, and for how long.
    pub fn of(&self, service: &str) -> (Fault, Duration) {
        let (fault, until) = self.0.borrow().get(service).copied().unwrap_or((Fault::None, Instant::now()));
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || fault == Fault::None { (Fault::None, Duration::ZERO) } else { (fault, left) }
    }

    /// Waits until the wire to a service is not cut (any more).
    async fn whole(&self, service: &str) {
        let mut changed = self.0.subscribe();
        loop {
            changed.mark_unchanged();
            let (Fault::Cut, left) = self.of(service) else { return };
            // Healed by somebody or by time: either way it is looked at again.
            let _again = tokio::time::timeout(left, changed.changed()).await;
        }
    }
}

/// The wire.
pub struct Handicapped {
    inner: Arc<dyn Wire>,
    faults: Faults,
    chance: Arc<dyn Chance>,
}

impl Handicapped {
    /// Puts a hand on a wire.
    pub fn new(inner: Arc<dyn Wire>, faults: Faults, chance: Arc<dyn Chance>) -> Self {
        Self { inner, faults, chance }
    }

    /// What becomes of a request that meets this wire.
    async fn pass(&self, service: &str, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        match self.faults.of(service).0 {
            Fault::Failing { percent } if self.chance.below(100) < percent => {
                if self.chance.below(2) == 0 {
                    return Ok(broken());
                }
                let _lost = self.inner.send(service, request).await;
                return Err(Lost);
            }
            Fault::Slow { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
            Fault::None | Fault::Failing { .. } | Fault::Stopped | Fault::Cut => {}
        }
        self.gap(service).await?;
        let answer = self.inner.send(service, request).await?;
        // What was sent in time may be answered too late.
        self.gap(service).await?;
        Ok(answer)
    }

    /// Nothing comes over a wire that is not there.
    async fn gap(&self, service: &str) -> Result<(), Lost> {
        match self.faults.of(service).0 {
            Fault::None | Fault::Slow { .. } | Fault::Failing { .. } => Ok(()),
            Fault::Stopped => Err(Lost),
            Fault::Cut => {
                self.faults.whole(service).await;
                Err(Lost)
            }
        }
    }
}

/// What a proxy says of a server that is not well: nothing about the effect.
fn broken() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

impl Wire for Handicapped {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(self.pass(service, request))
    }

    fn forget(&self, service: &str) {
        self.inner.forget(service);
    }
}
