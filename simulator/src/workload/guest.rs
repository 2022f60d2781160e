//! A guest: books, has second thoughts, arrives, leaves. Not always with a reservation of their own, so that two people
//! want different things of the same one.

use jiff::ToSpan;
use jiff::civil::Date;
use peer::At;
use serde_json::{Value, json};

use super::client::{Client, Said};
use super::town::{HOTELS, Hotel, Known};
use super::want::Want;
use crate::dice::{hits, pick};

/// Days ahead somebody books at most.
const AHEAD_DAYS_MAX: u64 = 4;
/// Nights of a stay at most.
const NIGHTS_MAX: u64 = 3;
/// Cards, some of which are good.
const CARDS: [&str; 6] = ["tok_ok_1", "tok_ok_2", "tok_ok_3", "tok_lost_1", "tok_slow_1", "tok_declined_1"];

/// The longest a cart is held, seconds.
const CART_TTL_S_MAX: u64 = 15;

/// A type without rooms that comes and goes.
pub const SEASONAL: &str = "T";

/// Wishes until the steps are done.
pub async fn live(client: &Client, steps: u32) {
    for _ in 0..steps {
        // Some in a rush with everybody else, some while a cut link has been hurting for a while.
        if hits(client.chance.as_ref(), 500) {
            client.think(20, 1_000).await
        } else {
            client.think(2_000, 18_000).await
        };
        match client.chance.below(100) {
            0..=41 => book(client).await,
            42..=46 => change_type(client).await,
            47..=52 => amend(client).await,
            53..=63 => cancel(client).await,
            64..=76 => check_in(client).await,
            77..=86 => check_out(client).await,
            87..=89 => no_show(client).await,
            90..=91 => register(client).await,
            92..=96 => rebuild(client).await,
            _ => limit(client).await,
        }
    }
}

fn hotel(client: &Client) -> &'static Hotel {
    &HOTELS[client.chance.below(HOTELS.len() as u64) as usize]
}

