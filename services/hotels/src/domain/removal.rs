//! What is being removed from a hotel: one thing at a time, by a saga. Kept apart from the hotel, whose events are public.

use kernel::{Aggregate, Busy, Emit, Event, Staged, Stop};
use serde::{Deserialize, Serialize};

/// What happens to a removal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RemovalEvent {
    /// Others are being asked whether they still need it.
    Started {
        /// The saga.
        saga: String,
    },
    /// It is gone, or stays.
    Ended {},
}

impl Event for RemovalEvent {}

/// The removal that is running at a hotel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Removal {
    /// The saga.
    pub saga: Option<String>,
}

impl Aggregate for Removal {
    const KIND: &'static str = "removal";
    type Event = RemovalEvent;

    fn evolve(&mut self, event: &RemovalEvent) {
        self.saga = match event {
            RemovalEvent::Started { saga } => Some(saga.clone()),
            RemovalEvent::Ended {} => None,
        };
    }
}

impl Removal {
    /// Nothing is being removed: a room that comes to a type which is just leaving would be nobody's.
    pub fn none(see: &Staged, hotel: &str) -> Result<(), Stop> {
        if see.get::<Self>(hotel)?.saga.is_some() { Err(Stop::Busy(Busy("hotel-busy"))) } else { Ok(()) }
    }

    /// A removal begins.
    pub fn start(out: &mut Emit, hotel: &str, saga: &str) {
        out.event::<Self>(hotel, RemovalEvent::Started { saga: saga.to_owned() });
    }

    /// It has ended.
    pub fn end(out: &mut Emit, hotel: &str) {
        out.event::<Self>(hotel, RemovalEvent::Ended {});
    }
}
