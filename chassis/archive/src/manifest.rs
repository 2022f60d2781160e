//! Manifests: what has been sealed, pass by pass, each naming the one before it.

use std::collections::BTreeMap;

use bytes::Bytes;
use eventstore::chain::{START, hex};
use kernel::Lane;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::key::{Signer, Trust};
use crate::segment::{Segment, unhex};

/// The version of this layout.
pub const FORMAT: &str = "posthouse-manifest/1";

/// Whose history it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Of {
    /// The cell: one full set of services.
    pub cell: String,
    /// The service.
    pub service: String,
}

impl Of {
    /// Where its things are: `<cell>/<service>/`.
    pub fn folder(&self) -> String {
        format!("{}/{}/", self.cell, self.service)
    }

    /// The name of a segment.
    pub fn segment(&self, lane: Lane, first: u64, last: u64) -> String {
        format!("{}segments/lane={lane:02}/{first:012}-{last:012}.parquet", self.folder())
    }

    /// The name of a manifest.
    pub fn manifest(&self, number: u64) -> String {
        format!("{}manifests/{number:08}.json", self.folder())
    }

    /// The lane and the range that a name stands for.
    pub fn range_of(&self, name: &str) -> Option<(Lane, u64, u64)> {
        let rest = name.strip_prefix(&self.folder())?.strip_prefix("segments/lane=")?;
        let (lane, range) = rest.split_once('/')?;
        let (first, last) = range.strip_suffix(".parquet")?.split_once('-')?;
        Some((lane.parse().ok()?, first.parse().ok()?, last.parse().ok()?))
    }

    /// The number that a name stands for.
    pub fn number_of(&self, name: &str) -> Option<u64> {
        name.strip_prefix(&self.folder())?.strip_prefix("manifests/")?.strip_suffix(".json")?.parse().ok()
    }
}

/// A sealed segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Its lane.
    pub lane: Lane,
    /// Its first position.
    pub first: u64,
    /// Its last position.
    pub last: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 over its bytes, in hex.
    pub sha256: String,
    /// The chain hash before it, in hex.
    pub before: String,
    /// The chain hash at its end, in hex.
    pub after: String,
    /// When its first command was decided, microseconds since 1970; the beginning of time when a record does not say.
    #[serde(default = "beginning")]
    pub since: i64,
    /// When its last command was decided; the end of time when a record does not say.
    pub until: i64,
    /// Command records in it.
    pub commands: u64,
    /// Events in it: how many of each name and schema, `<name>#<schema>`.
    pub events: BTreeMap<String, u64>,
}

impl Sealed {
    /// What a manifest says of a segment.
    pub fn of(segment: &Segment, bytes: &Bytes) -> Self {
        let mut events: BTreeMap<(&str, u16), u64> = BTreeMap::new();
        for place in segment.rows.iter().filter_map(|row| row.event.as_ref()) {
            *events.entry((&place.name, place.schema)).or_default() += 1;
        }
        let commands = segment.rows.iter().filter(|row| row.event.is_none());
        let instants = || commands.clone().map(|row| decided_at(&row.json));
        Self {
            lane: segment.lane,
            first: segment.first(),
            last: segment.last(),
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
            before: hex(&segment.before),
            after: hex(&segment.after()),
            since: instants().map(|at| at.unwrap_or(i64::MIN)).min().unwrap_or(i64::MIN),
            until: instants().map(|at| at.unwrap_or(i64::MAX)).max().unwrap_or(i64::MAX),
            commands: commands.clone().count() as u64,
            events: events.into_iter().map(|((name, schema), n)| (format!("{name}#{schema}"), n)).collect(),
        }
    }
}

fn beginning() -> i64 {
    i64::MIN
}

