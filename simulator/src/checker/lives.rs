//! The life of every reservation, folded once more from what reservations and stays have stored.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::books::Books;

/// A reservation's life, in the words of the API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// The hotel.
    pub hotel: String,
    /// `confirmed`, `in_house`, `checked_out`, `cancelled`, `no_show`; empty when it was never booked.
    pub state: String,
    /// How often it was booked.
    pub booked: u32,
    /// Its type.
    pub room_type: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// The payment that guarantees it.
    pub payment: Option<String>,
    /// What was paid at booking, minor units.
    pub prepaid: i64,
    /// What of that was promised back, minor units.
    pub refund: i64,
    /// The state of its stay: empty, `in_house` or `checked_out`.
    pub stay: String,
    /// The room.
    pub room: String,
    /// The business date on which the guest arrived.
    pub arrived_on: Option<Date>,
    /// The business date on which the guest left.
    pub left_on: Option<Date>,
    /// The nights that were charged, in order.
    pub charged: Vec<Date>,
}

/// All lives by reservation.
pub fn fold(books: &Books) -> BTreeMap<String, Life> {
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    for fact in books.of("reservations", "reservation") {
        let life = lives.entry(fact.id.clone()).or_default();
        let state = match fact.name.as_str() {
            "Booked" => {
                life.booked += 1;
                life.hotel = fact.text("hotel").into();
                life.room_type = fact.text("room_type").into();
                (life.arrival, life.departure) = (fact.date("arrival"), fact.date("departure"));
                life.payment = fact.data["payment"].as_str().map(str::to_owned);
                life.prepaid = fact.data["prepaid"]["amount"].as_i64().unwrap_or(0);
                "confirmed"
            }
            "TypeChanged" => {
                life.room_type = fact.text("room_type").into();
                continue;
            }
            "Amended" => {
                (life.arrival, life.departure) = (fact.date("arrival"), fact.date("departure"));
                continue;
            }
            "StayExtended" => {
                life.departure = fact.date("departure");
                continue;
            }
            "Cancelled" => {
                life.refund = fact.data["refund"]["amount"].as_i64().unwrap_or(0);
                "cancelled"
            }
            "NoShowed" => "no_show",
            "Arrived" => "in_house",
            "Unarrived" => "confirmed",
            "Departed" => "checked_out",
            _ => continue,
        };
        life.state = state.into();
    }
    for fact in books.of("stays", "stay") {
        let life = lives.entry(fact.id.clone()).or_default();
        match fact.name.as_str() {
            "CheckedIn" => {
                life.stay = "in_house".into();
                life.arrived_on = Some(fact.date("date"));
                life.room = format!("{}-{}", fact.text("room_type"), fact.data["number"]);
            }
            "CheckedOut" => {
                life.stay = "checked_out".into();
                life.left_on = Some(fact.date("date"));
            }
            _ => {}
        }
    }
    for fact in books.of("stays", "folio").filter(|f| f.name == "Posted") {
        lives.entry(fact.id.clone()).or_default().charged.push(fact.date("date"));
    }
    lives
}
