//! What has happened to some things of a service: their events straight from the store, in the words of the log. Events hold no
//! personal data, so whoever may see the things may see them.

use std::sync::Arc;

use eventstore::Stored;
use kernel::stream::LANES;
use kernel::{Lane, Stream, lane_of};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;

/// Streams one question may be about.
const STREAMS_MAX: usize = 8;
/// Events shown of one stream, the newest.
const EVENTS_MAX: usize = 200;

/// `GET /history?streams=<kind>/<id>,…[&partition=<key>]`, newest last. Who knows the partition says it: then one lane is read.
pub(crate) async fn history(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let asked = call.asked("streams").unwrap_or_default();
    let streams: Option<Vec<Stream>> = asked.split(',').filter(|text| !text.is_empty()).map(Stream::parse).collect();
    let streams = streams.filter(|streams| (1..=STREAMS_MAX).contains(&streams.len()));
    let streams = streams.ok_or_else(|| Problem::invalid("'streams' is not a list of 1 to 8 times <kind>/<id>"))?;
    let lanes: Vec<Lane> = call.asked("partition").map_or_else(|| (0..LANES).collect(), |key| vec![lane_of(&key)]);
    let mut found: Vec<Stored> = Vec::new();
    for stream in streams {
        for lane in &lanes {
            let mut stored = core.store.stream(*lane, stream.clone()).await?;
            found.extend(stored.drain(stored.len().saturating_sub(EVENTS_MAX)..));
        }
    }
    found.sort_by_key(|stored| (stored.event().map(|event| event.by.at), stored.lane, stored.pos));
    let items: Vec<Value> = found.iter().filter_map(shown).collect();
    Ok(Answer::json(&json!({"items": items})))
}

fn shown(stored: &Stored) -> Option<Value> {
    let event = stored.event()?;
    // An event is an object of one field: its name.
    let data = serde_json::from_str::<Value>(&event.json).ok().and_then(|mut json| json.get_mut(&event.name).map(Value::take));
    Some(json!({
        "stream": event.stream.to_string(), "version": event.version, "at": event.by.at, "business_date": event.by.business_date,
        "actor": event.by.actor, "causation": event.by.causation, "name": event.name, "data": data,
    }))
}
