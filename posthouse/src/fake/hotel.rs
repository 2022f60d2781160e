//! One hotel of the house of straw: reservations, rooms, limits and the books, all in maps.

use std::collections::BTreeMap;

use axum::http::Uri;
use serde_json::{Value, json};

use crate::replay::dates::Day;

pub(super) type Reply = Result<(u16, Value), (u16, &'static str)>;

pub(super) fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_default()
}

pub(super) fn day(text: &str) -> Result<Day, (u16, &'static str)> {
    Day::parse(text).ok_or((400, "invalid-request"))
}

pub(super) fn query(uri: &Uri) -> BTreeMap<String, String> {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|p| p.split_once('='));
    pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

#[derive(Default)]
pub(super) struct Hotel {
    pub(super) opened: Day0,
    pub(super) day: Day0,
    /// Type to its rooms: who is in each.
    pub(super) rooms: BTreeMap<String, Vec<Option<String>>>,
    pub(super) limits: BTreeMap<String, i64>,
    /// Type (`*` the house) to nights.
    pub(super) sold: BTreeMap<String, BTreeMap<i32, i64>>,
    /// Business date to the later nights after its audit.
    pub(super) books: BTreeMap<i32, Vec<(i32, i64)>>,
    pub(super) reservations: BTreeMap<String, Reservation>,
    pub(super) references: BTreeMap<String, String>,
    pub(super) days: BTreeMap<i32, [i64; 6]>,
    pub(super) in_house: BTreeMap<i32, i64>,
}

/// A day with a default.
#[derive(Clone, Copy)]
pub(super) struct Day0(pub(super) Day);

impl Default for Day0 {
    fn default() -> Self {
        Self(Day(0))
    }
}

pub(super) struct Reservation {
    reference: Option<String>,
    state: &'static str,
    kind: String,
    sold_as: String,
    arrival: Day,
    departure: Day,
    pub(super) price: i64,
    pub(super) card: bool,
    number: usize,
    nights: i64,
}

impl Hotel {
    pub(super) fn count(&mut self, what: usize) {
        self.days.entry(self.day.0.0).or_default()[what] += 1;
    }

    pub(super) fn add(&mut self, kind: &str, from: Day, to: Day, delta: i64) {
        for ledger in [kind, "*"] {
            let nights = self.sold.entry(ledger.to_owned()).or_default();
            for night in from.0..to.0 {
                *nights.entry(night).or_default() += delta;
            }
        }
    }

    pub(super) fn book(&mut self, code: &str, body: &Value) -> Result<Value, (u16, &'static str)> {
        let kind = text(body, "room_type").to_owned();
        let (arrival, departure) = (day(text(body, "arrival"))?, day(text(body, "departure"))?);
        if !self.rooms.contains_key(&kind) {
            return Err((404, "room-type-unknown"));
        }
        if arrival < self.day.0 {
            return Err((409, "past-date"));
        }
        let full = |ledger: &str| {
            let limit = self.limits.get(ledger).copied().unwrap_or_default();
            (arrival.0..departure.0).any(|n| self.sold.get(ledger).and_then(|s| s.get(&n)).copied().unwrap_or_default() >= limit)
        };
        if full(&kind) || full("*") {
            return Err((409, "night-sold-out"));
        }
        let id = format!("res_{code}{:08}", self.reservations.len());
        let reference = body["reference"].as_str().map(str::to_owned);
        if let Some(reference) = &reference {
            self.references.insert(reference.clone(), id.clone());
        }
        self.add(&kind, arrival, departure, 1);
        let price = body["price"]["amount"].as_i64().unwrap_or_default();
        let card = text(&body["guarantee"], "kind") == "card";
        let made = Reservation {
            reference,
            state: "confirmed",
            kind: kind.clone(),
            sold_as: kind,
            arrival,
            departure,
            price,
            card,
            number: 0,
            nights: 0,
        };
        self.reservations.insert(id.clone(), made);
        self.count(0);
        Ok(json!({"reservation": id, "state": "confirmed", "revision": 1}))
    }

    pub(super) fn confirmed(&mut self, id: &str) -> Result<&mut Reservation, (u16, &'static str)> {
        let found = self.reservations.get_mut(id).ok_or((404, "reservation-unknown"))?;
        if found.state == "confirmed" { Ok(found) } else { Err((409, "not-confirmed")) }
    }

    pub(super) fn retype(&mut self, id: &str, to: &str) -> Reply {
        if !self.rooms.contains_key(to) {
            return Err((404, "room-type-unknown"));
        }
        let found = self.confirmed(id)?;
        let from = std::mem::replace(&mut found.kind, to.to_owned());
        let (arrival, departure) = (found.arrival, found.departure);
        self.add(&from, arrival, departure, -1);
        self.add(to, arrival, departure, 1);
        Ok((200, json!({"reservation": id, "room_type": to})))
    }

    pub(super) fn check_in(&mut self, id: &str) -> Reply {
        let today = self.day.0;
        let found = self.confirmed(id)?;
        if found.arrival != today {
            return Err((409, "not-arrival-date"));
        }
        let (kind, upgraded) = (found.kind.clone(), found.kind != found.sold_as);
        let rooms = self.rooms.get_mut(&kind).ok_or((404, "room-type-unknown"))?;
        let free = rooms.iter().position(Option::is_none).ok_or((409, "no-room-free"))?;
        rooms[free] = Some(id.to_owned());
        let found = self.confirmed(id)?;
        (found.state, found.number) = ("in_house", free + 1);
        self.count(3);
        if upgraded {
            self.count(5);
        }
        Ok((201, json!({"stay": id, "room_type": kind, "number": free + 1})))
    }

