//! Reading below what was pruned: a store that goes on in its archive where its own rows end.
//!
//! Only what the store itself no longer has is read from there, and only from an archive whose chain is the store's own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use eventstore::port::Sharing;
use eventstore::{Body, BoxFuture, EventStore, Head, Loaded, Open, Opened, Pruned, Record, Recorded, Row, StoreFault, Stored, gapless};
use kernel::{Lane, Stream};
use tokio::sync::Mutex;

use crate::key::Trust;
use crate::manifest::{Of, Sealed};
use crate::segment::Segment;
use crate::target::BlobStore;
use crate::verify::Shelf;

/// Segments kept in memory once they are read: whoever reads a lane reads on.
const KEPT: usize = 2;

/// A store with its archive behind it.
pub struct Deep {
    store: Arc<dyn EventStore>,
    library: Library,
}

impl Deep {
    /// A store that reads what it no longer has from these places, whichever answers.
    pub fn of(store: Arc<dyn EventStore>, of: Of, targets: Vec<Arc<dyn BlobStore>>, trust: Trust) -> Self {
        Self { store, library: Library { of, targets, trust, opened: Mutex::default() } }
    }

    /// Archived rows after a position, as they are kept.
    async fn archived(&self, lane: Lane, after: u64, limit: usize) -> Result<Vec<Row>, StoreFault> {
        let segment = self.segment(lane, after + 1).await?;
        let skip = (after + 1 - segment.first()) as usize;
        Ok(segment.rows.iter().skip(skip).take(limit).cloned().collect())
    }

    async fn segment(&self, lane: Lane, pos: u64) -> Result<Arc<Segment>, StoreFault> {
        self.library.segment(self.store.as_ref(), lane, pos).await
    }

    /// The events of a stream after a version: those that are archived, and on from there in the store.
    async fn whole_stream(&self, lane: Lane, stream: Stream, after: u64) -> Result<Vec<Stored>, StoreFault> {
        let through = self.store.pruned().await?.get(&lane).map_or(0, |pruned| pruned.through);
        let (name, mut found, mut pos) = (stream.to_string(), Vec::new(), 1);
        while pos <= through {
            let segment = self.segment(lane, pos).await?;
            let is_asked = |row: &&Row| row.event.as_ref().is_some_and(|place| place.stream == name && place.version > after);
            for row in segment.rows.iter().filter(is_asked) {
                found.extend(stored(&segment, row.pos, 1)?);
            }
            pos = segment.last() + 1;
        }
        let known = found.last().and_then(Stored::event).map_or(after, |event| event.version);
        found.extend(self.store.stream(lane, stream, known).await?);
        gapless(after, found, |stored| stored.event().map_or(0, |event| event.version))
    }
}

/// Positions of a segment, understood.
fn stored(segment: &Segment, first: u64, limit: usize) -> Result<Vec<Stored>, StoreFault> {
    let unreadable = |pos: u64| StoreFault::Nothing(format!("position {pos} of lane {} is archived, and cannot be read", segment.lane));
    let index = |pos: u64| pos.checked_sub(segment.first()).and_then(|n| segment.rows.get(n as usize));
    let (mut found, mut by): (Vec<Stored>, Option<(u64, Arc<Record>)>) = (Vec::new(), None);
    for row in segment.rows.iter().skip((first - segment.first()) as usize).take(limit) {
        let record = match by.take().filter(|(pos, _)| *pos == row.command_pos) {
            Some((_, record)) => record,
            None => {
                let json = &index(row.command_pos).ok_or_else(|| unreadable(row.pos))?.json;
                Arc::new(serde_json::from_str(json).map_err(|_| unreadable(row.command_pos))?)
            }
        };
        by = Some((row.command_pos, record.clone()));
        let body = match &row.event {
            None => Body::Command(record),
            Some(place) => Body::Event(Recorded {
                stream: Stream::parse(&place.stream).ok_or_else(|| unreadable(row.pos))?,
                version: place.version,
                name: place.name.clone(),
                schema: place.schema,
                json: row.json.clone(),
                command_pos: row.command_pos,
                by: record,
            }),
        };
        found.push(Stored { lane: segment.lane, pos: row.pos, hash: row.hash, body });
    }
    Ok(found)
}

/// Where a service's history is archived, read as it is needed.
struct Library {
    of: Of,
    targets: Vec<Arc<dyn BlobStore>>,
    trust: Trust,
    opened: Mutex<Opening>,
}

