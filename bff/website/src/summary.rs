//! The stay at the side of every checkout page: what it is, what it costs, how long it is held, what cancelling costs.

use jiff::civil::Date;
use kernel::Money;
use kit::{Frame, Front};
use serde::Serialize;

use crate::cart::Cart;
use crate::site;
use crate::wish::Wish;

/// The summary of a checkout.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The checkout's address.
    pub path: String,
    /// The hotel.
    pub hotel: String,
    /// Its name.
    pub hotel_name: String,
    /// The type's name.
    pub type_name: String,
    /// Dates and guests.
    pub wish: Wish,
    /// A night.
    pub price: Money,
    /// The whole stay, tax included.
    pub total: Money,
    /// Until when it is cancelled free of charge.
    pub free_until: Option<Date>,
    /// Seconds it is still held.
    pub held_s: i64,
    /// When the hold ends, in the hotel's time and with its zone.
    pub held_until: Option<String>,
    /// How often it may be kept for longer.
    pub extends_left: u32,
    /// The zone's name.
    pub zone: String,
    /// The number the guest is told before there is a confirmation.
    pub reference: String,
}

impl Summary {
    /// Of a checkout.
    pub fn of(front: &Front, f: &Frame, cart: &Cart) -> Self {
        let held_s = cart.held_s(front);
        let until = cart.until.filter(|_| held_s > 0).and_then(|until| jiff::Timestamp::from_microsecond(until.0).ok());
        Self {
            path: cart.path(),
            hotel: cart.hotel.clone(),
            hotel_name: cart.hotel_name.clone(),
            type_name: cart.type_name.clone(),
            wish: cart.wish,
            price: cart.price,
            total: cart.total(),
            free_until: site::free_until(cart.wish.from, cart.today(front)),
            held_s,
            held_until: until.map(|until| f.words().time(until, &cart.zone())),
            extends_left: cart.extends_left,
            zone: cart.zone.clone(),
            reference: cart.reference(),
        }
    }

    /// `12:40`.
    pub fn clock(&self) -> String {
        format!("{}:{:02}", self.held_s / 60, self.held_s % 60)
    }

    /// What cancelling costs, in a sentence.
    pub fn free_text(&self, f: &Frame) -> String {
        site::free_text(f, self.free_until.as_ref())
    }

    /// Until when it is held, in words; nothing when it is not.
    pub fn held(&self, f: &Frame) -> String {
        self.held_until.as_ref().map(|until| f.tab("hold-until", ("time", until), ("zone", &self.zone))).unwrap_or_default()
    }

    /// The page of what else is free on these dates.
    pub fn others(&self) -> String {
        format!("/hotels/{}/stay?{}", self.hotel, self.wish.query())
    }
}
