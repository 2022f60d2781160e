//! What stays takes in from hotels, and of reservations what concerns rooms given before arrival.

use contracts::hotels::HotelFact;
use contracts::reservations::ReservationFact;
use eventstore::Deciding;
use feed::{Fact, PublicEvent};

use crate::domain::assignment::HearReservation;
use crate::domain::day::DayEvent;
use crate::domain::learn::{AddRooms, OpenHotel, TellHotel, TellRooms};
use crate::domain::rack::Span;

/// A hotel's fact as a command of this service.
pub fn hotels(event: &PublicEvent) -> Option<Fact> {
    match serde_json::from_value(event.data.clone()).ok()? {
        HotelFact::HotelDefined(h) => {
            let open =
                OpenHotel { hotel: h.hotel.clone(), on: h.opens_on, clean_on_checkout: h.clean_on_checkout, house_rooms: h.house_rooms };
            Some(Fact { partition: h.hotel, work: Box::new(Deciding(open)) })
        }
        HotelFact::RoomsDefined(r) => {
            let add = AddRooms { hotel: r.hotel.clone(), room_type: r.room_type, first: r.first, last: r.last, floor: r.floor };
            Some(Fact { partition: r.hotel, work: Box::new(Deciding(add)) })
        }
        HotelFact::RoomsChanged(r) => {
            let rooms = Span { room_type: r.room_type, first: r.first, last: r.last };
            Some(Fact { partition: r.hotel.clone(), work: Box::new(Deciding(TellRooms::floored(r.hotel, rooms, r.floor))) })
        }
        HotelFact::RoomsDeleted(r) => {
            let rooms = Span { room_type: r.room_type, first: r.first, last: r.last };
            Some(Fact { partition: r.hotel.clone(), work: Box::new(Deciding(TellRooms::removed(r.hotel, rooms))) })
        }
        HotelFact::HotelChanged(h) => {
            let event = DayEvent::HotelChanged { clean_on_checkout: h.clean_on_checkout, house_rooms: h.house_rooms };
            Some(Fact { partition: h.hotel.clone(), work: Box::new(Deciding(TellHotel { hotel: h.hotel, event })) })
        }
        HotelFact::HotelDeleted(h) => {
            let tell = TellHotel { hotel: h.hotel.clone(), event: DayEvent::HotelDeleted {} };
            Some(Fact { partition: h.hotel, work: Box::new(Deciding(tell)) })
        }
        _ => None,
    }
}

/// A reservation's fact as a command of this service, if it has been given a room.
pub fn reservations(event: &PublicEvent) -> Option<Fact> {
    let what = event.kind.strip_prefix("reservations.")?;
    let fact: ReservationFact = serde_json::from_value(event.data.clone()).ok()?;
    if !fact.roomed || !matches!(what, "TypeChanged" | "Amended" | "Cancelled" | "NoShowed") {
        return None;
    }
    Some(Fact::in_its_lane(Box::new(Deciding(HearReservation {
        reservation: fact.reservation,
        revision: fact.revision.unwrap_or_default(),
        gone: matches!(what, "Cancelled" | "NoShowed"),
        room_type: fact.room_type,
        nights: fact.arrival.zip(fact.departure),
    }))))
}
