//! What a lane holds: command records and the events they caused.

use std::sync::Arc;

use jiff::civil::Date;
use kernel::{Lane, Refused, Stream, Timestamp, Verdict};
use serde::{Deserialize, Serialize};

use crate::chain;

/// The record of a handled command: it takes one position, before its events, and carries the envelope of all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Who sent it; with `key` unique for ever.
    #[serde(rename = "c")]
    pub caller: String,
    /// The idempotency key.
    #[serde(rename = "k")]
    pub key: String,
    /// First 16 bytes of SHA-256 over route and body (for guests an HMAC), in hex.
    #[serde(rename = "f")]
    pub fingerprint: String,
    /// What became of it.
    #[serde(rename = "v", with = "verdict")]
    pub verdict: Verdict,
    /// When it was decided.
    #[serde(rename = "t")]
    pub at: Timestamp,
    /// The principal on whose behalf.
    #[serde(rename = "a", default, skip_serializing_if = "String::is_empty")]
    pub actor: String,
    /// What made it happen (saga id, followed event); empty for a person's command.
    #[serde(rename = "z", default, skip_serializing_if = "String::is_empty")]
    pub causation: String,
    /// W3C trace context of the request; its trace id is the correlation of everything it leads to.
    #[serde(rename = "p", default, skip_serializing_if = "String::is_empty")]
    pub traceparent: String,
    /// The owner's business date, when the command concerns a hotel's day.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub business_date: Option<Date>,
    /// Things this command takes (`true`) or gives back (`false`); taking one that is taken is a constraint fault. In the record,
    /// so that a store that is made again from its lanes knows what is taken.
    #[serde(rename = "q", default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<(String, bool)>,
}

/// How a verdict looks in a record's JSON.
mod verdict {
    use super::*;
    use serde::{Deserializer, Serializer};

    #[derive(Serialize, Deserialize)]
    enum Form {
        #[serde(rename = "ok")]
        Applied(String),
        #[serde(rename = "no")]
        Refused(Refused),
        #[serde(rename = "saga")]
        Saga(String),
        #[serde(rename = "tomb")]
        Tombstone,
    }

    pub fn serialize<S: Serializer>(v: &Verdict, s: S) -> Result<S::Ok, S::Error> {
        match v.clone() {
            Verdict::Applied(reply) => Form::Applied(reply),
            Verdict::Refused(refused) => Form::Refused(refused),
            Verdict::Saga(id) => Form::Saga(id),
            Verdict::Tombstone => Form::Tombstone,
        }
        .serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Verdict, D::Error> {
        Ok(match Form::deserialize(d)? {
            Form::Applied(reply) => Verdict::Applied(reply),
            Form::Refused(refused) => Verdict::Refused(refused),
            Form::Saga(id) => Verdict::Saga(id),
            Form::Tombstone => Verdict::Tombstone,
        })
    }
}

/// An event as stored: where it is in its stream, and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The aggregate.
    pub stream: Stream,
    /// Its version after this event, from 1.
    pub version: u64,
    /// The event's name.
    pub name: String,
    /// The schema it was written with.
    pub schema: u16,
    /// Its JSON.
    pub json: String,
    /// Position of the command record it belongs to.
    pub command_pos: u64,
    /// The command's record: the event's envelope.
    pub by: Arc<Record>,
}

/// One position of a lane as it is kept: nothing of it is understood, so nothing of it is lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The position, from 1, without gaps.
    pub pos: u64,
    /// Position of the command record it belongs to; its own, when it is one.
    pub command_pos: u64,
    /// Where the event is and what it is called; none for a command's record.
    pub event: Option<Place>,
    /// The record's or the event's JSON.
    pub json: String,
    /// The chain hash up to and including this position.
    pub hash: [u8; 32],
}

/// Where an event is in its stream, and what it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The aggregate, `<kind>/<id>`.
    pub stream: String,
    /// Its version after this event, from 1.
    pub version: u64,
    /// The event's name.
    pub name: String,
    /// The schema it was written with.
    pub schema: u16,
}

impl Row {
    /// The hash this row ought to have after `previous`.
    pub fn chained(&self, previous: &[u8; 32], lane: Lane) -> [u8; 32] {
        match &self.event {
            None => chain::of_command(previous, lane, self.pos, &self.json),
            Some(at) => {
                let place = format!("{}@{}#{}", at.stream, at.version, at.schema);
                chain::of_event(previous, lane, self.pos, &place, &self.json)
            }
        }
    }
}

/// One position of a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The lane.
    pub lane: Lane,
    /// The position, from 1, without gaps.
    pub pos: u64,
    /// The chain hash up to and including this position.
    pub hash: [u8; 32],
    /// What is there.
    pub body: Body,
}

/// What a position holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A command's record.
    Command(Arc<Record>),
    /// An event.
    Event(Recorded),
}

impl Stored {
    /// As it is kept.
    pub fn row(&self) -> Result<Row, serde_json::Error> {
        let (command_pos, event, json) = match &self.body {
            Body::Command(record) => (self.pos, None, serde_json::to_string(record.as_ref())?),
            Body::Event(e) => {
                let place = Place { stream: e.stream.to_string(), version: e.version, name: e.name.clone(), schema: e.schema };
                (e.command_pos, Some(place), e.json.clone())
            }
        };
        Ok(Row { pos: self.pos, command_pos, event, json, hash: self.hash })
    }

    /// The event, unless this position is a command's record.
    pub fn event(&self) -> Option<&Recorded> {
        match &self.body {
            Body::Event(e) => Some(e),
            Body::Command(_) => None,
        }
    }
}
