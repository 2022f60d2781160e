//! Faults to show what the house does with them: `/ops/demo/faults`. They are on the wire between the services (and from
//! the front ends to them), never in a service; whoever comes in through the front door is not touched. Only a house that
//! was started as a demonstration has this wire; in any other the page does not exist.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use host::House;
use peer::handicap::SECONDS_MAX;
use peer::{Fault, Faults};
use pipeline::Problem;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ops::{operator, say};

/// The services, and the hand on their wire when there is one.
type Hand = (Arc<House>, Option<Faults>);

/// The routes, for any router.
pub fn routes<S: Clone + Send + Sync + 'static>(house: Arc<House>, faults: Option<Faults>) -> axum::Router<S> {
    axum::Router::new().route("/ops/demo/faults", get(show).post(set)).with_state((house, faults))
}

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The service that suffers.
    service: String,
    /// What is wrong with the wire to it.
    fault: Fault,
    /// When it heals, in seconds from now; needs not be said of `none`.
    #[serde(default)]
    seconds: u64,
}

async fn show(State((house, faults)): State<Hand>, headers: HeaderMap) -> Response {
    match allowed(faults, headers) {
        Ok((faults, _)) => Json(shown(&house, &faults)).into_response(),
        Err(problem) => say(problem),
    }
}

async fn set(State((house, faults)): State<Hand>, headers: HeaderMap, body: Bytes) -> Response {
    let done = allowed(faults, headers).and_then(|(faults, who)| {
        let wanted = wanted(&house, &body)?;
        tracing::warn!(service = wanted.service, fault = ?wanted.fault, wanted.seconds, who, "the wire to a service is given a fault");
        faults.set(&wanted.service, wanted.fault, Duration::from_secs(wanted.seconds));
        Ok(shown(&house, &faults))
    });
    match done {
        Ok(shown) => Json(shown).into_response(),
        Err(problem) => say(problem),
    }
}

fn allowed(faults: Option<Faults>, headers: HeaderMap) -> Result<(Faults, String), Problem> {
    let faults = faults.ok_or_else(|| Problem::not_found("not-found"))?;
    Ok((faults, operator(headers)?))
}

fn wanted(house: &House, body: &[u8]) -> Result<Wanted, Problem> {
    let wanted: Wanted = serde_json::from_slice(body).map_err(|e| Problem::invalid(&e.to_string()))?;
    if !house.cores.contains_key(wanted.service.as_str()) {
        return Err(Problem::invalid("service: there is none of that name here"));
    }
    if !wanted.fault.is_sound() {
        return Err(Problem::invalid("fault: slow is 1 to 10000 ms, failing 1 to 100 percent"));
    }
    if wanted.fault != Fault::None && !(1..=SECONDS_MAX).contains(&wanted.seconds) {
        return Err(Problem::invalid(&format!("seconds: must be 1 to {SECONDS_MAX}")));
    }
    Ok(wanted)
}

/// Every service and what is wrong with the wire to it.
fn shown(house: &House, faults: &Faults) -> Value {
    let service = |service: &&str| {
        let (fault, left) = faults.of(service);
        let heals_in_ms = (fault != Fault::None).then(|| u64::try_from(left.as_millis()).unwrap_or(u64::MAX));
        json!({"service": service, "fault": fault, "heals_in_ms": heals_in_ms})
    };
    json!({"services": house.cores.keys().map(service).collect::<Vec<_>>()})
}
