//! The newest positions of each lane, kept in memory as they are committed: followers read what has just happened, and
//! several of them the same, so most of their pages need not be asked of the store.
//!
//! A lane's tail has no gaps and holds durable positions only. Another replica's commits are not in it: then the store is
//! asked, and the tail starts anew behind them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Lane, Stream};

use crate::BoxFuture;
use crate::port::{Batch, Entry, EventStore, Head, Loaded, Open, Opened, Pruned, Sharing, StoreFault, Txn};
use crate::record::{Body, Record, Row, Stored};

/// Positions kept a lane; a follower that is farther behind reads the store.
const KEPT: usize = 500;
/// Bytes of JSON kept a lane.
const KEPT_BYTES: usize = 1 << 18;

/// A store with the tails of its lanes in memory.
pub struct Tail {
    store: Arc<dyn EventStore>,
    lanes: Arc<Lanes>,
}

#[derive(Default)]
struct Lanes(Mutex<BTreeMap<Lane, Kept>>);

#[derive(Default)]
struct Kept {
    rows: VecDeque<Stored>,
    bytes: usize,
}

impl Kept {
    fn push(&mut self, stored: Stored) {
        if self.rows.back().is_some_and(|last| last.pos + 1 != stored.pos) {
            *self = Self::default();
        }
        self.bytes += bytes(&stored);
        self.rows.push_back(stored);
        while self.rows.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(first) = self.rows.pop_front() else { return };
            self.bytes -= bytes(&first);
        }
    }

    /// What follows a position, when its first row is here.
    fn after(&self, pos: u64, limit: usize) -> Option<Vec<Stored>> {
        let first = self.rows.front()?.pos;
        let skip = usize::try_from((pos + 1).checked_sub(first)?).ok()?;
        let found: Vec<Stored> = self.rows.iter().skip(skip).take(limit).cloned().collect();
        (!found.is_empty()).then_some(found)
    }
}

fn bytes(stored: &Stored) -> usize {
    stored.event().map_or(256, |event| event.json.len() + 64)
}

impl Lanes {
    fn push(&self, rows: Vec<Stored>) {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for stored in rows {
            lanes.entry(stored.lane).or_default().push(stored);
        }
    }

    fn after(&self, lane: Lane, pos: u64, limit: usize) -> Option<Vec<Stored>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&lane)?.after(pos, limit)
    }
}

impl Tail {
    /// Remembers what is committed through it.
    pub fn of(store: Arc<dyn EventStore>) -> Self {
        Self { store, lanes: Arc::default() }
    }
}

/// The positions of an entry, as they are read later.
fn rows(entry: &Entry) -> impl Iterator<Item = Stored> {
    let by = Arc::new(entry.record.clone());
    let command = Stored { lane: entry.lane, pos: entry.pos, hash: entry.hash, body: Body::Command(by) };
    let event = |(n, (event, hash)): (usize, &(crate::Recorded, [u8; 32]))| Stored {
        lane: entry.lane,
        pos: entry.pos + 1 + n as u64,
        hash: *hash,
        body: Body::Event(event.clone()),
    };
    std::iter::once(command).chain(entry.events.iter().enumerate().map(event))
}

impl EventStore for Tail {
    fn incarnation(&self) -> String {
        self.store.incarnation()
    }

    fn sharing(&self) -> Sharing {
        self.store.sharing()
    }

    fn begin(&self, open: Open) -> BoxFuture<'_, Result<Opened, StoreFault>> {
        Box::pin(async move {
            let opened = self.store.begin(open).await?;
            Ok(Opened { txn: Box::new(Remembering { txn: opened.txn, lanes: self.lanes.clone() }), ..opened })
        })
    }

    fn read(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        match self.lanes.after(lane, after, limit) {
            Some(found) => Box::pin(async move { Ok(found) }),
            None => self.store.read(lane, after, limit),
        }
    }

    fn rows(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreFault>> {
        self.store.rows(lane, after, limit)
    }

    fn stream(&self, lane: Lane, stream: Stream, after: u64) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        self.store.stream(lane, stream, after)
    }

    fn load(&self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        self.store.load(lane, stream)
    }

    fn record(&self, caller: String, key: String) -> BoxFuture<'_, Result<Option<Record>, StoreFault>> {
        self.store.record(caller, key)
    }

    fn claims(&self, prefix: String) -> BoxFuture<'_, Result<Vec<(String, Lane)>, StoreFault>> {
        self.store.claims(prefix)
    }

    fn heads(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Head>, StoreFault>> {
        self.store.heads()
    }

    fn prune(&self, lane: Lane, pruned: Pruned) -> BoxFuture<'_, Result<u64, StoreFault>> {
        self.store.prune(lane, pruned)
    }

    fn pruned(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Pruned>, StoreFault>> {
        self.store.pruned()
    }
}

/// A transaction whose batch is remembered once it is durable.
struct Remembering {
    txn: Box<dyn Txn>,
    lanes: Arc<Lanes>,
}

impl Txn for Remembering {
    fn load(&mut self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        self.txn.load(lane, stream)
    }

    fn commit(self: Box<Self>, batch: Batch) -> BoxFuture<'static, Result<(), StoreFault>> {
        let rows: Vec<Stored> = batch.entries.iter().flat_map(rows).collect();
        let (lanes, committed) = (self.lanes, self.txn.commit(batch));
        Box::pin(async move {
            committed.await?;
            lanes.push(rows);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pos: u64) -> Stored {
        let by = Record {
            caller: "desk".into(),
            key: pos.to_string(),
            fingerprint: String::new(),
            verdict: kernel::Verdict::Applied("{}".into()),
            at: kernel::Timestamp(0),
            actor: String::new(),
            causation: String::new(),
            traceparent: String::new(),
            business_date: None,
            claims: vec![],
        };
        Stored { lane: 1, pos, hash: [0; 32], body: Body::Command(Arc::new(by)) }
    }

    fn found(lanes: &Lanes, after: u64, limit: usize) -> Option<Vec<u64>> {
        lanes.after(1, after, limit).map(|rows| rows.iter().map(|row| row.pos).collect())
    }

    #[test]
    fn a_tail_answers_only_what_it_holds_without_a_gap() {
        let lanes = Lanes::default();
        assert_eq!(found(&lanes, 0, 9), None);
        lanes.push((5..=8).map(row).collect());
        assert_eq!((found(&lanes, 3, 9), found(&lanes, 8, 9)), (None, None), "before the tail, and behind its end");
        assert_eq!((found(&lanes, 4, 9), found(&lanes, 6, 1)), (Some(vec![5, 6, 7, 8]), Some(vec![7])));
        // 9 and 10 are another replica's.
        lanes.push(vec![row(11)]);
        assert_eq!((found(&lanes, 7, 9), found(&lanes, 10, 9)), (None, Some(vec![11])));
        // A history that went back: what was kept of the other one is gone.
        lanes.push(vec![row(6)]);
        assert_eq!((found(&lanes, 10, 9), found(&lanes, 5, 9)), (None, Some(vec![6])));
    }

    #[test]
    fn a_tail_stays_short() {
        let lanes = Lanes::default();
        lanes.push((1..=3_000).map(row).collect());
        assert_eq!((found(&lanes, 2_499, 1), found(&lanes, 2_500, 1)), (None, Some(vec![2_501])));
    }
}
