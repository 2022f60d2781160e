//! Breakers: what stands between each process and the services it calls, and the operator's hand on it.

use askama::Template;
use axum::extract::Form;
use axum::response::Response;
use kit::{Frame, page};
use peer::breaker::Switch;
use peer::hand::MINUTES_MAX;
use peer::{At, Call, Hand};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::health::{self, Summary};
use crate::look::Look;
use crate::services::Peer;

#[derive(Template, Serialize)]
#[template(path = "breakers.html")]
struct Breakers {
    #[serde(skip)]
    f: Frame,
    summary: Summary,
    processes: Vec<Shown>,
    silent: Vec<&'static str>,
    #[serde(skip)]
    token: String,
}

/// A process and its peers, the troubled first.
#[derive(Serialize)]
struct Shown {
    process: String,
    services: Vec<&'static str>,
    peers: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    peer: Peer,
    /// Bad calls and all calls of the last ten seconds.
    bad: u64,
    of: u64,
}

impl Row {
    /// The word that is shown: what a hand forces is said as such.
    fn word(&self) -> String {
        match self.peer.switch.as_str() {
            "open" => "held-open".into(),
            "closed" => "held-closed".into(),
            _ => self.peer.breaker.clone(),
        }
    }

    fn tone(&self) -> &'static str {
        match (self.peer.switch.as_str(), self.peer.breaker.as_str()) {
            ("open" | "closed", _) | ("automatic", "ramping" | "half-open") => "warn",
            (_, "open") => "urgent",
            _ => "",
        }
    }

    fn rank(&self) -> usize {
        ["open", "half-open", "ramping"].iter().position(|word| *word == self.peer.breaker).unwrap_or(3)
    }
}

/// The shape that goes with a breaker's word.
pub fn shape(breaker: &str) -> &'static str {
    match breaker {
        "open" => "◉",
        "half-open" => "◐",
        "ramping" => "◔",
        _ => "●",
    }
}

/// `GET /ops/breakers`.
pub async fn page(look: Look) -> Response {
    let (f, summary) = look.frame("breakers-title", "breakers");
    let of = |process: health::Process| {
        let rows = process.peers.into_iter().map(|peer| {
            let (bad, of) = look.snapshot.calls(&process.process, &peer.peer);
            Row { peer, bad, of }
        });
        let mut peers: Vec<Row> = rows.collect();
        peers.sort_by_key(Row::rank);
        Shown { process: process.process, services: process.services, peers }
    };
    let processes = health::processes(&look.snapshot).into_iter().map(of).collect();
    let silent = look.snapshot.seen.iter().filter(|(_, seen)| seen.now.is_none()).map(|(service, _)| *service).collect();
    page::show(&look.visit, &Breakers { f, summary, processes, silent, token: look.front.token() })
}

/// The form.
#[derive(Deserialize)]
pub struct Turn {
    process: String,
    peer: String,
    switch: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    minutes: u64,
    key: String,
}

/// `POST /ops/breakers`. A breaker of this process is turned here, so that one that is held open can be let go although
/// nothing passes it; another's by any service of that process.
pub async fn turn(look: Look, Form(turn): Form<Turn>) -> Response {
    let to = "/ops/breakers";
    let switch = match turn.switch.as_str() {
        "open" => Switch::Open,
        "closed" => Switch::Closed,
        _ => Switch::Automatic,
    };
    let reason = turn.reason.trim();
    let needs_more =
        switch != Switch::Automatic && (reason.is_empty() || reason.chars().count() > 200 || !(1..=MINUTES_MAX).contains(&turn.minutes));
    if needs_more {
        return page::message(&look.front, &look.visit, http::StatusCode::BAD_REQUEST, "refused-title", "breaker-needs-reason");
    }
    let guards = look.front.setup.peers.guards();
    if turn.process == guards.id() {
        let who = look.visit.person.as_ref().map_or("", |person| person.name.as_str());
        let now = look.front.setup.clock.now();
        let Some(_shown) = guards.hold(&turn.peer, switch, Hand::new(who, reason, turn.minutes, now)) else {
            return page::message(&look.front, &look.visit, http::StatusCode::NOT_FOUND, "refused-title", "code-not-found");
        };
        tracing::warn!(peer = turn.peer, ?switch, reason, minutes = turn.minutes, who, "an operator has switched a breaker");
        return page::onward(&look.visit, to, &At::default());
    }
    let all = health::processes(&look.snapshot);
    let Some(service) = all.iter().find(|process| process.process == turn.process).and_then(|process| process.services.first()) else {
        return page::message(&look.front, &look.visit, http::StatusCode::NOT_FOUND, "refused-title", "breaker-process-gone");
    };
    let peer: String = turn.peer.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let call = Call {
        service,
        name: "TurnBreaker",
        path: format!("/api/{service}/v1/peers/{peer}/breaker"),
        body: json!({"switch": switch, "reason": reason, "minutes": turn.minutes}).to_string(),
        key: None,
    };
    look.after(&look.front.ask_for(&look.visit).post(&call, &turn.key, None, kit::ask::DECISION).await, to)
}
