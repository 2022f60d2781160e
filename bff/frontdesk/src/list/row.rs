//! A row of a list: how it stands with somebody, in which room, and what is to be done next.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::Money;
use serde::Serialize;

use super::Kind;
use crate::known::{Hotel, Item, Room};

/// How it stands with somebody. The order is the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// Should have come before today.
    MissedIn,
    /// Should have left before today.
    MissedOut,
    /// Comes today.
    DueIn,
    /// Leaves today.
    DueOut,
    /// Is here, and nothing is to be done.
    InHouse,
    /// Has left.
    Past,
}

impl Look {
    /// How it stands with an item on a day.
    pub fn of(item: &Item, today: Date) -> Self {
        match item.st.as_str() {
            "confirmed" if item.from < today => Self::MissedIn,
            "confirmed" => Self::DueIn,
            "in_house" if item.to < today => Self::MissedOut,
            "in_house" if item.to == today => Self::DueOut,
            "in_house" => Self::InHouse,
            _ => Self::Past,
        }
    }

    /// Whether somebody has to do something.
    pub fn is_due(self) -> bool {
        self < Self::InHouse
    }

    /// Rows of one rank stand together.
    fn rank(self) -> u8 {
        match self {
            Self::MissedIn | Self::MissedOut => 0,
            Self::DueIn | Self::DueOut => 1,
            Self::InHouse => 2,
            Self::Past => 3,
        }
    }

    /// The chip: its class, its icon, and the key of its word.
    pub fn chip(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::MissedIn => ("urgent", "urgent", "list-missed-in"),
            Self::MissedOut => ("urgent", "urgent", "list-missed-out"),
            Self::DueIn => ("due", "in", "list-due-in"),
            Self::DueOut => ("due", "out", "list-due-out"),
            Self::InHouse => ("inhouse", "disc", "list-in-house"),
            Self::Past => ("past", "tick", "list-past"),
        }
    }
}

/// A row.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The reservation.
    pub id: String,
    /// How it stands.
    pub look: Look,
    /// The name; the number while the name is not known.
    pub who: String,
    /// The number a guest is told.
    pub confirmation: Option<String>,
    /// The code of the type.
    pub room_type: String,
    /// Its name.
    pub type_name: String,
    /// The name of the type that was sold, where it is another.
    pub sold_as: Option<String>,
    /// First night.
    pub from: Date,
    /// Day of departure.
    pub to: Date,
    /// How many nights.
    pub nights: i64,
    /// `2+1`: adults and children; babies count as children.
    pub guests: String,
    /// The room it is drawn in.
    pub room: Option<String>,
    /// Whether that is a picture only.
    pub is_planned: bool,
    /// Whether the room was given before arrival.
    pub is_given: bool,
    /// Whether it stays in this room.
    pub is_locked: bool,
    /// Whether the room is clean; none: not known, or somebody is in it.
    pub is_clean: Option<bool>,
    /// Rooms somebody can move into now, the proposed one first.
    pub offers: Vec<String>,
    /// Vacant rooms of the type that want cleaning first.
    pub dirty: usize,
    /// Before arrival price times nights, later what is posted.
    pub amount: Option<Money>,
    /// `check-in`, `check-out`.
    pub verb: Option<&'static str>,
    /// The key its form is sent with.
    #[serde(skip)]
    pub key: String,
}

/// What rows are made with.
pub struct Around<'a> {
    /// Which list.
    pub kind: Kind,
    /// The open date.
    pub today: Date,
    /// Names by reference.
    pub names: &'a BTreeMap<String, String>,
    /// The hotel's types.
    pub hotel: &'a Hotel,
    /// The rooms; empty while they are not known.
    pub rooms: &'a [Room],
    /// A fresh token; every row's key begins with it.
    pub token: &'a str,
}

/// Rooms that are offered: each has a digit.
const OFFERS_MAX: usize = 5;
/// Digits of an id that make a key one row's own: with a token and a hyphen it is at most 64.
const OWN_MAX: usize = 28;

/// The key of a row's command: the page's token, and the end of the id.
fn key(token: &str, id: &str) -> String {
    let plain: Vec<char> = id.chars().filter(char::is_ascii_alphanumeric).collect();
    let own: String = plain.iter().skip(plain.len().saturating_sub(OWN_MAX)).collect();
    format!("{token}-{own}")
}

