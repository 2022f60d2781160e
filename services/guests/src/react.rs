//! What guests takes in from reservations: who is referred to.

use contracts::reservations::ReservationFact;
use eventstore::Deciding;
use feed::{Fact, PublicEvent};

use crate::domain::bookings::Booking;

/// A reservation's fact as a command of this service.
pub fn reservations(event: &PublicEvent) -> Option<Fact> {
    let fact: ReservationFact = serde_json::from_value(event.data.clone()).ok()?;
    let guest = fact.guest?;
    let over = matches!(fact.state.as_str(), "cancelled" | "no_show" | "checked_out");
    let work = Box::new(Deciding(Booking { guest: guest.clone(), reservation: fact.reservation, over }));
    Some(Fact { partition: guest, work })
}
