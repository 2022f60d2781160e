//! The simulated store: a disk in memory that forgets what was not synced when its machine crashes.
//!
//! A commit is first written, then synced; between the two the batch may be lost, kept whole, or torn. Recovery keeps a
//! batch only when all of it is there (a checksum over the batch, as a write-ahead log does it).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::decide::Snapshot;
use kernel::{Chance, Lane, Stream};
use tokio::sync::OwnedMutexGuard;

use crate::BoxFuture;
use crate::port::{Batch, EventStore, Head, Loaded, Open, Opened, Pruned, StoreFault, Txn, gapless};
use crate::record::{Body, Record, Row, Stored};

/// What became of the unsynced batch in a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// There was none.
    Clean,
    /// It was lost.
    Lost,
    /// All of it had reached the disk.
    Kept,
    /// A part had reached the disk; recovery threw it away.
    Torn,
}

#[derive(Default)]
struct State {
    lanes: BTreeMap<Lane, Vec<Stored>>,
    streams: BTreeMap<(Lane, Stream), Vec<u64>>,
    commands: BTreeMap<(String, String), (Lane, u64)>,
    snapshots: BTreeMap<(Lane, Stream), Snapshot>,
    claims: BTreeMap<String, (Lane, u64)>,
    pruned: BTreeMap<Lane, Pruned>,
    /// Positions that are not there any more.
    gone: BTreeSet<(Lane, u64)>,
    unsynced: Option<Batch>,
}

impl State {
    fn apply(&mut self, batch: Batch) {
        for entry in batch.entries {
            let lane = entry.lane;
            let rows = self.lanes.entry(lane).or_default();
            let by = Arc::new(entry.record);
            self.commands.insert((by.caller.clone(), by.key.clone()), (lane, entry.pos));
            rows.push(Stored { lane, pos: entry.pos, hash: entry.hash, body: Body::Command(by.clone()) });
            for (event, hash) in entry.events {
                let pos = rows.len() as u64 + 1;
                self.streams.entry((lane, event.stream.clone())).or_default().push(pos);
                rows.push(Stored { lane, pos, hash, body: Body::Event(event) });
            }
            for (stream, snapshot) in entry.snapshots {
                self.snapshots.insert((lane, stream), snapshot);
            }
            for (thing, take) in &by.claims {
                if *take {
                    self.claims.insert(thing.clone(), (lane, entry.pos));
                } else {
                    self.claims.remove(thing);
                }
            }
        }
    }

    fn row(&self, lane: Lane, pos: u64) -> Option<&Stored> {
        self.lanes.get(&lane)?.get((pos as usize).checked_sub(1)?).filter(|_| !self.gone.contains(&(lane, pos)))
    }

    /// The next event of the lane that a snapshot covers goes; `false` when there is none.
    fn take(&mut self, lane: Lane, through: u64) -> bool {
        let covered = |stored: &&Stored| {
            let Some(event) = stored.event() else { return false };
            let known = self.snapshots.get(&(lane, event.stream.clone())).map_or(0, |snapshot| snapshot.version);
            event.version < known && !self.gone.contains(&(lane, stored.pos))
        };
        let rows = self.lanes.get(&lane).map_or(&[][..], |rows| rows);
        let next = rows.iter().take_while(|stored| stored.pos < through).find(covered).map(|stored| stored.pos);
        next.is_some_and(|pos| self.gone.insert((lane, pos)))
    }

    fn head(&self, lane: Lane) -> Head {
        self.lanes.get(&lane).and_then(|l| l.last()).map_or_else(Head::default, |s| Head { pos: s.pos, hash: s.hash })
    }

    fn loaded(&self, lane: Lane, stream: Stream) -> Loaded {
        let place = (lane, stream);
        let snapshot = self.snapshots.get(&place).cloned();
        let after = snapshot.as_ref().map_or(0, |s| s.version);
        let places = self.streams.get(&place).map_or(&[][..], |places| places);
        let events = places.iter().filter_map(|pos| self.row(lane, *pos)?.event());
        let events = events.filter(|e| e.version > after).map(|e| (e.version, e.schema, e.json.clone())).collect();
        Loaded { snapshot, events, pos: places.last().copied().unwrap_or(0) }
    }

