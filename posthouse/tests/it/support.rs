//! A house for one test, and short ways to talk to it.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use posthouse::house::House;
use posthouse::settings::Plan;
use serde_json::{Value, json};

/// A running house on a fresh store, and an HTTP client that does nothing by itself.
pub struct Guest {
    pub house: House,
    data: tempfile::TempDir,
    http: Client<HttpConnector, Full<Bytes>>,
    at: std::sync::Mutex<peer::At>,
}

impl Guest {
    /// Starts a house on SQLite.
    pub async fn start() -> Self {
        Self::start_on(None).await
    }

    /// Starts a house on SQLite or PostgreSQL.
    pub async fn start_on(store: Option<&str>) -> Self {
        Self::start_as(|data| Plan::whole(data, store, ([127, 0, 0, 1], 0).into())).await
    }

    /// Starts a house as a plan for its directory says.
    pub async fn start_as(plan: impl FnOnce(&Path) -> Plan) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let house = House::open(&plan(data.path())).await.expect("the house starts");
        Self { house, data, http: Client::builder(TokioExecutor::new()).build_http(), at: std::sync::Mutex::default() }
    }

    /// The directory its stores are in.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// One POST, sent once.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Response<Bytes> {
        self.raw(Request::post(self.uri(path)).header("idempotency-key", key).header("content-type", "application/json"), body.to_string())
            .await
    }

    /// One GET that reads its own writes.
    pub async fn get(&self, path: &str) -> Response<Bytes> {
        let at = self.at.lock().expect("no panic").to_string();
        let mut request = Request::get(self.uri(path));
        if !at.is_empty() {
            request = request.header("posthouse-at", at);
        }
        self.raw(request, String::new()).await
    }

    /// One request as it is, with everything learnt about positions taken in.
    pub async fn raw(&self, request: http::request::Builder, body: String) -> Response<Bytes> {
        let request = request.body(Full::new(Bytes::from(body))).expect("a request");
        let (parts, body) = self.http.request(request).await.expect("the house answers").into_parts();
        let body = body.collect().await.expect("a whole answer").to_bytes();
        if let Some(at) = parts.headers.get("posthouse-at").and_then(|v| peer::At::parse(v.to_str().ok()?)) {
            self.at.lock().expect("no panic").merge(&at);
        }
        Response::from_parts(parts, body)
    }

    /// The address of a path.
    pub fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.house.url)
    }

    /// A hotel `H` with two types A (rooms 1-2) and B (room 1), limits 2, 1 and 3 for the house, opening on 2030-01-01.
    pub async fn hotel(&self) {
        let hotel = json!({"hotel": "H", "name": "House", "opens_on": "2030-01-01", "currency": "EUR", "time_zone": "Europe/Vienna", "clean_on_checkout": true});
        assert_eq!(status(&self.post("/api/hotels/v1/hotels", "h", &hotel).await), 201);
        for (room_type, last) in [("A", 2), ("B", 1)] {
            let at = "/api/hotels/v1/hotels/H";
            let made =
                self.post(&format!("{at}/room-types"), &format!("t{room_type}"), &json!({"room_type": room_type, "name": room_type})).await;
            assert_eq!(status(&made), 201);
            let rooms = json!({"room_type": room_type, "first": 1, "last": last});
            assert_eq!(status(&self.post(&format!("{at}/rooms"), &format!("r{room_type}"), &rooms).await), 201);
        }
        let limits = json!({"limits": [{"room_type": "*", "limit": 3}, {"room_type": "A", "limit": 2}, {"room_type": "B", "limit": 1}], "reason": "opening"});
        let at = self.at.lock().expect("no panic").to_string();
        for service in ["inventory", "reservations", "stays"] {
            // Each service answers a request that names these positions only after it has heard of the hotel.
            let path = match service {
                "inventory" => "/api/inventory/v1/hotels/H/availability?from=2030-01-01&to=2030-01-02",
                "reservations" => "/api/reservations/v1/hotels/H/reservations",
                _ => "/api/stays/v1/hotels/H/rooms",
            };
            for _ in 0..50 {
                if status(&self.raw(Request::get(self.uri(path)).header("posthouse-at", &at), String::new()).await) == 200 {
                    break;
                }
            }
        }
        assert_eq!(status(&self.post("/api/inventory/v1/hotels/H/limits", "l", &limits).await), 200);
    }

    /// Books and gives the reservation's id.
    pub async fn book(&self, key: &str, room_type: &str, arrival: &str, departure: &str) -> String {
        let booked = self.post("/api/reservations/v1/hotels/H/reservations", key, &booking(room_type, arrival, departure, "tok_ok")).await;
        assert_eq!(status(&booked), 201, "{:?}", booked.body());
        json_of(&booked)["reservation"].as_str().expect("an id").to_owned()
    }
}

/// A booking's body.
pub fn booking(room_type: &str, arrival: &str, departure: &str, token: &str) -> Value {
    json!({"room_type": room_type, "arrival": arrival, "departure": departure, "adults": 2, "price": {"amount": 10_000, "currency": "EUR"},
           "guarantee": {"kind": "card", "token": token}})
}

/// The status as a number.
pub fn status(response: &Response<Bytes>) -> u16 {
    response.status().as_u16()
}

/// The body as JSON.
pub fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// Status and problem code.
pub fn refusal(response: &Response<Bytes>) -> (u16, String) {
    (status(response), json_of(response)["code"].as_str().unwrap_or_default().to_owned())
}

/// A header's text.
pub fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// The program under test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_posthouse"))
}

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent").to_owned()
}
