//! What the chart is made of, asked of three services at once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use kernel::Money;
use kit::{Front, Part, Visit};
use serde::Deserialize;

use crate::live::aside::Availability;
use crate::live::row::Bar;

/// How many nights can be shown.
pub const ZOOMS: [i32; 3] = [7, 14, 31];

/// The tape as stays says it.
#[derive(Clone, Debug, Deserialize)]
pub struct Tape {
    /// Where its numbers come from.
    pub epoch: String,
    /// The last change in it.
    pub seq: u64,
    /// The open date.
    pub business_date: Date,
    /// The first night.
    pub from: Date,
    /// How many nights.
    pub nights: i32,
    /// The rooms by type and number.
    pub rooms: Vec<Room>,
    /// The bars that touch these nights.
    pub bars: Vec<Bar>,
}

/// A room.
#[derive(Clone, Debug, Deserialize)]
pub struct Room {
    /// Its name.
    pub room: String,
    /// Its type.
    pub room_type: String,
    /// `clean` or `dirty`.
    pub condition: String,
    /// The stay in it.
    #[serde(default)]
    pub occupied_by: Option<String>,
}

/// A room type as hotels says it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RoomType {
    /// Its code.
    pub room_type: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Price of a night: what makes one type higher than another.
    #[serde(default)]
    pub price: Option<Money>,
}

/// A hotel as hotels says it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Hotel {
    /// Its types.
    #[serde(default)]
    pub room_types: Vec<RoomType>,
}

/// Which part of the tape.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Wanted {
    /// The first night; else the one before the open date.
    #[serde(default)]
    pub from: Option<Date>,
    /// 7, 14 or 31.
    #[serde(default)]
    pub nights: Option<i32>,
    /// Only these types, with commas between them.
    #[serde(default)]
    pub types: Option<String>,
}

impl Wanted {
    /// How many nights.
    pub fn nights(&self) -> i32 {
        self.nights.filter(|nights| ZOOMS.contains(nights)).unwrap_or(14)
    }

    /// Whether a type is wanted.
    pub fn takes(&self, room_type: &str) -> bool {
        self.types.as_deref().filter(|types| !types.is_empty()).is_none_or(|types| types.split(',').any(|t| t == room_type))
    }
}

/// All of it; tape and nights are missing when their service is silent.
pub struct House {
    /// From stays.
    pub tape: Part<Tape>,
    /// From hotels, dearest last.
    pub types: Vec<RoomType>,
    /// From inventory.
    pub nights: Part<Availability>,
}

/// Asks for a hotel's chart.
pub async fn ask(front: &Front, visit: &Visit, hotel: &str, from: Date, wanted: &Wanted) -> House {
    let (ask, nights) = (front.ask_for(visit), wanted.nights());
    let to = from.saturating_add(nights.days());
    let paths = [
        format!("/hotels/{hotel}/tape?from={from}&nights={nights}"),
        format!("/hotels/{hotel}"),
        format!("/hotels/{hotel}/availability?from={from}&to={to}"),
    ];
    let (tape, known, availability) =
        futures::join!(ask.get::<Tape>("stays", &paths[0]), ask.get::<Hotel>("hotels", &paths[1]), ask.get("inventory", &paths[2]));
    let mut types = known.into_here().unwrap_or_default().room_types;
    if let Part::Here(tape) = &tape {
        // Without hotels the types are there, only unnamed.
        let known: BTreeSet<String> = types.iter().map(|t| t.room_type.clone()).collect();
        let unnamed: BTreeSet<&String> = tape.rooms.iter().map(|r| &r.room_type).chain(tape.bars.iter().map(|b| &b.room_type)).collect();
        types.extend(unnamed.into_iter().filter(|t| !known.contains(*t)).map(|t| RoomType { room_type: t.clone(), ..RoomType::default() }));
    }
    types.sort_by_key(|t| (t.price.map_or(0, |price| price.amount), t.room_type.clone()));
    types.retain(|t| wanted.takes(&t.room_type));
    let tape = tape.map(|mut tape| {
        tape.rooms.retain(|room| wanted.takes(&room.room_type));
        tape.bars.retain(|bar| wanted.takes(type_of(bar)));
        tape
    });
    House { tape, types, nights: availability }
}

/// The type a bar is drawn under: of the room it has, which may be a higher one than it will occupy by the book.
pub fn type_of(bar: &Bar) -> &str {
    bar.row.as_deref().and_then(|row| row.rsplit_once('-')).map_or(&bar.room_type, |(room_type, _)| room_type)
}

/// Days from one date to another.
pub fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// Sold, held and limit of each night of each type (`*` the house).
pub fn sold(nights: &Availability) -> BTreeMap<&str, Vec<[i64; 3]>> {
    let mut all: BTreeMap<&str, Vec<[i64; 3]>> = BTreeMap::new();
    for night in &nights.nights {
        for count in &night.types {
            all.entry(&count.room_type).or_default().push([count.sold, count.held, count.limit]);
        }
        all.entry("*").or_default().push([night.house.sold, night.house.held, night.house.limit]);
    }
    all
}
