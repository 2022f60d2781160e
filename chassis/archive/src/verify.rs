//! Verifying: whether a target has everything its manifests list, unchanged and in one chain, and whether targets agree.
//! Nothing is asked of the stores: an archive is judged by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eventstore::chain::hex;
use futures::{StreamExt, TryStreamExt};
use kernel::Lane;
use serde::Serialize;

use crate::key::Trust;
use crate::manifest::{Manifest, Of, Sealed, sha256};
use crate::segment::Segment;
use crate::target::{BlobFault, BlobStore};

/// Manifests asked for at once.
const AT_ONCE: usize = 16;

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

impl Finding {
    /// Whether a segment that is listed is not as it was sealed: what it held is lost.
    pub(crate) fn is_of_history(&self) -> bool {
        ["segment-missing", "segment-truncated", "segment-altered", "segment-broken"].contains(&self.what)
    }
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
    /// The number of the last manifest before the first that something is wrong with; above all numbers when nothing is.
    pub sound: u64,
    /// What is wrong with manifests and names.
    pub findings: Vec<Finding>,
    /// Segments that were made and are not listed yet: a pass was cut short, the next one lists them.
    pub pending: Vec<String>,
    /// Names of segments that are not listed, and whose range is.
    besides: Vec<String>,
    /// How far each lane goes by the names that are there.
    named: BTreeMap<Lane, u64>,
}

