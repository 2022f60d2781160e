//! No sale takes sold + held past the limit of its type or of the house on any night, at any moment of any ledger. Moves
//! and cut limits may leave a night above it; then nothing more may be sold there.

use std::collections::BTreeMap;

use contracts::HOUSE;

use super::Case;
use super::ledger::{Ledger, gained};

const OVERSALE: &str = "no oversale";
const BALANCE: &str = "a closed night is balanced";

/// Checks every ledger at every event.
pub fn check(case: &mut Case) {
    let mut found = Vec::new();
    let mut ledgers: BTreeMap<&str, Ledger> = BTreeMap::new();
    for fact in case.books.of("inventory", "ledger") {
        let ledger = ledgers.entry(&fact.id).or_default();
        let wrong = ledger.take(fact);
        found.extend(wrong.map(|what| (OVERSALE, what, fact.text("reservation").to_owned())));
        // A hold and an amendment are where a unit more is taken; a sale without a hold has been found above.
        for (night, room_type) in gained(fact).into_iter().flat_map(|n| [(n, fact.text("room_type")), (n, HOUSE)]) {
            let (used, limit) = (ledger.used(night, room_type, false), ledger.limit(night, room_type));
            if used > limit {
                let what = format!("{} {night} {room_type}: {used} sold or held, limit {limit}", fact.id);
                found.push((OVERSALE, what, fact.text("reservation").to_owned()));
            }
        }
        if fact.name == "NightClosed" {
            let (night, in_house) = (fact.date("date"), fact.data["in_house"].as_u64().unwrap_or_default());
            let sold = ledger.used(night, HOUSE, true);
            if sold != in_house {
                found.push((BALANCE, format!("{} {night} is closed with {in_house} in house and {sold} sold", fact.id), String::new()));
            }
        }
    }
    for (invariant, what, about) in found {
        case.found(invariant, &what, &about);
    }
}
