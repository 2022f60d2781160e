//! Events and aggregates: what happened, and what it adds up to.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::stream::Stream;

/// Stored bytes that today's program cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrupt(pub String);

impl std::fmt::Display for Corrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read stored data: {}", self.0)
    }
}

impl std::error::Error for Corrupt {}

/// A fact of one aggregate: an enum with one variant a fact, serialised as `{"Held":{…}}`.
/// The variant's name is the event's name; fields may be added with a default, anything else takes an upcaster.
pub trait Event: Serialize + DeserializeOwned + Send + 'static {
    /// Version of this enum's JSON. Raise it together with an arm in `upcast`.
    const SCHEMA: u16 = 1;

    /// Turns JSON written by an older `schema` into today's.
    fn upcast(schema: u16, json: Value) -> Result<Value, Corrupt> {
        Err(Corrupt(format!("no upcaster from schema {schema} ({json})")))
    }

    /// Reads stored JSON of any schema version.
    fn decode(schema: u16, json: &str) -> Result<Self, Corrupt> {
        if schema == Self::SCHEMA {
            return serde_json::from_str(json).map_err(|e| Corrupt(format!("{e} in {json}")));
        }
        let old = serde_json::from_str(json).map_err(|e| Corrupt(e.to_string()))?;
        serde_json::from_value(Self::upcast(schema, old)?).map_err(|e| Corrupt(e.to_string()))
    }

    /// The JSON to store.
    fn encode(&self) -> String {
        // An event enum is plain data with string keys: serde_json cannot fail on it.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The name of an event in its JSON: the text between the first two quotes.
pub fn name_of(json: &str) -> &str {
    json.split('"').nth(1).unwrap_or("")
}

/// A consistency unit: starts empty and is the fold of its events. Serialisable so that it can be snapshotted.
pub trait Aggregate: Default + Serialize + DeserializeOwned + Send + 'static {
    /// The stream kind, unique inside a service.
    const KIND: &'static str;
    /// A snapshot is stored after so many events; `None` for streams that stay short.
    const SNAPSHOT_EVERY: Option<u64> = None;
    /// Version of the snapshot's shape; an older snapshot is ignored and the stream folded from its start.
    const SNAPSHOT_SHAPE: u16 = 1;
    /// What can happen to it.
    type Event: Event;

    /// One event further. Must never fail: what was stored has happened.
    fn evolve(&mut self, event: &Self::Event);

    /// The stream of the aggregate with this id.
    fn stream(id: &str) -> Stream {
        Stream::new(Self::KIND, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Door {
        Opened { by: String },
        Shut,
    }
    impl Event for Door {
        const SCHEMA: u16 = 2;
        fn upcast(_: u16, mut json: Value) -> Result<Value, Corrupt> {
            json["Opened"]["by"] = "somebody".into();
            Ok(json)
        }
    }

    #[test]
    fn the_name_is_the_variant() {
        assert_eq!(name_of(&Door::Opened { by: "x\"y".into() }.encode()), "Opened");
        assert_eq!(name_of(&Door::Shut.encode()), "Shut");
    }

    #[test]
    fn an_old_event_is_read_as_todays() {
        assert_eq!(Door::decode(1, r#"{"Opened":{}}"#).unwrap(), Door::Opened { by: "somebody".into() });
        assert!(Door::decode(2, r#"{"Opened":{}}"#).is_err());
    }
}
