//! What a feed shows: private events mapped to public ones by the service's `publish.rs`, in a CloudEvents envelope.

use eventstore::{Recorded, Stored};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A public event before it has an envelope.
#[derive(Clone, Debug, PartialEq)]
pub struct Public {
    /// The contract's event name (`reservations.Booked`).
    pub kind: &'static str,
    /// What it is about: the unit that is parked when it cannot be taken in.
    pub subject: String,
    /// The contract's data.
    pub data: Value,
}

/// Maps a private event to a public one; `None` keeps it private.
pub type Publish = fn(&Recorded) -> Option<Public>;

/// A CloudEvent as a feed carries it (CloudEvents 1.0 with extension attributes).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublicEvent {
    /// CloudEvents version.
    pub specversion: String,
    /// Unique: `<service>/<incarnation>/<lane>/<pos>`.
    pub id: String,
    /// `/posthouse/<cell>/<service>`.
    pub source: String,
    /// The event's name.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// When it was decided.
    pub time: kernel::Timestamp,
    /// Position in its lane.
    pub pos: u64,
    /// The owner's business date, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub businessdate: Option<jiff::civil::Date>,
    /// What made it happen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub causationid: String,
    /// Trace context.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub traceparent: String,
    /// The contract's data.
    pub data: Value,
}

/// Puts a stored event into its public envelope.
pub fn envelope(service: &str, incarnation: &str, stored: &Stored, publish: Publish) -> Option<PublicEvent> {
    let event = stored.event()?;
    let public = publish(event)?;
    Some(PublicEvent {
        specversion: "1.0".into(),
        id: format!("{service}/{incarnation}/{}/{}", stored.lane, stored.pos),
        source: format!("/posthouse/local/{service}"),
        kind: public.kind.to_owned(),
        subject: public.subject,
        time: event.by.at,
        pos: stored.pos,
        businessdate: event.by.business_date,
        causationid: event.by.causation.clone(),
        traceparent: event.by.traceparent.clone(),
        data: public.data,
    })
}