fn room_type(client: &Client, hotel: &'static Hotel) -> &'static str {
    pick(client.chance.as_ref(), hotel.types).map_or("A", |t| t.code)
}

fn later(date: Date, days: u64) -> Date {
    date.saturating_add((days as i64).days())
}

async fn book(client: &Client) {
    let (hotel, chance) = (hotel(client), client.chance.as_ref());
    let arrival = later(client.town.today(hotel.code), chance.below(AHEAD_DAYS_MAX));
    let departure = later(arrival, if hits(chance, 50) { 0 } else { 1 + chance.below(NIGHTS_MAX) });
    let card = if hits(chance, 450) { pick(chance, &CARDS).copied() } else { None };
    let prepaid = hits(chance, 400);
    // Few numbers, so that some are taken.
    let reference = hits(chance, 250).then(|| format!("R{}", chance.below(12)));
    let room_type = if hits(chance, 60) { SEASONAL } else { room_type(client, hotel) };
    let hold = if hits(chance, 300) { Some(cart(client, hotel.code, room_type, arrival, departure).await) } else { None };
    // Some carts are left standing.
    if hold.is_some() && hits(chance, 150) {
        return;
    }
    let want = Want::Book { hotel: hotel.code, room_type, arrival, departure, card, prepaid, reference, hold };
    let Said::Ok(reply) = client.get_done(want).await else { return };
    let Some(reservation) = reply["reservation"].as_str().map(str::to_owned) else { return };
    client.town.booked(Known { hotel: hotel.code, reservation, arrival, departure, has_arrived: false });
}

/// A cart with these nights, as the website makes it: perhaps it holds them, perhaps not, perhaps it is over before it is used.
async fn cart(client: &Client, hotel: &str, room_type: &str, arrival: Date, departure: Date) -> String {
    let (cart, ttl_s) = (client.mint("cart"), 1 + client.chance.below(CART_TTL_S_MAX));
    let at = format!("/hotels/{hotel}/holds");
    let nights = json!({"reservation": cart, "room_type": room_type, "arrival": arrival, "departure": departure, "ttl_s": ttl_s});
    client.shop(&at, &nights).await;
    if hits(client.chance.as_ref(), 500) {
        client.think(100, 6_000).await;
        client.shop(&format!("{at}/{cart}/extension"), &json!({"ttl_s": ttl_s})).await;
    }
    cart
}

/// One of the reservations of which this is true.
fn one(client: &Client, is_wanted: impl Fn(&Known) -> bool) -> Option<Known> {
    pick(client.chance.as_ref(), &client.town.known(is_wanted)).cloned()
}

async fn change_type(client: &Client) {
    let Some(k) = one(client, |k| !k.has_arrived) else { return book(client).await };
    let hotel = HOTELS.iter().find(|h| h.code == k.hotel).unwrap_or(&HOTELS[0]);
    let room_type = room_type(client, hotel);
    client.get_done(Want::ChangeType { hotel: k.hotel, reservation: k.reservation, room_type }).await;
}

/// Comes earlier or later, for as many nights or others.
async fn amend(client: &Client) {
    let Some(k) = one(client, |k| !k.has_arrived) else { return book(client).await };
    let chance = client.chance.as_ref();
    let arrival = if hits(chance, 500) { later(client.town.today(k.hotel), chance.below(AHEAD_DAYS_MAX)) } else { k.arrival };
    let nights = (k.departure - k.arrival).get_days().unsigned_abs().into();
    let departure = later(arrival, if hits(chance, 400) { nights } else { 1 + chance.below(NIGHTS_MAX) });
    let want = Want::Amend { hotel: k.hotel, reservation: k.reservation.clone(), arrival, departure };
    if let Said::Ok(_) = client.get_done(want).await {
        client.town.amended(&k.reservation, arrival, departure);
    }
}

async fn cancel(client: &Client) {
    let Some(k) = one(client, |k| !k.has_arrived) else { return book(client).await };
    client.get_done(Want::Cancel { hotel: k.hotel, reservation: k.reservation }).await;
}

async fn no_show(client: &Client) {
    let Some(k) = one(client, |k| !k.has_arrived) else { return book(client).await };
    client.get_done(Want::NoShow { hotel: k.hotel, reservation: k.reservation }).await;
}

async fn check_in(client: &Client) {
    let is_due = |k: &Known| !k.has_arrived && k.arrival <= client.town.today(k.hotel);
    let Some(k) = one(client, is_due) else { return book(client).await };
    arrive(client, k).await;
}

/// Checks a reservation in, sometimes into a certain room, which may be taken.
pub async fn arrive(client: &Client, k: Known) {
    let room = hits(client.chance.as_ref(), 150).then(|| format!("A-{}", 1 + client.chance.below(3)));
    let want = Want::CheckIn { hotel: k.hotel, reservation: k.reservation.clone(), room };
    if let Said::Ok(_) = client.get_done(want).await {
        client.town.arrived(&k.reservation);
    }
}

async fn check_out(client: &Client) {
    let Some(k) = one(client, |k| k.has_arrived) else { return book(client).await };
    client.get_done(Want::CheckOut { hotel: k.hotel, reservation: k.reservation }).await;
}

async fn register(client: &Client) {
    client.get_done(Want::Register { name: format!("Guest {}", client.chance.below(1_000)) }).await;
}

/// Deletes a type that is sold now and then, or brings it back; or a room, which comes back when it is gone.
async fn rebuild(client: &Client) {
    let hotel = hotel(client);
    let at = format!("/hotels/{}", hotel.code);
    let define = |path: String, body| client.get_done(Want::Define { path, body });
    if hits(client.chance.as_ref(), 500) {
        let made = define(format!("{at}/room-types"), json!({"room_type": SEASONAL, "name": "Tent"})).await;
        if matches!(made, Said::Ok(_)) {
            client.think(500, 3_000).await;
            client.get_done(Want::Limit { hotel: hotel.code, limits: vec![(SEASONAL, 1, None)] }).await;
        } else {
            client.get_done(Want::Limit { hotel: hotel.code, limits: vec![(SEASONAL, 0, None)] }).await;
            define(format!("{at}/room-types/{SEASONAL}/deletion"), json!({})).await;
        }
        return;
    }
    let Some(t) = pick(client.chance.as_ref(), hotel.types) else { return };
    let number = 1 + client.chance.below(u64::from(t.rooms));
    let room = json!({"room_type": t.code, "first": number, "last": number});
    define(format!("{at}/rooms/deletions"), room.clone()).await;
    client.think(500, 6_000).await;
    define(format!("{at}/rooms"), room).await;
}

/// Sells one room more or less than usual for two nights.
async fn limit(client: &Client) {
    let hotel = hotel(client);
    let Some(t) = pick(client.chance.as_ref(), hotel.types) else { return };
    let from = later(client.town.today(hotel.code), client.chance.below(AHEAD_DAYS_MAX));
    let limit = t.limit + client.chance.below(3) as u32 - 1;
    client.get_done(Want::Limit { hotel: hotel.code, limits: vec![(t.code, limit, Some((from, later(from, 2))))] }).await;
}

/// All items of a list.
pub async fn items(client: &Client, service: &str, path: &str) -> Vec<Value> {
    let page = client.look(service, path, &At::default()).await;
    page.and_then(|page| page["items"].as_array().cloned()).unwrap_or_default()
}
