//! The port: what a store must be able to do. Three stores implement it and one conformance suite tests them all.

use std::collections::BTreeMap;

use kernel::decide::Snapshot;
use kernel::{Lane, Stream};
use serde::{Deserialize, Serialize};

use crate::BoxFuture;
use crate::record::{Record, Recorded, Row, Stored};

/// Why a store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// Definitely nothing was written; everybody may try again.
    Nothing(String),
    /// Nothing was written, because another committer has just recorded one of the batch's keys: deciding again finds it.
    Raced,
    /// The commit's outcome is not known: the whole batch is unknown.
    Unknown(String),
    /// One command of the batch is at fault (a constraint row refused it, or what it needs cannot be folded): nothing was
    /// written, and each command is tried alone so that only that one suffers.
    Constraint(String),
    /// What is asked for is not in the store any more: it was pruned, and is in the archive only.
    Pruned,
}

impl std::fmt::Display for StoreFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing(why) => write!(f, "nothing was stored: {why}"),
            Self::Raced => f.write_str("nothing was stored: a key has just been recorded in another lane"),
            Self::Unknown(why) => write!(f, "the outcome of the commit is unknown: {why}"),
            Self::Constraint(why) => write!(f, "a command of the batch cannot be stored: {why}"),
            Self::Pruned => f.write_str("what is asked for is no longer in the store, but in its archive"),
        }
    }
}

impl std::error::Error for StoreFault {}

/// Where a lane ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last position, 0 when empty.
    pub pos: u64,
    /// The chain hash there.
    pub hash: [u8; 32],
}

impl Default for Head {
    fn default() -> Self {
        Self { pos: 0, hash: crate::chain::START }
    }
}

/// What a lane no longer has all of, because it is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pruned {
    /// Up to here, and this position is still there.
    pub through: u64,
    /// Where it was read back before it was taken away.
    pub places: Vec<String>,
}

/// Pages and streams are whole or not there at all: what follows `after` must go on without a gap.
pub fn gapless<T>(after: u64, found: Vec<T>, number: impl Fn(&T) -> u64) -> Result<Vec<T>, StoreFault> {
    let is_whole = found.iter().zip(after + 1..).all(|(one, expected)| number(one) == expected);
    if is_whole { Ok(found) } else { Err(StoreFault::Pruned) }
}

/// What a committer wants to know when it opens a transaction: one round trip instead of one a command.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// The lanes to lock, and the position up to which the committer's cache has folded each.
    pub lanes: BTreeMap<Lane, u64>,
    /// Command keys to look up, as (caller, key).
    pub keys: Vec<(String, String)>,
}

/// An open transaction that holds its lanes, and what was asked.
pub struct Opened {
    /// The transaction; dropping it rolls back.
    pub txn: Box<dyn Txn>,
    /// Where each opened lane ends.
    pub heads: BTreeMap<Lane, Head>,
    /// Events stored by others since the committer last looked, in order.
    pub behind: Vec<Stored>,
    /// The records of the asked keys, in the order asked.
    pub records: Vec<Option<Record>>,
}

/// A stream as a committer loads it: its newest snapshot and the events after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The snapshot, if there is one.
    pub snapshot: Option<Snapshot>,
    /// The events after the snapshot (or all), as (version, schema, JSON).
    pub events: Vec<(u64, u16, String)>,
    /// The position of the last event, snapshots included; 0 when there is none.
    pub pos: u64,
}

/// A command's record with its events, positions given.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The lane it goes to.
    pub lane: Lane,
    /// The record's position; its events follow without a gap.
    pub pos: u64,
    /// The record.
    pub record: Record,
    /// The record's JSON (what is hashed and stored).
    pub json: String,
    /// Hash at the record's position.
    pub hash: [u8; 32],
    /// The events with the hash at each one's position.
    pub events: Vec<(Recorded, [u8; 32])>,
    /// Snapshots that became due.
    pub snapshots: Vec<(Stream, Snapshot)>,
}

/// Everything one commit writes.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The entries in decision order.
    pub entries: Vec<Entry>,
}

/// How a store is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Committers of one process, each with lanes of its own (lane modulo their number).
    pub committers: usize,
    /// How often the lanes' ends are asked for, when other processes write to the same store.
    pub poll: Option<std::time::Duration>,
}

impl Default for Sharing {
    fn default() -> Self {
        Self { committers: 1, poll: None }
    }
}

/// A durable store of lanes.
pub trait EventStore: Send + Sync + 'static {
    /// Tells this store's history from a restored or forked one.
    fn incarnation(&self) -> String;

    /// How it is shared with other processes, and how many committers it serves at once.
    fn sharing(&self) -> Sharing {
        Sharing::default()
    }

    /// Opens a transaction, locks the lanes and answers the questions.
    fn begin(&self, open: Open) -> BoxFuture<'_, Result<Opened, StoreFault>>;

    /// Up to `limit` positions of a lane after `after`, in order and without a gap, durable ones only; [`StoreFault::Pruned`]
    /// when one of them is not here any more.
    fn read(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>>;

    /// The same as it is kept: what is copied elsewhere.
    fn rows(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreFault>>;

    /// The events of a stream after a version, in order and without a gap; [`StoreFault::Pruned`] when one of them is not
    /// here any more.
    fn stream(&self, lane: Lane, stream: Stream, after: u64) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>>;

    /// A stream's newest snapshot and the events after it: what is needed to know it as it is.
    fn load(&self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>>;

    /// The record of a command.
    fn record(&self, caller: String, key: String) -> BoxFuture<'_, Result<Option<Record>, StoreFault>>;

    /// Everything claimed whose name starts with `prefix`, in order, with its lane. Open sagas are found this way.
    fn claims(&self, prefix: String) -> BoxFuture<'_, Result<Vec<(String, Lane)>, StoreFault>>;

    /// Where every lane ends; lanes without a position are left out.
    fn heads(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Head>, StoreFault>>;

    /// Takes away what is in the archive and no decision needs any more: events before `pruned.through` whose stream has a
    /// snapshot of a later version. Commands' records stay, so every key is answered as ever. Says how many events went.
    /// It is done in small transactions: cut short, some of them are still here, and the next call goes on.
    fn prune(&self, lane: Lane, pruned: Pruned) -> BoxFuture<'_, Result<u64, StoreFault>>;

    /// What was pruned of each lane.
    fn pruned(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Pruned>, StoreFault>>;
}

/// An open transaction. It owns its way to the store: no borrow, and dropping it rolls back.
pub trait Txn: Send {
    /// Loads a stream of an opened lane.
    fn load(&mut self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>>;

    /// Writes the batch and makes it durable.
    fn commit(self: Box<Self>, batch: Batch) -> BoxFuture<'static, Result<(), StoreFault>>;
}
