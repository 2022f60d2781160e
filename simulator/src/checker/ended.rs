//! Every saga has ended, and none has ever been stuck: faults never last as long as it takes to be.

use std::collections::BTreeMap;

use super::Case;
use crate::world::SERVICES;

const ENDED: &str = "every saga ends";

/// Checks every saga of every service.
pub fn check(case: &mut Case) {
    let mut found: Vec<(String, String)> = Vec::new();
    for service in SERVICES {
        let mut sagas: BTreeMap<&str, (u32, bool)> = BTreeMap::new();
        for fact in case.books.of(service, "saga") {
            let (ends, is_stuck) = sagas.entry(&fact.id).or_default();
            match fact.name.as_str() {
                "Done" | "Undone" => *ends += 1,
                "Stuck" => {
                    *is_stuck = true;
                    found.push((format!("{service}: {} was stuck: {}", fact.id, fact.data), fact.id.clone()));
                }
                _ => {}
            }
        }
        let wrong = sagas.iter().filter(|(_, (ends, _))| *ends != 1);
        found.extend(wrong.map(|(id, (ends, _))| (format!("{service}: {id} has {ends} ends"), (*id).to_owned())));
    }
    for (what, about) in found {
        case.found(ENDED, &what, &about);
    }
    for open in case.open.clone() {
        case.found(ENDED, &format!("{open} is still open"), "");
    }
}