impl Shelf {
    /// Reads manifests and names, no segment.
    pub async fn read(target: Arc<dyn BlobStore>, of: &Of, trust: &Trust) -> Result<Self, BlobFault> {
        let listing: BTreeMap<String, u64> = target.list(of.folder()).await?.into_iter().collect();
        let mut shelf = Self {
            target,
            of: of.clone(),
            manifests: vec![],
            lanes: BTreeMap::new(),
            sound: u64::MAX,
            findings: vec![],
            pending: vec![],
            besides: vec![],
            named: BTreeMap::new(),
        };
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

    /// How far each lane is known to have gone: what is listed, what manifests say, and what names say.
    pub fn known(&self) -> BTreeMap<Lane, u64> {
        let mut known = self.named.clone();
        let said = self.manifests.iter().flat_map(|manifest| manifest.through.iter().map(|(lane, (end, _))| (*lane, *end)));
        for (lane, end) in said {
            let far = known.entry(lane).or_default();
            *far = end.max(*far);
        }
        known
    }

    fn find(&mut self, what: &'static str, name: &str, detail: impl Into<String>) {
        self.findings.push(Finding { place: self.target.place().to_owned(), what, name: name.to_owned(), detail: detail.into() });
    }

    /// Something is wrong with a manifest: only what is before it is sound.
    fn doubt(&mut self, what: &'static str, number: u64, detail: impl Into<String>) {
        self.sound = self.sound.min(number - 1);
        self.find(what, &self.of.manifest(number), detail);
    }

    async fn read_manifests(&mut self, listing: &BTreeMap<String, u64>, trust: &Trust) -> Result<(), BlobFault> {
        let numbers: BTreeSet<u64> = listing.keys().filter_map(|name| self.of.number_of(name)).collect();
        let last = numbers.last().copied().unwrap_or(0);
        let (target, of) = (self.target.clone(), self.of.clone());
        let get = |number| {
            let asked = numbers.contains(&number).then(|| target.get(of.manifest(number)));
            async move { if let Some(asked) = asked { Ok((number, asked.await?)) } else { Ok((number, None)) } }
        };
        let mut read = futures::stream::iter((1..=last).map(get)).buffered(AT_ONCE);
        let mut previous = Some(String::new());
        while let Some((number, bytes)) = read.try_next().await? {
            let Some(bytes) = bytes else {
                self.doubt("manifest-missing", number, "later ones are there");
                previous = None;
                continue;
            };
            let hash = sha256(&bytes);
            match Manifest::read(&bytes, trust) {
                Err(why) => {
                    let what = if why.contains("sign") { "manifest-untrusted" } else { "manifest-unreadable" };
                    self.doubt(what, number, why);
                }
                Ok(manifest) if (&manifest.of, manifest.number) != (&self.of, number) => {
                    self.doubt("manifest-misplaced", number, format!("it is number {} of {}", manifest.number, manifest.of.folder()));
                }
                Ok(manifest) => {
                    if previous.as_ref().is_some_and(|previous| *previous != manifest.previous) {
                        self.doubt("manifest-unchained", number, "it does not name the one before it");
                        // Which of the two is the wrong one cannot be told.
                        self.sound = self.sound.min(number.saturating_sub(2));
                    }
                    self.take(manifest);
                }
            }
            previous = Some(hash);
        }
        Ok(())
    }

    /// Takes a manifest in: each lane must go on where it ended, and end where the manifest says.
    fn take(&mut self, manifest: Manifest) {
        let number = manifest.number;
        for sealed in &manifest.segments {
            let (end, hash) = self.end_of(sealed.lane);
            if (sealed.first, &sealed.before) != (end + 1, &hash) {
                let (at, first) = (sealed.lane, sealed.first);
                self.doubt("lane-gap", number, format!("lane {at} goes on at {first}, and ended at {end}"));
            }
            self.lanes.entry(sealed.lane).or_default().push(sealed.clone());
        }
        // Once something is missing before it, that is what is wrong.
        let ends: BTreeMap<Lane, (u64, String)> = self.lanes.keys().map(|lane| (*lane, self.end_of(*lane))).collect();
        if self.sound >= number && ends != manifest.through {
            self.doubt("lane-gap", number, "its lanes do not end where it says that they do");
        }
        self.manifests.push(manifest);
    }

    /// Where the listed segments of a lane end: position and chain hash in hex.
    fn end_of(&self, lane: Lane) -> (u64, String) {
        let last = self.lanes.get(&lane).and_then(|sealed| sealed.last());
        last.map_or_else(|| (0, hex(&eventstore::chain::START)), |last| (last.last, last.after.clone()))
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
            if let Some((lane, _, last)) = self.of.range_of(name) {
                let far = self.named.entry(lane).or_default();
                *far = last.max(*far);
            }
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
        let read = Segment::decode(bytes.clone()).and_then(|segment| segment.check().map(|()| segment));
        let segment = match read {
            Ok(segment) => segment,
            Err(why) => return Ok(Err(found("segment-broken", why.to_string()))),
        };
        if segment.service != self.of.service || Sealed::of(&segment, &bytes) != *sealed {
            return Ok(Err(found("segment-broken", "its range, commands or events are not those its manifest says".into())));
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
            let before = if first == 1 { Some(eventstore::chain::START) } else { first.checked_sub(1).and_then(known) };
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
    let mut report = read_through(&mut shelves, &mut |_, _| {}, progress).await?;
    for target in targets.iter().filter(|target| !shelves.iter().any(|shelf| shelf.target.place() == target.place())) {
        let detail = "there is no archive here".to_owned();
        report.findings.push(Finding { place: target.place().to_owned(), what: "archive-missing", name: "/".into(), detail });
    }
    Ok(report)
}

/// Reads every segment of these shelves, shows those that are whole to `see`, and compares the shelves. Their own findings are
/// in the report, and stay with them.
pub async fn read_through(
    shelves: &mut [Shelf],
    see: &mut (dyn FnMut(&Of, &Segment) + Send),
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Report, BlobFault> {
    let mut report = Report::default();
    // Where any target ends a segment, all that have come so far must have the same chain hash.
    let listed = shelves.iter().flat_map(|shelf| shelf.lanes.values().flatten().map(|s| (shelf.of.clone(), s.lane, s.last)));
    let besides =
        shelves.iter().flat_map(|shelf| shelf.besides.iter().filter_map(|name| Some((shelf.of.clone(), shelf.of.range_of(name)?))));
    let besides = besides.flat_map(|(of, (lane, first, last))| [(of.clone(), lane, first.saturating_sub(1)), (of, lane, last)]);
    let ends: BTreeSet<(Of, Lane, u64)> = listed.chain(besides).collect();
    let mut hashes = Hashes::new();
    let all: u64 = shelves.iter().flat_map(|shelf| shelf.lanes.values().flatten()).map(|sealed| sealed.bytes).sum();
    let mut done = 0;
    for shelf in shelves {
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
        report.findings.extend(shelf.findings.iter().cloned());
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
            see(&shelf.of, &segment);
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
        let known = shelf.findings.len();
        read.left_over = shelf.read_besides(&hashes).await?;
        report.findings.extend(shelf.findings.iter().skip(known).cloned());
        report.read.push(read);
    }
    Ok(report)
}
