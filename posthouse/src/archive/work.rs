//! What `posthouse archive` does, for all services of a house.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::archive::manifest::Of;
use ::archive::prune::{Gone, Pruning};
use ::archive::seal::{Cut, FULL, SealFault, Sealer};
use ::archive::verify::Shelf;
use ::archive::{BlobStore, Signer, Trust};
use eventstore::EventStore;
use eventstore::postgres::{Place, Postgres};
use eventstore::sqlite::Sqlite;
use eventstore::worker::Worker;
use host::ports::{OsChance, WallClock};
use kernel::{Chance, Clock, Lane};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::roster;

/// The signing key's file in a data directory.
pub const KEY: &str = "archive.key";
/// A pass that meets another sealer looks again, so often at most.
const TRIES: u32 = 5;

/// Places an archive is in.
pub struct Places(pub Vec<Arc<dyn BlobStore>>);

impl Places {
    /// Opens places by their URLs.
    pub fn open(urls: &[String]) -> Result<Self, String> {
        urls.iter().map(|url| ::archive::open(url)).collect::<Result<_, _>>().map(Self)
    }
}

/// The stores of a house, service by service.
pub struct Stores(BTreeMap<&'static str, Arc<dyn EventStore>>);

impl Stores {
    /// The stores that are there: those of all services on PostgreSQL, those with a file in the directory otherwise.
    pub fn of(data: &Path, url: Option<&str>) -> Result<Self, String> {
        let mut stores = BTreeMap::new();
        for (service, _) in roster::SERVICES {
            if url.is_some() || file(data, service).is_file() {
                stores.insert(*service, open(service, data, url, &format!("{:016x}", OsChance.next()))?);
            }
        }
        if stores.is_empty() {
            return Err(format!("there are no stores in {}", data.display()));
        }
        Ok(Self(stores))
    }

    /// Positions in all of them.
    pub async fn positions(&self) -> Result<u64, String> {
        let mut positions = 0;
        for store in self.0.values() {
            positions += store.heads().await.map_err(|e| e.to_string())?.values().map(|head| head.pos).sum::<u64>();
        }
        Ok(positions)
    }
}

fn file(data: &Path, service: &str) -> PathBuf {
    data.join(format!("{service}.db"))
}

pub(super) fn open(service: &str, data: &Path, url: Option<&str>, incarnation: &str) -> Result<Arc<dyn EventStore>, String> {
    Ok(match url {
        Some(url) => Arc::new(Postgres::open(&Place::new(url, service)?, incarnation).map_err(|e| e.to_string())?),
        None => Arc::new(Sqlite::open(&file(data, service), incarnation).map_err(|e| e.to_string())?),
    })
}

/// The signing key in a file, which is made when it is not there.
pub fn signer(path: &Path) -> Result<Arc<Signer>, String> {
    if !path.exists() {
        let secret: String = (0..4).map(|_| format!("{:016x}", OsChance.next())).collect();
        let file = File::options().write(true).create_new(true).mode(0o600).open(path);
        let written = file.and_then(|mut file| file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()));
        written.map_err(|e| format!("the signing key {} cannot be made: {e}", path.display()))?;
    }
    Signer::read(path).map(Arc::new)
}

/// What one pass over all stores came to.
#[derive(Debug, Serialize)]
pub struct Done {
    /// The public key the manifests are signed with.
    pub key: String,
    /// Service by service and place by place.
    pub archived: Vec<Archived>,
    /// What did not go through; the next pass goes on where it was.
    pub faults: Vec<Fault>,
}

impl Done {
    /// All of it, when nothing was left out; otherwise what was, and why.
    pub fn whole(self) -> Result<Self, String> {
        if self.faults.is_empty() {
            return Ok(self);
        }
        Err(self.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }
}

/// A service that is not archived in one place.
#[derive(Debug, Serialize)]
pub struct Fault {
    /// The place.
    pub place: String,
    /// The service.
    pub service: &'static str,
    /// Why not.
    pub why: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} into {}: {}", self.service, self.place, self.why)
    }
}

/// One service in one place.
#[derive(Debug, Serialize)]
pub struct Archived {
    /// The place.
    pub place: String,
    /// The service.
    pub service: &'static str,
    /// Manifests so far.
    pub manifests: u64,
    /// Positions archived so far.
    pub positions: u64,
}

