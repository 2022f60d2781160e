//! Lanes are gapless and their chains verify; streams have every version once.

use std::collections::BTreeMap;

use eventstore::{Body, chain};
use kernel::{Lane, Stream};

use super::Case;

const LANES: &str = "lanes are gapless and their chains verify";

/// Checks every lane of every service.
pub fn check(case: &mut Case) {
    let mut found = Vec::new();
    for (service, stored) in &case.books.stored {
        let mut heads: BTreeMap<Lane, (u64, [u8; 32])> = BTreeMap::new();
        let mut versions: BTreeMap<(Lane, &Stream), u64> = BTreeMap::new();
        for s in stored {
            let (pos, hash) = heads.get(&s.lane).copied().unwrap_or((0, chain::START));
            let next = match &s.body {
                Body::Command(record) => {
                    let json = serde_json::to_string(record.as_ref()).unwrap_or_default();
                    chain::of_command(&hash, s.lane, pos + 1, &json)
                }
                Body::Event(e) => {
                    let version = versions.entry((s.lane, &e.stream)).or_default();
                    *version += 1;
                    if e.version != *version {
                        found.push(format!("{service}/{}:{}: {} has version {}, due is {version}", s.lane, s.pos, e.stream, e.version));
                    }
                    chain::of_event(&hash, s.lane, pos + 1, &format!("{}@{}#{}", e.stream, e.version, e.schema), &e.json)
                }
            };
            if s.pos != pos + 1 || s.hash != next {
                found.push(format!(
                    "{service}/{}: after {pos} comes {}, and the hash is {}",
                    s.lane,
                    s.pos,
                    if s.hash == next { "right" } else { "wrong" }
                ));
            }
            heads.insert(s.lane, (s.pos, s.hash));
        }
    }
    for what in found {
        case.found(LANES, &what, "");
    }
}
