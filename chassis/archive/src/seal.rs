//! Sealing: what a store has and a target has not yet becomes segments and a manifest.
//!
//! A crash anywhere leaves either nothing, or segments that no manifest lists yet. The next pass finds those by their names,
//! compares them with the store and lists them: what is in a target is never made a second time.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use eventstore::chain::hex;
use eventstore::worker::Worker;
use eventstore::{EventStore, Head, Row, StoreFault};
use kernel::{Clock, Lane};

use crate::key::{Signer, Trust};
use crate::manifest::{FORMAT, Manifest, Of, Sealed, decided_at, sha256};
use crate::segment::Segment;
use crate::target::{BlobFault, BlobStore, Created};

/// Positions of a full segment, unless a test wants it otherwise.
pub const FULL: u64 = 50_000;
/// Positions read at once.
const PAGE: usize = 2_000;
/// Segments of one manifest at most: what is listed need not be compared again after a crash.
const LISTED: usize = 8;

/// What is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Full segments only.
    Full,
    /// Everything there is now.
    All,
}

/// Why a pass did not go through. What it had listed before stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealFault {
    /// The target did not do it.
    Target(BlobFault),
    /// The store did not answer.
    Store(StoreFault),
    /// Somebody else seals into the same target: look again.
    Raced,
    /// What the target has is not what the store has; nothing is added to it.
    Differs(String),
}

impl std::fmt::Display for SealFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Target(fault) => write!(f, "{fault}"),
            Self::Store(fault) => write!(f, "{fault}"),
            Self::Raced => f.write_str("somebody else has sealed into this target at the same moment"),
            Self::Differs(why) => write!(f, "the archive and the store differ: {why}"),
        }
    }
}

impl std::error::Error for SealFault {}

impl From<BlobFault> for SealFault {
    fn from(fault: BlobFault) -> Self {
        Self::Target(fault)
    }
}

impl From<StoreFault> for SealFault {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

/// Seals one store into one target.
pub struct Sealer {
    /// Whose history it is.
    pub of: Of,
    /// Where it goes.
    pub target: Arc<dyn BlobStore>,
    /// Who says so.
    pub signer: Arc<Signer>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where segments are encoded: a thread beside those that serve.
    pub encoder: Worker<()>,
    /// Positions of a full segment: it ends with the last command that begins at or before a multiple of this.
    pub full: u64,
}

/// What a target has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// The number of the last manifest; 0 when there is none.
    pub number: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// How far each lane is archived.
    pub through: BTreeMap<Lane, (u64, [u8; 32])>,
    /// Up to which instant everything that was decided is archived ([`Manifest::whole_to`]).
    pub whole_to: Option<i64>,
}

impl Stand {
    fn end(&self, lane: Lane) -> (u64, [u8; 32]) {
        self.through.get(&lane).copied().unwrap_or((0, eventstore::chain::START))
    }
}

impl Sealer {
    /// Seals what is new; `progress` is told how many positions have been listed, and of how many. Says what the target has now.
    ///
    /// When there is nothing new, that is said in a manifest too: a quiet service would otherwise look like one whose last
    /// commands were not archived, and nothing that others did since could be restored with it.
    pub async fn pass(&self, store: &dyn EventStore, cut: Cut, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Result<Stand, SealFault> {
        let mut stand = self.stand().await?;
        // Before the heads are asked for: what was committed by now is below them. Something may be decided in this very instant.
        let seen = self.clock.now().0 - 1;
        let heads = store.heads().await?;
        self.same_history(store, &stand).await?;
        let begun = self.begun().await?;
        let all = heads.iter().map(|(lane, head)| head.pos.saturating_sub(stand.end(*lane).0)).sum();
        let (mut listed, mut done) = (Vec::new(), 0);
        for (lane, head) in &heads {
            let full = |after: u64| begun.get(&(*lane, after + 1)).copied().unwrap_or((after / self.full + 1) * self.full);
            loop {
                let (after, before) = stand.end(*lane);
                let is_begun = begun.contains_key(&(*lane, after + 1));
                if after >= head.pos || (head.pos < full(after) && cut == Cut::Full && !is_begun) {
                    break;
                }
                let segment = self.next(store, *lane, (after, before), head.pos.min(full(after)), head.pos).await?;
                done += segment.rows.len() as u64;
                stand.through.insert(*lane, (segment.last(), segment.after()));
                listed.push(self.put(segment).await?);
                if listed.len() == LISTED {
                    stand = self.list(store, std::mem::take(&mut listed), stand, (seen, &heads)).await?;
                    progress(done, all);
                }
            }
        }
        if !listed.is_empty() || self.whole_to(store, &stand, seen, &heads).await? > stand.whole_to {
            stand = self.list(store, listed, stand, (seen, &heads)).await?;
        }
        progress(done, all);
        Ok(stand)
    }

    /// What the target has, as its last manifest says.
    pub async fn stand(&self) -> Result<Stand, SealFault> {
        let names = self.target.list(format!("{}manifests/", self.of.folder())).await?;
        let Some(number) = names.iter().filter_map(|(name, _)| self.of.number_of(name)).max() else { return Ok(Stand::default()) };
        let name = self.of.manifest(number);
        let bytes = self.target.get(name.clone()).await?.ok_or(SealFault::Raced)?;
        let differs = |why: String| SealFault::Differs(format!("{name} at {}: {why}", self.target.place()));
        let manifest = Manifest::read(&bytes, &Trust::Keys(vec![self.signer.public()])).map_err(differs)?;
        if (&manifest.of, manifest.number) != (&self.of, number) {
            return Err(differs(format!("it is number {} of {}", manifest.number, manifest.of.folder())));
        }
        let through = manifest.through.keys().map(|lane| (*lane, manifest.end_of(*lane))).collect();
        Ok(Stand { number, sha256: sha256(&bytes), through, whole_to: manifest.whole_to })
    }

    /// What is archived must be what the store has: a store that went back, or another one, must not go on here.
    async fn same_history(&self, store: &dyn EventStore, stand: &Stand) -> Result<(), SealFault> {
        for (lane, (pos, hash)) in &stand.through {
            let found = store.rows(*lane, pos - 1, 1).await?;
            if found.first().is_none_or(|row| row.pos != *pos || row.hash != *hash) {
                return Err(SealFault::Differs(format!("lane {lane} is archived up to {pos}, and the store has something else there")));
            }
        }
        Ok(())
    }

    /// Where segments begin that an earlier pass made, and where they end: those it has not listed are taken as they are.
    async fn begun(&self) -> Result<BTreeMap<(Lane, u64), u64>, SealFault> {
        let names = self.target.list(format!("{}segments/", self.of.folder())).await?;
        let ranges = names.iter().filter_map(|(name, _)| self.of.range_of(name));
        Ok(ranges.map(|(lane, first, last)| ((lane, first), last)).collect())
    }

    /// The next segment of a lane: up to a position, and to the end of the command there.
    async fn next(
        &self,
        store: &dyn EventStore,
        lane: Lane,
        (after, before): (u64, [u8; 32]),
        full: u64,
        head: u64,
    ) -> Result<Segment, SealFault> {
        let mut rows: Vec<Row> = Vec::new();
        'reading: while let Some(page) = Some(store.rows(lane, after + rows.len() as u64, PAGE).await?).filter(|page| !page.is_empty()) {
            for row in page {
                // A command and its events are never divided: what is archived can always be gone on from.
                if row.pos > head || (row.event.is_none() && row.pos > full) {
                    break 'reading;
                }
                rows.push(row);
            }
        }
        let segment = Segment { service: self.of.service.clone(), lane, before, rows };
        if segment.first() != after + 1 {
            return Err(SealFault::Differs(format!("lane {lane} has no position {} any more", after + 1)));
        }
        Ok(segment)
    }

