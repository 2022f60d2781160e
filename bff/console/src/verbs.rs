//! What an operator says to a saga that does not end by itself, and what each verb would do, said before it is done.

use axum::extract::{Form, Path};
use axum::response::Response;
use http::StatusCode;
use kit::{Frame, page};
use peer::Call;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::look::Look;
use crate::services::{SERVICES, Saga};

/// Something that can be said, and what it would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verb {
    pub verb: &'static str,
    /// Its key.
    pub key: &'static str,
    /// The steps it would undo, the last first; for `abandon`.
    pub undoes: Vec<String>,
    /// Why it cannot be said now, a key of a text.
    pub barred: Option<&'static str>,
}

/// What can be said to a saga, and what cannot and why.
pub fn of(saga: &Saga) -> Vec<Verb> {
    let ended = saga.ended();
    let barred = |verb| match (verb, saga.phase.as_str()) {
        _ if ended => Some("barred-ended"),
        ("abandon", "pivoting") => Some("barred-past-pivot"),
        ("abandon", "unwinding") => Some("barred-unwinding"),
        ("force", "running") => Some("barred-before-pivot"),
        ("force", "unwinding") => Some("barred-unwinding"),
        _ => None,
    };
    let reached = saga.steps.iter().filter(|step| step.state == "done" || step.state == "running");
    let undoes: Vec<String> = reached.map(|step| step.name.clone()).rev().collect();
    let verb = |verb, key, undoes| Verb { verb, key, undoes, barred: barred(verb) };
    vec![verb("retry", "r", Vec::new()), verb("abandon", "x", undoes), verb("force", "f", Vec::new())]
}

/// What undoing a step does, in words.
pub fn undo(f: &Frame, step: &str) -> String {
    match step {
        "hold" | "authorise" | "retire" | "arrive" | "close-sales" | "earmark" => f.t(format!("undo-{step}")),
        _ => f.ta("undo-other", "step", f.t(format!("step-{step}"))),
    }
}

/// The form.
#[derive(Deserialize)]
pub struct Why {
    service: String,
    #[serde(default)]
    reason: String,
    key: String,
}

/// `POST /ops/sagas/{saga}/{verb}`.
pub async fn say(look: Look, Path((id, verb)): Path<(String, String)>, Form(why): Form<Why>) -> Response {
    let service = SERVICES.into_iter().find(|service| *service == why.service);
    let known =
        ["retry", "abandon", "force"].contains(&verb.as_str()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let (Some(service), true) = (service, known) else {
        return page::message(&look.front, &look.visit, StatusCode::NOT_FOUND, "not-found-title", "saga-none");
    };
    let reason = why.reason.trim();
    if reason.is_empty() {
        return page::message(&look.front, &look.visit, StatusCode::BAD_REQUEST, "refused-title", "verb-needs-reason");
    }
    let path = format!("/api/{service}/v1/sagas/{id}/{verb}");
    let call = Call { service, name: "NudgeSaga", path, body: json!({"reason": reason}).to_string(), key: None };
    let said = look.front.ask_for(&look.visit).post(&call, &why.key, None, kit::ask::DECISION).await;
    look.after(&said, &format!("/ops/sagas/{id}?service={service}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::Step;

    fn saga(phase: &str, state: &str) -> Saga {
        let step = |name: &str, state: &str| Step { name: name.into(), state: state.into() };
        let steps = vec![step("hold", "done"), step("authorise", "running"), step("confirm", "waiting")];
        Saga { phase: phase.into(), state: state.into(), steps, ..Saga::default() }
    }

    fn barred(phase: &str, state: &str) -> Vec<Option<&'static str>> {
        of(&saga(phase, state)).into_iter().map(|verb| verb.barred).collect()
    }

    #[test]
    fn a_verb_says_its_effect_or_why_it_cannot_be_said() {
        assert_eq!(of(&saga("running", "stuck"))[1].undoes, ["authorise", "hold"]);
        assert_eq!(barred("running", "running"), [None, None, Some("barred-before-pivot")]);
        assert_eq!(barred("pivoting", "stuck"), [None, Some("barred-past-pivot"), None]);
        assert_eq!(barred("unwinding", "stuck"), [None, Some("barred-unwinding"), Some("barred-unwinding")]);
        assert_eq!(barred("done", "done"), [Some("barred-ended"); 3]);
    }
}
