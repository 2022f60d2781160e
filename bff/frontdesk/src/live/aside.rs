//! What stands beside the bars: nights sold, rooms clean and taken, the figures of house status, the open date. They are
//! looked at again when bars have changed, at most once a second, and now and then; what has changed is told.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::ToSpan;
use jiff::civil::Date;
use kit::Front;
use kit::live::event;
use serde::Deserialize;
use serde_json::json;

use super::hub::Hub;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// A look without anything having stirred: holds and rooms do not stir the tape.
const IDLE: Duration = Duration::from_secs(10);
/// Nights of one look.
const NIGHTS_MAX: i32 = 62;

/// The nights of a hotel as inventory says them.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Availability {
    /// By date.
    pub nights: Vec<Night>,
}

/// One night.
#[derive(Clone, Debug, Deserialize)]
pub struct Night {
    /// The date.
    pub night: Date,
    /// The whole house.
    pub house: Count,
    /// Each type.
    pub types: Vec<Count>,
}

/// What is on the books of a night.
#[derive(Clone, Debug, Deserialize)]
pub struct Count {
    /// The type; none: the house.
    #[serde(default)]
    pub room_type: String,
    /// What may be sold.
    pub limit: i64,
    /// What is sold.
    pub sold: i64,
    /// What is held.
    pub held: i64,
}

#[derive(Deserialize)]
struct Rooms {
    items: Vec<Room>,
}

#[derive(Deserialize)]
struct Room {
    room: String,
    condition: String,
    occupied_by: Option<String>,
}

/// House status as stays says it.
#[derive(Clone, Debug, Deserialize)]
pub struct Status {
    /// The open date.
    pub business_date: Date,
    #[serde(default)]
    occupied: Option<i64>,
    #[serde(default)]
    clean: Option<i64>,
    #[serde(default)]
    dirty: Option<i64>,
    #[serde(default)]
    stay_over: Option<i64>,
    #[serde(default)]
    arrivals: Option<Due>,
    #[serde(default)]
    departures: Option<Due>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Due {
    left: i64,
    done: i64,
}

/// Figures as they were told last: number, and of how many.
type Tile = (i64, Option<i64>);

/// What was told last.
#[derive(Default)]
pub struct Known {
    nights: BTreeMap<(Date, String), [i64; 3]>,
    rooms: BTreeMap<String, (String, bool)>,
    tiles: BTreeMap<&'static str, Tile>,
    date: Option<Date>,
}

fn tiles(status: &Status) -> impl Iterator<Item = (&'static str, Tile)> {
    let due = |due: Option<Due>| due.map(|due| (due.left, Some(due.left + due.done)));
    let one = |n: Option<i64>| n.map(|n| (n, None));
    let all = [
        ("arrivals.left", due(status.arrivals)),
        ("departures.left", due(status.departures)),
        ("occupied", one(status.occupied)),
        ("clean", one(status.clean)),
        ("dirty", one(status.dirty)),
        ("stay-over", one(status.stay_over)),
    ];
    all.into_iter().filter_map(|(key, tile)| Some((key, tile?)))
}

impl Known {
    /// Events for the nights that are not as they were told. The first look at a night tells nothing: whoever looks at it
    /// has just fetched it.
    pub fn nights(&mut self, said: &Availability, bytes: &mut BytesMut) {
        let mut fresh = BTreeMap::new();
        for night in &said.nights {
            for count in night.types.iter().chain([&night.house]) {
                let (key, now) = ((night.night, count.room_type.clone()), [count.sold, count.held, count.limit]);
                if self.nights.get(&key).is_some_and(|then| *then != now) {
                    let room_type = if key.1.is_empty() { "*" } else { &key.1 };
                    bytes.extend_from_slice(&event(
                        "night",
                        None,
                        &json!({"type": room_type, "date": key.0, "sold": now[0], "held": now[1], "limit": now[2]}),
                    ));
                }
                fresh.insert(key, now);
            }
        }
        self.nights = fresh;
    }

    fn rooms(&mut self, said: Rooms, bytes: &mut BytesMut) {
        let mut fresh = BTreeMap::new();
        for room in said.items {
            let now = (room.condition, room.occupied_by.is_some());
            if self.rooms.get(&room.room).is_some_and(|then| *then != now) {
                bytes.extend_from_slice(&event("room", None, &json!({"room": room.room, "hk": now.0, "occ": now.1})));
            }
            fresh.insert(room.room, now);
        }
        self.rooms = fresh;
    }

    fn status(&mut self, said: &Status, bytes: &mut BytesMut) {
        for (key, now) in tiles(said) {
            if self.tiles.insert(key, now).is_some_and(|then| then != now) {
                bytes.extend_from_slice(&event("tile", None, &json!({"key": key, "n": now.0, "of": now.1})));
            }
        }
        if self.date.replace(said.business_date).is_some_and(|then| then != said.business_date) {
            let notice = json!({"level": "info", "code": "date-rolled", "date": said.business_date});
            bytes.extend_from_slice(&event("notice", None, &notice));
        }
    }
}

/// Looks for ever.
pub async fn follow(front: &Front, hub: &Hub) {
    let mut known = Known::default();
    loop {
        let bytes = look(front, hub, &mut known).await;
        if !bytes.is_empty() {
            hub.tell(None, bytes);
        }
        tokio::time::sleep(LOOK).await;
        let _idle = tokio::time::timeout(IDLE - LOOK, hub.stirred.notified()).await;
        while hub.is_quiet() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

async fn look(front: &Front, hub: &Hub, known: &mut Known) -> Bytes {
    let (ask, hotel) = (front.ask(), &hub.hotel);
    let (status_path, rooms_path) = (format!("/hotels/{hotel}/house-status"), format!("/hotels/{hotel}/rooms"));
    let nights = async {
        let (from, to) = hub.window()?;
        let to = to.min(from.saturating_add(NIGHTS_MAX.days()));
        front.ask().get::<Availability>("inventory", &format!("/hotels/{hotel}/availability?from={from}&to={to}")).await.into_here()
    };
    let (status, rooms, nights) = futures::join!(ask.get::<Status>("stays", &status_path), ask.get::<Rooms>("stays", &rooms_path), nights);
    let mut bytes = BytesMut::new();
    if let Some(status) = status.here() {
        hub.set_date(status.business_date);
        known.status(status, &mut bytes);
    }
    if let Some(nights) = &nights {
        known.nights(nights, &mut bytes);
    }
    if let Some(rooms) = rooms.into_here() {
        known.rooms(rooms, &mut bytes);
    }
    bytes.freeze()
}
