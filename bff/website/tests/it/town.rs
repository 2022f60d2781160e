//! Services as short as they can be: they answer what the website asks, once a key, and count what was done.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use peer::wire::BoxFuture;
use peer::{KEY, Lost, Wire};
use serde_json::{Value, json};
use testkit::scripted::{answer, refusal};

/// What has been done.
#[derive(Default)]
pub struct Done {
    /// Answers by key.
    keys: BTreeMap<String, (StatusCode, String, bool)>,
    /// Bookings by reference: the body, and what became of it.
    pub booked: Vec<Value>,
    /// Holds that were taken.
    pub holds: Vec<Value>,
    /// Guests, newest last.
    pub guests: Vec<Value>,
    /// Services that do not answer.
    pub silent: Vec<&'static str>,
    /// Rooms that are left.
    pub left: i64,
    /// Whether a booking waits for its bank.
    pub is_slow: bool,
}

/// The services.
#[derive(Clone)]
pub struct Town(Arc<Mutex<Done>>);

const UNTIL: &str = "2027-03-01T12:15:00Z";

impl Town {
    /// With some rooms.
    pub fn new(left: i64) -> Self {
        Self(Arc::new(Mutex::new(Done { left, ..Done::default() })))
    }

    /// What has been done so far.
    pub fn done(&self) -> MutexGuard<'_, Done> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default();
        let mut done = self.done();
        if request.method() == Method::GET {
            return match get(&done, &path, query) {
                Some(body) => answer(StatusCode::OK, None, &body.to_string()),
                None => answer(StatusCode::NOT_FOUND, None, r#"{"code":"not-found"}"#),
            };
        }
        let key = request.headers().get(KEY).and_then(|k| k.to_str().ok()).unwrap_or_default().to_owned();
        let body: Value = serde_json::from_slice(request.body()).expect("a command is JSON");
        let fingerprint = format!("{path}{body}");
        let known = done.keys.get(&key).cloned();
        let (status, said, is_ok) = match known {
            Some((status, said, is_ok)) if said.starts_with(&fingerprint) => (status, said, is_ok),
            Some(_) => return answer(StatusCode::UNPROCESSABLE_ENTITY, Some("none"), r#"{"code":"key-reused"}"#),
            None => {
                let (status, reply) = post(&mut done, &path, &body);
                let kept = (status, format!("{fingerprint}{reply}"), status.is_success());
                done.keys.insert(key, kept.clone());
                kept
            }
        };
        let reply = &said[fingerprint.len()..];
        if status == StatusCode::ACCEPTED {
            let mut pending = answer(status, None, "{}");
            pending.headers_mut().insert("location", "/api/reservations/v1/sagas/sag_1".parse().expect("a header"));
            return pending;
        }
        if is_ok { answer(status, Some("applied"), reply) } else { refusal(status, reply) }
    }
}

fn get(done: &Done, path: &str, query: &str) -> Option<Value> {
    let (_, path) = path.split_once("/v1")?;
    Some(match path {
        "/hotels" => json!({"items": [{"hotel": "H", "name": "House"}]}),
        "/hotels/H" => json!({"hotel": "H", "name": "House", "time_zone": "Europe/Vienna", "opens_on": "2027-01-01", "currency": "EUR",
            "room_types": [{"room_type": "STD", "name": "Double", "rooms": 9, "price": {"amount": 10_000, "currency": "EUR"}, "sleeps": 2}]}),
        "/hotels/H/business-day" => json!({"business_date": "2027-03-01"}),
        "/hotels/H/availability" => {
            let of =
                |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).and_then(|d| d.parse::<jiff::civil::Date>().ok());
            let nights = website::house::nights(of("from=")?, of("to=")?);
            let night = |night| json!({"night": night, "types": [{"room_type": "STD", "available": done.left}]});
            json!({"nights": nights.map(night).collect::<Vec<_>>()})
        }
        "/hotels/H/reservations" => {
            let wanted = query.split('&').find_map(|p| p.strip_prefix("reference=").or(p.strip_prefix("confirmation=")))?;
            let is_it = |b: &&Value| b["reference"] == wanted || wanted == "ABCD-EFGH";
            let line = |_| json!({"reservation": "res_1", "confirmation": "ABCD-EFGH", "state": "confirmed"});
            json!({"items": done.booked.iter().filter(is_it).map(line).collect::<Vec<_>>()})
        }
        "/hotels/H/reservations/res_1" => {
            let b = done.booked.first()?;
            let prepaid = (b["guarantee"]["kind"] == "prepaid").then(|| json!({"amount": 20_000, "currency": "EUR"}));
            json!({"reservation": "res_1", "confirmation": "ABCD-EFGH", "state": "confirmed", "room_type": "STD", "arrival": b["arrival"],
                "departure": b["departure"], "adults": 2, "children": 0, "guest": b["guest"], "price": b["price"], "payment": "pay_1",
                "prepaid": prepaid, "refund": null, "version": 3, "changing": false})
        }
        "/hotels/H/payments/pay_1" => json!({"amount": {"amount": 10_000, "currency": "EUR"}, "state": "authorised"}),
        "/sagas/sag_1" => {
            let answer = (!done.is_slow).then(|| json!({"status": 200, "body": booked()}));
            json!({"state": "running", "answer": answer, "steps": [{"name": "hold", "state": "done"}, {"name": "authorise", "state": "running"}]})
        }
        _ => {
            let n: usize = path.strip_prefix("/guests/gst_")?.parse().ok()?;
            done.guests.get(n)?.clone()
        }
    })
}

fn booked() -> Value {
    json!({"reservation": "res_1", "confirmation": "ABCD-EFGH", "state": "confirmed", "revision": 1})
}

fn post(done: &mut Done, path: &str, body: &Value) -> (StatusCode, String) {
    let refused = |code: &str| (StatusCode::CONFLICT, json!({"code": code}).to_string());
    let token = body["guarantee"]["token"].as_str().unwrap_or_default().to_owned();
    match path.rsplit_once('/').map_or("", |(_, last)| last) {
        "holds" if done.left <= 0 => refused("night-sold-out"),
        "holds" => {
            done.holds.push(body.clone());
            (StatusCode::OK, json!({"until": UNTIL, "extends_left": 3}).to_string())
        }
        "extension" => (StatusCode::OK, json!({"until": "2027-03-01T12:20:00Z", "extends_left": 2}).to_string()),
        "guests" => {
            done.guests.push(body.clone());
            (StatusCode::CREATED, json!({"guest": format!("gst_{}", done.guests.len() - 1)}).to_string())
        }
        "reservations" if token == "tok_declined" => refused("card-declined"),
        "reservations" if done.booked.iter().any(|b| b["reference"] == body["reference"]) => refused("reference-taken"),
        "reservations" => {
            done.booked.push(body.clone());
            let status = if done.is_slow { StatusCode::ACCEPTED } else { StatusCode::CREATED };
            (status, booked().to_string())
        }
        _ => refused("not-found"),
    }
}

impl Wire for Town {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move {
            if self.done().silent.contains(&service) {
                return std::future::pending().await;
            }
            Ok(self.handle(&request))
        })
    }
}
