//! hotels: what a hotel is made of.

use jiff::civil::Date;
use kernel::money::Currency;
use peer::Contract;
use serde::{Deserialize, Serialize};

use crate::Nothing;

/// Makes a hotel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefineHotel {
    /// Its code, e.g. `H1`.
    pub hotel: String,
    /// Its name.
    pub name: String,
    /// Its first business date.
    pub opens_on: Date,
    /// What it charges in.
    pub currency: Currency,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Whether a room counts as clean right after check-out (no housekeeping round in between).
    #[serde(default)]
    pub clean_on_checkout: bool,
    /// Stays that may be in the house at one moment, when that is less than the rooms there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub house_rooms: Option<u32>,
}

impl Contract for DefineHotel {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "DefineHotel";
    const PATH: &'static str = "/hotels";
    type Reply = HotelRef;
}

/// A hotel by its code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HotelRef {
    /// The code.
    pub hotel: String,
}

/// Adds a room type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefineRoomType {
    /// The hotel.
    pub hotel: String,
    /// The type's code, e.g. `A`.
    pub room_type: String,
    /// Its name.
    pub name: String,
}

impl Contract for DefineRoomType {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "DefineRoomType";
    const PATH: &'static str = "/hotels/{hotel}/room-types";
    type Reply = Nothing;
}

/// Adds rooms `<type>-<first>` to `<type>-<last>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefineRooms {
    /// The hotel.
    pub hotel: String,
    /// The type they belong to.
    pub room_type: String,
    /// The first number, from 1.
    pub first: u32,
    /// The last number.
    pub last: u32,
}

impl Contract for DefineRooms {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "DefineRooms";
    const PATH: &'static str = "/hotels/{hotel}/rooms";
    type Reply = Nothing;
}

/// Public events of hotels; the CloudEvents type is `hotels.<variant>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum HotelFact {
    /// A hotel exists.
    HotelDefined(DefineHotel),
    /// A room type exists.
    RoomTypeDefined(DefineRoomType),
    /// Rooms exist.
    RoomsDefined(DefineRooms),
}
