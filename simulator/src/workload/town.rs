//! The hotels of a run, and what everybody in town knows: which reservations there are, who is in house, what day it is.
//! Small hotels: a night must sell out.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::{Date, date};

use super::client::Op;

/// A room type of a hotel.
#[derive(Debug)]
pub struct RoomType {
    /// Its code.
    pub code: &'static str,
    /// Rooms there are.
    pub rooms: u32,
    /// Rooms that may be sold.
    pub limit: u32,
}

/// A hotel.
#[derive(Debug)]
pub struct Hotel {
    /// Its code.
    pub code: &'static str,
    /// Its types.
    pub types: &'static [RoomType],
    /// Rooms of the house that may be sold.
    pub limit: u32,
}

/// The hotels. The first sells its house out before its types; the second sells a type above its rooms, so that somebody
/// stands at the desk and has none.
pub const HOTELS: [Hotel; 2] = [
    Hotel { code: "H1", types: &[RoomType { code: "A", rooms: 3, limit: 3 }, RoomType { code: "B", rooms: 2, limit: 2 }], limit: 4 },
    Hotel { code: "H2", types: &[RoomType { code: "A", rooms: 2, limit: 3 }, RoomType { code: "B", rooms: 2, limit: 2 }], limit: 5 },
];

/// Both open on this date.
pub const OPENS_ON: Date = date(2026, 6, 1);

/// A reservation somebody was told of.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The hotel.
    pub hotel: &'static str,
    /// Its id.
    pub reservation: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// Whether a check-in was confirmed.
    pub has_arrived: bool,
}

#[derive(Default)]
struct Talk {
    known: Vec<Known>,
    today: BTreeMap<String, Date>,
    ops: Vec<Op>,
}

/// What everybody knows.
#[derive(Default)]
pub struct Town(Mutex<Talk>);

impl Town {
    fn talk(&self) -> MutexGuard<'_, Talk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There is a reservation.
    pub fn booked(&self, known: Known) {
        self.talk().known.push(known);
    }

    /// Somebody has arrived.
    pub fn arrived(&self, reservation: &str) {
        self.talk().known.iter_mut().filter(|k| k.reservation == reservation).for_each(|k| k.has_arrived = true);
    }

    /// A reservation has other dates.
    pub fn amended(&self, reservation: &str, arrival: Date, departure: Date) {
        let mut talk = self.talk();
        let known = talk.known.iter_mut().filter(|k| k.reservation == reservation);
        known.for_each(|k| (k.arrival, k.departure) = (arrival, departure));
    }

    /// The reservations of which this is true.
    pub fn known(&self, is_wanted: impl Fn(&Known) -> bool) -> Vec<Known> {
        // Copied before it is asked about: the question may need the town itself.
        let known = self.talk().known.clone();
        known.into_iter().filter(|k| is_wanted(k)).collect()
    }

    /// The business date of a hotel, as far as anybody has heard.
    pub fn today(&self, hotel: &str) -> Date {
        self.talk().today.get(hotel).copied().unwrap_or(OPENS_ON)
    }

    /// It is a later day.
    pub fn dawn(&self, hotel: &str, date: Date) {
        let mut talk = self.talk();
        let today = talk.today.entry(hotel.to_owned()).or_insert(date);
        *today = (*today).max(date);
    }

    /// Somebody has asked for something and knows, or has given up.
    pub fn remember(&self, op: Op) {
        self.talk().ops.push(op);
    }

    /// Everything that was asked for.
    pub fn ops(&self) -> Vec<Op> {
        self.talk().ops.clone()
    }
}