    /// Cancellation, no-show or check-out.
    pub(super) fn end(&mut self, id: &str, verb: &str) -> Reply {
        let today = self.day.0;
        let found = self.reservations.get_mut(id).ok_or((404, "reservation-unknown"))?;
        let (from, to, what, free) = match (verb, found.state) {
            ("cancellation", "confirmed") => ("cancelled", found.arrival, 1, false),
            ("no-show", "confirmed") => ("no_show", found.arrival, 2, false),
            ("check-out", "in_house") => ("checked_out", today, 4, true),
            _ => return Err((409, "not-possible")),
        };
        found.state = from;
        let (kind, departure, number) = (found.kind.clone(), found.departure, found.number);
        if to < departure {
            self.add(&kind, to, departure, -1);
        }
        if free && let Some(rooms) = self.rooms.get_mut(&kind) {
            rooms[number - 1] = None;
        }
        self.count(what);
        Ok((200, json!({"reservation": id, "state": from})))
    }

    pub(super) fn close(&mut self, date: Day) -> Reply {
        if date != self.day.0 {
            return Err((409, "not-business-date"));
        }
        let mut in_house = 0;
        for stay in self.rooms.values().flatten().flatten() {
            in_house += 1;
            if let Some(found) = self.reservations.get_mut(stay) {
                found.nights += 1;
            }
        }
        let house = self.sold.entry("*".to_owned()).or_default();
        let sold = house.get(&date.0).copied().unwrap_or_default();
        if sold != in_house {
            return Err((409, if sold > in_house { "arrivals-left" } else { "departures-left" }));
        }
        let later = house.range(date.0 + 1..).filter(|(_, n)| **n != 0).map(|(night, n)| (*night, *n)).collect();
        self.books.insert(date.0, later);
        self.in_house.insert(date.0, in_house);
        self.day = Day0(date.plus(1));
        Ok((200, json!({"closed": date.to_string(), "in_house": in_house})))
    }

    pub(super) fn list(&self, stays: bool, query: &BTreeMap<String, String>) -> Value {
        let after = query.get("cursor").cloned().unwrap_or_default();
        // Pages far smaller than asked for: a client must follow the cursor, not count.
        let wanted = self.reservations.range(after.clone()..).filter(|(id, r)| **id > after && (!stays || r.number > 0)).take(300);
        let items: Vec<Value> = wanted.map(|(id, r)| item(id, r)).collect();
        let next = if items.len() == 300 { items.last().map(|i| i["reservation"].clone()) } else { None };
        json!({"items": items, "next": next})
    }

    pub(super) fn count_days(&self, stays: bool, query: &BTreeMap<String, String>) -> Value {
        let (Ok(from), Ok(to)) = (day(&query["from"]), day(&query["to"])) else { return json!(null) };
        let mut days = Vec::new();
        for date in from.0..to.0 {
            let counts = self.days.get(&date).copied().unwrap_or_default();
            let name = Day(date).to_string();
            if stays {
                let [.., checked_in, checked_out, upgraded] = counts;
                let in_house = self.in_house.get(&date);
                days.push(json!({"date": name, "checked_in": checked_in, "checked_out": checked_out, "upgraded_at_checkin": upgraded, "in_house": in_house}));
            } else if counts[..3] != [0; 3] {
                days.push(json!({"date": name, "booked": counts[0], "cancelled": counts[1], "no_show": counts[2]}));
            }
        }
        json!({"days": days})
    }

    pub(super) fn rack(&self) -> Value {
        let rooms = self.rooms.iter().flat_map(|(kind, rooms)| rooms.iter().enumerate().map(move |(n, by)| (kind, n + 1, by)));
        let rooms: Vec<Value> = rooms.map(|(kind, n, by)| json!({"room": format!("{kind}-{n}"), "occupied_by": by})).collect();
        json!(rooms)
    }

    pub(super) fn on_the_books(&self, query: &BTreeMap<String, String>) -> Value {
        let line = |(night, sold): (i32, i64)| json!({"night": Day(night).to_string(), "sold": sold});
        let nights: Vec<Value> = match query.get("as_of").and_then(|a| day(a.trim_start_matches("date:")).ok()) {
            Some(as_of) => self.books.get(&as_of.0).into_iter().flatten().copied().map(line).collect(),
            None => self.sold.get("*").into_iter().flatten().map(|(n, s)| (*n, *s)).filter(|n| n.1 != 0).map(line).collect(),
        };
        json!({"nights": nights, "opened": self.opened.0.to_string()})
    }

    pub(super) fn availability(&self, query: &BTreeMap<String, String>) -> Value {
        let (Ok(from), Ok(to)) = (day(&query["from"]), day(&query["to"])) else { return json!(null) };
        let units = |kind: &str, night: i32| {
            let sold = self.sold.get(kind).and_then(|s| s.get(&night)).copied().unwrap_or_default();
            json!({"room_type": kind, "limit": self.limits.get(kind), "sold": sold, "held": 0, "available": 0})
        };
        let types = |night| self.rooms.keys().map(|kind| units(kind, night)).collect::<Vec<_>>();
        let nights: Vec<Value> =
            (from.0..to.0).map(|n| json!({"night": Day(n).to_string(), "house": units("*", n), "types": types(n)})).collect();
        json!({"nights": nights})
    }
}

fn item(id: &str, r: &Reservation) -> Value {
    json!({
        "reservation": id, "stay": id, "reference": r.reference, "state": r.state, "room_type": r.kind, "sold_as": r.sold_as,
        "arrival": r.arrival.to_string(), "departure": r.departure.to_string(), "number": r.number, "nights_posted": r.nights,
        "posted": {"amount": r.nights * r.price, "currency": "EUR"},
    })
}