fn nights(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

impl Row {
    /// A row of an item.
    pub fn of(item: Item, around: &Around<'_>) -> Self {
        let Around { kind, today, names, hotel, rooms, token } = *around;
        let look = Look::of(&item, today);
        let room = item.row.as_deref().and_then(|name| rooms.iter().find(|room| room.room == name));
        let is_vacant = |room: &Room| room.occupied_by.is_none();
        let is_clean = room.filter(|room| is_vacant(room)).map(|room| room.condition == "clean");
        let mut offers = item.offers();
        // The room that was given is not offered while it is known that nobody can move into it.
        if let Some(given) = room.filter(|room| !is_vacant(room) || room.condition != "clean") {
            offers.retain(|name| *name != given.room);
        }
        // Planned rooms are each one stay's own, so proposals do not collide, and the list says what the chart shows.
        if item.planned && is_clean == Some(true) && !offers.is_empty() {
            let own = item.row.clone().unwrap_or_default();
            offers.retain(|name| *name != own);
            offers.insert(0, own);
            offers.truncate(OFFERS_MAX);
        }
        let dirty = rooms.iter().filter(|room| room.room_type == item.room_type && is_vacant(room) && room.condition != "clean").count();
        let nights = nights(item.from, item.to);
        let amount = if item.st == "confirmed" { item.price.and_then(|price| price.times(nights)) } else { item.posted };
        let verb = match (kind, look) {
            (Kind::Arrivals, Look::MissedIn | Look::DueIn) => Some("check-in"),
            (Kind::InHouse | Kind::Departures, Look::MissedOut | Look::DueOut) => Some("check-out"),
            _ => None,
        };
        let [adults, children, babies] = item.guests;
        let guests = match (adults, children + babies) {
            (0, 0) => "—".to_owned(),
            (adults, 0) => adults.to_string(),
            (adults, more) => format!("{adults}+{more}"),
        };
        let name = item.guest.as_ref().and_then(|guest| names.get(guest)).cloned();
        let who = name.or_else(|| item.confirmation.clone()).unwrap_or_else(|| "—".to_owned());
        Self {
            look,
            who,
            type_name: hotel.name_of(&item.room_type),
            sold_as: (!item.sold_as.is_empty() && item.sold_as != item.room_type).then(|| hotel.name_of(&item.sold_as)),
            nights,
            guests,
            is_planned: item.planned,
            is_given: item.assigned,
            is_locked: item.locked,
            is_clean,
            offers,
            dirty,
            amount,
            verb,
            key: key(token, &item.id),
            from: item.from,
            to: item.to,
            room: item.row,
            confirmation: item.confirmation,
            room_type: item.room_type,
            id: item.id,
        }
    }

    /// Urgent ones first, then what is due, then by name.
    pub fn order(&self) -> (u8, String, &str) {
        (self.look.rank(), self.who.to_lowercase(), &self.id)
    }

    /// By type and number of the room; who has none comes last.
    pub fn order_of_rooms(&self) -> (bool, String, u32, &str) {
        let room = self.room.as_deref().unwrap_or_default();
        let (kind, number) = room.rsplit_once('-').unwrap_or((room, ""));
        (self.room.is_none(), kind.to_owned(), number.parse().unwrap_or(u32::MAX), &self.id)
    }

    /// Whether the rooms that are offered begin with the one that was given.
    pub fn proposes_given(&self) -> bool {
        self.is_given && self.offers.first() == self.room.as_ref()
    }

    /// Whether a room was given that nobody can move into now.
    pub fn waits_for_given(&self) -> bool {
        self.verb == Some("check-in") && self.is_given && !self.proposes_given()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::*;

    const TODAY: Date = date(2027, 3, 4);

    fn row(kind: Kind, more: Value) -> Row {
        let mut all = json!({"id": "res_01jx5kq7v8e4m2t9abcdefgh12", "room_type": "A", "sold_as": "A", "from": "2027-03-04", "to": "2027-03-06",
            "st": "confirmed", "confirmation": "PH-1", "guest": "gst_1", "guests": [2, 0, 0], "price": {"amount": 9_800, "currency": "EUR"}});
        all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let names = BTreeMap::from([("gst_1".to_owned(), "Silva A".to_owned())]);
        let room = |room: &str, condition: &str, by: Option<&str>| Room {
            room: room.into(),
            room_type: "A".into(),
            floor: None,
            occupied_by: by.map(str::to_owned),
            condition: condition.into(),
        };
        let rooms = [room("A-1", "clean", None), room("A-2", "dirty", None), room("A-3", "clean", Some("s"))];
        let around = Around { kind, today: TODAY, names: &names, hotel: &Hotel::default(), rooms: &rooms, token: "0123456789abcdef" };
        Row::of(serde_json::from_value(all).expect("an item"), &around)
    }

    #[test]
    fn what_is_due_is_what_the_day_asks_for() {
        let look = |more| row(Kind::Departures, more).look;
        assert_eq!(look(json!({})), Look::DueIn);
        assert_eq!(look(json!({"from": "2027-03-03"})), Look::MissedIn);
        assert_eq!(look(json!({"st": "in_house"})), Look::InHouse);
        assert_eq!(look(json!({"st": "in_house", "to": "2027-03-04"})), Look::DueOut);
        assert_eq!(look(json!({"st": "in_house", "to": "2027-03-03"})), Look::MissedOut);
        assert_eq!(look(json!({"st": "checked_out"})), Look::Past);
        assert!(Look::MissedOut.is_due() && Look::DueOut.is_due() && !Look::InHouse.is_due() && !Look::Past.is_due());
    }

    #[test]
    fn each_list_has_its_verb() {
        assert_eq!(row(Kind::Arrivals, json!({})).verb, Some("check-in"));
        assert_eq!(row(Kind::Arrivals, json!({"st": "in_house", "to": "2027-03-04"})).verb, None);
        assert_eq!(row(Kind::InHouse, json!({"st": "in_house", "to": "2027-03-04"})).verb, Some("check-out"));
        assert_eq!(row(Kind::InHouse, json!({"st": "in_house"})).verb, None);
        assert_eq!(row(Kind::Departures, json!({"st": "checked_out"})).verb, None);
    }

    #[test]
    fn a_given_room_is_proposed_when_somebody_can_move_into_it() {
        let given = |room: &str| row(Kind::Arrivals, json!({"row": room, "assigned": true, "ready": ["A-1"]}));
        assert_eq!((given("A-1").offers, given("A-1").proposes_given()), (vec!["A-1".to_owned()], true));
        assert_eq!(given("A-2").offers, ["A-1"], "dirty");
        assert_eq!(given("A-3").offers, ["A-1"], "occupied");
        assert!(given("A-2").waits_for_given() && !given("A-1").waits_for_given());
        assert_eq!(given("A-9").offers, ["A-9", "A-1"], "not known: the house decides");
        assert_eq!((given("A-2").is_clean, given("A-3").is_clean, given("A-2").dirty), (Some(false), None, 1));
    }

    #[test]
    fn the_planned_room_is_proposed_when_somebody_can_move_into_it() {
        let planned = |room: &str, ready: Value| row(Kind::Arrivals, json!({"row": room, "planned": true, "ready": ready})).offers;
        assert_eq!(planned("A-1", json!(["A-4", "A-5", "A-6", "A-7", "A-8"])), ["A-1", "A-4", "A-5", "A-6", "A-7"]);
        assert_eq!(planned("A-1", json!(["A-4", "A-1"])), ["A-1", "A-4"]);
        assert_eq!(planned("A-2", json!(["A-4"])), ["A-4"], "dirty");
        assert_eq!(planned("A-3", json!(["A-4"])), ["A-4"], "occupied");
        assert!(planned("A-1", json!([])).is_empty(), "the house says that none is ready");
    }

    #[test]
    fn before_arrival_the_amount_is_the_price_of_all_nights_and_later_what_is_posted() {
        let amount = |more| row(Kind::Arrivals, more).amount.map(|money| money.amount);
        assert_eq!(amount(json!({})), Some(19_600));
        assert_eq!(amount(json!({"st": "in_house", "posted": {"amount": 9_800, "currency": "EUR"}})), Some(9_800));
        assert_eq!(amount(json!({"st": "in_house"})), None);
    }

    #[test]
    fn rows_are_named_ordered_and_keyed() {
        let unnamed = row(Kind::Arrivals, json!({"guest": "gst_2", "guests": [2, 1, 1]}));
        assert_eq!((unnamed.who.as_str(), unnamed.guests.as_str()), ("PH-1", "2+2"));
        let (missed, due) = (row(Kind::Arrivals, json!({"from": "2027-03-01"})), row(Kind::Arrivals, json!({})));
        assert!(missed.order() < due.order() && unnamed.order() < due.order());
        assert!(row(Kind::InHouse, json!({"row": "A-9"})).order_of_rooms() < row(Kind::InHouse, json!({"row": "A-10"})).order_of_rooms());
        assert!(row(Kind::InHouse, json!({"row": "B-1"})).order_of_rooms() < row(Kind::InHouse, json!({})).order_of_rooms());
        let other = row(Kind::Arrivals, json!({"id": "res_01jx5kq7v8e4m2t9abcdefgh13"}));
        assert_ne!(due.key, other.key, "two stays are two commands");
        assert!(due.key.len() <= 64 && due.key.starts_with("0123456789abcdef-"));
    }
}
