//! What services say, as far as the desk's pages read it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::Money;
use serde::{Deserialize, Serialize};

/// A hotel as hotels says it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Hotel {
    /// Its time zone.
    #[serde(default)]
    time_zone: String,
    /// Its types.
    #[serde(default)]
    pub room_types: Vec<RoomType>,
}

/// A room type.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct RoomType {
    /// Its code.
    pub room_type: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// How many rooms there are.
    #[serde(default)]
    pub rooms: u32,
    /// Price of a night.
    #[serde(default)]
    pub price: Option<Money>,
    /// How many guests sleep in it.
    #[serde(default)]
    pub sleeps: Option<u32>,
}

impl Hotel {
    /// The zone its times are told in; the world's, while it is not known.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// A type by its code.
    pub fn room_type(&self, code: &str) -> Option<&RoomType> {
        self.room_types.iter().find(|t| t.room_type == code)
    }

    /// The name of a type; its code while that is not known.
    pub fn name_of(&self, code: &str) -> String {
        self.room_type(code).map(|t| t.name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(|| code.to_owned())
    }
}

/// A line of a list: somebody who arrives, leaves, or is here.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Item {
    /// The reservation.
    pub id: String,
    /// The type to occupy.
    #[serde(default)]
    pub room_type: String,
    /// The type sold.
    #[serde(default)]
    pub sold_as: String,
    /// First night.
    pub from: Date,
    /// Day of departure.
    pub to: Date,
    /// `confirmed`, `in_house`, `checked_out`.
    pub st: String,
    /// The room it is drawn in.
    #[serde(default)]
    pub row: Option<String>,
    /// Whether that is a picture only.
    #[serde(default)]
    pub planned: bool,
    /// Whether the room was given before arrival.
    #[serde(default)]
    pub assigned: bool,
    /// Whether the room must not be taken away.
    #[serde(default)]
    pub locked: bool,
    /// The number a guest is told.
    #[serde(default)]
    pub confirmation: Option<String>,
    /// The guest by reference.
    #[serde(default)]
    pub guest: Option<String>,
    /// Adults, children, babies.
    #[serde(default)]
    pub guests: [u32; 3],
    /// Price of a night.
    #[serde(default)]
    pub price: Option<Money>,
    /// `direct-bill`, `card`, `prepaid`.
    #[serde(default)]
    pub guarantee: Option<String>,
    /// Clean free rooms somebody can move into now, at most five.
    #[serde(default)]
    pub ready: Vec<String>,
    /// What has been posted so far.
    #[serde(default)]
    pub posted: Option<Money>,
}

impl Item {
    /// The room it really has.
    pub fn room(&self) -> Option<&str> {
        self.row.as_deref().filter(|_| !self.planned)
    }

    /// The rooms to offer at check-in: the one that was given, else those that are ready.
    pub fn offers(&self) -> Vec<String> {
        let given = self.room().filter(|_| self.assigned).map(str::to_owned);
        let others = self.ready.iter().filter(|room| given.as_ref() != Some(room)).cloned();
        given.clone().into_iter().chain(others).take(5).collect()
    }
}

/// A list.
#[derive(Clone, Debug, Deserialize)]
pub struct Items {
    /// The open date.
    pub business_date: Date,
    /// Its lines.
    pub items: Vec<Item>,
}

/// Of something there is left and done.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Due {
    /// Still to do.
    pub left: i64,
    /// Done.
    pub done: i64,
    /// Should have been done before today.
    #[serde(default)]
    pub overdue: i64,
}

/// House status as stays says it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct HouseStatus {
    /// The open date.
    pub business_date: Date,
    /// `open` or `auditing`.
    #[serde(default)]
    pub state: String,
    /// All rooms.
    #[serde(default)]
    pub rooms: i64,
    /// Rooms with somebody in them.
    #[serde(default)]
    pub occupied: i64,
    /// Vacant rooms that can be given.
    #[serde(default)]
    pub clean: i64,
    /// Vacant rooms that cannot.
    #[serde(default)]
    pub dirty: i64,
    /// Who comes today.
    #[serde(default)]
    pub arrivals: Due,
    /// Who of them has a room already.
    #[serde(default)]
    pub assigned: i64,
    /// Who leaves today.
    #[serde(default)]
    pub departures: Due,
    /// Who stays.
    #[serde(default)]
    pub stay_over: i64,
}

/// What is on the books.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Availability {
    /// Whether the hotel sells nothing.
    #[serde(default)]
    pub closed: bool,
    /// By date.
    pub nights: Vec<Night>,
}

/// One night.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Night {
    /// The date.
    pub night: Date,
    /// The whole house.
    pub house: Count,
    /// Each type.
    pub types: Vec<Count>,
}

