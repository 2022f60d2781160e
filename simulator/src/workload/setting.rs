//! The hotels come into being, before anything goes wrong.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::client::{Client, Said};
use super::guest::SEASONAL;
use super::town::{HOTELS, OPENS_ON};
use super::want::Want;

/// Feeds take the new hotels to the other services meanwhile.
const NEWS_TIME: Duration = Duration::from_secs(3);

/// Defines the hotels and their limits. `false` when that was refused.
pub async fn set(client: &Client) -> bool {
    let mut is_set = true;
    let define = |path: String, body| client.get_done(Want::Define { path, body });
    for hotel in &HOTELS {
        let code = hotel.code;
        let body =
            json!({"hotel": code, "name": code, "opens_on": OPENS_ON, "currency": "EUR", "time_zone": "UTC", "clean_on_checkout": true});
        is_set &= is_ok(&define("/hotels".into(), body).await);
        for t in hotel.types {
            is_set &= is_ok(&define(format!("/hotels/{code}/room-types"), json!({"room_type": t.code, "name": t.code})).await);
            let body = json!({"room_type": t.code, "first": 1, "last": t.rooms});
            is_set &= is_ok(&define(format!("/hotels/{code}/rooms"), body).await);
        }
    }
    for hotel in &HOTELS {
        let body = json!({"room_type": SEASONAL, "name": "Tent"});
        is_set &= is_ok(&define(format!("/hotels/{}/room-types", hotel.code), body).await);
    }
    sleep(NEWS_TIME).await;
    for hotel in &HOTELS {
        let types = hotel.types.iter().map(|t| (t.code, t.limit, None));
        let limits = types.chain([(SEASONAL, 1, None)]).chain([(contracts::HOUSE, hotel.limit, None)]).collect();
        is_set &= is_ok(&client.get_done(Want::Limit { hotel: hotel.code, limits }).await);
    }
    is_set
}

fn is_ok(said: &Said) -> bool {
    matches!(said, Said::Ok(_))
}
