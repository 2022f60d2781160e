//! The rooms a stay can be given: free on all of its nights, its own type first, dearer ones named as what they are.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kernel::Money;
use serde::Serialize;

use super::booking::Booking;
use crate::known::{Hotel, RoomType};
use crate::tape::house::Tape;

/// Rooms of one type that are offered; a longer list helps nobody.
const OFFERED_MAX: usize = 60;

/// Rooms of one type.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The type's code.
    pub room_type: String,
    /// Its name.
    pub name: String,
    /// What it is beside the type the stay has.
    pub rank: Rank,
    /// What a night of it costs more; the price of the stay does not change.
    pub more: Option<Money>,
    /// Their names.
    pub rooms: Vec<String>,
}

/// Where a type stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rank {
    /// The stay's own.
    Own,
    /// Dearer.
    Upgrade,
    /// As dear, cheaper, or of unknown price.
    Other,
}

impl Rank {
    /// The key of its text.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Own => "sheet-rooms-own",
            Self::Upgrade => "sheet-rooms-upgrade",
            Self::Other => "sheet-rooms-other",
        }
    }
}

/// What somebody asks of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Free on the nights to come.
    Later,
    /// Also empty and clean now.
    Now,
}

/// Rooms that are free for a stay from a night on, by type: its own, then dearer ones, then the rest. A planned row is free;
/// rooms without one come first.
pub fn free(booking: &Booking, tape: &Tape, hotel: &Hotel, from: Date, need: Need) -> Vec<Group> {
    let to = booking.to.unwrap_or(from).max(from);
    let touches =
        |bar: &&crate::live::row::Bar| bar.id != booking.id && bar.st != "checked_out" && bar.from < to.max(from) && bar.to > from;
    let (planned, taken): (Vec<_>, Vec<_>) = tape.bars.iter().filter(touches).partition(|bar| bar.planned);
    let rows = |bars: Vec<&crate::live::row::Bar>| -> BTreeSet<String> { bars.iter().filter_map(|bar| bar.row.clone()).collect() };
    let (planned, taken) = (rows(planned), rows(taken));
    let is_now = |room: &crate::tape::house::Room| {
        need == Need::Later || (room.condition == "clean" && room.occupied_by.as_ref().is_none_or(String::is_empty))
    };
    let mine = booking.room.as_deref();
    let can = |room: &&crate::tape::house::Room| Some(room.room.as_str()) != mine && !taken.contains(&room.room) && is_now(room);
    let mut groups: Vec<Group> = Vec::new();
    let own = hotel.room_type(&booking.room_type).and_then(|t| t.price);
    for room in tape.rooms.iter().filter(can) {
        match groups.iter_mut().find(|group| group.room_type == room.room_type) {
            Some(group) => group.rooms.push(room.room.clone()),
            None => groups.push(group(booking, hotel, own, &room.room_type, room.room.clone())),
        }
    }
    for group in &mut groups {
        group.rooms.sort_by_key(|room| planned.contains(room));
        group.rooms.truncate(OFFERED_MAX);
    }
    let price = |group: &Group| hotel.room_type(&group.room_type).and_then(|t| t.price).map_or(0, |price| price.amount);
    groups.sort_by_key(|group| (group.rank, price(group), group.room_type.clone()));
    groups
}

fn group(booking: &Booking, hotel: &Hotel, own: Option<Money>, room_type: &str, first: String) -> Group {
    let price = hotel.room_type(room_type).and_then(|t| t.price);
    let more = own.zip(price).map(|(own, price)| Money { amount: price.amount - own.amount, ..price }).filter(|more| more.amount > 0);
    let rank = match more {
        _ if room_type == booking.room_type => Rank::Own,
        Some(_) => Rank::Upgrade,
        None => Rank::Other,
    };
    Group { room_type: room_type.to_owned(), name: hotel.name_of(room_type), rank, more, rooms: vec![first] }
}

/// The rooms of the stay's own type, in one list; the one it was given first.
pub fn own(booking: &Booking, groups: &[Group], is_given_ready: bool) -> Vec<String> {
    let given = booking.room.clone().filter(|_| is_given_ready);
    let rooms = groups.iter().filter(|group| group.rank == Rank::Own).flat_map(|group| group.rooms.iter().cloned());
    given.into_iter().chain(rooms).collect()
}

