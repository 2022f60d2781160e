//! A house of straw: what the desk asks of hotels, stays, inventory and guests, answered from memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use frontdesk::live::hub::Hubs;
use http::{Request, Response, StatusCode};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kernel::chance::Seeded;
use kit::{Front, Setup, Texts};
use peer::wire::BoxFuture;
use peer::{Lost, Peers, Wire};
use serde_json::{Value, json};
use testkit::clock::Standing;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The open date of the house.
pub const TODAY: Date = date(2027, 3, 4);
/// Changes of one answer.
const CHANGES_MAX: usize = 500;

/// What the house holds.
#[derive(Default)]
pub struct House {
    pub epoch: String,
    pub seq: u64,
    /// Rows by id, also those that are gone.
    pub rows: BTreeMap<String, Value>,
    pub rooms: Vec<(String, &'static str)>,
    pub prices: BTreeMap<&'static str, i64>,
    pub sold: i64,
    /// Rooms that cannot be given.
    pub dirty: BTreeSet<String>,
    /// Services that do not answer.
    pub silent: BTreeSet<String>,
    /// Requests by service and path, without their query.
    pub asked: BTreeMap<String, usize>,
    /// So many commands are done before [`Self::refusals`] count.
    pub well: usize,
    /// Bodies of commands with their paths.
    pub commands: Vec<(String, String, Value)>,
    /// The version each of them was guarded by (`If-Match`).
    pub guards: Vec<Option<String>>,
    /// The desk's lists by the last part of their path, the rack, and house status where it is not the usual one.
    pub lists: BTreeMap<&'static str, Vec<Value>>,
    pub rack: Vec<Value>,
    pub status: Option<Value>,
    /// What reservations, stays and guests say of one thing: by service and path, and by service and stream what `/history` has.
    pub said: BTreeMap<String, Value>,
    /// How the next commands are answered: status and code, or nothing at all.
    pub refusals: Vec<Option<(u16, &'static str)>>,
}

/// The wire to it.
pub struct Straw {
    house: Mutex<House>,
    stirred: watch::Sender<u64>,
}

impl Straw {
    pub fn new() -> Arc<Self> {
        let rooms = |kind: &'static str, n: u32| (1..=n).map(move |no| (format!("{kind}-{no}"), kind));
        let house = House {
            epoch: "e1".into(),
            rooms: rooms("A", 20).chain(rooms("B", 5)).collect(),
            prices: BTreeMap::from([("A", 9_800), ("B", 14_000)]),
            ..House::default()
        };
        Arc::new(Self { house: Mutex::new(house), stirred: watch::Sender::new(0) })
    }

    pub fn house(&self) -> MutexGuard<'_, House> {
        self.house.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes rows, as one.
    pub fn put(&self, rows: impl IntoIterator<Item = Value>) -> u64 {
        let mut house = self.house();
        for mut row in rows {
            house.seq += 1;
            row["v"] = json!(house.seq);
            let id = row["id"].as_str().unwrap_or_default().to_owned();
            house.rows.insert(id, row);
        }
        let seq = house.seq;
        drop(house);
        self.stirred.send_replace(seq);
        seq
    }

    /// Does some commands and refuses the next.
    pub fn refuse_after(&self, well: usize, status: u16, code: &'static str) {
        let mut house = self.house();
        (house.well, house.refusals) = (well, vec![Some((status, code))]);
    }

    pub fn front(self: &Arc<Self>) -> Front {
        // The front end's tasks end with it.
        let tasks: Mutex<JoinSet<()>> = Mutex::default();
        let spawn: peer::Spawn = Arc::new(move |task| {
            tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(task);
        });
        let setup = Setup {
            peers: Peers::new("frontdesk", self.clone()),
            clock: Arc::new(Standing),
            chance: Arc::new(Seeded::new(7)),
            spawn,
            closing: pipeline::Closing::default(),
            key: axum_extra::extract::cookie::Key::from(&[7; 64]),
            is_demo: false,
        };
        frontdesk::front(setup)
    }

    async fn answer(&self, service: &str, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
        let path = path.trim_start_matches(&format!("/api/{service}/v1")).to_owned();
        *self.house().asked.entry(format!("{service}{path}")).or_default() += 1;
        if self.house().silent.contains(service) {
            return None;
        }
        if request.method() == http::Method::POST {
            return self.command(&path, &request);
        }
        if let Some(body) = self.house().said.get(&format!("{service}{path}")) {
            return Some(said(StatusCode::OK, "none", body));
        }
        let asked = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned));
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let body = match (service, parts.as_slice()) {
            (_, ["history"]) => self.history(service, &asked("streams").unwrap_or_default(), &asked("records").unwrap_or_default()),
            ("hotels", ["hotels"]) => json!({"items": [{"hotel": "H", "name": "The Straw"}]}),
            ("hotels", ["hotels", _]) => {
                let of = |(code, price): (&&str, &i64)| json!({"room_type": code, "name": format!("Type {code}"), "price": {"amount": price, "currency": "EUR"}});
                json!({"room_types": self.house().prices.iter().map(of).collect::<Vec<_>>()})
            }
            ("stays", [.., "business-day"]) => json!({"business_date": TODAY, "state": "open", "in_house": 0}),
            ("stays", [.., list @ ("arrivals" | "in-house" | "departures")]) => self.list(list),
            ("stays", [.., "house-status"]) if self.house().status.is_some() => self.house().status.clone()?,
            ("stays", [.., "house-status"]) => {
                json!({"business_date": TODAY, "occupied": 0, "clean": 25, "dirty": 0, "stay_over": 0, "arrivals": {"left": 0, "done": 0}, "departures": {"left": 0, "done": 0}})
            }
            ("stays", [.., "rooms"]) => self.rack(),
            ("stays", [.., "tape"]) => self.tape(&asked("from")?, asked("nights")?.parse().ok()?),
            ("stays", [.., "tape", "changes"]) => self.changes(asked("after"), asked("wait")?.trim_end_matches('s').parse().ok()?).await,
            ("inventory", _) => self.availability(asked("from")?.parse().ok()?, asked("to")?.parse().ok()?),
            ("guests", ["guests"]) => {
                let of = |id: &str| json!({"guest": id, "name": format!("Ana {}", id.trim_start_matches("gst_"))});
                json!({"items": asked("ids")?.split(',').map(of).collect::<Vec<_>>()})
            }
            _ => return Some(said(StatusCode::NOT_FOUND, "none", &json!({"code": "not-found"}))),
        };
        Some(said(StatusCode::OK, "none", &body))
    }

