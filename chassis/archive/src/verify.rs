//! Verifying: whether a target has everything its manifests list, unchanged and in one chain, and whether targets agree.
//! Nothing is asked of the stores: an archive is judged by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eventstore::chain::hex;
use kernel::Lane;
use serde::Serialize;

use crate::key::Trust;
use crate::manifest::{Manifest, Of, Sealed, sha256};
use crate::segment::Segment;
use crate::target::{BlobFault, BlobStore};

/// Something that is not as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The target.
    pub place: String,
    /// What is wrong, in one word of a fixed list: see `docs/operate.md`.
    pub what: &'static str,
    /// The manifest or segment it is about.
    pub name: String,
    /// In words.
    pub detail: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} at {}: {}", self.what, self.name, self.place, self.detail)
    }
}

/// What a target says it has of one service, and what is wrong with that.
pub struct Shelf {
    /// Where it is.
    pub target: Arc<dyn BlobStore>,
    /// Whose history it is.
    pub of: Of,
    /// The manifests that can be believed, in order.
    pub manifests: Vec<Manifest>,
    /// The segments they list, lane by lane, in order.
    pub lanes: BTreeMap<Lane, Vec<Sealed>>,
    /// What is wrong with manifests and names.
    pub findings: Vec<Finding>,
    /// Segments that were made and are not listed yet: a pass was cut short, the next one lists them.
    pub pending: Vec<String>,
    /// Names of segments that are not listed, and whose range is.
    besides: Vec<String>,
}

impl Shelf {
    /// Reads manifests and names, no segment.
    pub async fn read(target: Arc<dyn BlobStore>, of: &Of, trust: &Trust) -> Result<Self, BlobFault> {
        let listing: BTreeMap<String, u64> = target.list(of.folder()).await?.into_iter().collect();
        let mut shelf =
            Self { target, of: of.clone(), manifests: vec![], lanes: BTreeMap::new(), findings: vec![], pending: vec![], besides: vec![] };
        shelf.read_manifests(&listing, trust).await?;
        shelf.read_names(&listing);
        Ok(shelf)
    }

    /// Whose histories a target holds.
    pub async fn all(target: &dyn BlobStore) -> Result<BTreeSet<Of>, BlobFault> {
        let of = |name: &str| {
            let mut parts = name.split('/');
            let (cell, service, kind) = (parts.next()?, parts.next()?, parts.next()?);
            ["segments", "manifests"].contains(&kind).then(|| Of { cell: cell.into(), service: service.into() })
        };
        Ok(target.list(String::new()).await?.iter().filter_map(|(name, _)| of(name)).collect())
    }

    /// The last manifest that is believed.
    pub fn last(&self) -> Option<&Manifest> {
        self.manifests.last()
    }

    fn find(&mut self, what: &'static str, name: &str, detail: impl Into<String>) {
        self.findings.push(Finding { place: self.target.place().to_owned(), what, name: name.to_owned(), detail: detail.into() });
    }

    async fn read_manifests(&mut self, listing: &BTreeMap<String, u64>, trust: &Trust) -> Result<(), BlobFault> {
        let numbers: BTreeSet<u64> = listing.keys().filter_map(|name| self.of.number_of(name)).collect();
        let mut previous = Some(String::new());
        for number in 1..=numbers.last().copied().unwrap_or(0) {
            let name = self.of.manifest(number);
            let Some(bytes) = (if numbers.contains(&number) { self.target.get(name.clone()).await? } else { None }) else {
                self.find("manifest-missing", &name, "later ones are there");
                previous = None;
                continue;
            };
            let hash = sha256(&bytes);
            match Manifest::read(&bytes, trust) {
                Err(why) => {
                    let what = if why.contains("sign") { "manifest-untrusted" } else { "manifest-unreadable" };
                    self.find(what, &name, why);
                }
                Ok(manifest) if (&manifest.of, manifest.number) != (&self.of, number) => {
                    self.find("manifest-misplaced", &name, format!("it is number {} of {}", manifest.number, manifest.of.folder()));
                }
                Ok(manifest) => {
                    if previous.as_ref().is_some_and(|previous| *previous != manifest.previous) {
                        self.find("manifest-unchained", &name, "it does not name the one before it");
                    }
                    self.take(manifest, &name);
                }
            }
            previous = Some(hash);
        }
        Ok(())
    }

