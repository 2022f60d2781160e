//! A row of the tape: reading, writing, and how the API shows it.

use contracts::reservations::ReservationFact;
use feed::Tx;
use feed::sql::{Cell, Row, SqlFault};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::rack::RoomNo;

/// A stay of more nights is read by another index range: so a page of the tape need not look back for the longest one.
pub const LONG_NIGHTS: i32 = 31;

/// Where a bar is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Booked, not arrived.
    Confirmed,
    /// Checked in.
    InHouse,
    /// Gone, as it should be.
    CheckedOut,
    /// A tombstone.
    Cancelled,
    /// A tombstone.
    NoShow,
}

const STATES: [(State, &str); 5] = [
    (State::Confirmed, "confirmed"),
    (State::InHouse, "in_house"),
    (State::CheckedOut, "checked_out"),
    (State::Cancelled, "cancelled"),
    (State::NoShow, "no_show"),
];

impl State {
    /// The word that is stored and shown.
    pub fn word(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn parse(word: &str) -> Self {
        STATES.iter().find(|(_, known)| *known == word).map_or(Self::Confirmed, |(state, _)| *state)
    }

    /// Whether it keeps a row.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Confirmed | Self::InHouse)
    }

    /// Whether nothing is drawn any more.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Cancelled | Self::NoShow)
    }
}

/// A row of the tape.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The hotel.
    pub hotel: String,
    /// The reservation.
    pub id: String,
    /// The change that made it what it is.
    pub seq: i64,
    /// Its state.
    pub state: State,
    /// The type to occupy.
    pub room_type: String,
    /// The type sold.
    pub sold_as: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure; of one who has left, that day.
    pub departure: Date,
    /// The room it has: given before arrival, or occupied.
    pub real: Option<RoomNo>,
    /// The number it is drawn in without one.
    pub planned: Option<u32>,
    /// Whether the room was given before arrival.
    pub assigned: bool,
    /// Whether the room must not be taken away.
    pub locked: bool,
    /// The number a guest is told.
    pub confirmation: Option<String>,
    /// The booker's number.
    pub reference: Option<String>,
    /// Adults, children, babies, as they are shown.
    pub guests: Option<String>,
    /// The guest by reference.
    pub guest: Option<String>,
    /// Price of a night, minor units.
    pub price: i64,
    /// Its currency.
    pub currency: String,
    /// What backs it.
    pub guarantee: Option<String>,
    /// Channel.
    pub channel: Option<String>,
    /// When it was checked in.
    pub checked_in_on: Option<Date>,
    /// When it was checked out.
    pub checked_out_on: Option<Date>,
}

/// The columns in the order in which they are read.
pub const COLUMNS: &str = "hotel, id, seq, state, room_type, sold_as, arrival, departure, real_type, number, planned, assigned, locked,
   confirmation, reference, guests, guest, price, currency, guarantee, channel, checked_in_on, checked_out_on";

impl Bar {
    /// One of which nothing is known.
    pub fn new(hotel: &str, id: &str) -> Self {
        Self {
            hotel: hotel.to_owned(),
            id: id.to_owned(),
            seq: 0,
            state: State::Confirmed,
            room_type: String::new(),
            sold_as: String::new(),
            arrival: Date::MIN,
            departure: Date::MIN,
            real: None,
            planned: None,
            assigned: false,
            locked: false,
            confirmation: None,
            reference: None,
            guests: None,
            guest: None,
            price: 0,
            currency: String::new(),
            guarantee: None,
            channel: None,
            checked_in_on: None,
            checked_out_on: None,
        }
    }