    fn command(&self, path: &str, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let key = request.headers().get(peer::KEY).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let guard = request.headers().get("if-match").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let mut house = self.house();
        house.guards.push(guard);
        house.commands.push((path.to_owned(), key, serde_json::from_slice(request.body()).unwrap_or_default()));
        let is_well = house.well > 0;
        house.well = house.well.saturating_sub(1);
        let how = if is_well || house.refusals.is_empty() { None } else { Some(house.refusals.remove(0)) };
        match how {
            Some(None) => None,
            Some(Some((status, code))) => {
                let mut answer = said(StatusCode::from_u16(status).unwrap_or_default(), "none", &json!({"code": code}));
                if status == 202 {
                    let at = format!("/api/stays/v1/sagas/{code}");
                    answer.headers_mut().insert("location", at.parse().expect("an address"));
                } else {
                    answer.headers_mut().insert(peer::DECISION, http::HeaderValue::from_static(peer::RECORDED));
                }
                Some(answer)
            }
            None => Some(said(
                StatusCode::OK,
                "applied",
                &json!({"stay": "r", "number": 1, "from": "A-9", "reservation": "r", "room": "A-1", "room_type": "B", "state": "confirmed", "revision": 2,
                    "guest": "gst_new", "confirmation": "PH-NEW", "nights_stayed": 1, "posted": {"amount": 9_800, "currency": "EUR"},
                    "arrival": TODAY, "departure": TODAY, "price": {"amount": 9_800, "currency": "EUR"}, "locked": true,
                    "closed": TODAY, "in_house": 0, "posted_amount": 0, "business_date": TODAY.tomorrow().expect("a date")}),
            )),
        }
    }

    fn history(&self, service: &str, streams: &str, records: &str) -> Value {
        let house = self.house();
        let all = |list: &str| -> Vec<Value> {
            let found = list.split(',').filter_map(|name| house.said.get(&format!("{service} {name}"))?.as_array());
            found.flatten().cloned().collect()
        };
        json!({"items": all(streams), "records": all(records)})
    }

    /// The rack: a room is taken by the bar in it that is in house.
    fn rack(&self) -> Value {
        let house = self.house();
        if !house.rack.is_empty() {
            return json!({"items": house.rack});
        }
        let inside =
            |room: &str| house.rows.values().find(|row| row["st"] == "in_house" && row["row"] == room).map(|row| row["id"].clone());
        let condition = |room: &String| if house.dirty.contains(room) { "dirty" } else { "clean" };
        let of = |(room, kind): &(String, &str)| json!({"room": room, "room_type": kind, "number": 1, "floor": null, "occupied_by": inside(room), "condition": condition(room)});
        json!({"items": house.rooms.iter().map(of).collect::<Vec<_>>()})
    }

