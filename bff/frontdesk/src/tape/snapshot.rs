//! `GET /desk/tape.json`: the chart as numbers, for the script. Arrays of columns: a house of 250 rooms and its 2,400 bars
//! of a month come in well under 120 kB. What language somebody reads makes no difference here, so in a flood one snapshot
//! serves all desks.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, StatusCode};
use jiff::ToSpan;
use jiff::civil::Date;
use kit::{Front, Part, Visit, page};
use pipeline::Role;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::house::{self, House, Wanted, days, sold};
use crate::live::hub::Hubs;
use crate::live::names::Joined;
use crate::live::{pace, row};

/// Patience with names: a chart without some of them is better than none.
const NAMES: Duration = Duration::from_millis(800);

/// What is asked for.
#[derive(Debug, Deserialize)]
pub struct Asked {
    hotel: String,
    #[serde(default)]
    from: Option<Date>,
    #[serde(default)]
    nights: Option<i32>,
    #[serde(default)]
    types: Option<String>,
    /// `heads`: without bars.
    #[serde(default)]
    only: String,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        Wanted { from: self.from, nights: self.nights, types: self.types.clone() }
    }
}

/// A type: code, name, price of a night in minor units, and of each night what is sold, held and the limit.
type Type<'a> = (&'a str, &'a str, i64, Option<&'a Vec<[i64; 3]>>);
/// A room: name, type, whether it is clean, whether somebody is in it.
type Room<'a> = (&'a str, usize, u8, u8);

/// The bars, one list for each thing that is said of them: like beside like is a third smaller when it is compressed. All of
/// them are as of the snapshot's `seq`.
#[derive(Default, Serialize)]
struct Bars<'a> {
    id: Vec<&'a str>,
    /// The room it is drawn in, or -1.
    room: Vec<i32>,
    flags: Vec<u8>,
    room_type: Vec<usize>,
    sold_as: Vec<usize>,
    /// The first night, counted from the chart's.
    col: Vec<i32>,
    nights: Vec<i32>,
    st: Vec<u8>,
    name: Vec<&'a str>,
    confirmation: Vec<&'a str>,
    price: Vec<i64>,
}

/// The chart as numbers. Types and rooms are named by their place in the lists.
#[derive(Serialize)]
struct Snapshot<'a> {
    hotel: &'a str,
    epoch: &'a str,
    seq: u64,
    bd: Date,
    from: Date,
    nights: i32,
    currency: &'a str,
    is_all_named: bool,
    types: Vec<Type<'a>>,
    house: Option<&'a Vec<[i64; 3]>>,
    rooms: Vec<Room<'a>>,
    bars: Bars<'a>,
}

/// Writes a chart; `None` without a tape.
pub fn write(hotel: &str, house: &House, joined: &Joined, with_bars: bool) -> Option<Vec<u8>> {
    let tape = house.tape.here()?;
    let counts = house.nights.here().map(sold).unwrap_or_default();
    let types: BTreeMap<&str, usize> = house.types.iter().enumerate().map(|(n, t)| (t.room_type.as_str(), n)).collect();
    let rooms: BTreeMap<&str, i32> = tape.rooms.iter().zip(0..).map(|(room, n)| (room.room.as_str(), n)).collect();
    let type_at = |code: &str| types.get(code).copied().unwrap_or(usize::MAX >> 33);
    let mut bars = Bars::default();
    // By type, row and night: numbers that are near stand near.
    let mut sorted: Vec<(usize, i32, &row::Bar)> = tape
        .bars
        .iter()
        .filter(|_| with_bars)
        .map(|b| (type_at(&b.room_type), b.row.as_deref().and_then(|row| rooms.get(row)).copied().unwrap_or(-1), b))
        .collect();
    sorted.sort_by_key(|(room_type, room, b)| (*room_type, *room, b.from));
    for (room_type, room, b) in sorted {
        bars.id.push(&b.id);
        bars.room.push(room);
        bars.flags.push(row::flags(b));
        bars.room_type.push(room_type);
        bars.sold_as.push(type_at(&b.sold_as));
        bars.col.push(days(tape.from, b.from));
        bars.nights.push(days(b.from, b.to));
        bars.st.push(row::state(b));
        bars.name.push(b.guest.as_ref().and_then(|guest| joined.names.get(guest)).map_or("", String::as_str));
        bars.confirmation.push(b.confirmation.as_deref().unwrap_or(""));
        bars.price.push(b.price.map_or(0, |price| price.amount));
    }
    let snapshot = Snapshot {
        hotel,
        epoch: &tape.epoch,
        seq: tape.seq,
        bd: tape.business_date,
        from: tape.from,
        nights: tape.nights,
        currency: house.types.iter().find_map(|t| t.price.as_ref()).map_or("", |price| price.currency.as_str()),
        is_all_named: joined.is_all,
        types: house
            .types
            .iter()
            .map(|t| (&*t.room_type, &*t.name, t.price.map_or(0, |price| price.amount), counts.get(t.room_type.as_str())))
            .collect(),
        house: counts.get("*"),
        rooms: tape
            .rooms
            .iter()
            .map(|r| (&*r.room, type_at(&r.room_type), u8::from(r.condition == "clean"), u8::from(r.occupied_by.is_some())))
            .collect(),
        bars,
    };
    serde_json::to_vec(&snapshot).ok()
}

