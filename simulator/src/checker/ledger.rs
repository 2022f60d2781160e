//! A hotel's night ledger, folded from its events once more: every reservation with its nights one by one, and no counts.
//! Slower than the service's own way, and hard to get wrong in the same way.

use std::collections::{BTreeMap, BTreeSet};

use contracts::HOUSE;
use jiff::civil::Date;

use super::books::Fact;

/// What a reservation has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Allocation {
    /// Its type.
    pub room_type: String,
    /// Its nights.
    pub nights: BTreeSet<Date>,
    /// Whether they are held only.
    pub is_hold: bool,
}

#[derive(Clone, Debug, Default)]
struct Limit {
    standing: u64,
    dated: Vec<(Date, Date, u64)>,
}

/// The ledger of one hotel.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// What each reservation has.
    pub allocations: BTreeMap<String, Allocation>,
    limits: BTreeMap<String, Limit>,
    /// Types of which nothing may be sold.
    gone: BTreeSet<String>,
    /// The night after the last that is closed.
    open: Option<Date>,
}

/// The nights of `[from, to)`.
pub fn nights(from: Date, to: Date) -> BTreeSet<Date> {
    std::iter::successors(Some(from), |d| d.tomorrow().ok()).take_while(|d| *d < to).collect()
}

/// The nights an event gives to a reservation that it had not before.
pub fn gained(fact: &Fact) -> BTreeSet<Date> {
    match fact.name.as_str() {
        "Held" => nights_of(fact),
        "Amended" => &nights(fact.date("new_arrival"), fact.date("new_departure")) - &nights_of(fact),
        _ => BTreeSet::new(),
    }
}

/// The nights an event speaks of.
pub fn nights_of(fact: &Fact) -> BTreeSet<Date> {
    nights(fact.date("arrival"), fact.date("departure"))
}

impl Ledger {
    /// One event further. Says what the event claims that cannot be.
    pub fn take(&mut self, fact: &Fact) -> Option<String> {
        let (reservation, room_type) = (fact.text("reservation").to_owned(), fact.text("room_type").to_owned());
        let before = self.allocations.get(&reservation).cloned();
        let is = |is_hold: bool| before.as_ref().is_some_and(|a| a.is_hold == is_hold);
        let wrong = |is_wrong: bool, what: &str| is_wrong.then(|| format!("{reservation}: {what}"));
        match fact.name.as_str() {
            "LimitsSet" => {
                self.set_limits(fact);
                None
            }
            "TypeRetired" => {
                self.gone.insert(room_type.clone());
                let open = self.open.unwrap_or(Date::MIN);
                let needs = |a: &Allocation| a.room_type == room_type && a.nights.iter().any(|night| *night >= open);
                let in_need = self.allocations.iter().find(|(_, a)| needs(a)).map(|(id, _)| id.clone());
                in_need.map(|id| format!("{id}: has nights of a type that is deleted"))
            }
            "TypeAdded" | "TypeUnretired" => {
                self.gone.remove(&room_type);
                None
            }
            "NightClosed" => {
                self.open = fact.date("date").tomorrow().ok();
                None
            }
            "Held" => {
                let is_gone = self.gone.contains(&room_type);
                self.allocations.insert(reservation.clone(), Allocation { room_type, nights: nights_of(fact), is_hold: true });
                wrong(before.is_some() || is_gone, "is held although it has an allocation, or the type is being deleted")
            }
            "HoldExtended" => wrong(!is(true), "a hold is extended that is none"),
            "Unheld" | "HoldExpired" => {
                self.allocations.remove(&reservation);
                wrong(!is(true), "a hold ends that is none")
            }
            "Sold" => {
                let sold = Allocation { room_type, nights: nights_of(fact), is_hold: false };
                let same = before.as_ref().is_some_and(|a| a.nights == sold.nights && a.room_type == sold.room_type);
                self.allocations.insert(reservation.clone(), sold);
                wrong(!is(true) || !same, "is sold without a hold of the same nights")
            }
            "Released" => {
                let back = nights_of(fact);
                let had = before.as_ref().is_some_and(|a| back.is_subset(&a.nights));
                let allocation = self.allocations.entry(reservation.clone()).or_default();
                allocation.nights.retain(|n| !back.contains(n));
                wrong(!had || !is(false), "gives nights back that it does not have")
            }
            "Moved" => {
                let same = before.as_ref().is_some_and(|a| self.open_of(&a.nights) == nights_of(fact) && a.room_type == room_type);
                self.allocations.entry(reservation.clone()).or_default().room_type = fact.text("to").to_owned();
                let is_gone = self.gone.contains(fact.text("to"));
                wrong(!is(false) || !same || is_gone, "moves nights that it does not have, or to a type that is being deleted")
            }
            "Amended" => {
                let (had, has) = (nights_of(fact), nights(fact.date("new_arrival"), fact.date("new_departure")));
                let same = before.as_ref().is_some_and(|a| a.nights == had && a.room_type == room_type);
                let is_past = self.open_of(&(&had ^ &has)) != &had ^ &has;
                let is_gone = self.gone.contains(&room_type) && !has.is_subset(&had);
                self.allocations.entry(reservation.clone()).or_default().nights = has;
                wrong(!is(false) || !same || is_gone, "amends nights that it does not have, or takes more of a type that is being deleted")
                    .or(wrong(is_past, "amends a night that is closed"))
            }
            _ => None,
        }
    }

    /// Those of some nights that are not closed.
    fn open_of(&self, nights: &BTreeSet<Date>) -> BTreeSet<Date> {
        nights.iter().copied().filter(|night| self.open.is_none_or(|open| *night >= open)).collect()
    }

    fn set_limits(&mut self, fact: &Fact) {
        for l in fact.data["limits"].as_array().into_iter().flatten() {
            let limit = self.limits.entry(l["room_type"].as_str().unwrap_or_default().to_owned()).or_default();
            let date = |name: &str| l[name].as_str().and_then(|text| text.parse().ok());
            let number = l["limit"].as_u64().unwrap_or_default();
            match (date("from"), date("to")) {
                (None, None) => limit.standing = number,
                (from, to) => limit.dated.push((from.unwrap_or(Date::MIN), to.unwrap_or(Date::MAX), number)),
            }
        }
    }

    /// Units of a type (or the house) that are sold or held for a night, or sold only.
    pub fn used(&self, night: Date, room_type: &str, sold_only: bool) -> u64 {
        let of = self.allocations.values().filter(|a| a.nights.contains(&night) && (room_type == HOUSE || a.room_type == room_type));
        of.filter(|a| !sold_only || !a.is_hold).count() as u64
    }

    /// How many may be.
    pub fn limit(&self, night: Date, room_type: &str) -> u64 {
        let Some(limit) = self.limits.get(room_type) else { return 0 };
        let dated = limit.dated.iter().rev().find(|(from, to, _)| *from <= night && night < *to);
        dated.map_or(limit.standing, |(_, _, number)| *number)
    }
}
