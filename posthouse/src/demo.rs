//! The demonstration hotels: two small houses with a few hundred invented bookings, made through the public commands. Every
//! key is fixed, so seeding again (after a restart, or a crash in the middle) finishes what is missing and repeats nothing.

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

/// Seeds what is missing.
pub async fn seed(house: Arc<House>, today: Date) -> Result<u64, String> {
    let seeder = Seeder { house, at: Mutex::default() };
    let mut made = 0;
    for hotel in HOTELS {
        made += seeder.hotel(hotel, today).await?;
    }
    Ok(made)
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
        let opens_on: Date = known["opens_on"].as_str().and_then(|d| d.parse().ok()).unwrap_or(today);
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
        let mut made = 0;
        for n in 0..hotel.bookings {
            made += u64::from(self.booking(hotel, opens_on, n).await?);
        }
        Ok(made)
    }

    /// One invented booking; those that arrive on the first day are checked in.
    async fn booking(&self, hotel: &Hotel, opens_on: Date, n: u64) -> Result<bool, String> {
        let (code, dice) = (hotel.code, Seeded::new(n * 7_919 + hotel.bookings));
        let (room_type, _, _, _, price) = hotel.types[(dice.below(10).min(dice.below(10)) as usize * hotel.types.len()) / 10];
        // More soon than late, as bookings are.
        let ahead = dice.below(60).min(dice.below(90)) as i64;
        let arrival = opens_on.checked_add(jiff::Span::new().days(ahead)).map_err(|e| e.to_string())?;
        let departure = arrival.checked_add(jiff::Span::new().days(1 + dice.below(4) as i64)).map_err(|e| e.to_string())?;
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
        let Some(reservation) = booked["reservation"].as_str() else { return Ok(false) };
        if ahead == 0 {
            let body = json!({"reservation": reservation});
            self.post("stays", &format!("/api/stays/v1/hotels/{code}/stays"), &format!("{key}/check-in"), &body).await?;
        }
        Ok(true)
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
