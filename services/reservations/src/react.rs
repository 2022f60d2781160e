//! What reservations takes in from hotels and stays.

use contracts::hotels::HotelFact;
use contracts::stays::StayFact;
use eventstore::Deciding;
use feed::{Fact, PublicEvent};

use crate::domain::day::{AddType, OpenHotel, RemoveHotel, RemoveType};
use crate::domain::depart::Depart;
use crate::domain::stay_on::StayOn;

/// A hotel's fact as a command of this service.
pub fn hotels(event: &PublicEvent) -> Option<Fact> {
    match serde_json::from_value(event.data.clone()).ok()? {
        HotelFact::HotelDefined(h) => {
            let work = Box::new(Deciding(OpenHotel { hotel: h.hotel.clone(), on: h.opens_on, currency: h.currency }));
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
        HotelFact::HotelDeleted(h) => Some(Fact { partition: h.hotel.clone(), work: Box::new(Deciding(RemoveHotel { hotel: h.hotel })) }),
        _ => None,
    }
}

/// A stay's fact as a command of this service.
pub fn stays(event: &PublicEvent) -> Option<Fact> {
    match serde_json::from_value(event.data.clone()).ok()? {
        StayFact::CheckedOut { hotel, reservation, date } => {
            let work = Box::new(Deciding(Depart { hotel: hotel.clone(), reservation, date }));
            Some(Fact { partition: hotel, work })
        }
        StayFact::Extended { hotel, reservation, departure } => {
            Some(Fact { partition: hotel.clone(), work: Box::new(Deciding(StayOn { hotel, reservation, departure })) })
        }
        StayFact::CheckedIn { .. } | StayFact::RoomMoved { .. } | StayFact::DayClosed { .. } => None,
    }
}