    /// Takes a manifest in: each lane must go on where it ended.
    fn take(&mut self, manifest: Manifest, name: &str) {
        for sealed in &manifest.segments {
            let lane = self.lanes.entry(sealed.lane).or_default();
            let (end, hash) = lane.last().map_or((0, hex(&eventstore::chain::START)), |last| (last.last, last.after.clone()));
            let goes_on = sealed.first == end + 1 && sealed.before == hash;
            lane.push(sealed.clone());
            if !goes_on {
                let (at, first) = (sealed.lane, sealed.first);
                self.find("lane-gap", name, format!("lane {at} goes on at {first}, and ended at {end}"));
            }
        }
        self.manifests.push(manifest);
    }

    fn read_names(&mut self, listing: &BTreeMap<String, u64>) {
        let listed: BTreeMap<String, u64> =
            self.lanes.values().flatten().map(|s| (self.of.segment(s.lane, s.first, s.last), s.bytes)).collect();
        for (name, bytes) in &listed {
            match listing.get(name) {
                None => self.find("segment-missing", name, "it is listed, and not there"),
                Some(there) if there != bytes => self.find("segment-truncated", name, format!("it has {there} bytes of {bytes}")),
                Some(_) => {}
            }
        }
        for name in listing.keys() {
            if listed.contains_key(name) || self.of.number_of(name).is_some() {
                continue;
            }
            let Some((lane, first, _)) = self.of.range_of(name) else {
                self.find("name-unknown", name, "nothing of this name belongs here");
                continue;
            };
            if first > self.lanes.get(&lane).and_then(|sealed| sealed.last()).map_or(0, |sealed| sealed.last) {
                self.pending.push(name.clone());
            } else {
                self.besides.push(name.clone());
            }
        }
    }

    /// Reads a listed segment; says what is wrong with it.
    pub async fn segment(&self, sealed: &Sealed) -> Result<Result<Segment, Finding>, BlobFault> {
        let name = self.of.segment(sealed.lane, sealed.first, sealed.last);
        let found = |what, detail: String| Finding { place: self.target.place().to_owned(), what, name: name.clone(), detail };
        let Some(bytes) = self.target.get(name.clone()).await? else {
            return Ok(Err(found("segment-missing", "it is listed, and not there".into())));
        };
        if bytes.len() as u64 != sealed.bytes {
            return Ok(Err(found("segment-truncated", format!("it has {} bytes of {}", bytes.len(), sealed.bytes))));
        }
        if sha256(&bytes) != sealed.sha256 {
            return Ok(Err(found("segment-altered", "its bytes are not those that were sealed".into())));
        }
        let read = Segment::decode(bytes).and_then(|segment| segment.check().map(|()| segment));
        let segment = match read {
            Ok(segment) => segment,
            Err(why) => return Ok(Err(found("segment-broken", why.to_string()))),
        };
        let is = (&segment.service, segment.lane, segment.first(), segment.last(), hex(&segment.before), hex(&segment.after()));
        let ought = (&self.of.service, sealed.lane, sealed.first, sealed.last, sealed.before.clone(), sealed.after.clone());
        if is != ought {
            return Ok(Err(found("segment-broken", "it is not the range its manifest says".into())));
        }
        Ok(Ok(segment))
    }

    /// Segments whose range is listed in others. Two sealers at one moment may leave such a one, and it says the same; any
    /// other is somebody's mistake.
    async fn read_besides(&mut self, hashes: &Hashes) -> Result<u64, BlobFault> {
        let mut left_over = 0;
        for name in std::mem::take(&mut self.besides) {
            let Some((lane, first, last)) = self.of.range_of(&name) else { continue };
            let bytes = self.target.get(name.clone()).await?.unwrap_or_default();
            let read = Segment::decode(bytes).and_then(|segment| segment.check().map(|()| segment)).ok();
            let known = |pos: u64| hashes.get(&(self.of.clone(), lane, pos)).map(|(hash, _)| *hash);
            let before = if first == 1 { Some(eventstore::chain::START) } else { known(first - 1) };
            let says_the_same = read.is_some_and(|s| {
                (&s.service, s.lane, s.first(), s.last()) == (&self.of.service, lane, first, last)
                    && Some(s.before) == before
                    && Some(s.after()) == known(last)
            });
            if says_the_same {
                left_over += 1;
            } else {
                self.find("segment-duplicated", &name, "no manifest lists it, its range is in another segment, and it is not the same");
            }
        }
        Ok(left_over)
    }
}

