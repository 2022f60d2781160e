//! What stays takes in from hotels.

use contracts::hotels::HotelFact;
use eventstore::Deciding;
use feed::{Fact, PublicEvent};

use crate::domain::learn::{AddRooms, OpenHotel};

/// A hotel's fact as a command of this service.
pub fn hotels(event: &PublicEvent) -> Option<Fact> {
    match serde_json::from_value(event.data.clone()).ok()? {
        HotelFact::HotelDefined(h) => {
            let open =
                OpenHotel { hotel: h.hotel.clone(), on: h.opens_on, clean_on_checkout: h.clean_on_checkout, house_rooms: h.house_rooms };
            Some(Fact { partition: h.hotel, work: Box::new(Deciding(open)) })
        }
        HotelFact::RoomsDefined(r) => {
            let add = AddRooms { hotel: r.hotel.clone(), room_type: r.room_type, first: r.first, last: r.last };
            Some(Fact { partition: r.hotel, work: Box::new(Deciding(add)) })
        }
        HotelFact::RoomTypeDefined(_) => None,
    }
}
