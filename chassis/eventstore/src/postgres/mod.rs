//! The PostgreSQL store (15 or newer): a schema a service, two writing connections with a thread each, two for reading.
//!
//! A lane's order is the lock on its row, taken first and held to the commit. A batch costs two round trips: one that opens
//! the transaction, takes the locks and answers what the committer asks; one that writes everything and commits.

mod prune;
mod rows;
mod schema;
mod scratch;
pub mod session;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kernel::{Lane, Stream};
use tokio::sync::{Mutex, OwnedMutexGuard};

pub use self::schema::Place;
pub use self::scratch::Scratch;
use self::session::{Fault, Session};
use crate::BoxFuture;
use crate::port::{Batch, EventStore, Head, Loaded, Open, Opened, Pruned, Sharing, StoreFault, Txn, gapless};
use crate::record::{Record, Row, Stored};
use crate::worker::{Gone, Worker, aside};

/// Writing connections, and committers that use them.
const WRITERS: usize = 2;
/// Reading connections.
const READERS: usize = 2;
/// How often other processes' commits are looked for.
const POLL: Duration = Duration::from_millis(50);

/// A store in a schema of a PostgreSQL database.
pub struct Postgres {
    incarnation: String,
    writers: Vec<Writer>,
    readers: Vec<Worker<Session>>,
    next_reader: AtomicUsize,
}

struct Writer {
    worker: Worker<Session>,
    turn: Arc<Mutex<()>>,
}

impl Postgres {
    /// Opens or creates a service's store. `incarnation` names its history when it is new. Blocks while it connects.
    pub fn open(place: &Place, incarnation: &str) -> Result<Self, StoreFault> {
        let (target, incarnation) = beside(|| {
            let target = place.provide("").map_err(nothing_of)?;
            let mut first = Session::new(target.clone()).map_err(nothing_of)?;
            Ok((target, schema::migrate(&mut first, incarnation).map_err(StoreFault::Nothing)?))
        })?;
        let worker = || -> Result<Worker<Session>, StoreFault> {
            let session = Session::new(target.clone()).map_err(nothing_of)?;
            Worker::on_thread("store", session).map_err(|e| StoreFault::Nothing(e.to_string()))
        };
        let writer = || Ok(Writer { worker: worker()?, turn: Arc::new(Mutex::new(())) });
        let writers = (0..WRITERS).map(|_| writer()).collect::<Result<_, StoreFault>>()?;
        let readers = (0..READERS).map(|_| worker()).collect::<Result<_, _>>()?;
        Ok(Self { incarnation, writers, readers, next_reader: AtomicUsize::new(0) })
    }

    fn ask<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Session) -> Result<T, Fault> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreFault>> {
        let reader = &self.readers[self.next_reader.fetch_add(1, Ordering::Relaxed) % self.readers.len()];
        let asked = reader.run(f);
        Box::pin(async move { nothing(asked.await) })
    }
}

/// Blocking work, in a store's words.
fn beside<T: Send>(f: impl FnOnce() -> Result<T, StoreFault> + Send) -> Result<T, StoreFault> {
    aside("store", f).unwrap_or_else(|Gone| Err(StoreFault::Nothing("opening the store panicked".into())))
}

fn nothing_of(fault: Fault) -> StoreFault {
    StoreFault::Nothing(fault.to_string())
}

/// The result of something that writes nothing.
fn nothing<T>(result: Result<Result<T, Fault>, Gone>) -> Result<T, StoreFault> {
    match result {
        Ok(done) => done.map_err(nothing_of),
        Err(Gone) => Err(StoreFault::Nothing("the store has been closed".into())),
    }
}

impl EventStore for Postgres {
    fn incarnation(&self) -> String {
        self.incarnation.clone()
    }

    fn sharing(&self) -> Sharing {
        Sharing { committers: WRITERS, poll: Some(POLL) }
    }