/// The guests of a tape.
pub fn guests(house: &House) -> BTreeSet<&str> {
    house.tape.here().iter().flat_map(|tape| &tape.bars).filter_map(|bar| bar.guest.as_deref()).collect()
}

/// `GET /desk/tape.json?hotel&from&nights&types`.
pub async fn serve(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if let Some(answer) = front.needs(&visit, Role::Desk) {
        return answer;
    }
    if !kernel::id::is_code(&asked.hotel) {
        return page::message(&front, &visit, StatusCode::NOT_FOUND, "not-found-title", "not-found-text");
    }
    let with_bars = asked.only != "heads";
    let hub = hubs.of(&asked.hotel).filter(|hub| with_bars && hub.is_quiet());
    let bytes = match hub {
        None => build(&front, &hubs, &visit, &asked).await,
        Some(hub) => {
            let key = format!("{:?} {:?} {:?}", asked.from, asked.nights, asked.types);
            // Whoever comes while it is being built waits for it.
            let mut kept = hub.snapshots.lock().await;
            kept.retain(|_, (since, _)| since.elapsed() < pace::QUIET);
            match kept.get(&key) {
                Some((_, bytes)) => Some(bytes.clone()),
                None => {
                    let built = build(&front, &hubs, &visit, &asked).await;
                    kept.extend(built.clone().map(|bytes| (key, (Instant::now(), bytes))));
                    built
                }
            }
        }
    };
    let Some(bytes) = bytes else {
        return page::message(&front, &visit, StatusCode::SERVICE_UNAVAILABLE, "refused-title", "tape-silent");
    };
    let answer = Response::builder().header("content-type", "application/json").header("cache-control", "no-store");
    let takes_gzip = headers.get("accept-encoding").and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("gzip"));
    let answer = match takes_gzip {
        true => answer.header("content-encoding", "gzip").header("vary", "accept-encoding").body(Body::from(bytes)),
        false => answer.body(Body::from(plain(&bytes))),
    };
    answer.unwrap_or_default()
}

/// Builds it, compressed: kept ones are sent a hundred times.
async fn build(front: &Front, hubs: &Hubs, visit: &Visit, asked: &Asked) -> Option<Bytes> {
    let from = match asked.from {
        Some(from) => from,
        None => {
            let day: Part<crate::desk::Day> = front.ask_for(visit).get("stays", &format!("/hotels/{}/business-day", asked.hotel)).await;
            day.here()?.business_date.saturating_sub(1.days())
        }
    };
    let house = house::ask(front, visit, &asked.hotel, from, &asked.wanted()).await;
    let with_bars = asked.only != "heads";
    let joined = if with_bars { hubs.names.of(front, guests(&house), NAMES).await } else { Joined::default() };
    let json = write(&asked.hotel, &house, &joined, with_bars)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&json).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn plain(gzip: &[u8]) -> Vec<u8> {
    let mut decoder = flate2::write::GzDecoder::new(Vec::new());
    // Writing to memory does not fail.
    let _infallible = decoder.write_all(gzip);
    decoder.finish().unwrap_or_default()
}
