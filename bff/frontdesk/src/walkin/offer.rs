//! What can be sold for some nights: each type with its free rooms, those ready to move into, and its price.

use jiff::civil::Date;
use kernel::Money;
use kit::Part;
use serde::Serialize;

use crate::desk::{self, Desk};
use crate::known::{Availability, Hotel, RoomType, Rooms};

/// Who a type takes when the directory does not say.
const SLEEPS: u32 = 2;

/// A type as it is offered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offer {
    /// The code.
    pub room_type: String,
    /// The name.
    pub name: String,
    /// How many guests sleep in it.
    pub sleeps: u32,
    /// Rooms free on all nights; nothing when nobody tells.
    pub free: Option<i64>,
    /// Clean rooms nobody is in now; nothing when nobody tells, or the arrival is another day.
    pub ready: Option<usize>,
    /// Price of a night; nothing: it is not sold.
    pub price: Option<Money>,
    /// Price of all nights.
    pub total: Option<Money>,
}

/// All types.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    /// The lowest price first.
    pub all: Vec<Offer>,
    /// Services that do not answer.
    pub silent: Vec<&'static str>,
}

impl Offers {
    /// What a hotel offers between two dates.
    pub async fn of(desk: &Desk<'_>, from: Date, to: Date) -> Self {
        let ask = desk.ask();
        let to = to.max(from.tomorrow().unwrap_or(from));
        let (hotel, rooms) = (format!("/hotels/{}", desk.hotel), desk.path("/rooms"));
        let nights = desk.path(&format!("/availability?from={from}&to={to}"));
        let (hotel, rooms, nights): (Part<Hotel>, Part<Rooms>, Part<Availability>) =
            futures::join!(ask.get("hotels", &hotel), ask.get("stays", &rooms), ask.get("inventory", &nights));
        let silent = desk::silent([hotel.silent(), rooms.silent(), nights.silent(), desk.day.silent()]);
        let is_today = from == desk.today();
        let (rooms, nights) = (rooms.into_here().filter(|_| is_today), nights.into_here());
        let types = hotel.into_here().map(|hotel| hotel.room_types).unwrap_or_default();
        let offer = |t| Offer::of(t, (to - from).get_days(), rooms.as_ref(), nights.as_ref());
        let mut all: Vec<Offer> = types.iter().map(offer).collect();
        all.sort_by_key(|offer| (offer.price.is_none(), offer.price.map(|price| price.amount)));
        Self { all, silent }
    }

    /// An offer with a price.
    pub fn sold(&self, room_type: &str) -> Option<(&Offer, Money)> {
        self.all.iter().find(|offer| offer.room_type == room_type).and_then(|offer| Some((offer, offer.price?)))
    }

    /// The prices as the form brings them back.
    pub fn seen(&self) -> String {
        let one = |offer: &Offer| Some(format!("{}:{}", offer.room_type, offer.price?.amount));
        self.all.iter().filter_map(one).collect::<Vec<_>>().join(",")
    }
}

impl Offer {
    fn of(t: &RoomType, nights: i32, rooms: Option<&Rooms>, books: Option<&Availability>) -> Self {
        let of_type =
            |night: &crate::known::Night| night.types.iter().find(|count| count.room_type == t.room_type).map(|count| count.available);
        let free = books.filter(|books| !books.nights.is_empty()).and_then(|books| {
            if books.closed { Some(0) } else { books.nights.iter().map(of_type).try_fold(i64::MAX, |least, n| Some(least.min(n?))) }
        });
        let is_ready =
            |room: &&crate::known::Room| room.room_type == t.room_type && room.occupied_by.is_none() && room.condition == "clean";
        Self {
            room_type: t.room_type.clone(),
            name: if t.name.is_empty() { t.room_type.clone() } else { t.name.clone() },
            sleeps: t.sleeps.unwrap_or(SLEEPS),
            free,
            ready: rooms.map(|rooms| rooms.items.iter().filter(is_ready).count()),
            price: t.price,
            total: t.price.and_then(|price| price.times(i64::from(nights))),
        }
    }

    /// Whether there is a room for all nights, as far as is known.
    pub fn is_sold_out(&self) -> bool {
        self.free.is_some_and(|free| free < 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_type_has_as_many_rooms_as_its_fullest_night() {
        let night = |date: &str, left: i64| {
            json!({"night": date, "house": {"limit": 9, "sold": 0, "held": 0},
            "types": [{"room_type": "A", "limit": 9, "sold": 0, "held": 0, "available": left}]})
        };
        let books = |nights| serde_json::from_value::<Availability>(json!({"nights": nights})).expect("nights");
        let rooms: Rooms = serde_json::from_value(json!({"items": [
            {"room": "A-1", "room_type": "A", "condition": "clean", "occupied_by": null}, {"room": "A-2", "room_type": "A", "condition": "dirty"},
            {"room": "A-3", "room_type": "A", "condition": "clean", "occupied_by": "res_1"}]})).expect("rooms");
        let of_type: RoomType =
            serde_json::from_value(json!({"room_type": "A", "price": {"amount": 9_800, "currency": "EUR"}})).expect("a type");
        let two = books(json!([night("2027-03-04", 3), night("2027-03-05", 0)]));
        let offer = Offer::of(&of_type, 2, Some(&rooms), Some(&two));
        assert_eq!((offer.free, offer.ready, offer.total.map(|m| m.amount), offer.name.as_str()), (Some(0), Some(1), Some(19_600), "A"));
        assert!(offer.is_sold_out());
        let unknown = Offer::of(&of_type, 2, None, None);
        assert_eq!((unknown.free, unknown.ready, unknown.is_sold_out()), (None, None, false), "unknown is not none");
    }
}
