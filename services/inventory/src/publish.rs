//! Private to public: what others may know of the ledger. Holds stay private.

use contracts::inventory::InventoryFact;
use eventstore::Recorded;
use feed::Public;
use kernel::Event;

use crate::domain::ledger::LedgerEvent;

/// Private to public.
pub fn publish(event: &Recorded) -> Option<Public> {
    if event.stream.kind != "ledger" {
        return None;
    }
    let (kind, fact) = match LedgerEvent::decode(event.schema, &event.json).ok()? {
        LedgerEvent::LimitsSet { limits, .. } => ("inventory.LimitsSet", InventoryFact::LimitsSet { limits }),
        LedgerEvent::Sold { nights: n, .. } => {
            let sold =
                InventoryFact::Sold { reservation: n.reservation, room_type: n.room_type, arrival: n.arrival, departure: n.departure };
            ("inventory.Sold", sold)
        }
        LedgerEvent::Released { nights: n, .. } => {
            ("inventory.Released", InventoryFact::Released { reservation: n.reservation, from: n.arrival })
        }
        LedgerEvent::Moved { nights: n, to, .. } => ("inventory.Moved", InventoryFact::Moved { reservation: n.reservation, room_type: to }),
        LedgerEvent::Amended { nights: n, new_arrival, new_departure, .. } => {
            let amended = InventoryFact::Amended { reservation: n.reservation, arrival: new_arrival, departure: new_departure };
            ("inventory.Amended", amended)
        }
        LedgerEvent::NightClosed { date, in_house } => ("inventory.NightClosed", InventoryFact::NightClosed { date, in_house }),
        _ => return None,
    };
    Some(Public { kind, subject: event.stream.to_string(), data: serde_json::to_value(fact).ok()? })
}
