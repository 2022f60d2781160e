//! stays: who sleeps where, from arrival to departure, and the business day.

use jiff::civil::Date;
use kernel::Money;
use peer::Contract;
use serde::{Deserialize, Serialize};

use crate::Nothing;

/// Checks a reservation in; without a room, into the lowest free number of its type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// The hotel.
    pub hotel: String,
    /// The reservation; the stay gets the same id.
    pub reservation: String,
    /// The room wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
}

impl Contract for CheckIn {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "CheckIn";
    const PATH: &'static str = "/hotels/{hotel}/stays";
    type Reply = CheckedIn;
}

/// A guest in house.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckedIn {
    /// The stay.
    pub stay: String,
    /// The reservation.
    pub reservation: String,
    /// The room.
    pub room: String,
    /// The room's type.
    pub room_type: String,
    /// The room's number inside its type.
    pub number: u32,
}

/// Checks a stay out; before its day of departure the nights left are given back first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckOut {
    /// The hotel.
    pub hotel: String,
    /// Which stay.
    pub reservation: String,
}

impl Contract for CheckOut {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "CheckOut";
    const PATH: &'static str = "/hotels/{hotel}/stays/{reservation}/check-out";
    type Reply = CheckedOut;
}

/// A guest gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckedOut {
    /// The stay.
    pub stay: String,
    /// Nights posted.
    pub nights_stayed: u32,
    /// What was posted.
    pub posted: Money,
}

/// Gives a room to a reservation that has not arrived yet, or another one; check-in uses it. Refused when the room is given to
/// somebody else on one of its nights (`room-assigned`), occupied past the arrival (`room-occupied`), or of another type
/// (`wrong-room-type`: change the type first).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignRoom {
    /// The hotel.
    pub hotel: String,
    /// The reservation.
    pub reservation: String,
    /// The room.
    pub room: String,
}

impl Contract for AssignRoom {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "AssignRoom";
    const PATH: &'static str = "/hotels/{hotel}/assignments";
    type Reply = Assigned;
}

/// A room given before arrival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assigned {
    /// The reservation.
    pub reservation: String,
    /// The room.
    pub room: String,
}

/// Takes the room given before arrival back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnassignRoom {
    /// The hotel.
    pub hotel: String,
    /// The reservation.
    pub reservation: String,
}

impl Contract for UnassignRoom {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "UnassignRoom";
    const PATH: &'static str = "/hotels/{hotel}/assignments/{reservation}/removal";
    type Reply = Nothing;
}

/// Says that a guest must not be moved from their room (or that they may be again). A locked room is not taken away by
/// [`AssignRoom`], [`UnassignRoom`] or [`MoveRoom`]: refused `room-locked`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockRoom {
    /// The hotel.
    pub hotel: String,
    /// The reservation, assigned or in house.
    pub reservation: String,
    /// Whether the room is kept.
    pub locked: bool,
}

impl Contract for LockRoom {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "LockRoom";
    const PATH: &'static str = "/hotels/{hotel}/stays/{reservation}/lock";
    type Reply = Nothing;
}

/// Moves a guest in house to another room; the room left is dirty. To a room of another type the nights left move in
/// inventory as well: an upgrade. The price stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveRoom {
    /// The hotel.
    pub hotel: String,
    /// The stay.
    pub reservation: String,
    /// The room moved to.
    pub room: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Contract for MoveRoom {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "MoveRoom";
    const PATH: &'static str = "/hotels/{hotel}/stays/{reservation}/room-moves";
    type Reply = Moved;
}

/// A stay after a move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The stay.
    pub stay: String,
    /// The room left.
    pub from: String,
    /// The room now.
    pub room: String,
}

/// Gives a stay in house another day of departure, later or earlier (not before the business date). Later nights are asked of
/// inventory (`night-sold-out`), and the room must be free for them (`room-assigned`: move first).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtendStay {
    /// The hotel.
    pub hotel: String,
    /// The stay.
    pub reservation: String,
    /// The new day of departure.
    pub departure: Date,
}

