//! What a decision says: events, claims and the business date, before anything of it has a position.

use std::any::Any;

use jiff::civil::Date;

use crate::aggregate::{Aggregate, Event, name_of};
use crate::staged::{Missing, Slot, Snapshot, start};
use crate::stream::Stream;

/// An emitted event before it has a position.
pub struct Raw {
    /// The stream it belongs to.
    pub stream: Stream,
    /// Its name.
    pub name: String,
    /// Its schema version.
    pub schema: u16,
    /// Its JSON.
    pub json: String,
    pub(crate) typed: Box<dyn Any + Send>,
    missing: fn(Option<&Snapshot>) -> Slot,
}

impl Raw {
    /// How to load the event's stream, should it not be cached.
    pub fn missing(&self) -> Missing {
        Missing { stream: self.stream.clone(), fold: self.missing }
    }
}

/// Where a decision puts its events.
#[derive(Default)]
pub struct Emit {
    events: Vec<Raw>,
    claims: Vec<(String, bool)>,
    business_date: Option<Date>,
}

impl Emit {
    /// Adds an event of the aggregate with this id.
    pub fn event<A: Aggregate>(&mut self, id: &str, event: A::Event) {
        let json = event.encode();
        self.events.push(Raw {
            stream: A::stream(id),
            name: name_of(&json).to_owned(),
            schema: A::Event::SCHEMA,
            json,
            typed: Box::new(event),
            missing: start::<A>,
        });
    }

    /// Takes a thing nobody else may have (a room's bed for a night); the store refuses a second taker.
    /// The last line of defence: the decision has already looked, so a refusal here means a bug.
    pub fn claim(&mut self, thing: String) {
        self.claims.push((thing, true));
    }

    /// Gives a claimed thing back.
    pub fn unclaim(&mut self, thing: String) {
        self.claims.push((thing, false));
    }

    /// Takes the claims out.
    pub fn take_claims(&mut self) -> Vec<(String, bool)> {
        std::mem::take(&mut self.claims)
    }

    /// Says on which business date of the owner this happens; part of the envelope of every event of the command.
    pub fn on(&mut self, date: Date) {
        self.business_date = Some(date);
    }

    /// The business date said, if any.
    pub fn business_date(&self) -> Option<Date> {
        self.business_date
    }

    /// Takes the events out.
    pub fn take(self) -> Vec<Raw> {
        self.events
    }

    /// The events so far, for tests.
    pub fn events(&self) -> &[Raw] {
        &self.events
    }
}