    fn begin(&self, open: Open) -> BoxFuture<'_, Result<Opened, StoreFault>> {
        Box::pin(async move {
            let lane = open.lanes.keys().next().copied().unwrap_or(0);
            let writer = &self.writers[usize::from(lane) % self.writers.len()];
            let turn = writer.turn.clone().lock_owned().await;
            let mut txn = PostgresTxn { worker: writer.worker.clone(), open: true, _turn: turn };
            match nothing(writer.worker.run(move |session| rows::open(session, &open)).await) {
                Ok(found) => Ok(Opened { txn: Box::new(txn), heads: found.heads, behind: found.behind, records: found.records }),
                Err(fault) => {
                    txn.rollback();
                    Err(fault)
                }
            }
        })
    }

    fn read(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        let asked = self.ask(move |session| rows::read(session, lane, after, limit));
        Box::pin(async move { gapless(after, asked.await?, |stored| stored.pos) })
    }

    fn rows(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreFault>> {
        let asked = self.ask(move |session| rows::kept(session, lane, after, limit));
        Box::pin(async move { gapless(after, asked.await?, |row| row.pos) })
    }

    fn stream(&self, lane: Lane, stream: Stream, after: u64) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        let asked = self.ask(move |session| rows::stream(session, lane, &stream.to_string(), after));
        Box::pin(async move { gapless(after, asked.await?, |stored| stored.event().map_or(0, |event| event.version)) })
    }

    fn load(&self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        self.ask(move |session| rows::load(session, lane, &stream.to_string()))
    }

    fn record(&self, caller: String, key: String) -> BoxFuture<'_, Result<Option<Record>, StoreFault>> {
        self.ask(move |session| rows::command(session, &caller, &key))
    }

    fn claims(&self, prefix: String) -> BoxFuture<'_, Result<Vec<(String, Lane)>, StoreFault>> {
        self.ask(move |session| rows::claims(session, &prefix))
    }

    fn heads(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Head>, StoreFault>> {
        self.ask(|session| {
            let all: Vec<Lane> = (0..kernel::stream::LANES).collect();
            let mut heads = rows::heads(session, &all)?;
            heads.retain(|_, head| head.pos > 0);
            Ok(heads)
        })
    }

    fn prune(&self, lane: Lane, pruned: Pruned) -> BoxFuture<'_, Result<u64, StoreFault>> {
        Box::pin(async move {
            let through = pruned.through;
            let mut gone = 0;
            for stream in self.ask(move |session| prune::begin(session, lane, &pruned)).await? {
                loop {
                    let stream = stream.clone();
                    let Some(taken) = self.ask(move |session| prune::chunk(session, lane, &stream, through)).await? else { break };
                    gone += taken;
                }
            }
            Ok(gone)
        })
    }

    fn pruned(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Pruned>, StoreFault>> {
        self.ask(prune::pruned)
    }
}

/// A transaction on a writer's thread. It keeps the turn, so no other transaction's statements get between its own.
struct PostgresTxn {
    worker: Worker<Session>,
    open: bool,
    _turn: OwnedMutexGuard<()>,
}

impl PostgresTxn {
    fn rollback(&mut self) {
        if std::mem::take(&mut self.open) {
            // Queued at once and in order; nobody waits for it.
            drop(self.worker.run(Session::roll_back));
        }
    }
}

impl Drop for PostgresTxn {
    fn drop(&mut self) {
        self.rollback();
    }
}

impl Txn for PostgresTxn {
    fn load(&mut self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        let asked = self.worker.run(move |session| rows::load(session, lane, &stream.to_string()));
        Box::pin(async move { nothing(asked.await) })
    }

    fn commit(mut self: Box<Self>, batch: Batch) -> BoxFuture<'static, Result<(), StoreFault>> {
        self.open = false;
        let committed = self.worker.run(move |session| write::commit(session, &batch));
        Box::pin(async move {
            let _turn = self;
            committed.await.unwrap_or_else(|Gone| Err(StoreFault::Unknown("the store has been closed".into())))
        })
    }
}
