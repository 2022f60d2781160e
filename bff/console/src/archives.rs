//! Archives: how far each service's history is sealed in each place, and what keeps it from going on.

use serde::Serialize;

use crate::services::SERVICES;
use crate::watch::Snapshot;

/// One service in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    pub service: &'static str,
    /// Where, without credentials.
    pub place: String,
    /// Positions archived there.
    pub positions: u64,
    /// Where the service's own lanes end.
    pub head: u64,
    pub behind: u64,
    /// When a pass went through last.
    pub at: Option<String>,
    /// Why the last one did not; empty when it did.
    pub fault: String,
}

/// Every service that answers and every place; what does not go on comes first, then who is furthest behind.
pub fn rows(snapshot: &Snapshot) -> Vec<Row> {
    let mut all = Vec::new();
    for service in SERVICES {
        let Some(vitals) = snapshot.seen.get(service).and_then(|seen| seen.now.as_ref()) else { continue };
        all.extend(vitals.archive.iter().map(|archived| Row {
            service,
            place: archived.place.clone(),
            positions: archived.positions,
            head: vitals.head,
            behind: vitals.head.saturating_sub(archived.positions),
            at: archived.at.clone(),
            fault: archived.fault.clone(),
        }));
    }
    all.sort_by_key(|row| (row.fault.is_empty(), std::cmp::Reverse(row.behind)));
    all
}

/// A number with thin groups.
pub fn number(n: &u64) -> String {
    crate::look::number(Some(*n))
}

/// The width of a bar, of a hundred.
pub fn width(behind: &u64) -> u64 {
    crate::feeds::width(&Some(*behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::{Archived, Vitals};
    use crate::watch::Seen;

    #[test]
    fn a_place_that_is_away_comes_first_then_who_is_furthest_behind() {
        let place = |place: &str, positions, fault: &str| Archived { place: place.into(), positions, at: None, fault: fault.into() };
        let of = |archive| Seen { now: Some(Vitals { head: 10, archive, ..Vitals::default() }), ..Seen::default() };
        let hotels = of(vec![place("file:///a", 10, ""), place("s3://b", 4, "it is away")]);
        let stays = of(vec![place("file:///a", 7, ""), place("s3://b", 12, "")]);
        let seen = [("hotels", hotels), ("stays", stays), ("guests", Seen::default())].into();
        let rows = rows(&Snapshot { seen, ..Snapshot::default() });
        let told: Vec<_> = rows.iter().map(|row| (row.service, row.place.as_str(), row.behind, row.fault.as_str())).collect();
        let well = |service, place, behind| (service, place, behind, "");
        assert_eq!(
            told,
            [
                ("hotels", "s3://b", 6, "it is away"),
                well("stays", "file:///a", 3),
                well("hotels", "file:///a", 0),
                well("stays", "s3://b", 0)
            ]
        );
    }
}
