//! Nothing is left by a saga that has ended: no hold, also none that comes later, and no authorisation at the provider that
//! guarantees nothing; and what was prepaid was taken once, and given back as it was promised.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Timestamp;

use super::Case;
use super::lives;

const HOLDS: &str = "no hold is left by an ended saga";
const MONEY: &str = "no open authorisation is left";
const PREPAID: &str = "prepaid money is taken once and given back as promised";

/// Checks holds and authorisations.
pub fn check(case: &mut Case) {
    holds(case);
    money(case);
    prepaid(case);
}

fn holds(case: &mut Case) {
    let mut ends: BTreeMap<String, Timestamp> = BTreeMap::new();
    for fact in case.books.of("reservations", "reservation").filter(|f| f.name == "Requested") {
        if let Some((_, at)) = case.books.end_of("reservations", fact.text("saga")) {
            ends.insert(fact.id.clone(), at);
        }
    }
    // A hold ends by itself after some time, so a look at the end alone would not see it.
    let mut held: BTreeSet<&str> = BTreeSet::new();
    let mut left: BTreeSet<String> = BTreeSet::new();
    for fact in case.books.of("inventory", "ledger") {
        let reservation = fact.text("reservation");
        let end = ends.get(reservation).copied().unwrap_or(Timestamp(i64::MAX));
        match fact.name.as_str() {
            "Held" => {
                held.insert(reservation);
                if fact.at > end {
                    left.insert(reservation.to_owned());
                }
            }
            "Unheld" | "HoldExpired" | "Sold" => {
                held.remove(reservation);
                if fact.at > end {
                    left.insert(reservation.to_owned());
                }
            }
            _ => {}
        }
    }
    left.extend(held.into_iter().map(str::to_owned));
    for id in left {
        case.found(HOLDS, &format!("{id} had a hold after its booking had ended"), &id);
    }
}

fn money(case: &mut Case) {
    let lives = lives::fold(&case.books);
    let asked = case.books.of("payments", "payment").filter(|f| f.name == "Asked");
    let keys: BTreeMap<&str, &str> = asked.map(|f| (f.id.as_str(), f.text("authorisation"))).collect();
    let guaranteed = lives.iter().filter(|(_, life)| life.prepaid == 0 && matches!(life.state.as_str(), "confirmed" | "in_house"));
    let due: BTreeMap<String, String> = guaranteed
        .filter_map(|(id, life)| Some((keys.get(life.payment.as_deref()?).copied().unwrap_or("a missing payment").to_owned(), id.clone())))
        .collect();
    let open: BTreeSet<String> = case.books.open_at_provider.iter().cloned().collect();
    let reservation_of = |key: &str| {
        let payment = keys.iter().find(|(_, k)| **k == key).map(|(payment, _)| (*payment).to_owned());
        let fact = case.books.of("payments", "payment").find(|f| f.name == "Asked" && Some(&f.id) == payment.as_ref());
        fact.map(|f| f.text("reservation").to_owned()).unwrap_or_default()
    };
    let mut found: Vec<(String, String)> = open
        .iter()
        .filter(|key| !due.contains_key(*key))
        .map(|key| (format!("{key} is open at the provider and guarantees nothing"), reservation_of(key)))
        .collect();
    found.extend(
        due.iter()
            .filter(|(key, _)| !open.contains(*key))
            .map(|(key, id)| (format!("{key} guarantees {id} and is not open at the provider"), id.clone())),
    );
    for (what, about) in found {
        case.found(MONEY, &what, &about);
    }
}

/// For every authorisation there ever was: taken is what its booking prepaid, given back what its cancellation promised.
fn prepaid(case: &mut Case) {
    let lives = lives::fold(&case.books);
    let promised: BTreeMap<&str, (&String, i64, i64)> =
        lives.iter().filter_map(|(id, life)| Some((life.payment.as_deref()?, (id, life.prepaid, life.refund)))).collect();
    let mut found = Vec::new();
    for asked in case.books.of("payments", "payment").filter(|f| f.name == "Asked") {
        let (about, taken, back) = promised.get(asked.id.as_str()).map_or((String::new(), 0, 0), |(id, t, b)| ((*id).clone(), *t, *b));
        let key = asked.text("authorisation");
        let is = case.books.moved_at_provider.get(key).copied().unwrap_or_default();
        if is != (taken, back) {
            found.push((format!("{key}: {is:?} was taken and given back, due is {:?}", (taken, back)), about));
        }
    }
    for (what, about) in found {
        case.found(PREPAID, &what, &about);
    }
}