    fn record(&self, caller: &str, key: &str) -> Option<Record> {
        let (lane, pos) = self.commands.get(&(caller.to_owned(), key.to_owned()))?;
        match &self.row(*lane, *pos)?.body {
            Body::Command(record) => Some(record.as_ref().clone()),
            Body::Event(_) => None,
        }
    }

    fn after(&self, lane: Lane, after: u64, limit: usize) -> Vec<Stored> {
        self.lanes.get(&lane).map_or_else(Vec::new, |rows| {
            rows.iter().skip(after as usize).filter(|s| !self.gone.contains(&(lane, s.pos))).take(limit).cloned().collect()
        })
    }

    /// The first claim of the batch that somebody else holds.
    fn taken(&self, batch: &Batch) -> Option<String> {
        let mut now: BTreeMap<&str, bool> = BTreeMap::new();
        for (thing, take) in batch.entries.iter().flat_map(|e| &e.record.claims) {
            let held = now.get(thing.as_str()).copied().unwrap_or_else(|| self.claims.contains_key(thing));
            if *take && held {
                return Some(thing.clone());
            }
            now.insert(thing, *take);
        }
        None
    }
}

/// The disk: survives crashes of the machine that uses it. Several stores may stand on it, as replicas do on one database.
#[derive(Clone, Default)]
pub struct Disk {
    state: Arc<Mutex<State>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Disk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The machine has crashed: decides what became of the batch that was not synced yet.
    pub fn crash(&self, chance: &dyn Chance) -> Tail {
        let mut state = self.state();
        let Some(batch) = state.unsynced.take() else { return Tail::Clean };
        match chance.below(3) {
            0 => Tail::Lost,
            1 => Tail::Torn,
            _ => {
                state.apply(batch);
                Tail::Kept
            }
        }
    }

    /// Everything that was ever durable, lane by lane, pruned or not: what a checker reads.
    pub fn all(&self) -> Vec<Stored> {
        self.state().lanes.values().flatten().cloned().collect()
    }
}

/// A store on a simulated disk, with seeded delays. A crash is: drop the store, [`Disk::crash`], make a new one.
pub struct Simulated {
    disk: Disk,
    chance: Arc<dyn Chance>,
    delay_us_max: u64,
}

impl Simulated {
    /// A store on `disk`; each write and each sync takes up to `delay_us_max` microseconds of tokio time.
    pub fn new(disk: Disk, chance: Arc<dyn Chance>, delay_us_max: u64) -> Self {
        Self { disk, chance, delay_us_max }
    }
}

async fn pause(chance: &dyn Chance, delay_us_max: u64) {
    if delay_us_max > 0 {
        tokio::time::sleep(Duration::from_micros(chance.below(delay_us_max))).await;
    }
}

impl EventStore for Simulated {
    fn incarnation(&self) -> String {
        "sim".into()
    }