    /// What reservations say, as far as the guest has not arrived: from then on the stay is decided here.
    pub fn told(mut self, fact: ReservationFact) -> Self {
        if let Some(booked) = fact.booked {
            self.confirmation = Some(booked.confirmation);
            self.reference = booked.reference;
            let [adults, children, babies] = booked.guests;
            self.guests = Some(format!("{adults} {children} {babies}"));
            self.guarantee = Some(booked.guarantee);
            self.channel = booked.channel;
            if self.checked_in_on.is_none() {
                self.price = booked.price.amount;
                self.currency = booked.price.currency.as_str().to_owned();
            }
        }
        self.guest = fact.guest.or(self.guest);
        if self.checked_in_on.is_some() {
            return self;
        }
        if fact.hotel.is_some() {
            self.sold_as = fact.room_type.clone().unwrap_or_default();
        }
        self.room_type = fact.room_type.unwrap_or(self.room_type);
        self.arrival = fact.arrival.unwrap_or(self.arrival);
        self.departure = fact.departure.unwrap_or(self.departure);
        self.state = match State::parse(&fact.state) {
            gone @ (State::Cancelled | State::NoShow) => gone,
            _ => State::Confirmed,
        };
        self
    }

    /// A bar by its id.
    pub fn load(tx: &Tx<'_>, id: &str) -> Result<Option<Self>, SqlFault> {
        let rows = tx.rows(&format!("SELECT {COLUMNS} FROM tape WHERE id = ?1"), &[id.into()])?;
        Ok(rows.first().map(Self::of_row))
    }

    /// A bar of its columns.
    pub fn of_row(row: &Row) -> Self {
        let date = |cell: &Cell| cell.some_text().and_then(|text| text.parse::<Date>().ok());
        let number = |cell: &Cell| if let Cell::Int(n) = cell { Some(*n as u32) } else { None };
        let text = |cell: &Cell| cell.some_text().map(str::to_owned);
        let real = row[8].some_text().zip(number(&row[9]));
        Self {
            hotel: row[0].text().to_owned(),
            id: row[1].text().to_owned(),
            seq: row[2].int(),
            state: State::parse(row[3].text()),
            room_type: row[4].text().to_owned(),
            sold_as: row[5].text().to_owned(),
            arrival: date(&row[6]).unwrap_or(Date::MIN),
            departure: date(&row[7]).unwrap_or(Date::MIN),
            real: real.map(|(room_type, number)| RoomNo { room_type: room_type.to_owned(), number }),
            planned: number(&row[10]),
            assigned: row[11].int() != 0,
            locked: row[12].int() != 0,
            confirmation: text(&row[13]),
            reference: text(&row[14]),
            guests: text(&row[15]),
            guest: text(&row[16]),
            price: row[17].int(),
            currency: row[18].text().to_owned(),
            guarantee: text(&row[19]),
            channel: text(&row[20]),
            checked_in_on: date(&row[21]),
            checked_out_on: date(&row[22]),
        }
    }

