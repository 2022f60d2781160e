//! No half stay: inventory, reservations and stays say the same of every reservation, night by night, every night in house
//! is charged once, and a room has one guest at a time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Case;
use super::books::Fact;
use super::ledger::{Allocation, Ledger, nights};
use super::lives::{self, Life};

const NIGHTS: &str = "a reservation has all its nights or none";
const STAYS: &str = "reservations and stays agree";
const CHARGES: &str = "every night in house is charged once";
const ROOMS: &str = "a room has one guest at a time";

/// Checks every reservation and every room.
pub fn check(case: &mut Case) {
    let lives = lives::fold(&case.books);
    let mut ledgers: BTreeMap<String, Ledger> = BTreeMap::new();
    for fact in case.books.of("inventory", "ledger") {
        ledgers.entry(fact.id.clone()).or_default().take(fact);
    }
    let mut sold: BTreeMap<String, Allocation> = BTreeMap::new();
    for ledger in ledgers.into_values() {
        sold.extend(ledger.allocations.into_iter().filter(|(_, a)| !a.is_hold && !a.nights.is_empty()));
    }
    let ids: BTreeSet<&String> = lives.keys().chain(sold.keys()).collect();
    for id in ids {
        let life = lives.get(id).cloned().unwrap_or_default();
        let (has, must) = (sold.get(id), due(&life));
        let same = has.map_or_else(|| must.is_empty(), |a| a.nights == must && a.room_type == life.room_type);
        if !same {
            let has = has.map(|a| (&a.room_type, a.nights.iter().map(Date::to_string).collect::<Vec<_>>()));
            case.found(NIGHTS, &format!("{id} is '{}' and has {has:?}, due are {must:?} of {}", life.state, life.room_type), id);
        }
        if !agree(&life) {
            case.found(STAYS, &format!("{id} is '{}' for reservations and '{}' for stays", life.state, life.stay), id);
        }
    }
    charges(case, &lives);
    rooms(case, &lives);
}

/// A night is charged when it is closed with the guest in house, and never else.
fn charges(case: &mut Case, lives: &BTreeMap<String, Life>) {
    let closed = case.books.of("stays", "day").filter(|f| f.name == "DayOpened");
    let closed: Vec<(String, Date)> = closed.map(|f| (f.id.clone(), f.date("closed"))).collect();
    for (id, life) in lives.iter().filter(|(_, life)| life.arrived_on.is_some() || !life.charged.is_empty()) {
        let is_in_house = |date: Date| life.arrived_on.is_some_and(|on| on <= date) && life.left_on.is_none_or(|on| date < on);
        let due: Vec<Date> = closed.iter().filter(|(hotel, date)| *hotel == life.hotel && is_in_house(*date)).map(|(_, d)| *d).collect();
        if due != life.charged {
            case.found(CHARGES, &format!("{id} is charged for {:?}, due are {due:?}", life.charged), id);
        }
    }
}

/// The nights a reservation must have.
fn due(life: &Life) -> BTreeSet<Date> {
    match life.state.as_str() {
        "confirmed" | "in_house" => nights(life.arrival, life.departure),
        "checked_out" => nights(life.arrival, life.departure.min(life.left_on.unwrap_or(life.departure))),
        _ => BTreeSet::new(),
    }
}

fn agree(life: &Life) -> bool {
    matches!(
        (life.state.as_str(), life.stay.as_str()),
        ("" | "confirmed" | "cancelled" | "no_show", "") | ("in_house", "in_house") | ("checked_out", "checked_out")
    )
}

fn rooms(case: &mut Case, lives: &BTreeMap<String, Life>) {
    let mut guests: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut gone: BTreeSet<(String, String)> = BTreeSet::new();
    let mut found = Vec::new();
    for fact in case.books.of("stays", "rack") {
        let room = (fact.id.clone(), format!("{}-{}", fact.text("room_type"), fact.data["number"]));
        let stay = fact.text("stay").to_owned();
        match fact.name.as_str() {
            "RoomsRetired" | "RoomsRemoved" => {
                for room in span(fact) {
                    found.extend(guests.get(&room).map(|stay| (format!("{room:?} is deleted with {stay} in it"), stay.clone())));
                    gone.insert(room);
                }
            }
            "RoomsAdded" | "RoomsUnretired" => gone.retain(|room| !span(fact).contains(room)),
            "Occupied" => {
                if gone.contains(&room) {
                    found.push((format!("{room:?} is given to {stay} and is deleted"), stay.clone()));
                }
                if let Some(other) = guests.insert(room.clone(), stay.clone()) {
                    found.push((format!("{room:?} is given to {stay} and has {other}"), stay));
                }
            }
            "Vacated" if guests.remove(&room).as_ref() != Some(&stay) => {
                found.push((format!("{stay} leaves {room:?} and was not there"), stay));
            }
            _ => {}
        }
    }
    let in_house = lives.iter().filter(|(_, life)| life.stay == "in_house");
    let must: BTreeMap<_, _> = in_house.map(|(id, life)| ((life.hotel.clone(), life.room.clone()), id.clone())).collect();
    if must != guests {
        found.push((format!("in the rooms are {guests:?}, in house are {must:?}"), String::new()));
    }
    for (what, about) in found {
        case.found(ROOMS, &what, &about);
    }
}

/// The rooms an event speaks of.
fn span(fact: &Fact) -> BTreeSet<(String, String)> {
    let number = |name: &str| fact.data[name].as_u64().unwrap_or_default();
    (number("first")..=number("last")).map(|n| (fact.id.clone(), format!("{}-{n}", fact.text("room_type")))).collect()
}
