//! Restoring: a service's store from an archive alone, to its end or to positions, with the very chain it had. How far several
//! services are restored together is another question ([`crate::fit`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::{Batch, Entry, EventStore, Head, Open, Record, Recorded, Row, StoreFault};
use kernel::{Lane, Stream};

use crate::target::BlobFault;
use crate::verify::{Finding, Shelf};

/// Positions of one transaction, about.
const BATCH: usize = 2_000;

/// How far a store is restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// All that is archived.
    End,
    /// Each lane up to a position; a command that the position divides is left out. Lanes that are not named stay empty.
    Positions(BTreeMap<Lane, u64>),
}

/// Why a store was not restored, or not further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreFault {
    /// The target did not answer.
    Target(BlobFault),
    /// The store did not do it.
    Store(StoreFault),
    /// The archive is damaged.
    Damaged(Vec<Finding>),
    /// The store has something else already.
    Taken(String),
    /// What is archived is no command or event of this program.
    Unreadable(String),
}

impl std::fmt::Display for RestoreFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Target(fault) => write!(f, "{fault}"),
            Self::Store(fault) => write!(f, "{fault}"),
            Self::Damaged(findings) => {
                let told: Vec<String> = findings.iter().map(Finding::to_string).collect();
                write!(f, "the archive is damaged, and nothing further is restored from it:\n{}", told.join("\n"))
            }
            Self::Taken(why) | Self::Unreadable(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for RestoreFault {}

impl From<BlobFault> for RestoreFault {
    fn from(fault: BlobFault) -> Self {
        Self::Target(fault)
    }
}

impl From<StoreFault> for RestoreFault {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

/// Fills an empty store, or goes on with one that was begun to be filled. `progress` is told how many positions are there.
/// Says where each lane ends.
pub async fn restore(
    shelf: &Shelf,
    store: &dyn EventStore,
    until: &Until,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<BTreeMap<Lane, Head>, RestoreFault> {
    if !shelf.findings.is_empty() {
        return Err(RestoreFault::Damaged(shelf.findings.clone()));
    }
    let heads = store.heads().await?;
    if let Some(lane) = heads.keys().find(|lane| !shelf.lanes.contains_key(lane)) {
        return Err(taken(shelf, *lane));
    }
    let mut done = 0;
    for (lane, sealed) in &shelf.lanes {
        let there = heads.get(lane).copied().unwrap_or_default();
        let mut writer = Writer { lane: *lane, head: Head::default(), there, open: None, batch: Vec::new(), rows: 0 };
        'lane: for sealed in sealed {
            if is_over(until, *lane, sealed.first) {
                break;
            }
            let segment = shelf.segment(sealed).await?.map_err(|finding| RestoreFault::Damaged(vec![finding]))?;
            for row in &segment.rows {
                if row.event.is_none() && is_over(until, *lane, row.pos) {
                    break 'lane;
                }
                writer.take(row)?;
                if writer.rows >= BATCH {
                    writer.write(store).await?;
                }
            }
            progress(done + writer.head.pos);
        }
        // A position inside a command leaves it out.
        let is_whole = !matches!(until, Until::Positions(all) if all.get(lane).is_some_and(|last| writer.head.pos > *last));
        writer.end(store, is_whole).await?;
        if writer.head.pos < there.pos {
            return Err(taken(shelf, *lane));
        }
        done += writer.head.pos;
        progress(done);
    }
    Ok(store.heads().await?)
}

fn taken(shelf: &Shelf, lane: Lane) -> RestoreFault {
    let of = &shelf.of.service;
    RestoreFault::Taken(format!("the store of {of} is not empty: its lane {lane} has what is not archived; restore into an empty one"))
}

/// Whether a position is beyond what is asked for.
fn is_over(until: &Until, lane: Lane, pos: u64) -> bool {
    match until {
        Until::End => false,
        Until::Positions(all) => pos > all.get(&lane).copied().unwrap_or(0),
    }
}

/// Writes one lane.
struct Writer {
    lane: Lane,
    /// What has been taken.
    head: Head,
    /// What the store had when it began.
    there: Head,
    /// The command whose events are being taken.
    open: Option<Entry>,
    batch: Vec<Entry>,
    rows: usize,
}

impl Writer {
    fn take(&mut self, row: &Row) -> Result<(), RestoreFault> {
        self.head = Head { pos: row.pos, hash: row.hash };
        if row.pos <= self.there.pos {
            if row.pos == self.there.pos && row.hash != self.there.hash {
                return Err(RestoreFault::Taken(format!("the store's lane {} has another history than the archive", self.lane)));
            }
            return Ok(());
        }
        let unreadable = |why: String| RestoreFault::Unreadable(format!("lane {} position {}: {why}", self.lane, row.pos));
        let Some(place) = &row.event else {
            self.batch.extend(self.open.take());
            let record: Record = serde_json::from_str(&row.json).map_err(|e| unreadable(e.to_string()))?;
            let (json, hash) = (row.json.clone(), row.hash);
            self.open = Some(Entry { lane: self.lane, pos: row.pos, record, json, hash, events: vec![], snapshots: vec![] });
            self.rows += 1;
            return Ok(());
        };
        let stream = Stream::parse(&place.stream).ok_or_else(|| unreadable("a stream without a kind".into()))?;
        let Some(entry) = &mut self.open else { return Err(unreadable("an event without its command".into())) };
        let by = entry.events.first().map_or_else(|| Arc::new(entry.record.clone()), |(event, _)| event.by.clone());
        let (version, name, schema, json) = (place.version, place.name.clone(), place.schema, row.json.clone());
        entry.events.push((Recorded { stream, version, name, schema, json, command_pos: row.command_pos, by }, row.hash));
        self.rows += 1;
        Ok(())
    }

    /// Writes the commands that are whole; the one being taken may have more events to come.
    async fn write(&mut self, store: &dyn EventStore) -> Result<(), RestoreFault> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let first = self.batch.first().map_or(0, |entry| entry.pos);
        let opened = store.begin(Open { lanes: BTreeMap::from([(self.lane, u64::MAX)]), keys: vec![] }).await?;
        if opened.heads.get(&self.lane).copied().unwrap_or_default().pos + 1 != first {
            return Err(RestoreFault::Taken(format!("somebody else writes to lane {} of the store", self.lane)));
        }
        opened.txn.commit(Batch { entries: std::mem::take(&mut self.batch) }).await?;
        self.rows = 0;
        Ok(())
    }

    async fn end(&mut self, store: &dyn EventStore, is_whole: bool) -> Result<(), RestoreFault> {
        let last = self.open.take();
        self.batch.extend(last.filter(|_| is_whole));
        self.write(store).await
    }
}
