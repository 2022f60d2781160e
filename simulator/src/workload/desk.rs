//! The desk of a hotel: checks in who is due, gives up who did not come, checks out who must leave, closes the day.

use peer::At;
use serde_json::Value;

use super::client::{Client, Said};
use super::guest::{arrive, items};
use super::town::{Hotel, Known};
use super::want::Want;
use crate::dice::hits;

/// Works so many rounds; a round in which everything goes well closes a day.
pub async fn work(client: &Client, hotel: &'static Hotel, rounds: u32) {
    for _ in 0..rounds {
        client.think(6_000, 26_000).await;
        round(client, hotel.code).await;
    }
}

async fn round(client: &Client, hotel: &'static str) {
    let Some(day) = client.look("stays", &format!("/hotels/{hotel}/business-day"), &At::default()).await else { return };
    let Some(today) = day["business_date"].as_str().and_then(|date| date.parse().ok()) else { return };
    client.town.dawn(hotel, today);
    for item in items(client, "reservations", &format!("/hotels/{hotel}/reservations?limit=1000&state=confirmed")).await {
        let Some(k) = known(hotel, &item).filter(|k| k.arrival <= today) else { continue };
        if hits(client.chance.as_ref(), 800) {
            arrive(client, k).await;
        } else {
            client.get_done(Want::NoShow { hotel, reservation: k.reservation }).await;
        }
    }
    for item in items(client, "stays", &format!("/hotels/{hotel}/stays?limit=1000&state=in_house")).await {
        let Some(k) = known(hotel, &item).filter(|k| k.departure <= today) else { continue };
        client.get_done(Want::CheckOut { hotel, reservation: k.reservation }).await;
    }
    if let Said::Ok(closed) = client.get_done(Want::CloseDay { hotel, date: today }).await
        && let Some(next) = closed["business_date"].as_str().and_then(|date| date.parse().ok())
    {
        client.town.dawn(hotel, next);
    }
}

fn known(hotel: &'static str, item: &Value) -> Option<Known> {
    Some(Known {
        hotel,
        reservation: item["reservation"].as_str()?.to_owned(),
        arrival: item["arrival"].as_str()?.parse().ok()?,
        departure: item["departure"].as_str()?.parse().ok()?,
        has_arrived: false,
    })
}
