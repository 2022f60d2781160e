//! A running house keeps its own archive: what each service here writes is sealed into every place, what is old and proven
//! leaves the stores if that is wanted, and what has left is read from the archive.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use ::archive::keep::{Archivist, Kept, Retention};
use ::archive::manifest::Of;
use ::archive::prune::Pruning;
use ::archive::seal::{FULL, Sealer};
use ::archive::{BlobStore, Deep, Signer, Trust};
use eventstore::EventStore;
use eventstore::worker::Worker;
use feed::Db;
use host::Storage;
use pipeline::Core;
use pipeline::vitals::Archived;
use serde::Deserialize;

use super::work::{self, Places};

/// How a house is archived: the table `[archive]` of its file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Archiving {
    /// Places; none: the house is not archived.
    pub to: Vec<String>,
    /// Whose history it is: one full set of services.
    pub cell: String,
    /// The signing key's file; `archive.key` in the data directory without it.
    pub key: Option<PathBuf>,
    /// Seconds between passes: what a lost store has lost at most.
    pub every_s: u64,
    /// Days after which what is proven leaves the stores; without it everything stays.
    pub keep_days: Option<u64>,
    /// In so many places something must be whole before it leaves a store; all of them without it.
    pub copies: Option<usize>,
}

impl Default for Archiving {
    fn default() -> Self {
        Self { to: vec![], cell: "local".into(), key: None, every_s: 900, keep_days: None, copies: None }
    }
}

impl Archiving {
    /// Whether it can be meant.
    pub fn check(&self) -> Result<(), String> {
        super::args::cell(&self.cell).map_err(|why| format!("archive: {why}"))?;
        if !(1..=86_400).contains(&self.every_s) {
            return Err(format!("archive: every_s is {}; 1 to 86400", self.every_s));
        }
        if self.copies.is_some_and(|copies| copies == 0 || copies > self.to.len()) {
            return Err(format!("archive: copies is {}, and there are {} places", self.copies.unwrap_or_default(), self.to.len()));
        }
        Ok(())
    }

    /// Opens the places, when there are any.
    pub fn open(&self, data: &Path) -> Result<Option<Keeping>, String> {
        if self.to.is_empty() {
            return Ok(None);
        }
        let signer = work::signer(&self.key.clone().unwrap_or_else(|| data.join(work::KEY)))?;
        Ok(Some(Keeping { plan: self.clone(), places: Places::open(&self.to)?.0, signer }))
    }
}

/// An archive that a house keeps.
#[derive(Clone)]
pub struct Keeping {
    plan: Archiving,
    places: Vec<Arc<dyn BlobStore>>,
    signer: Arc<Signer>,
}

impl Keeping {
    fn of(&self, service: &str) -> Of {
        Of { cell: self.plan.cell.clone(), service: service.to_owned() }
    }

    fn trust(&self) -> Trust {
        Trust::Keys(vec![self.signer.public()])
    }

    /// The loop of one service; `turn` counts them.
    pub fn run(&self, core: &Arc<Core>, turn: u32) -> Result<impl Future<Output = ()> + Send + 'static, String> {
        let encoder = Worker::on_thread("archive", ()).map_err(|e| e.to_string())?;
        let sealer = |target: &Arc<dyn BlobStore>| Sealer {
            of: self.of(core.service),
            target: target.clone(),
            signer: self.signer.clone(),
            clock: core.clock.clone(),
            encoder: encoder.clone(),
            full: FULL,
        };
        let copies = self.plan.copies.unwrap_or(self.places.len());
        let pruning = || Pruning { of: self.of(core.service), targets: self.places.clone(), trust: self.trust(), copies };
        let retention = self.plan.keep_days.map(|days| Retention { pruning: pruning(), keep: Duration::from_secs(days * 86_400) });
        let archivist = Archivist {
            store: core.store.clone(),
            sealers: self.places.iter().map(sealer).collect(),
            retention,
            every: Duration::from_secs(self.plan.every_s),
            clock: core.clock.clone(),
        };
        let core = core.clone();
        Ok(archivist.run(turn, move |kept| {
            let shown =
                |kept: &Kept| Archived { place: kept.place.clone(), positions: kept.positions, at: kept.at, fault: kept.fault.clone() };
            *core.archived.lock().unwrap_or_else(PoisonError::into_inner) = kept.iter().map(shown).collect();
        }))
    }
}

/// Storage with an archive behind it.
pub struct Behind {
    /// Where events and views are.
    pub storage: Arc<dyn Storage>,
    /// Where what has left the stores is.
    pub keeping: Keeping,
}

impl Storage for Behind {
    fn store(&self, service: &str) -> Result<Arc<dyn EventStore>, String> {
        self.storage.store(service)
    }

    fn views(&self, service: &str, schema: &str) -> Result<Db, String> {
        self.storage.views(service, schema)
    }

    fn deep(&self, service: &str, store: Arc<dyn EventStore>) -> Arc<dyn EventStore> {
        Arc::new(Deep::of(store, self.keeping.of(service), self.keeping.places.clone(), self.keeping.trust()))
    }
}