/// Seals what is new of every store into every place. A place's fault, or a store's, is nobody else's: the others are sealed.
pub async fn run(
    stores: &Stores,
    places: &Places,
    signer: &Arc<Signer>,
    cell: &str,
    full: bool,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Done, String> {
    let mut done = Done { key: signer.public(), archived: vec![], faults: vec![] };
    let encoder = Worker::on_thread("archive", ()).map_err(|e| e.to_string())?;
    let cut = if full { Cut::Full } else { Cut::All };
    for (service, store) in &stores.0 {
        for place in &places.0 {
            let of = Of { cell: cell.to_owned(), service: (*service).to_owned() };
            let (target, encoder, clock) = (place.clone(), encoder.clone(), Arc::new(WallClock));
            let sealer = Sealer { of, target, signer: signer.clone(), clock, encoder, full: FULL };
            let mut tries = 0;
            let passed = loop {
                match sealer.pass(store.as_ref(), cut, progress).await {
                    Err(SealFault::Raced) if tries < TRIES => tries += 1,
                    passed => break passed,
                }
            };
            let place = place.place().to_owned();
            match passed {
                Ok(stand) => {
                    let positions = stand.through.values().map(|(pos, _)| pos).sum();
                    done.archived.push(Archived { place, service, manifests: stand.number, positions });
                }
                Err(fault) => done.faults.push(Fault { place, service, why: fault.to_string() }),
            }
        }
    }
    Ok(done)
}

/// Takes out of every store what is proven to be in enough of these places and is old enough.
pub async fn prune(
    stores: &Stores,
    places: &Places,
    signer: &Signer,
    cell: &str,
    copies: usize,
    keep_days: u64,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<BTreeMap<String, Gone>, String> {
    let trust = Trust::Keys(vec![signer.public()]);
    let until = WallClock.now().0.saturating_sub(i64::try_from(keep_days.saturating_mul(86_400_000_000)).unwrap_or(i64::MAX));
    let (mut all, mut before) = (BTreeMap::new(), 0);
    // A place that is away is told of below.
    let known = shelves(places, &trust).await.unwrap_or_default();
    let bytes: u64 = known.iter().flat_map(|shelf| shelf.lanes.values().flatten()).map(|sealed| sealed.bytes).sum();
    for (service, store) in &stores.0 {
        let of = Of { cell: cell.to_owned(), service: (*service).to_owned() };
        let pruning = Pruning { of, targets: places.0.clone(), trust: trust.clone(), copies };
        let mut read = 0;
        let mut told = |n| {
            read = n;
            progress(before + n, bytes);
        };
        let gone = pruning.prune(store.as_ref(), until, &mut told).await.map_err(|fault| format!("{service}: {fault}"))?;
        before += read;
        all.insert((*service).to_owned(), gone);
    }
    Ok(all)
}

/// Everything that is archived in these places, without reading segments.
pub async fn shelves(places: &Places, trust: &Trust) -> Result<Vec<Shelf>, String> {
    let mut shelves = Vec::new();
    for place in &places.0 {
        for of in Shelf::all(place.as_ref()).await.map_err(|e| e.to_string())? {
            shelves.push(Shelf::read(place.clone(), &of, trust).await.map_err(|e| e.to_string())?);
        }
    }
    Ok(shelves)
}

/// Prints what is archived, service by service and lane by lane.
pub async fn cat(
    places: &Places,
    service: Option<&str>,
    lane: Option<Lane>,
    after: u64,
    limit: u64,
    line: &mut (dyn FnMut(&str) + Send),
) -> Result<(), String> {
    let mut left = limit;
    for shelf in shelves(places, &Trust::AsSaid).await?.iter().filter(|shelf| service.is_none_or(|only| shelf.of.service == only)) {
        let wanted = shelf.lanes.iter().filter(|(of, _)| lane.is_none_or(|only| **of == only)).flat_map(|(_, sealed)| sealed);
        for sealed in wanted.filter(|sealed| sealed.last > after) {
            let segment = shelf.segment(sealed).await.map_err(|e| e.to_string())?.map_err(|finding| finding.to_string())?;
            for reading in segment.readings().filter(|reading| reading.row.pos > after) {
                if left == 0 {
                    return Ok(());
                }
                left -= 1;
                let (row, by) = (reading.row, reading.by);
                let at = jiff::Timestamp::from_microsecond(by.at).map(|at| at.to_string()).ok();
                let data = RawValue::from_string(row.json.clone()).map_err(|e| e.to_string())?;
                let event = row.event.as_ref();
                let head = json!({"cell": shelf.of.cell, "service": shelf.of.service, "lane": sealed.lane, "position": row.pos,
                    "command_position": row.command_pos, "recorded_at": at, "business_date": by.business_date,
                    "stream": event.map(|e| &e.stream), "version": event.map(|e| e.version), "type": event.map(|e| &e.name),
                    "schema": event.map(|e| e.schema), "caller": by.caller, "key": by.key});
                // The data as it is kept, to the letter.
                let head = head.to_string();
                line(&format!("{},\"data\":{}}}", head.trim_end_matches('}'), data.get()));
            }
        }
    }
    Ok(())
}
