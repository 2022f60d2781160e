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
use peer::breaker::Switch;
use pipeline::route::Role;
use pipeline::{Problem, authenticate};
use serde::Deserialize;
use serde_json::json;

/// The routes.
pub fn routes() -> axum::Router<Arc<House>> {
    axum::Router::new().route("/ops/peers", get(peers).post(turn))
}

/// What is asked of a breaker.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    /// The service.
    peer: String,
    /// `automatic`, `open` or `closed`.
    switch: Switch,
}

async fn peers(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    match operator(headers) {
        Ok(_) => Json(json!({"peers": house.guards.show()})).into_response(),
        Err(problem) => say(problem),
    }
}

async fn turn(State(house): State<Arc<House>>, headers: HeaderMap, body: Bytes) -> Response {
    let asked = operator(headers).and_then(|who| {
        let turn: Turn = serde_json::from_slice(&body).map_err(|e| Problem::invalid(&e.to_string()))?;
        Ok((who, turn))
    });
    match asked {
        Ok((who, turn)) if house.guards.turn(&turn.peer, turn.switch) => {
            tracing::warn!(peer = turn.peer, switch = ?turn.switch, who, "an operator has switched a breaker");
            Json(json!(house.guards.of(&turn.peer).show(&turn.peer))).into_response()
        }
        Ok(_) => say(Problem::not_found("not-found")),
        Err(problem) => say(problem),
    }
}

/// The operator's name. These routes are outside of every service's pipeline, so they ask themselves who it is.
fn operator(mut headers: HeaderMap) -> Result<String, Problem> {
    host::listen::forget_inside(&mut headers);
    match authenticate::principal(&headers) {
        Some(who) if who.role >= Role::Operator => Ok(who.name),
        Some(_) => Err(Problem::none(StatusCode::FORBIDDEN, "not-allowed", "This needs the role Operator.")),
        None => Err(Problem::none(StatusCode::UNAUTHORIZED, "not-authenticated", "The token is not one this house gives out.")),
    }
}

fn say(problem: Problem) -> Response {
    problem.into_response().map(Body::from)
}

/// Peers and gates, for Prometheus.
pub fn metrics(house: &House) -> String {
    let mut out = house.guards.metrics();
    type Pick = fn(&pipeline::Gates) -> f64;
    let lines: [(&str, &str, &str, Pick); 3] = [
        ("posthouse_shed_total", "counter", "Calls a service has shed.", |gates| gates.pressure.shed() as f64),
        ("posthouse_throttled_total", "counter", "Calls a service has throttled.", |gates| gates.throttle.throttled() as f64),
        ("posthouse_queue_age_seconds", "gauge", "How long the oldest undecided command of a service has been waiting.", |gates| {
            gates.pressure.age().as_secs_f64()
        }),
    ];
    for (name, kind, help, pick) in lines {
        let _infallible = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (service, core) in &house.cores {
            let _infallible = writeln!(out, "{name}{{service=\"{service}\"}} {}", pick(&core.gates));
        }
    }
    out
}