/// What is on the books of a night.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
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
    /// What can still be sold.
    #[serde(default)]
    pub available: i64,
}

impl Count {
    /// How many more are sold and held than may be.
    pub fn over(&self) -> i64 {
        (self.sold + self.held - self.limit).max(0)
    }
}

/// What backs a booking.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Guarantee {
    /// `direct-bill`, `card`, `prepaid`.
    pub kind: String,
}

/// A reservation as reservations says it.
#[derive(Clone, Debug, Deserialize)]
pub struct Reservation {
    /// The number a guest is told.
    pub confirmation: String,
    /// The booker's number.
    #[serde(default)]
    pub reference: Option<String>,
    /// Its state.
    pub state: String,
    /// The type to occupy.
    pub room_type: String,
    /// The type sold.
    pub sold_as: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// Adults.
    #[serde(default)]
    pub adults: u32,
    /// Children.
    #[serde(default)]
    pub children: u32,
    /// Babies.
    #[serde(default)]
    pub babies: u32,
    /// The guest by reference.
    #[serde(default)]
    pub guest: Option<String>,
    /// Price of a night.
    #[serde(default)]
    pub price: Option<Money>,
    /// Market segment.
    #[serde(default)]
    pub segment: Option<String>,
    /// Channel.
    #[serde(default)]
    pub channel: Option<String>,
    /// What backs it.
    #[serde(default)]
    pub guarantee: Guarantee,
    /// Its payment.
    #[serde(default)]
    pub payment: Option<String>,
    /// What was paid when it was booked.
    #[serde(default)]
    pub prepaid: Option<Money>,
    /// What was given back.
    #[serde(default)]
    pub refund: Option<Money>,
    /// How often it has changed.
    pub version: u64,
    /// Whether something is being changed just now.
    #[serde(default)]
    pub changing: bool,
}

/// A stay as stays says it.
#[derive(Clone, Debug, Deserialize)]
pub struct Stay {
    /// Its state.
    pub state: String,
    /// The room.
    #[serde(default)]
    pub room: Option<String>,
    /// The room's type.
    #[serde(default)]
    pub room_type: Option<String>,
    /// The type sold.
    #[serde(default)]
    pub sold_as: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// Price of a night.
    #[serde(default)]
    pub price: Option<Money>,
    /// When it was checked in.
    #[serde(default)]
    pub checked_in_on: Option<Date>,
    /// When it was checked out.
    #[serde(default)]
    pub checked_out_on: Option<Date>,
}

/// A folio as stays says it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Folio {
    /// What is open.
    pub balance: Money,
    /// What was posted.
    pub posted: Money,
    /// Line by line.
    #[serde(default)]
    pub postings: Vec<Posting>,
}

/// A line of a folio.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Posting {
    /// The night.
    #[serde(default)]
    pub date: Option<Date>,
    /// The amount.
    pub amount: Money,
    /// What for.
    pub what: String,
}

/// A guest as guests says it.
#[derive(Clone, Debug, Deserialize)]
pub struct Guest {
    /// The name.
    pub name: String,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(default)]
    pub phone: Option<String>,
    /// The language they want to be written to in.
    #[serde(default)]
    pub language: Option<String>,
}

/// A room of the rack.
#[derive(Clone, Debug, Deserialize)]
pub struct Room {
    /// Its name.
    pub room: String,
    /// Its type.
    pub room_type: String,
    /// Its floor.
    #[serde(default)]
    pub floor: Option<i32>,
    /// The stay in it.
    #[serde(default)]
    pub occupied_by: Option<String>,
    /// `clean` or `dirty`.
    pub condition: String,
}

/// The rack.
#[derive(Clone, Debug, Deserialize)]
pub struct Rooms {
    /// By type and number.
    pub items: Vec<Room>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_room_that_was_given_is_offered_first() {
        let item = |more: serde_json::Value| -> Item {
            let mut all = json!({"id": "r", "from": "2027-03-04", "to": "2027-03-05", "st": "confirmed", "ready": ["A-1", "A-3"]});
            all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            serde_json::from_value(all).expect("an item")
        };
        assert_eq!(item(json!({})).offers(), ["A-1", "A-3"]);
        assert_eq!(item(json!({"row": "A-9", "planned": true})).offers(), ["A-1", "A-3"], "a picture is no promise");
        assert_eq!(item(json!({"row": "A-3", "assigned": true})).offers(), ["A-3", "A-1"]);
        assert_eq!(item(json!({"row": "A-9", "assigned": true})).offers(), ["A-9", "A-1", "A-3"]);
    }
}