    /// A list as a test has put it, else of the bars.
    fn list(&self, name: &str) -> Value {
        let house = self.house();
        let is_wanted = |row: &Value| match name {
            "in-house" => row["st"] == "in_house",
            "arrivals" => row["st"] == "confirmed" && row["from"] == json!(TODAY),
            _ => row["st"] == "in_house" && row["to"] == json!(TODAY),
        };
        let items: Vec<Value> = match house.lists.get(name) {
            Some(items) => items.clone(),
            None => house.rows.values().filter(|row| row["gone"].is_null() && is_wanted(row)).cloned().collect(),
        };
        json!({"business_date": TODAY, "date": TODAY, "items": items})
    }

    fn tape(&self, from: &str, nights: i64) -> Value {
        let house = self.house();
        let first: Date = from.parse().expect("a date");
        let last = first.saturating_add(nights.days()).to_string();
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let bars: Vec<&Value> =
            house.rows.values().filter(|row| row["gone"].is_null() && text(row, "from") < last && *text(row, "to") >= *from).collect();
        let rooms: Vec<Value> =
            house.rooms.iter().map(|(room, kind)| json!({"room": room, "room_type": kind, "number": 1, "condition": "clean"})).collect();
        json!({"hotel": "H", "epoch": house.epoch, "seq": house.seq, "business_date": TODAY, "from": from, "nights": nights, "rooms": rooms, "bars": bars})
    }

    async fn changes(&self, after: Option<String>, wait_s: u64) -> Value {
        let mut stirred = self.stirred.subscribe();
        loop {
            {
                let house = self.house();
                let since = after.as_deref().and_then(|a| a.rsplit_once('.')).filter(|(epoch, _)| *epoch == house.epoch);
                let Some(since) = since.and_then(|(_, seq)| seq.parse::<u64>().ok()) else {
                    return json!({"reset": true, "epoch": house.epoch, "seq": house.seq});
                };
                let mut rows: Vec<&Value> = house.rows.values().filter(|row| row["v"].as_u64().is_some_and(|v| v > since)).collect();
                rows.sort_by_key(|row| row["v"].as_u64());
                if rows.len() > CHANGES_MAX {
                    return json!({"reset": true, "epoch": house.epoch, "seq": house.seq});
                }
                if !rows.is_empty() || wait_s == 0 {
                    return json!({"epoch": house.epoch, "seq": house.seq, "changes": rows});
                }
            }
            if tokio::time::timeout(Duration::from_secs(wait_s), stirred.changed()).await.is_err() {
                let house = self.house();
                return json!({"epoch": house.epoch, "seq": house.seq, "changes": []});
            }
        }
    }

    fn availability(&self, from: Date, to: Date) -> Value {
        let (sold, kinds) = {
            let house = self.house();
            (house.sold, house.prices.clone())
        };
        let count = |kind: &str, limit: i64| json!({"room_type": kind, "limit": limit, "sold": sold, "held": 0, "available": limit - sold});
        let types: Vec<Value> = kinds.keys().map(|kind| count(kind, if *kind == "A" { 21 } else { 5 })).collect();
        let nights: Vec<Value> = from
            .series(1.day())
            .take_while(|night| *night < to)
            .map(|night| json!({"night": night, "house": {"limit": 26, "sold": 2 * sold, "held": 0}, "types": types}))
            .collect();
        json!({"nights": nights})
    }
}

fn said(status: StatusCode, effect: &'static str, body: &Value) -> Response<Bytes> {
    let answer = Response::builder().status(status).header("content-type", "application/json").header(peer::EFFECT, effect);
    answer.body(Bytes::from(body.to_string())).expect("an answer")
}

impl Wire for Straw {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move { self.answer(service, request).await.ok_or(Lost) })
    }
}

/// A bar: id, room, state, first night and nights from the open date on.
pub fn bar(id: &str, row: Option<&str>, st: &str, from: i64, nights: i64) -> Value {
    let first = TODAY.saturating_add(from.days());
    let kind = row.and_then(|row| row.split('-').next()).unwrap_or("A");
    json!({"id": id, "v": 0, "row": row, "room_type": kind, "sold_as": kind, "from": first, "to": first.saturating_add(nights.days()), "st": st,
        "confirmation": format!("PH-{id}"), "guest": format!("gst_{id}"), "guests": [2, 0, 0], "price": {"amount": 9_800, "currency": "EUR"},
        "guarantee": "card"})
}

/// A bar that is gone.
pub fn gone(id: &str) -> Value {
    json!({"id": id, "v": 0, "gone": "cancelled"})
}

/// Hubs and texts for a test that talks to the stream itself.
pub fn hubs() -> Arc<Hubs> {
    let _checked = Texts::new(&frontdesk::MESSAGES);
    Arc::new(Hubs::default())
}
