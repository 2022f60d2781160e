//! What others may know of a guest: that there is one, that their sheet has changed, that they are another one, or nobody.

use contracts::guests::GuestFact;
use eventstore::Recorded;
use feed::Public;
use kernel::Event;

use crate::domain::guest::GuestEvent;

/// Private to public.
pub fn publish(event: &Recorded) -> Option<Public> {
    if event.stream.kind != "guest" {
        return None;
    }
    let guest = event.stream.id.clone();
    let (kind, fact) = match GuestEvent::decode(event.schema, &event.json).ok()? {
        GuestEvent::GuestCreated {} | GuestEvent::GuestUpdated { .. } => ("guests.GuestChanged", GuestFact::GuestChanged { guest }),
        GuestEvent::GuestErased {} => ("guests.GuestErased", GuestFact::GuestErased { guest }),
        GuestEvent::GuestMerged { into } => ("guests.GuestMerged", GuestFact::GuestMerged { guest, into }),
        _ => return None,
    };
    Some(Public { kind, subject: event.stream.to_string(), data: serde_json::to_value(fact).ok()? })
}
