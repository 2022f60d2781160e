//! The demonstration hotels: two small houses with a few hundred invented bookings, made through the public commands. They
//! opened two days ago and have closed two days since, so that guests stay, leave and arrive on the day one sees. Every key is
//! fixed, so seeding again (after a restart, or a crash in the middle) finishes what is missing and repeats nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use host::House;
use http::{Request, StatusCode};
use jiff::civil::Date;
use kernel::Chance;
use kernel::chance::Seeded;
use peer::{At, Wire};
use serde_json::{Value, json};

/// Tries of one request before seeding gives up.
const TRIES: u32 = 50;

struct Hotel {
    code: &'static str,
    name: &'static str,
    time_zone: &'static str,
    address: &'static str,
    /// Type, name, rooms, sell limit, price of a night in cents.
    types: &'static [(&'static str, &'static str, u32, u32, i64)],
    bookings: u64,
}

const HOTELS: &[Hotel] = &[
    Hotel {
        code: "DEMO",
        name: "The Old Post House",
        time_zone: "Europe/Vienna",
        address: "Postgasse 12, 1010 Vienna",
        types: &[("STD", "Standard room", 24, 26, 12_900), ("DLX", "Deluxe room", 8, 8, 18_900), ("STE", "Suite", 2, 2, 34_000)],
        bookings: 260,
    },
    Hotel {
        code: "HARBOUR",
        name: "Harbour Lights",
        time_zone: "Europe/Lisbon",
        address: "Rua do Cais 7, 1100-104 Lisbon",
        types: &[("SEA", "Room with a view", 12, 12, 15_500), ("YARD", "Room to the yard", 10, 11, 9_900)],
        bookings: 140,
    },
];