    /// Writes all of it.
    pub fn store(&self, tx: &Tx<'_>, is_new: bool) -> Result<(), SqlFault> {
        let is_long = self.arrival.until(self.departure).is_ok_and(|span| span.get_days() > LONG_NIGHTS);
        let text = |text: &Option<String>| Cell::from(text.as_deref());
        let key = |text: &Option<String>| Cell::from(text.as_deref().map(key_of));
        let cells: [Cell; 27] = [
            self.hotel.as_str().into(),
            self.id.as_str().into(),
            self.seq.into(),
            self.state.word().into(),
            i64::from(self.state.is_live()).into(),
            self.room_type.as_str().into(),
            self.sold_as.as_str().into(),
            self.arrival.into(),
            self.departure.into(),
            i64::from(is_long).into(),
            self.real.as_ref().map(|room| room.room_type.as_str()).into(),
            self.real.as_ref().map(|room| i64::from(room.number)).into(),
            self.planned.map(i64::from).into(),
            i64::from(self.assigned).into(),
            i64::from(self.locked).into(),
            text(&self.confirmation),
            text(&self.reference),
            text(&self.guests),
            text(&self.guest),
            self.price.into(),
            self.currency.as_str().into(),
            text(&self.guarantee),
            text(&self.channel),
            self.checked_in_on.into(),
            self.checked_out_on.into(),
            key(&self.confirmation),
            key(&self.reference),
        ];
        if is_new {
            let sql =
                "INSERT INTO tape VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
               ?22, ?23, ?24, ?25, ?26, ?27)";
            return tx.run(sql, &cells);
        }
        let sql = "UPDATE tape SET hotel = ?1, seq = ?3, state = ?4, live = ?5, room_type = ?6, sold_as = ?7, arrival = ?8, departure = ?9,
           is_long = ?10, real_type = ?11, number = ?12, planned = ?13, assigned = ?14, locked = ?15, confirmation = ?16, reference = ?17,
           guests = ?18, guest = ?19, price = ?20, currency = ?21, guarantee = ?22, channel = ?23, checked_in_on = ?24, checked_out_on = ?25,
           confirmation_key = ?26, reference_key = ?27 WHERE id = ?2";
        tx.run(sql, &cells)
    }

    /// Writes where it is drawn.
    pub fn store_plan(&self, tx: &Tx<'_>) -> Result<(), SqlFault> {
        let cells: [Cell; 3] = [self.id.as_str().into(), self.planned.map(i64::from).into(), self.seq.into()];
        tx.run("UPDATE tape SET planned = ?2, seq = ?3 WHERE id = ?1", &cells)
    }

    /// The row it is drawn in.
    pub fn row(&self) -> Option<RoomNo> {
        let planned = || self.planned.map(|number| RoomNo { room_type: self.room_type.clone(), number });
        self.real.clone().or_else(planned)
    }

    /// As the API shows it: of a tombstone only why it is one.
    pub fn shown(&self) -> Shown<'_> {
        if self.state.is_gone() {
            return Shown::Gone { id: &self.id, v: self.seq, gone: self.state.word() };
        }
        Shown::Bar(Box::new(self.whole()))
    }

    /// All that is known.
    pub fn whole(&self) -> Whole<'_> {
        let guests = |guests: &String| {
            let mut numbers = guests.split(' ').map(|n| n.parse().unwrap_or(0));
            [(); 3].map(|()| numbers.next().unwrap_or(0))
        };
        Whole {
            id: &self.id,
            v: self.seq,
            room_type: &self.room_type,
            sold_as: &self.sold_as,
            from: self.arrival,
            to: self.departure,
            st: self.state.word(),
            row: self.row().map(|row| row.name()),
            planned: self.planned.is_some(),
            assigned: self.assigned,
            locked: self.locked,
            confirmation: self.confirmation.as_deref(),
            reference: self.reference.as_deref(),
            guest: self.guest.as_deref(),
            guarantee: self.guarantee.as_deref(),
            channel: self.channel.as_deref(),
            guests: self.guests.as_ref().map(guests),
            price: (!self.currency.is_empty()).then_some(Price { amount: self.price, currency: &self.currency }),
            checked_in_on: self.checked_in_on,
            checked_out_on: self.checked_out_on,
        }
    }

    /// The same as an object, for those who have more to say of it.
    pub fn object(&self) -> Map<String, Value> {
        match serde_json::to_value(self.whole()) {
            Ok(Value::Object(shown)) => shown,
            _ => Map::new(),
        }
    }
}

/// A bar as the API shows it. A page has thousands: they are written as they are, without a tree of values between.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Shown<'a> {
    /// What is drawn.
    Bar(Box<Whole<'a>>),
    /// What is drawn no more.
    Gone {
        /// The reservation.
        id: &'a str,
        /// The change that took it away.
        v: i64,
        /// Why.
        gone: &'static str,
    },
}

/// All that is known of a bar; what is nothing or no is left out.
#[derive(Serialize)]
pub struct Whole<'a> {
    id: &'a str,
    v: i64,
    room_type: &'a str,
    sold_as: &'a str,
    from: Date,
    to: Date,
    st: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    planned: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    assigned: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    locked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guarantee: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guests: Option<[u32; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Price<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_in_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_out_on: Option<Date>,
}

#[derive(Serialize)]
struct Price<'a> {
    amount: i64,
    currency: &'a str,
}

/// What a number is found by: its letters and digits, large.
pub fn key_of(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}
