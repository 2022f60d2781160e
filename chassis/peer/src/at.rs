//! `Posthouse-At`: positions that an answer rests on. A reader that sends them along reads its own writes.

use std::collections::BTreeMap;

use kernel::Lane;

/// For each (service, lane) the highest position seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct At(pub BTreeMap<(String, Lane), u64>);

impl At {
    /// One position.
    pub fn of(service: &str, lane: Lane, pos: u64) -> Self {
        Self(BTreeMap::from([((service.to_owned(), lane), pos)]))
    }

    /// Takes the higher position of each.
    pub fn merge(&mut self, other: &Self) {
        for (place, pos) in &other.0 {
            let mine = self.0.entry(place.clone()).or_default();
            *mine = (*mine).max(*pos);
        }
    }

    /// Reads `service/lane:pos, …`; `None` when it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let mut at = Self::default();
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (service, rest) = part.split_once('/')?;
            let (lane, pos) = rest.split_once(':')?;
            at.merge(&Self::of(service, lane.parse().ok()?, pos.parse().ok()?));
        }
        Some(at)
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, ((service, lane), pos)) in self.0.iter().enumerate() {
            write!(f, "{}{service}/{lane}:{pos}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_their_text_and_only_grow() {
        let mut at = At::parse("reservations/3:1042, inventory/3:991").unwrap();
        at.merge(&At::of("inventory", 3, 5));
        assert_eq!(at.to_string(), "inventory/3:991, reservations/3:1042");
        assert_eq!(At::parse("nonsense"), None);
    }
}