/// When a command was decided, from its record's JSON.
pub fn decided_at(record: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct At {
        #[serde(deserialize_with = "crate::segment::micros")]
        t: i64,
    }
    serde_json::from_str::<At>(record).ok().map(|at| at.t)
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What was sealed in one pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// Whose history it is.
    #[serde(flatten)]
    pub of: Of,
    /// The store's name for its history.
    pub incarnation: String,
    /// Counts from 1 without a gap.
    pub number: u64,
    /// SHA-256 over the manifest before it, in hex; empty for the first.
    pub previous: String,
    /// When it was sealed, RFC 3339.
    pub sealed_at: String,
    /// Up to this instant, microseconds since 1970, everything that was decided is archived with this manifest. Histories that
    /// are to fit each other are restored up to an instant that all of them have reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole_to: Option<i64>,
    /// What was sealed; nothing when there was nothing new, and only the instant has moved.
    pub segments: Vec<Sealed>,
    /// How far each lane is archived with this manifest: position and chain hash in hex.
    pub through: BTreeMap<Lane, (u64, String)>,
    /// The public key it is signed with, in hex.
    pub key: String,
}

/// A manifest as it lies there: what is signed is its very text.
#[derive(Serialize, Deserialize)]
struct Signed {
    manifest: Box<RawValue>,
    signature: String,
}

impl Manifest {
    /// Up to where a lane is archived: the position and the chain hash there.
    pub fn end_of(&self, lane: Lane) -> (u64, [u8; 32]) {
        self.through.get(&lane).and_then(|(pos, hash)| Some((*pos, unhex(hash)?))).unwrap_or((0, START))
    }

    /// Signed, as bytes.
    pub fn sign(&self, signer: &Signer) -> Result<Bytes, String> {
        let manifest = serde_json::value::to_raw_value(self).map_err(|e| e.to_string())?;
        let signature = signer.sign(manifest.get().as_bytes());
        serde_json::to_vec_pretty(&Signed { manifest, signature }).map(Bytes::from).map_err(|e| e.to_string())
    }

    /// Reads bytes back, and checks who signed them.
    pub fn read(bytes: &[u8], trust: &Trust) -> Result<Self, String> {
        let signed: Signed = serde_json::from_slice(bytes).map_err(|e| format!("it is no manifest: {e}"))?;
        let manifest: Self = serde_json::from_str(signed.manifest.get()).map_err(|e| format!("it is no manifest: {e}"))?;
        if manifest.format != FORMAT {
            return Err(format!("its format is {}, this program knows {FORMAT}", manifest.format));
        }
        trust.check(&manifest.key, signed.manifest.get().as_bytes(), &signed.signature)?;
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_name() {
        let of = Of { cell: "local".into(), service: "stays".into() };
        assert_eq!(of.segment(3, 1, 50_000), "local/stays/segments/lane=03/000000000001-000000050000.parquet");
        assert_eq!(of.range_of(&of.segment(3, 1, 50_000)), Some((3, 1, 50_000)));
        assert_eq!(of.number_of(&of.manifest(17)), Some(17));
        for other in ["local/stays/segments/lane=03/x.parquet", "cell/stays/manifests/00000001.json", "local/stays/manifests/1.txt"] {
            assert_eq!((of.range_of(other), of.number_of(other)), (None, None), "{other}");
        }
    }

    #[test]
    fn a_manifest_is_believed_only_as_it_was_signed() {
        let signer = Signer::of(&[7; 32]).expect("a key");
        let manifest = Manifest {
            format: FORMAT.into(),
            of: Of { cell: "local".into(), service: "stays".into() },
            incarnation: "i".into(),
            number: 1,
            previous: String::new(),
            sealed_at: "2026-11-23T00:00:00Z".into(),
            whole_to: None,
            segments: vec![],
            through: BTreeMap::from([(3, (5, "ab".repeat(32)))]),
            key: signer.public(),
        };
        let bytes = manifest.sign(&signer).expect("bytes");
        assert_eq!(Manifest::read(&bytes, &Trust::Keys(vec![signer.public()])), Ok(manifest.clone()));
        assert_eq!((manifest.end_of(3), manifest.end_of(4)), ((5, [0xab; 32]), (0, START)));
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        let changed = text.replace("\"number\":1", "\"number\":2");
        assert_ne!(text, changed);
        assert!(Manifest::read(changed.as_bytes(), &Trust::AsSaid).is_err_and(|why| why.contains("signature")));
        let newer = Manifest { format: "posthouse-manifest/2".into(), ..manifest };
        assert!(Manifest::read(&newer.sign(&signer).expect("bytes"), &Trust::AsSaid).is_err_and(|why| why.contains("format")));
    }
}
