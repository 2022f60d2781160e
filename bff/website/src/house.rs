//! What the services say of a hotel, as far as guests are concerned, and how it is asked for.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use kernel::Money;
use kit::{Ask, Front, Part};
use serde::{Deserialize, Serialize};

/// Guests a room takes when its type does not say.
const SLEEPS: u32 = 2;

/// A hotel's sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hotel {
    /// Its code.
    pub hotel: String,
    /// Its name.
    pub name: String,
    /// IANA name of its zone.
    pub time_zone: String,
    /// Its first business date.
    pub opens_on: Date,
    /// Where it is.
    #[serde(default)]
    pub address: Option<String>,
    /// From when rooms are ready.
    #[serde(default)]
    pub check_in_from: Option<Time>,
    /// Until when guests leave.
    #[serde(default)]
    pub check_out_until: Option<Time>,
    /// What it sells.
    #[serde(default)]
    pub room_types: Vec<RoomType>,
    /// Whether it sells nothing at the moment.
    #[serde(default)]
    pub closed: bool,
}

/// A room type as its hotel describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomType {
    /// Its code.
    pub room_type: String,
    /// Its name.
    pub name: String,
    /// A night of it, tax included; without one it is not sold here.
    #[serde(default)]
    pub price: Option<Money>,
    /// How many it takes.
    #[serde(default)]
    pub sleeps: Option<u32>,
}

impl RoomType {
    /// How many it takes.
    pub fn takes(&self) -> u32 {
        self.sleeps.unwrap_or(SLEEPS)
    }
}

impl Hotel {
    /// Its zone; UTC when nobody knows it.
    pub fn zone(&self) -> TimeZone {
        zone(&self.time_zone)
    }

    /// A type it sells.
    pub fn sells(&self, room_type: &str) -> Option<(&RoomType, Money)> {
        self.room_types.iter().find(|t| t.room_type == room_type).and_then(|t| Some((t, t.price?)))
    }

    /// The name of a type; its code when there is no such type any more.
    pub fn type_name(&self, room_type: &str) -> String {
        self.room_types.iter().find(|t| t.room_type == room_type).map_or_else(|| room_type.to_owned(), |t| t.name.clone())
    }

    /// The lowest price of a night.
    pub fn cheapest(&self) -> Option<Money> {
        self.room_types.iter().filter_map(|t| t.price).min_by_key(|price| price.amount)
    }
}

/// A zone by its name; UTC when nobody knows it.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// A hotel in the list of all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HotelLine {
    /// Its code.
    pub hotel: String,
    /// Its name.
    pub name: String,
}

/// The list of hotels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hotels {
    /// One a hotel.
    pub items: Vec<HotelLine>,
}

#[derive(Clone, Debug, Deserialize)]
struct Day {
    business_date: Date,
}

#[derive(Deserialize)]
struct Nights {
    nights: Vec<Night>,
}

#[derive(Deserialize)]
struct Night {
    night: Date,
    types: Vec<TypeNight>,
}

#[derive(Deserialize)]
struct TypeNight {
    room_type: String,
    available: i64,
}

/// What the ledger has left: by night, then by type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Free(pub BTreeMap<Date, BTreeMap<String, i64>>);

impl Free {
    /// Rooms of a type that are free for every night of a stay; nothing when a night is not known.
    pub fn left(&self, room_type: &str, from: Date, to: Date) -> Option<i64> {
        nights(from, to).map(|night| self.0.get(&night)?.get(room_type).copied()).try_fold(i64::MAX, |least, left| Some(least.min(left?)))
    }
}

/// The nights of a stay.
pub fn nights(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |night| night.tomorrow().ok()).take_while(move |night| *night < to)
}

/// Some days later (earlier when negative), as far as the calendar goes.
pub fn plus(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}

/// The hotels.
pub async fn hotels(ask: &Ask<'_>) -> Part<Vec<HotelLine>> {
    ask.get::<Hotels>("hotels", "/hotels").await.map(|all| all.items)
}

/// One hotel. `code` has been checked.
pub async fn hotel(ask: &Ask<'_>, code: &str) -> Part<Hotel> {
    ask.get("hotels", &format!("/hotels/{code}")).await
}

/// A hotel's business date, where the house says it.
pub async fn business_date(ask: &Ask<'_>, code: &str) -> Part<Date> {
    ask.get::<Day>("stays", &format!("/hotels/{code}/business-day")).await.map(|day| day.business_date)
}

/// What is left from a night up to another.
pub async fn free(ask: &Ask<'_>, code: &str, from: Date, to: Date) -> Part<Free> {
    let found = ask.get::<Nights>("inventory", &format!("/hotels/{code}/availability?from={from}&to={to}")).await;
    found.map(|found| {
        let types = |types: Vec<TypeNight>| types.into_iter().map(|t| (t.room_type, t.available)).collect();
        Free(found.nights.into_iter().map(|n| (n.night, types(n.types))).collect())
    })
}

/// The hotel's day: its business date, or the date on its wall when nobody tells. Never before it opens.
pub fn today(front: &Front, hotel: &Hotel, told: Option<Date>) -> Date {
    told.unwrap_or_else(|| front.now().to_zoned(hotel.zone()).date()).max(hotel.opens_on)
}

/// An instant of the hotel's wall clock.
pub fn moment(zone: &TimeZone, date: Date, time: Time) -> Option<jiff::Timestamp> {
    Some(zone.to_ambiguous_zoned(date.to_datetime(time)).compatible().ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_stay_has_as_many_rooms_as_its_fullest_night() {
        let night = |n, left| (date(2027, 3, n), BTreeMap::from([("STD".to_owned(), left)]));
        let free = Free(BTreeMap::from([night(1, 4), night(2, 1), night(3, 0)]));
        assert_eq!(free.left("STD", date(2027, 3, 1), date(2027, 3, 3)), Some(1));
        assert_eq!(free.left("STD", date(2027, 3, 2), date(2027, 3, 4)), Some(0));
        assert_eq!(free.left("STD", date(2027, 3, 3), date(2027, 3, 5)), None, "the ledger has not said");
        assert_eq!(free.left("STE", date(2027, 3, 1), date(2027, 3, 2)), None);
    }
}
