//! Private to public: what others may know of stays.

use contracts::stays::{DayClosed, StayFact};
use eventstore::Recorded;
use feed::Public;
use kernel::Event;

use crate::domain::day::DayEvent;
use crate::domain::stay::StayEvent;

/// Private to public.
pub fn publish(event: &Recorded) -> Option<Public> {
    let id = event.stream.id.clone();
    let (kind, fact) = match event.stream.kind.as_ref() {
        "stay" => match StayEvent::decode(event.schema, &event.json).ok()? {
            StayEvent::CheckedIn { hotel, room, .. } => {
                ("stays.CheckedIn", StayFact::CheckedIn { hotel, reservation: id, room: room.name() })
            }
            StayEvent::RoomMoved { hotel, from, room, .. } => {
                ("stays.RoomMoved", StayFact::RoomMoved { hotel, reservation: id, from, room: room.name() })
            }
            StayEvent::Extended { hotel, departure, .. } => ("stays.Extended", StayFact::Extended { hotel, reservation: id, departure }),
            StayEvent::CheckedOut { hotel, date } => ("stays.CheckedOut", StayFact::CheckedOut { hotel, reservation: id, date }),
            _ => return None,
        },
        "day" => match DayEvent::decode(event.schema, &event.json).ok()? {
            DayEvent::DayOpened { closed, date, in_house, posted } => {
                let day = DayClosed { closed, in_house, posted_amount: posted, business_date: date };
                ("stays.DayClosed", StayFact::DayClosed { hotel: id, day })
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(Public { kind, subject: event.stream.to_string(), data: serde_json::to_value(fact).ok()? })
}
