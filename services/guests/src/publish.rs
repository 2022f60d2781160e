//! What others may know of a guest: that there is one.

use contracts::guests::GuestFact;
use eventstore::Recorded;
use feed::Public;

/// Private to public.
pub fn publish(event: &Recorded) -> Option<Public> {
    let kind = match event.name.as_str() {
        "GuestCreated" => "guests.GuestChanged",
        _ => return None,
    };
    let fact = GuestFact::GuestChanged { guest: event.stream.id.clone() };
    Some(Public { kind, subject: event.stream.to_string(), data: serde_json::to_value(fact).ok()? })
}
