//! Finding a booking: by its id, by the number the guest was told, by the booker's number; without any, what has happened
//! last.

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;
use futures::future::join_all;
use kit::{Ask, Frame, Part, page};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::health::Summary;
use crate::look::Look;
use crate::sagas::{self, Row};
use crate::services::{Hotel, Hotels};

/// Bookings shown.
const SHOWN_MAX: usize = 20;

#[derive(Template, Serialize)]
#[template(path = "find.html")]
struct Find {
    #[serde(skip)]
    f: Frame,
    summary: Summary,
    q: String,
    hits: Vec<Hit>,
    recent: Vec<Row>,
    silent: Vec<&'static str>,
}

/// A booking that fits.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    pub hotel: String,
    pub name: String,
    pub reservation: String,
    pub confirmation: String,
    pub state: String,
    pub room_type: String,
    pub arrival: String,
    pub departure: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Items {
    items: Vec<Value>,
}

/// `GET /ops/trace?q=`.
pub async fn page(look: Look) -> Response {
    let q = look.asked("q").unwrap_or_default();
    let plain = key_of(&q);
    // A saga is found by its name; a reservation by its id, also before anybody may see it.
    if q.starts_with("res_") && q.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return page::onward(&look.visit, &format!("/ops/trace/{q}"), &look.visit.at);
    }
    if q.contains('_') && q.rsplit_once('-').is_some_and(|(_, lane)| lane.len() == 2 && lane.bytes().all(|b| b.is_ascii_digit())) {
        let id: String = q.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
        return page::onward(&look.visit, &format!("/ops/sagas/{id}"), &look.visit.at);
    }
    let ask = look.front.ask_for(&look.visit);
    let (mut hits, mut silent) = (Vec::new(), BTreeSet::new());
    if !plain.is_empty() {
        match ask.wait::<Hotels>("hotels", "/hotels", kit::ask::PANEL).await {
            Part::Here(hotels) => {
                for (found, missing) in join_all(hotels.items.iter().map(|hotel| in_hotel(&ask, hotel, &plain))).await {
                    hits.extend(found);
                    silent.extend(missing);
                }
            }
            _ => silent.extend(["hotels"]),
        }
    }
    if let [hit] = hits.as_slice()
        && !look.visit.wants_json
    {
        return page::onward(&look.visit, &format!("/ops/trace/{}?hotel={}", hit.reservation, hit.hotel), &look.visit.at);
    }
    hits.truncate(SHOWN_MAX);
    let recent = if plain.is_empty() { recent(&look).await } else { Vec::new() };
    let (f, summary) = look.frame("trace-title", "trace");
    page::show(&look.visit, &Find { f, summary, q, hits, recent, silent: silent.into_iter().collect() })
}

/// What bookings went through last: open sagas first, then those that have just ended.
async fn recent(look: &Look) -> Vec<Row> {
    let ((open, _), (mut ended, _)) = futures::join!(sagas::of_all(look, "open"), sagas::of_all(look, "ended"));
    ended.sort_by(|a, b| b.saga.ended_at.cmp(&a.saga.ended_at));
    let all = open.into_iter().chain(ended).filter(|row| row.booking().is_some() && row.service != "payments");
    all.take(SHOWN_MAX).collect()
}

/// Letters and digits only, in capitals: what people read from a paper or hear on the telephone.
fn key_of(q: &str) -> String {
    q.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// Bookings of a hotel whose number begins so. Stays finds them; while it does not answer, or knows no such question, the first
/// of the reservations are looked through.
async fn in_hotel(ask: &Ask<'_>, hotel: &Hotel, plain: &str) -> (Vec<Hit>, Vec<&'static str>) {
    let mut missing = Vec::new();
    let found = ask.wait::<Items>("stays", &format!("/hotels/{}/tape/find?q={plain}", hotel.hotel), kit::ask::PANEL).await;
    missing.extend(found.silent());
    if let Part::Here(found) = found {
        let hits = found.items.iter().map(|item| hit(hotel, item));
        return (hits.collect(), missing);
    }
    let listed = ask.wait::<Items>("reservations", &format!("/hotels/{}/reservations?limit=1000", hotel.hotel), kit::ask::PANEL).await;
    missing.extend(listed.silent());
    let items = listed.into_here().unwrap_or_default().items;
    let fits = |item: &&Value| {
        ["confirmation", "reference"].iter().any(|name| key_of(item[*name].as_str().unwrap_or_default()).starts_with(plain))
    };
    (items.iter().filter(fits).map(|item| hit(hotel, item)).collect(), missing)
}

/// A row of either list: the tape's names are shorter.
fn hit(hotel: &Hotel, item: &Value) -> Hit {
    let text = |names: &[&str]| names.iter().find_map(|name| item[*name].as_str()).unwrap_or_default().to_owned();
    Hit {
        hotel: hotel.hotel.clone(),
        name: hotel.name.clone(),
        reservation: text(&["reservation", "id"]),
        confirmation: text(&["confirmation", "cnf"]),
        state: text(&["state", "st"]),
        room_type: text(&["room_type", "type"]),
        arrival: text(&["arrival", "from"]),
        departure: text(&["departure", "to"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_written() {
        assert_eq!(key_of(" ydgx-n6ca "), "YDGXN6CA");
        assert_eq!(key_of("?&x=1"), "X1");
    }
}