const FIRST_NAMES: &[&str] = &["Ada", "Bruno", "Carla", "Dilan", "Emil", "Farah", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Luca"];
const LAST_NAMES: &[&str] = &["Abel", "Brandt", "Costa", "Demir", "Ekman", "Fischer", "Gruber", "Horvat", "Ito", "Jansen"];

/// Days the hotels have behind them.
const DAYS_BEFORE: i64 = 2;

/// One of so many who are due has arrived or left when the demonstration begins.
const EARLY: usize = 4;

/// Seeds what is missing.
pub async fn seed(house: Arc<House>, today: Date) -> Result<u64, String> {
    let seeder = Seeder { house, at: Mutex::default() };
    let mut made = 0;
    for hotel in HOTELS {
        made += seeder.hotel(hotel, today).await?;
    }
    Ok(made)
}

/// A booking that was made.
struct Booked {
    n: u64,
    reservation: String,
    arrival: Date,
    departure: Date,
}

/// All bookings of a kind on a day that is over, some on one that is not.
fn due(booked: &[Booked], over: bool, is_due: impl Fn(&Booked) -> bool) -> impl Iterator<Item = &Booked> {
    let due = booked.iter().filter(move |b| is_due(b)).enumerate();
    due.filter(move |(n, _)| over || n.is_multiple_of(EARLY)).map(|(_, booking)| booking)
}

fn after(day: Date, days: i64) -> Result<Date, String> {
    day.checked_add(jiff::Span::new().days(days)).map_err(|e| e.to_string())
}

struct Seeder {
    house: Arc<House>,
    /// How far the answers so far rest on: a service that has not heard of the hotel yet is waited for.
    at: Mutex<At>,
}

impl Seeder {
    async fn hotel(&self, hotel: &Hotel, today: Date) -> Result<u64, String> {
        let code = hotel.code;
        let known = self.get("hotels", &format!("/api/hotels/v1/hotels/{code}")).await?;
        // A restart must not move the hotel: what was defined first stays.
        let opens_on = known["opens_on"].as_str().and_then(|d| d.parse().ok());
        let opens_on: Date = opens_on.map_or_else(|| after(today, -DAYS_BEFORE), Ok)?;
        let definition = json!({"hotel": code, "name": hotel.name, "opens_on": opens_on, "currency": "EUR",
            "time_zone": hotel.time_zone, "clean_on_checkout": false, "address": hotel.address, "check_in_from": "15:00:00",
            "check_out_until": "11:00:00"});
        self.post("hotels", "/api/hotels/v1/hotels", &format!("demo/{code}"), &definition).await?;
        let mut limits = vec![json!({"room_type": "*", "limit": hotel.types.iter().map(|t| t.3).sum::<u32>()})];
        for (room_type, name, rooms, limit, price) in hotel.types {
            let at = format!("/api/hotels/v1/hotels/{code}");
            self.post(
                "hotels",
                &format!("{at}/room-types"),
                &format!("demo/{code}/{room_type}"),
                &json!({"room_type": room_type, "name": name, "price": {"amount": price, "currency": "EUR"}, "sleeps": 2 + u32::from(*price > 18_000)}),
            )
            .await?;
            let body = json!({"room_type": room_type, "first": 1, "last": rooms});
            self.post("hotels", &format!("{at}/rooms"), &format!("demo/{code}/{room_type}/rooms"), &body).await?;
            limits.push(json!({"room_type": room_type, "limit": limit}));
        }
        let body = json!({"limits": limits, "reason": "opening"});
        self.post("inventory", &format!("/api/inventory/v1/hotels/{code}/limits"), &format!("demo/{code}/limits"), &body).await?;
        let mut booked = Vec::new();
        for n in 0..hotel.bookings {
            booked.extend(self.booking(hotel, opens_on, n).await?);
        }
        let mut rooms = BTreeMap::new();
        for ahead in 0..=DAYS_BEFORE {
            let day = after(opens_on, ahead)?;
            let over = ahead < DAYS_BEFORE && day < today;
            self.day(code, &booked, &mut rooms, day, over).await?;
            if over {
                let path = format!("/api/stays/v1/hotels/{code}/business-day/closings");
                self.post("stays", &path, &format!("demo/{code}/close/{day}"), &json!({"date": day})).await?;
            }
        }
        Ok(booked.len() as u64)
    }

    /// What has happened on a day: on one that is over everybody due has left and arrived, or not come at all; on the one that
    /// is open some have, and the rooms of those who left are not cleaned yet.
    async fn day(&self, code: &str, booked: &[Booked], rooms: &mut BTreeMap<u64, Value>, day: Date, over: bool) -> Result<(), String> {
        let stays = format!("/api/stays/v1/hotels/{code}");
        for booking in due(booked, over, |b| b.departure == day) {
            let Some(room) = rooms.get(&booking.n) else { continue };
            let path = format!("{stays}/stays/{}/check-out", booking.reservation);
            self.post("stays", &path, &format!("demo/{code}/{}/check-out", booking.n), &json!({})).await?;
            if over {
                let body = json!({"rooms": [room], "condition": "clean"});
                self.post("stays", &format!("{stays}/room-conditions"), &format!("demo/{code}/{}/clean", booking.n), &body).await?;
            }
        }
        for booking in due(booked, over, |b| b.arrival == day) {
            let key = format!("demo/{code}/{}/check-in", booking.n);
            let checked_in = self.post("stays", &format!("{stays}/stays"), &key, &json!({"reservation": booking.reservation})).await?;
            if checked_in["room"].is_string() {
                rooms.insert(booking.n, checked_in["room"].clone());
            } else if over {
                let path = format!("/api/reservations/v1/hotels/{code}/reservations/{}/no-show", booking.reservation);
                self.post("reservations", &path, &format!("demo/{code}/{}/no-show", booking.n), &json!({})).await?;
            }
        }
        Ok(())
    }

    /// One invented booking; nothing when there is no room for it.
    async fn booking(&self, hotel: &Hotel, opens_on: Date, n: u64) -> Result<Option<Booked>, String> {
        let (code, dice) = (hotel.code, Seeded::new(n * 7_919 + hotel.bookings));
        let (room_type, _, _, _, price) = hotel.types[(dice.below(10).min(dice.below(10)) as usize * hotel.types.len()) / 10];
        // More soon than late, as bookings are; some for the first days, on which there has to be something to see.
        let soon = dice.below(60).min(dice.below(90));
        let ahead = (if n.is_multiple_of(16) { n / 16 % 3 } else { soon }) as i64;
        let arrival = after(opens_on, ahead)?;
        let departure = after(arrival, 1 + dice.below(4) as i64)?;
        let key = format!("demo/{code}/{n}");
        let pick = |names: &[&'static str]| names[dice.below(names.len() as u64) as usize];
        let (first, last) = (pick(FIRST_NAMES), pick(LAST_NAMES));
        let guest = json!({"name": format!("{first} {last}"), "email": format!("{}.{}@example.org", first, last).to_lowercase()});
        let guest = self.post("guests", "/api/guests/v1/guests", &format!("{key}/guest"), &guest).await?;
        let guarantee = if n.is_multiple_of(3) { json!({"kind": "direct-bill"}) } else { json!({"kind": "card", "token": "tok_ok_demo"}) };
        let body = json!({"room_type": room_type, "arrival": arrival, "departure": departure, "adults": 1 + dice.below(2),
            "guest": guest["guest"], "price": {"amount": price, "currency": "EUR"}, "channel": "demo", "guarantee": guarantee});
        let at = format!("/api/reservations/v1/hotels/{code}/reservations");
        let booked = self.post("reservations", &at, &key, &body).await?;
        let reservation = booked["reservation"].as_str().map(str::to_owned);
        Ok(reservation.map(|reservation| Booked { n, reservation, arrival, departure }))
    }

    async fn get(&self, service: &str, path: &str) -> Result<Value, String> {
        let request = Request::get(path).body(Bytes::new()).map_err(|e| e.to_string())?;
        let response = self.house.door.send(service, request).await.map_err(|_| format!("{service} does not answer"))?;
        Ok(serde_json::from_slice(response.body()).unwrap_or_default())
    }

    /// Sends a command until its answer is final; a refusal (sold out, exists already) is an answer.
    async fn post(&self, service: &str, path: &str, key: &str, body: &Value) -> Result<Value, String> {
        for n in 0..TRIES {
            let at = self.at.lock().unwrap_or_else(PoisonError::into_inner).to_string();
            let mut request = Request::post(path).header("content-type", "application/json").header(peer::KEY, key);
            if !at.is_empty() {
                request = request.header(peer::AT, at);
            }
            let request = request.body(Bytes::from(body.to_string())).map_err(|e| e.to_string())?;
            if let Ok(response) = self.house.door.send(service, request).await {
                let come = response.headers().get(peer::AT).and_then(|v| v.to_str().ok()).and_then(At::parse);
                if let Some(come) = come.filter(|_| service == "hotels") {
                    self.at.lock().unwrap_or_else(PoisonError::into_inner).merge(&come);
                }
                let status = response.status();
                if status != StatusCode::ACCEPTED && !status.is_server_error() {
                    return Ok(serde_json::from_slice(response.body()).unwrap_or_default());
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(20 + u64::from(n) * 10)).await;
        }
        Err(format!("{service} gave no final answer to {path}"))
    }
}
