//! inventory: how many rooms of a type may be sold for a night, and who has them.

use jiff::civil::Date;
use kernel::Timestamp;
use peer::Contract;
use serde::{Deserialize, Serialize};

use crate::Nothing;

/// One sell limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The type, or `*` for the house.
    pub room_type: String,
    /// How many may be sold or held for one night.
    pub limit: u32,
    /// First night it is for; without dates it is the standing limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Night after the last it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

/// Sets sell limits; what is sold stays sold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetLimits {
    /// The hotel.
    pub hotel: String,
    /// The limits.
    pub limits: Vec<Limit>,
    /// Why; kept with the change.
    pub reason: String,
}

impl Contract for SetLimits {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "SetLimits";
    const PATH: &'static str = "/hotels/{hotel}/limits";
    type Reply = Nothing;
}

/// What the id of a cart's hold begins with; a booking takes over carts only.
pub const CART: &str = "cart_";

/// Takes a unit of a type and one of the house for every night of `[arrival, departure)`, for a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The hotel.
    pub hotel: String,
    /// Whose it is.
    pub reservation: String,
    /// The type.
    pub room_type: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure (no night).
    pub departure: Date,
    /// How long it is held, in seconds.
    pub ttl_s: u32,
    /// The open hold whose nights this one takes over: a cart's. Both stand or fall in one decision, so nobody can come
    /// between. A hold that is gone by then is no reason to refuse: the nights are taken like any others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<String>,
}

/// A hold and its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// When it ends by itself.
    pub until: Timestamp,
    /// How often it may be extended.
    pub extends_left: u32,
}

impl Contract for Hold {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "Hold";
    const PATH: &'static str = "/hotels/{hotel}/holds";
    type Reply = Held;
}

/// Keeps a hold for longer, counted from now. Refused `hold-expired` when it is gone, `hold-not-extendable` when it has been
/// extended often enough: a cart must not keep a room for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// The hotel.
    pub hotel: String,
    /// Whose it is.
    pub reservation: String,
    /// How long it is held from now, in seconds.
    pub ttl_s: u32,
}

impl Contract for Extend {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "Extend";
    const PATH: &'static str = "/hotels/{hotel}/holds/{reservation}/extension";
    type Reply = Held;
}

/// Gives a hold back; the undo of [`Hold`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unhold {
    /// The hotel.
    pub hotel: String,
    /// Whose it is.
    pub reservation: String,
}

impl Contract for Unhold {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "Unhold";
    const PATH: &'static str = "/hotels/{hotel}/holds/{reservation}/release";
    type Reply = Nothing;
}

/// Makes a hold a sale. Refused `hold-expired` when the hold is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// The hotel.
    pub hotel: String,
    /// Whose it is.
    pub reservation: String,
    /// The allocation's revision; an older one has no effect.
    pub revision: u32,
}

impl Contract for Confirm {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "Confirm";
    const PATH: &'static str = "/hotels/{hotel}/holds/{reservation}/confirmation";
    type Reply = Nothing;
}

/// Gives sold nights back: afterwards the reservation has no night from `from` on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The hotel.
    pub hotel: String,
    /// Whose they are.
    pub reservation: String,
    /// The first night given back.
    pub from: Date,
    /// The allocation's revision; an older one has no effect.
    pub revision: u32,
}

impl Contract for Release {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "Release";
    const PATH: &'static str = "/hotels/{hotel}/allocations/{reservation}/release";
    type Reply = Nothing;
}

/// Moves all nights of a reservation to another type; not checked against limits (an upgrade may pass them, visibly).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The hotel.
    pub hotel: String,
    /// Whose they are.
    pub reservation: String,
    /// The type they are moved to.
    pub room_type: String,
    /// The allocation's revision; an older one has no effect.
    pub revision: u32,
    /// Why; kept with the change.
    pub reason: String,
}

impl Contract for Move {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "Move";
    const PATH: &'static str = "/hotels/{hotel}/allocations/{reservation}/move";
    type Reply = Nothing;
}

/// Gives a reservation other nights. States the result: afterwards it has exactly `[arrival, departure)`. Only nights it had not
/// before are checked against the limits; refused `night-sold-out` with those that are full. Nights before the business date
/// stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// The hotel.
    pub hotel: String,
    /// Whose they are.
    pub reservation: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// The allocation's revision; an older one has no effect.
    pub revision: u32,
}

impl Contract for Amend {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "Amend";
    const PATH: &'static str = "/hotels/{hotel}/allocations/{reservation}/amendment";
    type Reply = Nothing;
}

/// Closes a night: what is sold for it must be what sleeps in the house. Refused `night-unbalanced` with both counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseNight {
    /// The hotel.
    pub hotel: String,
    /// The night.
    pub date: Date,
    /// Stays in house.
    pub in_house: u32,
}

impl Contract for CloseNight {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "CloseNight";
    const PATH: &'static str = "/hotels/{hotel}/night-closings";
    type Reply = Nothing;
}

/// Sells nothing more of a type that is to be deleted. Refused `room-type-in-use` while anything depends on it: a sell limit
/// above 0, held or sold nights. Sent by hotels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetireType {
    /// The hotel.
    pub hotel: String,
    /// The type.
    pub room_type: String,
}

impl Contract for RetireType {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "RetireType";
    const PATH: &'static str = "/hotels/{hotel}/room-types/{room_type}/retirement";
    type Reply = Nothing;
}

/// The undo of [`RetireType`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnretireType {
    /// The hotel.
    pub hotel: String,
    /// The type.
    pub room_type: String,
}

impl Contract for UnretireType {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "UnretireType";
    const PATH: &'static str = "/hotels/{hotel}/room-types/{room_type}/retirement-undo";
    type Reply = Nothing;
}

/// Public events of inventory; the CloudEvents type is `inventory.<variant>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum InventoryFact {
    /// Limits changed.
    LimitsSet {
        /// The limits set.
        limits: Vec<Limit>,
    },
    /// Nights are sold.
    Sold {
        /// To whom.
        reservation: String,
        /// The type.
        room_type: String,
        /// First night.
        arrival: Date,
        /// Day of departure.
        departure: Date,
    },
    /// Nights were given back.
    Released {
        /// By whom.
        reservation: String,
        /// First night given back.
        from: Date,
    },
    /// Nights changed type.
    Moved {
        /// Whose.
        reservation: String,
        /// The new type.
        room_type: String,
    },
    /// A reservation has other nights; these are all it has.
    Amended {
        /// Whose.
        reservation: String,
        /// First night.
        arrival: Date,
        /// Day of departure.
        departure: Date,
    },
    /// A night is closed.
    NightClosed {
        /// The night.
        date: Date,
        /// Stays in house.
        in_house: u32,
    },
}
