//! A store that fails when a script says so, in each of the ways a real one can.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use eventstore::{Batch, BoxFuture, EventStore, Head, Loaded, Open, Opened, Pruned, Record, Row, StoreFault, Stored, Txn};
use kernel::{Lane, Stream};

/// One trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreTrouble {
    /// No transaction is opened.
    Begin,
    /// A stream cannot be loaded.
    Load,
    /// The commit definitely did nothing.
    Commit,
    /// The commit's answer is lost, and it had happened.
    LostAnswer,
    /// The commit's answer is lost, and it had not happened.
    LostCommit,
    /// A read outside of transactions fails.
    Read,
    /// Half of what others have stored meanwhile is not told.
    HalfBehind,
}

#[derive(Default)]
struct Script {
    coming: BTreeMap<StoreTrouble, VecDeque<u32>>,
    fired: BTreeMap<StoreTrouble, u32>,
    loads: u32,
}

/// A store with trouble. Clones share the script.
pub struct Faulty<S> {
    inner: Arc<S>,
    script: Arc<Mutex<Script>>,
}

impl<S> Clone for Faulty<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), script: self.script.clone() }
    }
}

impl<S> Faulty<S> {
    /// Without trouble so far.
    pub fn new(inner: S) -> Self {
        Self { inner: Arc::new(inner), script: Arc::default() }
    }

    /// The next call that can have this trouble has it, after `passing` more that go well.
    pub fn next(&self, trouble: StoreTrouble, passing: u32) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.coming.entry(trouble).or_default().push_back(passing);
    }

    /// How often a stream was loaded inside a transaction.
    pub fn loads(&self) -> u32 {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).loads
    }

    /// How often this trouble has been had: a fault that never fired proves nothing.
    pub fn fired(&self, trouble: StoreTrouble) -> u32 {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).fired.get(&trouble).copied().unwrap_or(0)
    }
}

fn strikes(script: &Mutex<Script>, trouble: StoreTrouble) -> bool {
    let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(coming) = script.coming.get_mut(&trouble) else { return false };
    match coming.front_mut() {
        Some(0) => {
            coming.pop_front();
            *script.fired.entry(trouble).or_default() += 1;
            true
        }
        Some(passing) => {
            *passing -= 1;
            false
        }
        None => false,
    }
}

fn nothing<T>() -> Result<T, StoreFault> {
    Err(StoreFault::Nothing("as scripted".into()))
}

impl<S: EventStore> EventStore for Faulty<S> {
    fn incarnation(&self) -> String {
        self.inner.incarnation()
    }

    fn begin(&self, open: Open) -> BoxFuture<'_, Result<Opened, StoreFault>> {
        Box::pin(async move {
            if strikes(&self.script, StoreTrouble::Begin) {
                return nothing();
            }
            let mut opened = self.inner.begin(open).await?;
            if !opened.behind.is_empty() && strikes(&self.script, StoreTrouble::HalfBehind) {
                opened.behind.truncate(opened.behind.len() / 2);
            }
            let txn = Box::new(FaultyTxn { inner: opened.txn, script: self.script.clone() });
            Ok(Opened { txn, ..opened })
        })
    }

    fn read(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        if strikes(&self.script, StoreTrouble::Read) { Box::pin(async { nothing() }) } else { self.inner.read(lane, after, limit) }
    }

    fn rows(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreFault>> {
        if strikes(&self.script, StoreTrouble::Read) { Box::pin(async { nothing() }) } else { self.inner.rows(lane, after, limit) }
    }

    fn stream(&self, lane: Lane, stream: Stream, after: u64) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        if strikes(&self.script, StoreTrouble::Read) { Box::pin(async { nothing() }) } else { self.inner.stream(lane, stream, after) }
    }

    fn load(&self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        if strikes(&self.script, StoreTrouble::Read) { Box::pin(async { nothing() }) } else { self.inner.load(lane, stream) }
    }

    fn record(&self, caller: String, key: String) -> BoxFuture<'_, Result<Option<Record>, StoreFault>> {
        if strikes(&self.script, StoreTrouble::Read) { Box::pin(async { nothing() }) } else { self.inner.record(caller, key) }
    }

    fn claims(&self, prefix: String) -> BoxFuture<'_, Result<Vec<(String, Lane)>, StoreFault>> {
        if strikes(&self.script, StoreTrouble::Read) { Box::pin(async { nothing() }) } else { self.inner.claims(prefix) }
    }

    fn heads(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Head>, StoreFault>> {
        if strikes(&self.script, StoreTrouble::Read) { Box::pin(async { nothing() }) } else { self.inner.heads() }
    }

    fn prune(&self, lane: Lane, pruned: Pruned) -> BoxFuture<'_, Result<u64, StoreFault>> {
        self.inner.prune(lane, pruned)
    }

    fn pruned(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Pruned>, StoreFault>> {
        self.inner.pruned()
    }
}

struct FaultyTxn {
    inner: Box<dyn Txn>,
    script: Arc<Mutex<Script>>,
}

impl Txn for FaultyTxn {
    fn load(&mut self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).loads += 1;
        if strikes(&self.script, StoreTrouble::Load) { Box::pin(async { nothing() }) } else { self.inner.load(lane, stream) }
    }

    fn commit(self: Box<Self>, batch: Batch) -> BoxFuture<'static, Result<(), StoreFault>> {
        Box::pin(async move {
            let unknown = Err(StoreFault::Unknown("as scripted".into()));
            if strikes(&self.script, StoreTrouble::Commit) {
                return nothing();
            }
            if strikes(&self.script, StoreTrouble::LostCommit) {
                return unknown;
            }
            let lost = strikes(&self.script, StoreTrouble::LostAnswer);
            self.inner.commit(batch).await?;
            if lost { unknown } else { Ok(()) }
        })
    }
}
