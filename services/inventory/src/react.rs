//! What inventory takes in from hotels.

use contracts::hotels::{self as contract, HotelFact};
use eventstore::Deciding;
use feed::{Fact, PublicEvent};

use crate::domain::open::{AddType, Open, RemoveType, Sell};

/// A hotel's fact as a command of this service.
pub fn hotels(event: &PublicEvent) -> Option<Fact> {
    match serde_json::from_value(event.data.clone()).ok()? {
        HotelFact::HotelDefined(h) => {
            let work = Box::new(Deciding(Open { hotel: h.hotel.clone(), on: h.opens_on }));
            Some(Fact { partition: h.hotel, work })
        }
        HotelFact::RoomTypeDefined(t) => {
            let work = Box::new(Deciding(AddType { hotel: t.hotel.clone(), room_type: t.room_type }));
            Some(Fact { partition: t.hotel, work })
        }
        HotelFact::RoomTypeDeleted(t) => {
            let work = Box::new(Deciding(RemoveType { hotel: t.hotel.clone(), room_type: t.room_type }));
            Some(Fact { partition: t.hotel, work })
        }
        HotelFact::HotelClosed(contract::CloseHotel { hotel, .. }) | HotelFact::HotelDeleted(contract::DeleteHotel { hotel }) => {
            Some(Fact { partition: hotel.clone(), work: Box::new(Deciding(Sell { hotel, open: false })) })
        }
        HotelFact::HotelReopened(h) => {
            Some(Fact { partition: h.hotel.clone(), work: Box::new(Deciding(Sell { hotel: h.hotel, open: true })) })
        }
        _ => None,
    }
}
