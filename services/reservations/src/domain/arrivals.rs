//! Who is expected on one date and has neither come nor been given up: what the night audit asks before it closes a date.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kernel::{Aggregate, Emit, Event, Missing, Staged};
use serde::{Deserialize, Serialize};

/// What happens to a date's arrivals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ArrivalsEvent {
    /// Somebody will come.
    Expected {
        /// Who.
        reservation: String,
    },
    /// Has come, or will not.
    Settled {
        /// Who.
        reservation: String,
    },
}

impl Event for ArrivalsEvent {}

/// The arrivals of one hotel on one date.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Arrivals {
    /// Still expected.
    pub expected: BTreeSet<String>,
}

impl Aggregate for Arrivals {
    const KIND: &'static str = "arrivals";
    type Event = ArrivalsEvent;

    fn evolve(&mut self, event: &ArrivalsEvent) {
        match event {
            ArrivalsEvent::Expected { reservation } => {
                self.expected.insert(reservation.clone());
            }
            ArrivalsEvent::Settled { reservation } => {
                self.expected.remove(reservation);
            }
        }
    }
}

impl Arrivals {
    /// The arrivals of a hotel on a date.
    pub fn on<'a>(see: &'a Staged, hotel: &str, date: Date) -> Result<&'a Self, Missing> {
        see.get::<Self>(&id(hotel, date))
    }

    /// A reservation is expected.
    pub fn expect(out: &mut Emit, hotel: &str, date: Date, reservation: &str) {
        out.event::<Self>(&id(hotel, date), ArrivalsEvent::Expected { reservation: reservation.to_owned() });
    }

    /// A reservation is not expected any more.
    pub fn settle(out: &mut Emit, hotel: &str, date: Date, reservation: &str) {
        out.event::<Self>(&id(hotel, date), ArrivalsEvent::Settled { reservation: reservation.to_owned() });
    }
}

fn id(hotel: &str, date: Date) -> String {
    format!("{hotel}/{date}")
}
