//! Disks and views: events survive a crash as far as they were synced, views never do.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::simulated::{Disk, Simulated};
use eventstore::{Batch, BoxFuture, EventStore, Head, Loaded, Open, Opened, Pruned, Record, Row, StoreFault, Stored, Txn};
use feed::Db;
use host::Storage;
use kernel::{Chance, Lane, Stream};
use tokio::sync::Notify;

use crate::cellar::Cellar;
use crate::clock::SimClock;
use crate::trace::Trace;

/// A write, and a sync, take at most so long (microseconds): time for a crash to fall between them.
const DELAY_US_MAX: u64 = 6_000;

/// The storage of one machine.
pub struct SimStorage {
    /// What survives.
    pub disk: Disk,
    /// How long writing takes.
    pub chance: Arc<dyn Chance>,
    /// Where commits are noted.
    pub trace: Arc<Trace>,
    /// When they were.
    pub clock: SimClock,
    /// Told when a commit begins: a good moment for a crash.
    pub writing: Arc<Notify>,
    /// Where what has left the disk is.
    pub cellar: Option<Arc<Cellar>>,
}

impl Storage for SimStorage {
    fn store(&self, service: &str) -> Result<Arc<dyn EventStore>, String> {
        let inner = Simulated::new(self.disk.clone(), self.chance.clone(), DELAY_US_MAX);
        let noted = Noted { service: service.to_owned(), trace: self.trace.clone(), clock: self.clock, writing: self.writing.clone() };
        Ok(Arc::new(NotedStore { inner, noted }))
    }

    fn views(&self, _: &str, schema: &str) -> Result<Db, String> {
        Db::in_memory(schema).map_err(|e| e.to_string())
    }

    fn deep(&self, service: &str, store: Arc<dyn EventStore>) -> Arc<dyn EventStore> {
        match &self.cellar {
            Some(cellar) => cellar.behind(service, store),
            None => store,
        }
    }
}

/// Where commits of a store are noted.
#[derive(Clone)]
struct Noted {
    service: String,
    trace: Arc<Trace>,
    clock: SimClock,
    writing: Arc<Notify>,
}

/// A simulated store that says what it commits.
struct NotedStore {
    inner: Simulated,
    noted: Noted,
}

impl EventStore for NotedStore {
    fn incarnation(&self) -> String {
        self.inner.incarnation()
    }

    fn begin(&self, open: Open) -> BoxFuture<'_, Result<Opened, StoreFault>> {
        Box::pin(async move {
            let opened = self.inner.begin(open).await?;
            Ok(Opened { txn: Box::new(NotedTxn { inner: opened.txn, noted: self.noted.clone() }), ..opened })
        })
    }

    fn read(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        self.inner.read(lane, after, limit)
    }

    fn rows(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreFault>> {
        self.inner.rows(lane, after, limit)
    }

    fn stream(&self, lane: Lane, stream: Stream, after: u64) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        self.inner.stream(lane, stream, after)
    }

    fn load(&self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        self.inner.load(lane, stream)
    }

    fn record(&self, caller: String, key: String) -> BoxFuture<'_, Result<Option<Record>, StoreFault>> {
        self.inner.record(caller, key)
    }

    fn claims(&self, prefix: String) -> BoxFuture<'_, Result<Vec<(String, Lane)>, StoreFault>> {
        self.inner.claims(prefix)
    }

    fn heads(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Head>, StoreFault>> {
        self.inner.heads()
    }

    fn prune(&self, lane: Lane, pruned: Pruned) -> BoxFuture<'_, Result<u64, StoreFault>> {
        self.inner.prune(lane, pruned)
    }

    fn pruned(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Pruned>, StoreFault>> {
        self.inner.pruned()
    }
}

struct NotedTxn {
    inner: Box<dyn Txn>,
    noted: Noted,
}

impl Txn for NotedTxn {
    fn load(&mut self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        self.inner.load(lane, stream)
    }

    fn commit(self: Box<Self>, batch: Batch) -> BoxFuture<'static, Result<(), StoreFault>> {
        Box::pin(async move {
            let Self { inner, noted } = *self;
            let last = batch.entries.last().map(|e| {
                let hash = e.events.last().map_or(&e.hash, |(_, hash)| hash);
                format!("{} lane {} to {} {}", batch.entries.len(), e.lane, e.pos + e.events.len() as u64, eventstore::chain::short(hash))
            });
            noted.writing.notify_waiters();
            inner.commit(batch).await?;
            noted.trace.say(format!("{} {} commits {}", noted.clock.ms(), noted.service, last.unwrap_or_default()));
            Ok(())
        })
    }
}
