//! The set-up: hotels, room types, rooms and sell limits, each command with a key of its own.

use bytes::Bytes;
use serde_json::json;

use super::commands::set_up_key;
use super::dates::Day;
use super::hotels::{HOTELS, Hotel};
use crate::client::{Answer, Client};

/// A set-up command: path and body; its number is its place in the whole set-up.
struct Call {
    number: usize,
    hotel: usize,
    path: String,
    body: Bytes,
}

/// The calls of every hotel. A number never depends on which hotels the file has, so neither does a key.
fn calls(opens_on: Day) -> Vec<Call> {
    let mut calls = Vec::new();
    for (hotel, table) in HOTELS.iter().enumerate() {
        for (path, body) in hotel_calls(table, opens_on) {
            calls.push(Call { number: calls.len() + 1, hotel, path, body: body.to_string().into() });
        }
    }
    calls
}

fn hotel_calls(hotel: &Hotel, opens_on: Day) -> Vec<(String, serde_json::Value)> {
    let code = hotel.code;
    let mut calls = vec![(
        "/api/hotels/v1/hotels".to_owned(),
        json!({
            "hotel": code, "name": hotel.name, "opens_on": opens_on.to_string(), "currency": "EUR",
            "time_zone": "Europe/Lisbon", "clean_on_checkout": true, "house_rooms": hotel.house_rooms,
        }),
    )];
    for kind in hotel.types {
        let name = format!("Type {}", kind.code);
        calls.push((format!("/api/hotels/v1/hotels/{code}/room-types"), json!({"room_type": kind.code, "name": name})));
    }
    for kind in hotel.types.iter().filter(|kind| kind.rooms > 0) {
        let body = json!({"room_type": kind.code, "first": 1, "last": kind.rooms});
        calls.push((format!("/api/hotels/v1/hotels/{code}/rooms"), body));
    }
    let house = std::iter::once(("*", hotel.house_limit));
    let limits: Vec<_> = house
        .chain(hotel.types.iter().map(|kind| (kind.code, kind.limit)))
        .map(|(room_type, limit)| json!({"room_type": room_type, "limit": limit}))
        .collect();
    calls.push((format!("/api/inventory/v1/hotels/{code}/limits"), json!({"limits": limits, "reason": "replay set-up"})));
    calls
}

/// Sends the set-up of the hotels used, one command after the other; answers what was answered.
///
/// Each command waits for the ones before it (`Posthouse-At`): inventory learns the room types from hotels.
pub async fn send(client: &Client, used: &[usize], opens_on: Day) -> Result<Vec<Answer>, String> {
    let mut answers = Vec::new();
    for call in calls(opens_on).into_iter().filter(|call| used.contains(&call.hotel)) {
        let at = client.at();
        let answer = client.post_after(&call.path, &set_up_key(call.number), call.body, at.as_deref()).await?;
        if !answer.applied() {
            let code = HOTELS[call.hotel].code;
            return Err(format!("set-up of {code}, POST {}: {}; a replay needs a house without {code}", call.path, answer.refusal()));
        }
        answers.push(answer);
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hotel_type_room_and_limit_is_set_up_once() {
        let calls = calls(Day(0));
        assert_eq!(calls.len(), (1 + 11 + 9 + 1) + (1 + 9 + 8 + 1));
        assert_eq!(calls.iter().map(|c| c.number).collect::<Vec<_>>(), (1..=calls.len()).collect::<Vec<_>>());
        let rooms: u32 = HOTELS.iter().flat_map(|h| h.types).map(|t| t.rooms).sum();
        assert_eq!(rooms, 210 + 252);
    }
}
