//! The booker's own number, unique in a hotel: one small stream a number.

use kernel::{Aggregate, Event};
use serde::{Deserialize, Serialize};

/// What happens to a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ReferenceEvent {
    /// A reservation has it.
    Taken {
        /// Which.
        reservation: String,
    },
    /// Nobody has it any more.
    Freed {},
}

impl Event for ReferenceEvent {}

/// A number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Who has it.
    pub reservation: Option<String>,
}

impl Aggregate for Reference {
    const KIND: &'static str = "reference";
    type Event = ReferenceEvent;

    fn evolve(&mut self, event: &ReferenceEvent) {
        self.reservation = match event {
            ReferenceEvent::Taken { reservation } => Some(reservation.clone()),
            ReferenceEvent::Freed {} => None,
        };
    }
}

/// The id of a hotel's number.
pub fn id(hotel: &str, reference: &str) -> String {
    format!("{hotel}/{reference}")
}
