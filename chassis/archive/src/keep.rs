//! Keeping an archive: one store's history is sealed into its places again and again while the house runs, and what is old
//! and proven leaves the store.

use std::sync::Arc;
use std::time::Duration;

use eventstore::EventStore;
use kernel::{Clock, Timestamp};

use crate::prune::Pruning;
use crate::seal::{Cut, SealFault, Sealer};

/// Pauses between passes are cut into so many, and each service waits for its own of them first: not all seal at once.
const SPREAD: u32 = 16;

/// What becomes of a pass, told to whoever shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The place.
    pub place: String,
    /// Positions archived there.
    pub positions: u64,
    /// When that was so last.
    pub at: Option<Timestamp>,
    /// Why the last pass did not go through; empty when it did.
    pub fault: String,
}

/// What leaves the store, and when.
pub struct Retention {
    /// What must be proven.
    pub pruning: Pruning,
    /// How long everything stays, proven or not.
    pub keep: Duration,
}

/// Keeps the archive of one store.
pub struct Archivist {
    /// The store, with the archive behind it.
    pub store: Arc<dyn EventStore>,
    /// A sealer a place.
    pub sealers: Vec<Sealer>,
    /// What leaves the store; nothing without it.
    pub retention: Option<Retention>,
    /// Pause between passes.
    pub every: Duration,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Archivist {
    /// Seals for ever; `tell` is told after each pass.
    pub async fn run(self, turn: u32, tell: impl Fn(&[Kept])) {
        let mut kept: Vec<Kept> =
            self.sealers.iter().map(|sealer| Kept { place: sealer.target.place().to_owned(), ..Kept::default() }).collect();
        tell(&kept);
        tokio::time::sleep(self.every / SPREAD * (turn % SPREAD)).await;
        loop {
            for (sealer, kept) in self.sealers.iter().zip(&mut kept) {
                self.pass(sealer, kept).await;
            }
            tell(&kept);
            if let Some(retention) = &self.retention {
                self.prune(retention).await;
            }
            tokio::time::sleep(self.every).await;
        }
    }

    /// One place; another's trouble is not its own.
    async fn pass(&self, sealer: &Sealer, kept: &mut Kept) {
        match sealer.pass(self.store.as_ref(), Cut::All, &mut |_, _| {}).await {
            Ok(stand) => {
                let positions = stand.through.values().map(|(pos, _)| pos).sum();
                *kept = Kept { positions, at: Some(self.clock.now()), fault: String::new(), ..kept.clone() };
            }
            // Another replica has just done it.
            Err(SealFault::Raced) => {}
            Err(fault) => {
                tracing::error!(service = sealer.of.service, place = kept.place, %fault, "history is not archived");
                kept.fault = fault.to_string();
            }
        }
    }

    async fn prune(&self, retention: &Retention) {
        let keep = i64::try_from(retention.keep.as_micros()).unwrap_or(i64::MAX);
        let service = &retention.pruning.of.service;
        match retention.pruning.prune(self.store.as_ref(), self.clock.now().0.saturating_sub(keep), &mut |_| {}).await {
            Ok(gone) => {
                gone.doubts
                    .iter()
                    .for_each(|doubt| tracing::error!(service, doubt, "what is archived is not whole; nothing is taken away for it"));
                if gone.events > 0 {
                    tracing::info!(service, events = gone.events, "archived events have left the store");
                }
            }
            Err(fault) => tracing::error!(service, %fault, "archived events cannot be taken out of the store"),
        }
    }
}
