//! hotels: what a hotel is made of.

use jiff::civil::{Date, Time};
use kernel::Money;
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
    /// Where it is, as it stands on an envelope; one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// From when rooms are ready on the day of arrival, in the hotel's own time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in_from: Option<Time>,
    /// Until when guests leave on the day of departure, in the hotel's own time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_out_until: Option<Time>,
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
    /// What a night of it costs, tax included; a type without a price is not sold on the website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// How many guests a room of it takes; not said: two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sleeps: Option<u32>,
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
    /// The floor they are on; 0 is the ground floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<i32>,
}

impl Contract for DefineRooms {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "DefineRooms";
    const PATH: &'static str = "/hotels/{hotel}/rooms";
    type Reply = Nothing;
}

/// Changes what is said of a hotel; what is left out stays as it is. Its currency and its first business date stay for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeHotel {
    /// The hotel.
    pub hotel: String,
    /// Its new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// IANA name of its new time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether a room counts as clean right after check-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean_on_checkout: Option<bool>,
    /// Stays that may be in the house at one moment; 0 for as many as there are rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub house_rooms: Option<u32>,
    /// Where it is; one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// From when rooms are ready on the day of arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in_from: Option<Time>,
    /// Until when guests leave on the day of departure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_out_until: Option<Time>,
}

impl Contract for ChangeHotel {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "ChangeHotel";
    const PATH: &'static str = "/hotels/{hotel}/changes";
    type Reply = HotelRef;
}

/// Sells nothing more; what is sold stays sold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseHotel {
    /// The hotel.
    pub hotel: String,
    /// Why; kept with the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Contract for CloseHotel {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "CloseHotel";
    const PATH: &'static str = "/hotels/{hotel}/closing";
    type Reply = HotelRef;
}

/// Sells again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenHotel {
    /// The hotel.
    pub hotel: String,
}

impl Contract for ReopenHotel {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "ReopenHotel";
    const PATH: &'static str = "/hotels/{hotel}/reopening";
    type Reply = HotelRef;
}

/// Takes a hotel out. Refused `hotel-in-use` while it has room types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteHotel {
    /// The hotel.
    pub hotel: String,
}

impl Contract for DeleteHotel {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "DeleteHotel";
    const PATH: &'static str = "/hotels/{hotel}/deletion";
    type Reply = HotelRef;
}

/// Gives a room type another name, price or size; what is left out stays as it is, and its code stays for ever. Who has booked
/// keeps the price they were told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRoomType {
    /// The hotel.
    pub hotel: String,
    /// The type.
    pub room_type: String,
    /// Its new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a night of it costs from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// How many guests a room of it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sleeps: Option<u32>,
}

impl Contract for ChangeRoomType {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "ChangeRoomType";
    const PATH: &'static str = "/hotels/{hotel}/room-types/{room_type}/changes";
    type Reply = Nothing;
}

/// Takes a room type out. Refused `room-type-in-use` while it has rooms, sell limits above 0, held or sold nights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteRoomType {
    /// The hotel.
    pub hotel: String,
    /// The type.
    pub room_type: String,
}

impl Contract for DeleteRoomType {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "DeleteRoomType";
    const PATH: &'static str = "/hotels/{hotel}/room-types/{room_type}/deletion";
    type Reply = Nothing;
}

/// Puts rooms `<type>-<first>` to `<type>-<last>` on a floor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRooms {
    /// The hotel.
    pub hotel: String,
    /// The type they belong to.
    pub room_type: String,
    /// The first number.
    pub first: u32,
    /// The last number.
    pub last: u32,
    /// Their floor; 0 is the ground floor, nothing is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<i32>,
}

impl Contract for ChangeRooms {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "ChangeRooms";
    const PATH: &'static str = "/hotels/{hotel}/rooms/changes";
    type Reply = Nothing;
}

/// Takes rooms `<type>-<first>` to `<type>-<last>` out. Refused `room-in-use` while somebody is in one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteRooms {
    /// The hotel.
    pub hotel: String,
    /// The type they belong to.
    pub room_type: String,
    /// The first number.
    pub first: u32,
    /// The last number.
    pub last: u32,
}

impl Contract for DeleteRooms {
    const SERVICE: &'static str = "hotels";
    const NAME: &'static str = "DeleteRooms";
    const PATH: &'static str = "/hotels/{hotel}/rooms/deletions";
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
    /// A hotel is described anew; this is the whole of it.
    HotelChanged(DefineHotel),
    /// A hotel sells nothing more.
    HotelClosed(CloseHotel),
    /// A closed hotel sells again.
    HotelReopened(ReopenHotel),
    /// A hotel is gone.
    HotelDeleted(DeleteHotel),
    /// A room type has another name, price or size; what is not said is as it was.
    RoomTypeChanged(ChangeRoomType),
    /// A room type is gone.
    RoomTypeDeleted(DeleteRoomType),
    /// Rooms are on a floor.
    RoomsChanged(ChangeRooms),
    /// Rooms are gone.
    RoomsDeleted(DeleteRooms),
}
