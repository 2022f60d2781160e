//! Where a run's history is archived: two blob stores that stand outside of every machine. Their requests take time, fail, and
//! sometimes are done though nobody hears of it. Every machine seals into both, takes out of its store what both have, and
//! reads on there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use archive::keep::{Archivist, Retention};
use archive::manifest::Of;
use archive::prune::Pruning;
use archive::seal::Sealer;
use archive::{BlobFault, BlobStore, Created, Deep, Signer, Trust};
use bytes::Bytes;
use eventstore::worker::Worker;
use eventstore::{BoxFuture, EventStore};
use kernel::Chance;
use pipeline::Core;
use tokio::time::sleep;

use crate::clock::SimClock;
use crate::dice::{hits, split};
use crate::options::{Faults, Fired};

/// A request and its answer take at most so long each, microseconds.
const DELAY_US_MAX: u64 = 40_000;
/// Pause between two passes: several lie in every run, and crashes in them.
const EVERY: Duration = Duration::from_secs(60);
/// Positions of a full segment: a lane has several in a run.
const FULL: u64 = 60;
/// Whose history it is.
const CELL: &str = "sim";

/// A blob store.
struct Place {
    name: String,
    things: Mutex<BTreeMap<String, Bytes>>,
    chance: Arc<dyn Chance>,
    fired: Arc<Fired>,
    /// In a thousand requests, so many fail, and so many are done and not answered.
    sick: Mutex<(u64, u64)>,
}

impl Place {
    fn things(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn request<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Bytes>) -> T) -> Result<T, BlobFault> {
        let (lost, unanswered) = *self.sick.lock().unwrap_or_else(PoisonError::into_inner);
        sleep(Duration::from_micros(self.chance.below(DELAY_US_MAX))).await;
        if hits(self.chance.as_ref(), lost) {
            self.fired.count("archive-lost");
            return Err(BlobFault(format!("{} does not answer", self.name)));
        }
        let done = act(&mut self.things());
        sleep(Duration::from_micros(self.chance.below(DELAY_US_MAX))).await;
        if hits(self.chance.as_ref(), unanswered) {
            self.fired.count("archive-unanswered");
            return Err(BlobFault(format!("{} has not answered", self.name)));
        }
        Ok(done)
    }
}

impl BlobStore for Place {
    fn place(&self) -> &str {
        &self.name
    }

    fn create(&self, name: String, bytes: Bytes) -> BoxFuture<'_, Result<Created, BlobFault>> {
        let create = |things: &mut BTreeMap<String, Bytes>| {
            let created = if things.contains_key(&name) { Created::Exists } else { Created::New };
            things.entry(name).or_insert(bytes);
            created
        };
        Box::pin(self.request(create))
    }

    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Bytes>, BlobFault>> {
        Box::pin(self.request(move |things| things.get(&name).cloned()))
    }

    fn list(&self, folder: String) -> BoxFuture<'_, Result<Vec<(String, u64)>, BlobFault>> {
        let below = move |things: &mut BTreeMap<String, Bytes>| {
            things.iter().filter(|(name, _)| name.starts_with(&folder)).map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect()
        };
        Box::pin(self.request(below))
    }
}

/// The archive of a run.
pub struct Cellar {
    places: Vec<Arc<Place>>,
    signer: Arc<Signer>,
    clock: SimClock,
}

impl Cellar {
    /// Two empty places.
    pub fn new(seed: u64, clock: SimClock, fired: &Arc<Fired>) -> Result<Self, String> {
        let place = |name: &str| {
            let chance = split(seed, name);
            Arc::new(Place { name: name.to_owned(), things: Mutex::default(), chance, fired: fired.clone(), sick: Mutex::default() })
        };
        let signer = Arc::new(Signer::of(&[7; 32])?);
        Ok(Self { places: ["cellar one", "cellar two"].map(place).to_vec(), signer, clock })
    }

    /// From now on these faults.
    pub fn set(&self, faults: Faults) {
        for place in &self.places {
            *place.sick.lock().unwrap_or_else(PoisonError::into_inner) = (faults.archive_lost_permille, faults.archive_unanswered_permille);
        }
    }

    /// The two places.
    pub fn places(&self) -> Vec<Arc<dyn BlobStore>> {
        self.places.iter().cloned().map(|place| place as Arc<dyn BlobStore>).collect()
    }

    /// Whose manifests are believed.
    pub fn trust(&self) -> Trust {
        Trust::Keys(vec![self.signer.public()])
    }

    /// The name of a service's history.
    pub fn of(&self, service: &str) -> Of {
        Of { cell: CELL.into(), service: service.to_owned() }
    }

    /// A store that reads on in the archive.
    pub fn behind(&self, service: &str, store: Arc<dyn EventStore>) -> Arc<dyn EventStore> {
        Arc::new(Deep::of(store, self.of(service), self.places(), self.trust()))
    }

    /// One sealer a place.
    pub fn sealers(&self, service: &str) -> Vec<Sealer> {
        let sealer = |target| Sealer {
            of: self.of(service),
            target,
            signer: self.signer.clone(),
            clock: Arc::new(self.clock),
            encoder: Worker::inline(()),
            full: FULL,
        };
        self.places().into_iter().map(sealer).collect()
    }

    /// The loop that keeps the archive of a running service. What is in both places leaves the store at once.
    pub fn keep(&self, core: &Core, turn: u32) -> impl Future<Output = ()> + Send + 'static {
        let pruning = Pruning { of: self.of(core.service), targets: self.places(), trust: self.trust(), copies: self.places.len() };
        let archivist = Archivist {
            store: core.store.clone(),
            sealers: self.sealers(core.service),
            retention: Some(Retention { pruning, keep: Duration::ZERO }),
            every: EVERY,
            clock: Arc::new(self.clock),
        };
        archivist.run(turn, |_| {})
    }
}