/// Chain hashes where any target ends a segment, and who said so first.
type Hashes = BTreeMap<(Of, Lane, u64), ([u8; 32], String)>;

/// What verifying came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// What was read, target by target and service by service.
    pub read: Vec<Read>,
    /// What is wrong. Nothing: the archive is what was sealed.
    pub findings: Vec<Finding>,
}

/// One service in one target.
#[derive(Clone, Debug, Serialize)]
pub struct Read {
    /// The target.
    pub place: String,
    /// The service.
    #[serde(flatten)]
    pub of: Of,
    /// Manifests that are believed.
    pub manifests: u64,
    /// Segments that are whole.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Positions in them.
    pub positions: u64,
    /// Commands in them.
    pub commands: u64,
    /// Segments that are not listed yet.
    pub pending: u64,
    /// Segments that say again what others say; two sealers at one moment leave such.
    pub left_over: u64,
}

/// Reads every segment of these targets and compares them. `progress` is told how many bytes have been read, and of how many.
pub async fn verify(
    targets: &[Arc<dyn BlobStore>],
    trust: &Trust,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Report, BlobFault> {
    let mut shelves = Vec::new();
    for target in targets {
        for of in Shelf::all(target.as_ref()).await? {
            shelves.push(Shelf::read(target.clone(), &of, trust).await?);
        }
    }
    let mut report = Report::default();
    for target in targets.iter().filter(|target| !shelves.iter().any(|shelf| shelf.target.place() == target.place())) {
        let detail = "there is no archive here".to_owned();
        report.findings.push(Finding { place: target.place().to_owned(), what: "archive-missing", name: "/".into(), detail });
    }
    // Where any target ends a segment, all that have come so far must have the same chain hash.
    let listed = shelves.iter().flat_map(|shelf| shelf.lanes.values().flatten().map(|s| (shelf.of.clone(), s.lane, s.last)));
    let besides =
        shelves.iter().flat_map(|shelf| shelf.besides.iter().filter_map(|name| Some((shelf.of.clone(), shelf.of.range_of(name)?))));
    let besides = besides.flat_map(|(of, (lane, first, last))| [(of.clone(), lane, first - 1), (of, lane, last)]);
    let ends: BTreeSet<(Of, Lane, u64)> = listed.chain(besides).collect();
    let mut hashes = Hashes::new();
    let all: u64 = shelves.iter().flat_map(|shelf| shelf.lanes.values().flatten()).map(|sealed| sealed.bytes).sum();
    let mut done = 0;
    for shelf in &mut shelves {
        let place = shelf.target.place().to_owned();
        let mut read = Read {
            place: place.clone(),
            of: shelf.of.clone(),
            manifests: shelf.manifests.len() as u64,
            segments: 0,
            bytes: 0,
            positions: 0,
            commands: 0,
            pending: shelf.pending.len() as u64,
            left_over: 0,
        };
        let known: BTreeSet<String> = shelf.findings.iter().map(|finding| finding.name.clone()).collect();
        report.findings.append(&mut shelf.findings);
        for sealed in shelf.lanes.values().flatten() {
            done += sealed.bytes;
            let segment = match shelf.segment(sealed).await? {
                Ok(segment) => segment,
                Err(finding) => {
                    if !known.contains(&finding.name) {
                        report.findings.push(finding);
                    }
                    continue;
                }
            };
            read.segments += 1;
            read.bytes += sealed.bytes;
            read.positions += segment.rows.len() as u64;
            read.commands += sealed.commands;
            for row in segment.rows.iter() {
                let at = (shelf.of.clone(), sealed.lane, row.pos);
                if !ends.contains(&at) {
                    continue;
                }
                let (hash, first) = hashes.entry(at).or_insert_with(|| (row.hash, place.clone()));
                if *hash != row.hash {
                    let name = shelf.of.segment(sealed.lane, sealed.first, sealed.last);
                    let detail = format!("at position {} it has another history than {first}", row.pos);
                    report.findings.push(Finding { place: place.clone(), what: "targets-differ", name, detail });
                }
            }
            progress(done, all);
        }
        read.left_over = shelf.read_besides(&hashes).await?;
        report.findings.append(&mut shelf.findings);
        report.read.push(read);
    }
    Ok(report)
}
