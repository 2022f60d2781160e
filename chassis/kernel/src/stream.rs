//! Lanes and streams: the two orders of a store. A lane is totally ordered; a stream is one aggregate inside a lane.

use sha2::{Digest, Sha256};

/// How many lanes a store has, for ever: the number is part of where every stream lives.
pub const LANES: u8 = 16;

/// A lane's number, `0..LANES`.
pub type Lane = u8;

/// The lane of a partition key: the first 8 bytes (big endian) of its SHA-256, mod 16.
pub fn lane_of(partition: &str) -> Lane {
    let hash = Sha256::digest(partition.as_bytes());
    let mut first = [0u8; 8];
    first.copy_from_slice(&hash[..8]);
    (u64::from_be_bytes(first) % u64::from(LANES)) as Lane
}

/// The name of one aggregate: its kind and its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stream {
    /// What it is (`reservation`, `ledger`, `saga` …).
    pub kind: std::borrow::Cow<'static, str>,
    /// Which one.
    pub id: String,
}

impl Stream {
    /// A stream from a kind known at compile time and an id.
    pub fn new(kind: &'static str, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }

    /// Reads `kind/id`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('/')?;
        Some(Self { kind: kind.to_owned().into(), id: id.to_owned() })
    }
}

impl std::fmt::Display for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_never_move() {
        // Written down once: a change here would strand every stored stream.
        assert_eq!(["H1", "H2", "DEMO", ""].map(lane_of), [7, 5, 2, 4]);
        let s = Stream::new("reservation", "res_1");
        assert_eq!(Stream::parse(&s.to_string()), Some(s));
    }
}
