//! A guest as the log knows them: a reference.

use kernel::{Aggregate, Event};
use serde::{Deserialize, Serialize};

/// What can happen to a guest. Never personal data: events cannot be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum GuestEvent {
    /// There is a guest; the vault knows who.
    GuestCreated {},
}

impl Event for GuestEvent {}

/// A guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// Whether there is one.
    pub exists: bool,
}

impl Aggregate for Guest {
    const KIND: &'static str = "guest";
    type Event = GuestEvent;

    fn evolve(&mut self, event: &GuestEvent) {
        match event {
            GuestEvent::GuestCreated {} => self.exists = true,
        }
    }
}
