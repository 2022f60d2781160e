//! What operators see of the peers, and the hand they can put on a breaker.

use std::fmt::Write;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use host::House;
use pipeline::route::Role;
use pipeline::vitals::Turn;
use pipeline::{Problem, authenticate};
use serde_json::{Map, Value, json};

/// The routes.
pub fn routes() -> axum::Router<Arc<House>> {
    axum::Router::new().route("/ops/peers", get(peers).post(turn))
}

async fn peers(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    match operator(headers) {
        Ok(_) => Json(json!({"peers": house.guards.show()})).into_response(),
        Err(problem) => say(problem),
    }
}

async fn turn(State(house): State<Arc<House>>, headers: HeaderMap, body: Bytes) -> Response {
    let turned = operator(headers).and_then(|who| {
        let invalid = |e: serde_json::Error| Problem::invalid(&e.to_string());
        let mut fields: Map<String, Value> = serde_json::from_slice(&body).map_err(invalid)?;
        let peer = fields.remove("peer").unwrap_or_default();
        let turn: Turn = serde_json::from_value(Value::Object(fields)).map_err(invalid)?;
        turn.put(&house.guards, peer.as_str().unwrap_or_default(), &who, house.clock.now())
    });
    match turned {
        Ok(shown) => Json(json!(shown)).into_response(),
        Err(problem) => say(problem),
    }
}

/// The operator's name. These routes are outside of every service's pipeline, so they ask themselves who it is.
pub(crate) fn operator(mut headers: HeaderMap) -> Result<String, Problem> {
    host::listen::forget_inside(&mut headers);
    match authenticate::principal(&headers) {
        Some(who) if who.role >= Role::Operator => Ok(who.name),
        Some(_) => Err(Problem::none(StatusCode::FORBIDDEN, "not-allowed", "This needs the role Operator.")),
        None => Err(Problem::none(StatusCode::UNAUTHORIZED, "not-authenticated", "The token is not one this house gives out.")),
    }
}

pub(crate) fn say(problem: Problem) -> Response {
    problem.into_response().map(Body::from)
}

/// Peers and gates, for Prometheus.
pub fn metrics(house: &House) -> String {
    let mut out = house.guards.metrics();
    type Pick = fn(&pipeline::Core) -> f64;
    let lines: [(&str, &str, &str, Pick); 5] = [
        ("posthouse_shed_total", "counter", "Calls a service has shed.", |core| core.gates.pressure.shed() as f64),
        ("posthouse_throttled_total", "counter", "Calls a service has throttled.", |core| core.gates.throttle.throttled() as f64),
        ("posthouse_queue_age_seconds", "gauge", "How long the oldest undecided command of a service has been waiting.", |core| {
            core.gates.pressure.age().as_secs_f64()
        }),
        ("posthouse_sagas_open", "gauge", "Sagas of a service that this process drives.", |core| core.sagas.board.counts().0 as f64),
        ("posthouse_sagas_stuck", "gauge", "Those of them that are stuck.", |core| core.sagas.board.counts().1 as f64),
    ];
    for (name, kind, help, pick) in lines {
        let _infallible = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (service, core) in &house.cores {
            let _infallible = writeln!(out, "{name}{{service=\"{service}\"}} {}", pick(core));
        }
    }
    out
}
