//! A house of straw for the tests of its clients: the endpoints they use, naively, in memory.
//!
//! It keeps the conventions (keys, effects, positions) and the limits, and on request it is a nuisance: it
//! refuses to be hurried, loses answers and says "pending" to commands it has already done.

mod hotel;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use self::hotel::{Day0, Hotel, Reply, day, query, text};

#[derive(Default)]
struct Straw {
    /// Key to what was sent with it and what was answered.
    keys: BTreeMap<String, (String, u16, String)>,
    hotels: BTreeMap<String, Hotel>,
    posts: u64,
    passes: u64,
    events: u64,
    open: u64,
    nuisance: bool,
}

/// A running house of straw; gone when dropped.
pub struct Fake {
    /// Where it listens.
    pub url: String,
    straw: Arc<Mutex<Straw>>,
    _serving: JoinSet<()>,
}

impl Fake {
    /// Starts one; a nuisance or not.
    pub async fn start(nuisance: bool) -> Fake {
        Fake::listen("127.0.0.1:0", nuisance).await
    }

    /// Starts one on an address.
    pub async fn listen(address: &str, nuisance: bool) -> Fake {
        let straw = Arc::new(Mutex::new(Straw { nuisance, ..Straw::default() }));
        let listener = tokio::net::TcpListener::bind(address).await.expect("a loopback port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&straw));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.expect("served") });
        Fake { url, straw, _serving: serving }
    }

    /// Makes a night of a reservation a cent dearer from now on: a wrong answer on purpose.
    pub fn falsify(&self, hotel: &str, reference: &str) {
        let mut straw = self.straw.lock().expect("straw");
        let hotel = straw.hotels.get_mut(hotel).expect("hotel");
        let id = hotel.references[reference].clone();
        hotel.reservations.get_mut(&id).expect("reservation").price += 1;
    }
}

async fn answer(State(straw): State<Arc<Mutex<Straw>>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let turns = straw.lock().expect("straw").posts % 5;
    for _ in 0..turns {
        // Requests that came together are not handled in the order they came.
        tokio::task::yield_now().await;
    }
    let mut straw = straw.lock().expect("straw");
    straw.passes += 1;
    let (status, effect, replayed, body) = if method == Method::POST { straw.post(&uri, &headers, &body) } else { straw.get(&uri) };
    let mut response = Response::builder().status(status).header("posthouse-at", format!("straw/0:{}", straw.events));
    if let Some(effect) = effect {
        response = response.header("posthouse-effect", effect);
    }
    if replayed {
        response = response.header("idempotent-replayed", "true");
    }
    if status == 503 {
        response = response.header("retry-after", "1");
    }
    response.body(Body::from(body)).expect("response")
}

type Sent = (u16, Option<&'static str>, bool, String);

impl Straw {
    fn post(&mut self, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Sent {
        self.posts += 1;
        let plague = self.nuisance.then_some(self.posts % 41);
        if plague == Some(7) {
            return (503, Some("none"), false, json!({"code": "reservation-busy"}).to_string());
        }
        let key = headers.get("idempotency-key").and_then(|k| k.to_str().ok()).unwrap_or_default().to_owned();
        let sent = format!("{} {}", uri.path(), String::from_utf8_lossy(body));
        let known = self.keys.contains_key(&key);
        if self.keys.get(&key).is_some_and(|(first, ..)| *first != sent) {
            return (422, Some("none"), false, json!({"code": "key-reused"}).to_string());
        }
        if !known {
            let body = serde_json::from_slice(body).unwrap_or_default();
            let (status, body) = match self.command(uri.path(), &body) {
                Ok((status, body)) => {
                    self.events += 1;
                    (status, body)
                }
                Err((status, code)) => (status, json!({"code": code, "detail": "says straw"})),
            };
            self.keys.insert(key.clone(), (sent, status, body.to_string()));
        }
        let (_, status, body) = self.keys[&key].clone();
        match plague {
            Some(11) => (500, None, false, "lost".to_owned()),
            Some(13) => (202, None, false, "{}".to_owned()),
            _ => (status, Some(if status < 300 { "applied" } else { "none" }), known, body),
        }
    }

    fn command(&mut self, path: &str, body: &Value) -> Reply {
        let parts: Vec<&str> = path.trim_start_matches("/api/").split('/').collect();
        if let ["hotels", "v1", "hotels"] = parts[..] {
            let code = text(body, "hotel").to_owned();
            if self.hotels.contains_key(&code) {
                return Err((409, "hotel-exists"));
            }
            let opened = Day0(day(text(body, "opens_on"))?);
            self.hotels.insert(code, Hotel { opened, day: opened, ..Hotel::default() });
            return Ok((201, json!({})));
        }
        let hotel = parts.get(3).and_then(|code| self.hotels.get_mut(*code)).ok_or((404, "hotel-unknown"))?;
        match parts[..] {
            ["hotels", "v1", "hotels", _, "room-types"] => {
                hotel.rooms.entry(text(body, "room_type").to_owned()).or_default();
                Ok((201, json!({})))
            }
            ["hotels", "v1", "hotels", _, "rooms"] => {
                let rooms = hotel.rooms.get_mut(text(body, "room_type")).ok_or((404, "room-type-unknown"))?;
                rooms.resize(body["last"].as_u64().unwrap_or_default() as usize, None);
                Ok((201, json!({})))
            }
            ["inventory", "v1", "hotels", _, "limits"] => {
                for limit in body["limits"].as_array().into_iter().flatten() {
                    hotel.limits.insert(text(limit, "room_type").to_owned(), limit["limit"].as_i64().unwrap_or_default());
                }
                Ok((200, json!({})))
            }
            ["reservations", "v1", "hotels", code, "reservations"] => {
                let booked = hotel.book(code, body)?;
                self.open += u64::from(text(&body["guarantee"], "kind") == "card");
                Ok((201, booked))
            }
            ["stays", "v1", "hotels", _, "stays"] => hotel.check_in(text(body, "reservation")),
            ["stays", "v1", "hotels", _, "business-day", "closings"] => hotel.close(day(text(body, "date"))?),
            ["reservations", "v1", "hotels", _, "reservations", id, "type-change"] => hotel.retype(id, text(body, "room_type")),
            [_, "v1", "hotels", _, _, id, verb] => {
                let ended = hotel.end(id, verb)?;
                self.open -= u64::from(hotel.reservations[id].card);
                Ok(ended)
            }
            _ => Err((404, "not-found")),
        }
    }

    fn get(&self, uri: &Uri) -> Sent {
        let answer = |value: Value| (200, None, false, value.to_string());
        let missing = (404, None, false, json!({"code": "not-found"}).to_string());
        match uri.path() {
            "/ops/stats" => {
                let services = json!({"straw": {"public_events": self.events}});
                return answer(
                    json!({"services": services, "pipeline_passes": self.passes, "commits": self.posts, "rss_mb": 1.0, "cpu_seconds": 0.5}),
                );
            }
            "/api/payments/v1/provider/authorisations" => return answer(json!({"open": self.open, "items": []})),
            _ => {}
        }
        let parts: Vec<&str> = uri.path().trim_start_matches("/api/").split('/').collect();
        let Some(hotel) = parts.get(3).and_then(|code| self.hotels.get(*code)) else { return missing };
        match (parts[0], parts.get(4).copied().unwrap_or_default()) {
            (service, list @ ("reservations" | "stays")) => {
                let stays = list == "stays";
                debug_assert_eq!(service, list);
                answer(hotel.list(stays, &query(uri)))
            }
            (service, "days") => answer(hotel.count_days(service == "stays", &query(uri))),
            ("stays", "rooms") => answer(hotel.rack()),
            ("stays", "business-day") => answer(json!({"business_date": hotel.day.0.to_string(), "state": "open"})),
            ("inventory", "on-the-books") => answer(hotel.on_the_books(&query(uri))),
            ("inventory", "availability") => answer(hotel.availability(&query(uri))),
            _ => missing,
        }
    }
}