    /// Makes a segment, or finds it made.
    async fn put(&self, segment: Segment) -> Result<Sealed, SealFault> {
        let name = self.of.segment(segment.lane, segment.first(), segment.last());
        let after = segment.after();
        let encoded = self.encoder.run(move |()| -> Result<(Bytes, Sealed), String> {
            segment.check().map_err(|e| e.to_string())?;
            let bytes = segment.encode().map_err(|e| e.to_string())?;
            let sealed = Sealed::of(&segment, &bytes);
            Ok((bytes, sealed))
        });
        let encoded = encoded.await.map_err(|_| SealFault::Differs("a segment cannot be encoded".into()))?;
        let (bytes, sealed) = encoded.map_err(|why| SealFault::Differs(format!("the store itself is damaged: {why}")))?;
        if self.target.create(name.clone(), bytes).await? == Created::New {
            return Ok(sealed);
        }
        // An earlier pass got so far, perhaps of a program that encodes otherwise: the rows decide, not the bytes.
        let there = self.target.get(name.clone()).await?.ok_or(SealFault::Raced)?;
        let differs = |why: String| SealFault::Differs(format!("{name} at {}: {why}", self.target.place()));
        let found = Segment::decode(there.clone()).map_err(|e| differs(e.to_string()))?;
        found.check().map_err(|e| differs(e.to_string()))?;
        if found.after() == after { Ok(Sealed::of(&found, &there)) } else { Err(differs("it holds another history".into())) }
    }

    /// The instant up to which nothing is missing: that of the look at the store, or just before the first command that is
    /// left for a later segment.
    async fn whole_to(
        &self,
        store: &dyn EventStore,
        stand: &Stand,
        seen: i64,
        heads: &BTreeMap<Lane, Head>,
    ) -> Result<Option<i64>, SealFault> {
        let mut whole_to = seen;
        for lane in heads.iter().filter(|(lane, head)| stand.end(**lane).0 < head.pos).map(|(lane, _)| *lane) {
            let next = store.rows(lane, stand.end(lane).0, 1).await?;
            let Some(at) = next.first().and_then(|row| decided_at(&row.json)) else { return Ok(stand.whole_to) };
            whole_to = whole_to.min(at.saturating_sub(1));
        }
        // A clock that was set back takes nothing back.
        Ok(Some(whole_to).max(stand.whole_to))
    }

    /// Lists segments in a new manifest.
    async fn list(
        &self,
        store: &dyn EventStore,
        segments: Vec<Sealed>,
        mut stand: Stand,
        (seen, heads): (i64, &BTreeMap<Lane, Head>),
    ) -> Result<Stand, SealFault> {
        stand.whole_to = self.whole_to(store, &stand, seen, heads).await?;
        let at = jiff::Timestamp::from_microsecond(self.clock.now().0).map_err(|e| SealFault::Differs(e.to_string()))?;
        let manifest = Manifest {
            format: FORMAT.into(),
            of: self.of.clone(),
            incarnation: store.incarnation(),
            number: stand.number + 1,
            previous: stand.sha256,
            sealed_at: at.to_string(),
            whole_to: stand.whole_to,
            segments,
            through: stand.through.iter().map(|(lane, (pos, hash))| (*lane, (*pos, hex(hash)))).collect(),
            key: self.signer.public(),
        };
        let bytes = manifest.sign(&self.signer).map_err(SealFault::Differs)?;
        match self.target.create(self.of.manifest(manifest.number), bytes.clone()).await? {
            Created::New => Ok(Stand { number: manifest.number, sha256: sha256(&bytes), ..stand }),
            Created::Exists => Err(SealFault::Raced),
        }
    }
}