    fn begin(&self, open: Open) -> BoxFuture<'_, Result<Opened, StoreFault>> {
        Box::pin(async move {
            let turn = self.disk.turn.clone().lock_owned().await;
            pause(self.chance.as_ref(), self.delay_us_max).await;
            let state = self.disk.state();
            let heads = open.lanes.keys().map(|lane| (*lane, state.head(*lane))).collect();
            let behind = open.lanes.iter().filter(|(_, after)| **after != u64::MAX);
            let behind = behind.flat_map(|(lane, after)| state.after(*lane, *after, usize::MAX)).collect();
            let records = open.keys.iter().map(|(caller, key)| state.record(caller, key)).collect();
            let txn = SimulatedTxn { disk: self.disk.clone(), chance: self.chance.clone(), delay_us_max: self.delay_us_max, _turn: turn };
            Ok(Opened { txn: Box::new(txn), heads, behind, records })
        })
    }

    fn read(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        let page = self.disk.state().after(lane, after, limit);
        Box::pin(async move { gapless(after, page, |stored| stored.pos) })
    }

    fn rows(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreFault>> {
        let page = gapless(after, self.disk.state().after(lane, after, limit), |stored| stored.pos);
        let page = match page {
            Ok(page) => page,
            Err(fault) => return Box::pin(async move { Err(fault) }),
        };
        let rows = page.iter().map(Stored::row).collect::<Result<_, _>>();
        Box::pin(async move { rows.map_err(|e| StoreFault::Nothing(e.to_string())) })
    }

    fn stream(&self, lane: Lane, stream: Stream, after: u64) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        let version = |stored: &Stored| stored.event().map_or(0, |event| event.version);
        let state = self.disk.state();
        let places = state.streams.get(&(lane, stream)).cloned().unwrap_or_default();
        let found = places.iter().filter_map(|pos| state.row(lane, *pos).cloned()).filter(|stored| version(stored) > after).collect();
        Box::pin(async move { gapless(after, found, version) })
    }

    fn load(&self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        let loaded = self.disk.state().loaded(lane, stream);
        Box::pin(async move { Ok(loaded) })
    }

    fn record(&self, caller: String, key: String) -> BoxFuture<'_, Result<Option<Record>, StoreFault>> {
        let found = self.disk.state().record(&caller, &key);
        Box::pin(async move { Ok(found) })
    }

    fn claims(&self, prefix: String) -> BoxFuture<'_, Result<Vec<(String, Lane)>, StoreFault>> {
        let state = self.disk.state();
        let found = state.claims.range(prefix.clone()..).take_while(|(thing, _)| thing.starts_with(&prefix));
        let found = found.map(|(thing, (lane, _))| (thing.clone(), *lane)).collect();
        Box::pin(async move { Ok(found) })
    }

    fn heads(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Head>, StoreFault>> {
        let state = self.disk.state();
        let heads = state.lanes.keys().map(|lane| (*lane, state.head(*lane))).collect();
        Box::pin(async move { Ok(heads) })
    }

    /// One event at a time, so that a crash falls between any two.
    fn prune(&self, lane: Lane, pruned: Pruned) -> BoxFuture<'_, Result<u64, StoreFault>> {
        Box::pin(async move {
            let through = pruned.through;
            {
                let mut state = self.disk.state();
                let noted = state.pruned.entry(lane).or_insert_with(|| pruned.clone());
                if noted.through <= through {
                    *noted = pruned;
                }
            }
            let mut gone = 0;
            loop {
                pause(self.chance.as_ref(), self.delay_us_max).await;
                if !self.disk.state().take(lane, through) {
                    return Ok(gone);
                }
                gone += 1;
            }
        })
    }

    fn pruned(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Pruned>, StoreFault>> {
        let pruned = self.disk.state().pruned.clone();
        Box::pin(async move { Ok(pruned) })
    }
}

struct SimulatedTxn {
    disk: Disk,
    chance: Arc<dyn Chance>,
    delay_us_max: u64,
    _turn: OwnedMutexGuard<()>,
}

impl Txn for SimulatedTxn {
    fn load(&mut self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        let loaded = self.disk.state().loaded(lane, stream);
        Box::pin(async move { Ok(loaded) })
    }

    fn commit(self: Box<Self>, batch: Batch) -> BoxFuture<'static, Result<(), StoreFault>> {
        Box::pin(async move {
            if let Some(thing) = self.disk.state().taken(&batch) {
                return Err(StoreFault::Constraint(thing));
            }
            pause(self.chance.as_ref(), self.delay_us_max).await;
            self.disk.state().unsynced = Some(batch);
            pause(self.chance.as_ref(), self.delay_us_max).await;
            let mut state = self.disk.state();
            // The machine crashed while this commit was under way: whoever still listens learns that nobody knows.
            let batch = state.unsynced.take().ok_or_else(|| StoreFault::Unknown("crashed before the sync".into()))?;
            state.apply(batch);
            Ok(())
        })
    }
}
