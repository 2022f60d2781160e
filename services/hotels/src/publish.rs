//! Everything a hotel's stream says is public.

use eventstore::Recorded;
use feed::Public;

/// Private to public.
pub fn publish(event: &Recorded) -> Option<Public> {
    if event.stream.kind != "hotel" {
        return None;
    }
    let kind = match event.name.as_str() {
        "HotelDefined" => "hotels.HotelDefined",
        "RoomTypeDefined" => "hotels.RoomTypeDefined",
        "RoomsDefined" => "hotels.RoomsDefined",
        "HotelChanged" => "hotels.HotelChanged",
        "HotelClosed" => "hotels.HotelClosed",
        "HotelReopened" => "hotels.HotelReopened",
        "HotelDeleted" => "hotels.HotelDeleted",
        "RoomTypeChanged" => "hotels.RoomTypeChanged",
        "RoomTypeDeleted" => "hotels.RoomTypeDeleted",
        "RoomsChanged" => "hotels.RoomsChanged",
        "RoomsDeleted" => "hotels.RoomsDeleted",
        _ => return None,
    };
    Some(Public { kind, subject: event.stream.to_string(), data: serde_json::from_str(&event.json).ok()? })
}