impl Contract for ExtendStay {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "ExtendStay";
    const PATH: &'static str = "/hotels/{hotel}/stays/{reservation}/extension";
    type Reply = Extended;
}

/// A stay with another day of departure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extended {
    /// The stay.
    pub stay: String,
    /// Its day of departure now.
    pub departure: Date,
}

/// Says of vacant rooms whether they can be given: what housekeeping reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetCondition {
    /// The hotel.
    pub hotel: String,
    /// The rooms, 1 to 500.
    pub rooms: Vec<String>,
    /// `clean` or `dirty`.
    pub condition: String,
}

impl Contract for SetCondition {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "SetCondition";
    const PATH: &'static str = "/hotels/{hotel}/room-conditions";
    type Reply = Nothing;
}

/// The night audit: closes a business date and opens the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseDay {
    /// The hotel.
    pub hotel: String,
    /// The business date to close.
    pub date: Date,
}

impl Contract for CloseDay {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "CloseDay";
    const PATH: &'static str = "/hotels/{hotel}/business-day/closings";
    type Reply = DayClosed;
}

/// A closed business date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayClosed {
    /// The date closed.
    pub closed: Date,
    /// Stays in house over the night.
    pub in_house: u32,
    /// Room revenue posted, minor units.
    pub posted_amount: i64,
    /// The date open now.
    pub business_date: Date,
}

/// Posts the night of `date` to a chunk of the folios in house. Sent by the night audit to its own service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostNight {
    /// The hotel.
    pub hotel: String,
    /// The night.
    pub date: Date,
    /// The chunk, from 0, of 200 stays in order of their ids.
    pub chunk: u32,
}

impl Contract for PostNight {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "PostNight";
    const PATH: &'static str = "/hotels/{hotel}/night-postings";
    type Reply = NightPosted;
}

/// What a chunk of postings came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NightPosted {
    /// Sum, minor units.
    pub amount: i64,
}

/// Gives nobody these rooms any more: they are to be deleted. Refused `room-in-use` while somebody is in one. Sent by hotels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetireRooms {
    /// The hotel.
    pub hotel: String,
    /// The type they belong to.
    pub room_type: String,
    /// The first number.
    pub first: u32,
    /// The last number.
    pub last: u32,
}

impl Contract for RetireRooms {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "RetireRooms";
    const PATH: &'static str = "/hotels/{hotel}/room-retirements";
    type Reply = Nothing;
}

/// The undo of [`RetireRooms`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnretireRooms {
    /// The hotel.
    pub hotel: String,
    /// The type they belong to.
    pub room_type: String,
    /// The first number.
    pub first: u32,
    /// The last number.
    pub last: u32,
}

impl Contract for UnretireRooms {
    const SERVICE: &'static str = "stays";
    const NAME: &'static str = "UnretireRooms";
    const PATH: &'static str = "/hotels/{hotel}/room-retirement-undos";
    type Reply = Nothing;
}

/// Public events of stays; the CloudEvents type is `stays.<variant>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StayFact {
    /// A guest is in house.
    CheckedIn {
        /// The hotel.
        hotel: String,
        /// The reservation.
        reservation: String,
        /// The room.
        room: String,
    },
    /// A guest in house has another room.
    RoomMoved {
        /// The hotel.
        hotel: String,
        /// The reservation.
        reservation: String,
        /// The room left.
        from: String,
        /// The room now.
        room: String,
    },
    /// A guest in house has another day of departure.
    Extended {
        /// The hotel.
        hotel: String,
        /// The reservation.
        reservation: String,
        /// The day.
        departure: Date,
    },
    /// A guest has gone.
    CheckedOut {
        /// The hotel.
        hotel: String,
        /// The reservation.
        reservation: String,
        /// The business date.
        date: Date,
    },
    /// A business date is closed.
    DayClosed {
        /// The hotel.
        hotel: String,
        /// What was closed.
        day: DayClosed,
    },
}
