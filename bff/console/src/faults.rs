//! Break something: in a demonstration the wire to a service can be stopped, cut, slowed or made to fail, and heals by itself.
//! Also bookings to break it with: a breaker needs calls to judge by.

use std::time::Duration;

use axum::extract::Form;
use axum::response::Response;
use contracts::reservations::{Book, Guarantee};
use futures::future::join_all;
use http::StatusCode;
use jiff::ToSpan;
use jiff::civil::Date;
use kernel::Money;
use kit::page;
use peer::{At, Call, Fault};
use serde::{Deserialize, Serialize};

use crate::look::Look;
use crate::services::SERVICES;

/// Bookings of one press.
const BOOKINGS: i32 = 24;
/// The press does not wait for them: what becomes of them is what there is to see.
const BOOKING_WITHIN: Duration = Duration::from_millis(400);

/// What is wrong with the wire to a service.
#[derive(Clone, Debug, Serialize)]
pub struct Broken {
    pub service: &'static str,
    pub fault: &'static str,
    /// Seconds until it heals.
    pub seconds: u64,
}

/// What is broken on purpose; `None` where nothing can be.
pub fn of(look: &Look) -> Option<Vec<Broken>> {
    let faults = look.process.as_ref()?.faults.as_ref()?;
    let broken = |service| {
        let (fault, left) = faults.of(service);
        Broken { service, fault: word(fault), seconds: left.as_secs() }
    };
    Some(SERVICES.map(broken).to_vec())
}

fn word(fault: Fault) -> &'static str {
    match fault {
        Fault::None => "none",
        Fault::Stopped => "stopped",
        Fault::Cut => "cut",
        Fault::Slow { .. } => "slow",
        Fault::Failing { .. } => "failing",
    }
}

/// The form.
#[derive(Deserialize)]
pub struct Wanted {
    service: String,
    fault: String,
    #[serde(default)]
    seconds: u64,
}

/// `POST /ops/demo/break`.
pub async fn set(look: Look, Form(wanted): Form<Wanted>) -> Response {
    let Some(faults) = look.process.as_ref().and_then(|process| process.faults.as_ref()) else {
        return page::message(&look.front, &look.visit, StatusCode::NOT_FOUND, "not-found-title", "not-found-text");
    };
    let fault = match wanted.fault.as_str() {
        "stopped" => Fault::Stopped,
        "cut" => Fault::Cut,
        "slow" => Fault::Slow { ms: 800 },
        "failing" => Fault::Failing { percent: 50 },
        _ => Fault::None,
    };
    let Some(service) = SERVICES.into_iter().find(|service| *service == wanted.service) else {
        return page::message(&look.front, &look.visit, StatusCode::BAD_REQUEST, "refused-title", "code-invalid-request");
    };
    let seconds = wanted.seconds.clamp(1, peer::handicap::SECONDS_MAX);
    let who = look.visit.person.as_ref().map_or("", |person| person.name.as_str());
    tracing::warn!(service, ?fault, seconds, who, "the wire to a service is given a fault");
    faults.set(service, fault, Duration::from_secs(seconds));
    page::onward(&look.visit, "/ops", &At::default())
}

/// The hotels' own pages, as far as bookings need them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct HotelPage {
    opens_on: Option<Date>,
    room_types: Vec<TypeOf>,
}

#[derive(Deserialize)]
struct TypeOf {
    room_type: String,
    #[serde(default)]
    rooms: u32,
    price: Option<Money>,
}

/// The form: a token made with the page, so that a second press books nothing more.
#[derive(Deserialize)]
pub struct Press {
    key: String,
}

/// `POST /ops/demo/bookings`: bookings with a card behind them, far enough ahead to find rooms.
pub async fn bookings(look: Look, Form(press): Form<Press>) -> Response {
    let no_faults = look.process.as_ref().is_none_or(|process| process.faults.is_none());
    let ask = look.front.ask_for(&look.visit);
    let hotels = ask.get::<crate::services::Hotels>("hotels", "/hotels").await.into_here().unwrap_or_default();
    let Some(hotel) = hotels.items.first().filter(|_| !no_faults).map(|hotel| hotel.hotel.clone()) else {
        return page::message(&look.front, &look.visit, StatusCode::CONFLICT, "refused-title", "bookings-no-hotel");
    };
    let page = ask.get::<HotelPage>("hotels", &format!("/hotels/{hotel}")).await.into_here().unwrap_or_default();
    let largest = page.room_types.into_iter().filter(|of| of.price.is_some()).max_by_key(|of| of.rooms);
    let Some((of, price)) = largest.and_then(|of| Some((of.room_type, of.price?))) else {
        return page::message(&look.front, &look.visit, StatusCode::CONFLICT, "refused-title", "bookings-no-hotel");
    };
    let first = page.opens_on.unwrap_or_else(|| look.front.now().to_zoned(jiff::tz::TimeZone::UTC).date());
    // Every press takes other nights: one night of one type is not for ever.
    let offset = 90 + look.front.setup.chance.below(200) as i32;
    let sent = (0..BOOKINGS).map(|n| {
        let arrival = first.saturating_add((offset + n).days());
        let book = Book {
            hotel: hotel.clone(),
            reference: None,
            room_type: of.clone(),
            arrival,
            departure: arrival.saturating_add(2.days()),
            adults: 2,
            children: 0,
            babies: 0,
            guest: None,
            price,
            price_reason: None,
            segment: None,
            channel: Some("demo".into()),
            deposit: None,
            guarantee: Guarantee::Card { token: "tok_ok_demo".into() },
            hold: None,
        };
        let (key, ask) = (format!("{}/{n}", press.key), ask.clone());
        async move { ask.post(&Call::to(&book), &key, None, BOOKING_WITHIN).await }
    });
    let _what_becomes_of_them_is_shown = join_all(sent).await;
    page::onward(&look.visit, "/ops", &At::default())
}
