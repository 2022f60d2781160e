//! reservations: who comes when, up to arrival.

use jiff::civil::Date;
use kernel::Money;
use peer::Contract;
use serde::{Deserialize, Serialize};

use crate::Nothing;

/// What backs a booking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Guarantee {
    /// The company or agent is invoiced; nothing is taken.
    DirectBill,
    /// A card at the payment provider.
    Card {
        /// The provider's token for it; never a card number.
        token: String,
    },
    /// The whole stay is paid when it is booked.
    Prepaid {
        /// The provider's token of the card; never its number.
        token: String,
    },
}

impl Guarantee {
    /// The token of the card behind it.
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::DirectBill => None,
            Self::Card { token } | Self::Prepaid { token } => Some(token),
        }
    }
}

/// Books one room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// The hotel.
    pub hotel: String,
    /// The booker's own number, unique in the hotel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The type sold.
    pub room_type: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure; equal to `arrival` for day use.
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
    /// The guest, by reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
    /// Price of a night, any sign.
    pub price: Money,
    /// Why the price is what it is, when a person set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_reason: Option<String>,
    /// Market segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// Channel it came through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Deposit type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<String>,
    /// What backs it.
    pub guarantee: Guarantee,
    /// The open hold (a cart's) whose nights it takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
}

impl Contract for Book {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "Book";
    const PATH: &'static str = "/hotels/{hotel}/reservations";
    type Reply = Booked;
}

/// A confirmed booking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booked {
    /// Its id.
    pub reservation: String,
    /// The number a guest is told.
    pub confirmation: String,
    /// `confirmed`.
    pub state: String,
    /// The allocation's revision.
    pub revision: u32,
}

/// Gives a reservation another room type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeType {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
    /// The new type.
    pub room_type: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Contract for ChangeType {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "ChangeType";
    const PATH: &'static str = "/hotels/{hotel}/reservations/{reservation}/type-change";
    type Reply = Changed;
}

/// A reservation after a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// Its id.
    pub reservation: String,
    /// Its state.
    pub state: String,
    /// Its type.
    pub room_type: String,
    /// Its allocation's revision.
    pub revision: u32,
    /// What of a prepaid stay was given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<Money>,
}

/// Gives a reservation other dates before arrival; only nights it had not before are asked of inventory. A prepaid stay may be
/// moved but not made longer or shorter: refused `prepaid-nights`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// The new price of a night; not said: the price stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Contract for Amend {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "Amend";
    const PATH: &'static str = "/hotels/{hotel}/reservations/{reservation}/amendment";
    type Reply = Amended;
}

/// A reservation after its dates have changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amended {
    /// Its id.
    pub reservation: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// Price of a night.
    pub price: Money,
    /// Its allocation's revision.
    pub revision: u32,
}

/// A room is being given to a confirmed reservation before it arrives: answers with the reservation as it is, and from now on
/// its public changes say that there is a room (`roomed`). Sent by stays, which owns the room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earmark {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
}

impl Contract for Earmark {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "Earmark";
    const PATH: &'static str = "/hotels/{hotel}/reservations/{reservation}/earmark";
    type Reply = Arrival;
}

/// Cancels a reservation; answers after the nights are given back. A prepaid stay is refunded when its day of arrival has not
/// come, and forfeited from then on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Contract for Cancel {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "Cancel";
    const PATH: &'static str = "/hotels/{hotel}/reservations/{reservation}/cancellation";
    type Reply = Changed;
}

/// The guest did not come; answers after the nights are given back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkNoShow {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
}

impl Contract for MarkNoShow {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "MarkNoShow";
    const PATH: &'static str = "/hotels/{hotel}/reservations/{reservation}/no-show";
    type Reply = Changed;
}

/// The guest stands at the desk: from here on the reservation is not amended or cancelled. Sent by stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrive {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
    /// The desk's business date.
    pub date: Date,
}

impl Contract for Arrive {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "Arrive";
    const PATH: &'static str = "/hotels/{hotel}/reservations/{reservation}/arrival";
    type Reply = Arrival;
}

/// The reservation as it was pinned by [`Arrive`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    /// The booker's number.
    pub reference: Option<String>,
    /// The type to occupy.
    pub room_type: String,
    /// The type sold.
    pub sold_as: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// Price of a night.
    pub price: Money,
    /// The allocation's revision.
    pub revision: u32,
    /// The payment that guarantees it.
    pub payment: Option<String>,
    /// What was paid at booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prepaid: Option<Money>,
}

/// The undo of [`Arrive`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unarrive {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
}

impl Contract for Unarrive {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "Unarrive";
    const PATH: &'static str = "/hotels/{hotel}/reservations/{reservation}/arrival-undo";
    type Reply = Nothing;
}

/// No more arrivals for this date: refused `arrivals-left` while somebody is still expected. Sent by the night audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseSales {
    /// The hotel.
    pub hotel: String,
    /// The date.
    pub date: Date,
}

impl Contract for CloseSales {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "CloseSales";
    const PATH: &'static str = "/hotels/{hotel}/sales-closings";
    type Reply = Nothing;
}

/// The undo of [`CloseSales`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenSales {
    /// The hotel.
    pub hotel: String,
    /// The date.
    pub date: Date,
}

impl Contract for ReopenSales {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "ReopenSales";
    const PATH: &'static str = "/hotels/{hotel}/sales-reopenings";
    type Reply = Nothing;
}

/// The next business date begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenDay {
    /// The hotel.
    pub hotel: String,
    /// The date that begins.
    pub date: Date,
}

impl Contract for OpenDay {
    const SERVICE: &'static str = "reservations";
    const NAME: &'static str = "OpenDay";
    const PATH: &'static str = "/hotels/{hotel}/day-openings";
    type Reply = Nothing;
}

/// A reservation as the feed shows it after each change; the CloudEvents type is `reservations.<what>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReservationFact {
    /// The hotel, where the change says (a booking does; later changes are of the same hotel).
    pub hotel: Option<String>,
    /// Its id.
    pub reservation: String,
    /// Its state after the change.
    pub state: String,
    /// Its type after the change, where the change says.
    pub room_type: Option<String>,
    /// First night, where the change says.
    pub arrival: Option<Date>,
    /// Day of departure, where the change says.
    pub departure: Option<Date>,
    /// The allocation's revision, where the change says.
    pub revision: Option<u32>,
    /// The guest by reference, where there is one and the change says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
    /// What else was booked; a booking says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked: Option<BookedFact>,
    /// Whether a room was given to it before it arrived.
    #[serde(default)]
    pub roomed: bool,
}

/// What a desk shows of a booking beside its type and nights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BookedFact {
    /// The number a guest is told.
    pub confirmation: String,
    /// The booker's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Adults, children, babies.
    pub guests: [u32; 3],
    /// Price of a night.
    pub price: Money,
    /// `direct-bill`, `card` or `prepaid`.
    pub guarantee: String,
    /// Channel it came through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}