#[derive(Default)]
struct Opening {
    shelves: BTreeMap<usize, Shelf>,
    /// Lanes of places that have been compared with the store.
    agreed: BTreeSet<(usize, Lane)>,
    segments: VecDeque<Arc<Segment>>,
}

impl Library {
    /// The segment that holds a position, from the first place that has it whole.
    async fn segment(&self, store: &dyn EventStore, lane: Lane, pos: u64) -> Result<Arc<Segment>, StoreFault> {
        let mut opened = self.opened.lock().await;
        let holds = |segment: &&Arc<Segment>| segment.lane == lane && (segment.first()..=segment.last()).contains(&pos);
        if let Some(segment) = opened.segments.iter().find(holds) {
            return Ok(segment.clone());
        }
        for (n, target) in self.targets.iter().enumerate() {
            match self.from(&mut opened, n, store, lane, pos).await {
                Ok(segment) => {
                    let segment = Arc::new(segment);
                    opened.segments.truncate(KEPT - 1);
                    opened.segments.push_front(segment.clone());
                    return Ok(segment);
                }
                Err(why) => {
                    tracing::warn!(service = self.of.service, lane, pos, place = target.place(), why, "cannot be read from the archive")
                }
            }
        }
        Err(StoreFault::Pruned)
    }

    async fn from(&self, opened: &mut Opening, n: usize, store: &dyn EventStore, lane: Lane, pos: u64) -> Result<Segment, String> {
        let known = |shelf: &Shelf, pos: u64| holding(shelf, lane, pos).cloned();
        if opened.shelves.get(&n).and_then(|shelf| known(shelf, pos)).is_none() {
            // Not read yet, or sealed since.
            let shelf = Shelf::read(self.targets[n].clone(), &self.of, &self.trust).await.map_err(|e| e.to_string())?;
            opened.shelves.insert(n, shelf);
        }
        let shelf = opened.shelves.get(&n).ok_or("it is not open")?;
        let sealed = known(shelf, pos).ok_or_else(|| format!("it is not there; {} things are wrong there", shelf.findings.len()))?;
        let read = async |sealed: &Sealed| shelf.segment(sealed).await.map_err(|e| e.to_string())?.map_err(|finding| finding.to_string());
        if !opened.agreed.contains(&(n, lane)) {
            // Where the store was pruned to, both know the chain.
            let pruned = store.pruned().await.map_err(|e| e.to_string())?;
            let end = pruned.get(&lane).map_or(0, |pruned| pruned.through);
            let own = store.rows(lane, end.saturating_sub(1), 1).await.map_err(|e| e.to_string())?;
            let archived = read(&known(shelf, end).ok_or("what was pruned is not all there")?).await?;
            let same = archived.rows.iter().find(|row| row.pos == end).map(|row| row.hash) == own.first().map(|row| row.hash);
            if !same {
                return Err("it is another history".into());
            }
            opened.agreed.insert((n, lane));
        }
        read(&sealed).await
    }
}

/// The listed segment that holds a position.
fn holding(shelf: &Shelf, lane: Lane, pos: u64) -> Option<&Sealed> {
    shelf.lanes.get(&lane)?.iter().find(|sealed| (sealed.first..=sealed.last).contains(&pos))
}

impl EventStore for Deep {
    fn incarnation(&self) -> String {
        self.store.incarnation()
    }

    fn sharing(&self) -> Sharing {
        self.store.sharing()
    }

    fn begin(&self, open: Open) -> BoxFuture<'_, Result<Opened, StoreFault>> {
        self.store.begin(open)
    }

    fn read(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        Box::pin(async move {
            match self.store.read(lane, after, limit).await {
                Err(StoreFault::Pruned) => stored(self.segment(lane, after + 1).await?.as_ref(), after + 1, limit),
                found => found,
            }
        })
    }

    fn rows(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreFault>> {
        Box::pin(async move {
            match self.store.rows(lane, after, limit).await {
                Err(StoreFault::Pruned) => self.archived(lane, after, limit).await,
                found => found,
            }
        })
    }

    fn stream(&self, lane: Lane, stream: Stream, after: u64) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        Box::pin(async move {
            match self.store.stream(lane, stream.clone(), after).await {
                Err(StoreFault::Pruned) => self.whole_stream(lane, stream, after).await,
                found => found,
            }
        })
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