/// The other types, dearest last.
pub fn other_types(booking: &Booking, hotel: &Hotel) -> Vec<RoomType> {
    let mut all: Vec<RoomType> = hotel.room_types.iter().filter(|t| t.room_type != booking.room_type).cloned().collect();
    all.sort_by_key(|t| (t.price.map_or(0, |price| price.amount), t.room_type.clone()));
    all
}

/// Whether a type costs more than another.
pub fn is_higher(hotel: &Hotel, room_type: &str, than: &str) -> bool {
    let price = |code: &str| hotel.room_type(code).and_then(|t| t.price).map(|price| price.amount);
    price(room_type).zip(price(than)).is_some_and(|(this, that)| this > that)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::{Value, json};

    fn bar(id: &str, row: &str, from: &str, to: &str, more: &Value) -> Value {
        let mut bar = json!({"id": id, "v": 1, "row": row, "room_type": "A", "sold_as": "A", "from": from, "to": to, "st": "confirmed"});
        bar.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        bar
    }

    fn house(bars: &[Value]) -> (Tape, Hotel) {
        let room = |name: &str, condition: &str| json!({"room": name, "room_type": name[..1], "condition": condition});
        let rooms = [room("A-1", "clean"), room("A-2", "clean"), room("A-3", "dirty"), room("B-1", "clean"), room("0-1", "clean")];
        let tape =
            json!({"epoch": "e", "seq": 1, "business_date": "2027-03-04", "from": "2027-03-04", "nights": 3, "rooms": rooms, "bars": bars});
        let price = |amount: i64| json!({"amount": amount, "currency": "EUR"});
        let hotel = json!({"room_types": [{"room_type": "A", "price": price(98)}, {"room_type": "B", "name": "Big", "price": price(140)},
            {"room_type": "0", "price": price(50)}]});
        (serde_json::from_value(tape).expect("a tape"), serde_json::from_value(hotel).expect("a hotel"))
    }

    fn names(bars: &[Value], need: Need) -> Vec<(Rank, Vec<String>)> {
        let (tape, hotel) = house(bars);
        let booking = Booking { id: "me".into(), room_type: "A".into(), to: Some(date(2027, 3, 6)), ..Booking::default() };
        free(&booking, &tape, &hotel, date(2027, 3, 4), need).into_iter().map(|g| (g.rank, g.rooms)).collect()
    }

    #[test]
    fn a_room_is_free_when_nobody_has_it_on_any_of_the_nights() {
        let own = |bars: &[Value], need| names(bars, need)[0].1.clone();
        assert_eq!(own(&[], Need::Later), ["A-1", "A-2", "A-3"]);
        assert_eq!(own(&[], Need::Now), ["A-1", "A-2"], "nobody moves into a dirty room");
        let meets = bar("x", "A-1", "2027-03-05", "2027-03-08", &json!({}));
        assert_eq!(own(&[meets], Need::Later), ["A-2", "A-3"], "the last night is enough");
        let after = bar("x", "A-1", "2027-03-06", "2027-03-08", &json!({}));
        let before = bar("y", "A-2", "2027-03-02", "2027-03-04", &json!({}));
        assert_eq!(own(&[after, before], Need::Later), ["A-1", "A-2", "A-3"], "who comes when this one goes is no obstacle");
        let mine = bar("me", "A-1", "2027-03-04", "2027-03-06", &json!({}));
        assert_eq!(own(&[mine], Need::Later), ["A-1", "A-2", "A-3"]);
        let planned = bar("x", "A-1", "2027-03-04", "2027-03-06", &json!({"planned": true}));
        assert_eq!(own(&[planned], Need::Later), ["A-2", "A-3", "A-1"], "a picture is free, and comes last");
    }

    #[test]
    fn dearer_types_come_after_its_own_and_the_others_last() {
        let ranks: Vec<Rank> = names(&[], Need::Now).into_iter().map(|(rank, _)| rank).collect();
        assert_eq!(ranks, [Rank::Own, Rank::Upgrade, Rank::Other]);
        let (tape, hotel) = house(&[]);
        let booking = Booking { id: "me".into(), room_type: "A".into(), to: Some(date(2027, 3, 6)), ..Booking::default() };
        let groups = free(&booking, &tape, &hotel, date(2027, 3, 4), Need::Now);
        assert_eq!((groups[1].name.as_str(), groups[1].more.map(|m| m.amount)), ("Big", Some(42)));
        assert!(is_higher(&hotel, "B", "A") && !is_higher(&hotel, "A", "B") && !is_higher(&hotel, "Z", "A"));
    }
}
