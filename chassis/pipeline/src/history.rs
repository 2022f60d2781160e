//! What a service has stored of some streams, and of commands by their keys: what a timeline of one booking is made of.
//! A few streams at a time, straight from the store. Events hold no personal data, so whoever may see the things may see them.
//! Card tokens are left out: a log shows that there is one, not which.

use std::sync::Arc;

use eventstore::{Record, Stored};
use kernel::stream::LANES;
use kernel::{Stream, Verdict, lane_of};
use saga::lane_of_id;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;

/// Streams and records of one question, each.
const ASKED_MAX: usize = 40;
/// Events shown of one stream: the last ones.
const EVENTS_MAX: usize = 1_000;

/// `GET /history?streams=<kind>/<id>,…[&partition=<hotel>][&records=<caller>~<key>,…]`, newest last. A saga's stream names its own
/// lane; the others live in that of the partition, and without one in any. A stream that is not there has no
/// items; a record that is not there is left out.
pub(crate) async fn show(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let partition = call.asked("partition");
    let (streams, records) = (asked(&call, "streams")?, asked(&call, "records")?);
    let mut items = Vec::new();
    for text in &streams {
        let stream = Stream::parse(text).ok_or_else(|| Problem::invalid("streams is not a list of <kind>/<id>"))?;
        let lanes = match (stream.kind.as_ref(), &partition) {
            ("saga", _) => lane_of_id(&stream.id).into_iter().collect(),
            (_, Some(key)) => vec![lane_of(key)],
            (_, None) => (0..LANES).collect::<Vec<_>>(),
        };
        for lane in lanes {
            let stored = core.store.stream(lane, stream.clone(), 0).await?;
            items.extend(stored.iter().skip(stored.len().saturating_sub(EVENTS_MAX)).filter_map(item));
        }
    }
    items.sort_by_key(|(at, lane, pos, _)| (*at, *lane, *pos));
    let mut found = Vec::new();
    for text in &records {
        let (caller, key) = text.split_once('~').ok_or_else(|| Problem::invalid("records is not a list of <caller>~<key>"))?;
        found.extend(core.store.record(caller.to_owned(), key.to_owned()).await?.map(|record| told(&record)));
    }
    let items: Vec<Value> = items.into_iter().map(|(_, _, _, item)| item).collect();
    Ok(Answer::json(&json!({"service": core.service, "now": core.clock.now(), "items": items, "records": found})))
}

fn asked(call: &Call, name: &str) -> Result<Vec<String>, Problem> {
    let all: Vec<String> = call.asked(name).unwrap_or_default().split(',').filter(|t| !t.is_empty()).map(str::to_owned).collect();
    if all.len() > ASKED_MAX {
        return Err(Problem::invalid(&format!("{name}: {ASKED_MAX} at most")));
    }
    Ok(all)
}

fn item(stored: &Stored) -> Option<(kernel::Timestamp, kernel::Lane, u64, Value)> {
    let event = stored.event()?;
    // An event is an object of one field, its name, or the name alone when there is no more to say.
    let mut data = serde_json::from_str::<Value>(&event.json).ok()?.get_mut(&event.name).map_or_else(|| json!({}), Value::take);
    without_tokens(&mut data);
    let mut item = json!({
        "stream": event.stream.to_string(), "version": event.version, "name": event.name, "schema": event.schema,
        "lane": stored.lane, "pos": stored.pos, "command_pos": event.command_pos, "data": data,
    });
    if let (Value::Object(item), Value::Object(by)) = (&mut item, by(&event.by)) {
        item.extend(by);
    }
    Some((event.by.at, stored.lane, stored.pos, item))
}

/// Who, why, when.
fn by(record: &Record) -> Value {
    json!({
        "at": record.at, "caller": record.caller, "key": record.key, "actor": record.actor, "causation": record.causation,
        "traceparent": record.traceparent, "business_date": record.business_date,
    })
}

/// A command and what became of it.
fn told(record: &Record) -> Value {
    let (verdict, detail) = match &record.verdict {
        Verdict::Applied(reply) => ("applied", serde_json::from_str(reply).unwrap_or_default()),
        Verdict::Refused(refused) => ("refused", json!(refused)),
        Verdict::Saga(id) => ("saga", json!(id)),
        Verdict::Tombstone => ("tombstone", Value::Null),
    };
    let mut told = json!({"verdict": verdict, "detail": detail});
    if let (Value::Object(told), Value::Object(by)) = (&mut told, by(record)) {
        told.extend(by);
    }
    without_tokens(&mut told);
    told
}

fn without_tokens(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "token" { *value = json!("…") } else { without_tokens(value) }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(without_tokens),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_left_out_however_deep_they_lie() {
        let mut value = json!({"state": {"booking": [{"guarantee": {"kind": "card", "token": "tok_ok"}}]}, "tokens": 3});
        without_tokens(&mut value);
        assert_eq!(value, json!({"state": {"booking": [{"guarantee": {"kind": "card", "token": "…"}}]}, "tokens": 3}));
    }
}
