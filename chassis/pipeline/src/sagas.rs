//! The routes that show sagas, and an operator's verbs for those that do not end by themselves.

use std::sync::Arc;

use http::StatusCode;
use kernel::Outcome;
use saga::board::Way;
use saga::drive::ended;
use saga::log::Phase;
use saga::sight::Told;
use saga::start::CLAIM;
use saga::{Verb, lane_of_id};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::handle::{fingerprint, submit};
use crate::problem::{Invalid, Problem};
use crate::route::Role;
use crate::validate::text;

/// Sagas shown at once.
const SHOWN_MAX: usize = 1_000;
/// The longest reason, in characters.
const REASON_MAX: usize = 200;

/// `?state=open` (as without it), `stuck`, or `ended`. What is open comes from the store: stuck first, then the oldest. What has
/// ended is what this process remembers, the newest first.
pub async fn list(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let asked = call.asked("state");
    if asked.as_deref() == Some("ended") {
        let mut items = Vec::new();
        for (id, at) in core.sagas.board.ended() {
            let Some(told) = told(&core, &id).await? else { continue };
            let mut item = shown(&core, &call, &id, &told);
            item["ended_at"] = json!(at);
            items.push(item);
        }
        return Ok(Answer::json(&json!({"items": items})));
    }
    let only_stuck = match asked.as_deref() {
        None | Some("open") => false,
        Some("stuck") => true,
        Some(_) => return Err(Problem::invalid("state is none of open, stuck, ended")),
    };
    let claims = core.store.claims(CLAIM.into()).await?;
    let mut found = Vec::new();
    let ids = claims.iter().filter_map(|(thing, _)| thing.strip_prefix(CLAIM));
    // The log is read of those only that can be meant: this may be asked every second, in an outage too.
    for id in ids.filter(|id| !only_stuck || core.sagas.board.may_be_stuck(id)).take(SHOWN_MAX) {
        if let Some(told) = told(&core, id).await?
            && (told.log.stuck.is_some() || !only_stuck)
        {
            found.push((told.log.stuck.is_none(), told.since, shown(&core, &call, id, &told)));
        }
    }
    found.sort_by_key(|(is_well, since, _)| (*is_well, *since));
    let items: Vec<Value> = found.into_iter().map(|(_, _, item)| item).collect();
    Ok(Answer::json(&json!({"open": claims.len(), "items": items})))
}

/// One saga, as its steps are now.
pub async fn one(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let id = call.param("saga");
    let told = told(&core, id).await?.ok_or_else(|| Problem::not_found("saga-unknown"))?;
    Ok(Answer::json(&shown(&core, &call, id, &told)))
}

async fn told(core: &Core, id: &str) -> Result<Option<Told>, Problem> {
    let Some(lane) = lane_of_id(id) else { return Ok(None) };
    Ok(core.desk.told(id, lane).await?)
}

/// A saga without its state. Who has said what to it is for operators.
fn shown(core: &Core, call: &Call, id: &str, told: &Told) -> Value {
    let (log, sight, place) = (&told.log, core.sagas.sight(id, told), core.sagas.board.place(id));
    let (state, phase) = match (&log.phase, &log.stuck) {
        (Phase::Done(_), _) => ("done", "done"),
        (Phase::Undone(_), _) => ("undone", "undone"),
        (phase, stuck) => (
            if stuck.is_some() { "stuck" } else { "running" },
            match phase {
                Phase::Pivoting => "pivoting",
                Phase::Unwinding(..) => "unwinding",
                _ => "running",
            },
        ),
    };
    let now = if ended(log).is_some() { told.last } else { core.clock.now() };
    let steps = sight.as_ref().map(|sight| sight.progress(told, place.as_ref())).unwrap_or_default();
    let steps: Vec<Value> = steps.iter().map(|(name, state)| json!({"name": name, "state": state})).collect();
    let mut item = json!({
        "saga": id, "kind": log.def, "state": state, "phase": phase, "since": told.since, "age_s": now.ms_since(told.since) / 1_000,
        "round": log.round, "partition": log.partition, "subject": sight.and_then(|sight| sight.subject), "steps": steps,
        "tries": place.as_ref().map(|place| place.tries), "heard": place.as_ref().map(|place| &place.heard).filter(|heard| !heard.is_empty()),
        "ending": place.is_some_and(|place| place.way == Way::End),
        "stuck": log.stuck.as_ref().map(|(step, reason)| json!({"step": step, "reason": reason})), "answer": answer(told),
    });
    if call.principal.role >= Role::Operator {
        item["nudges"] = json!(log.nudges);
        item["nudged"] = json!(log.nudged);
    }
    item
}

/// What whoever waits for an ended saga is answered.
fn answer(told: &Told) -> Option<Value> {
    match ended(&told.log)? {
        Outcome::Rejected(refused) => {
            let problem = Problem::refused(&refused);
            Some(json!({"status": problem.status.as_u16(), "body": {"code": problem.code, "detail": problem.fields}}))
        }
        Outcome::Applied { reply, .. } => {
            Some(json!({"status": StatusCode::OK.as_u16(), "body": serde_json::from_str::<Value>(&reply).unwrap_or_default()}))
        }
        Outcome::Retry(_) | Outcome::Unknown | Outcome::Pending { .. } => None,
    }
}

/// Why an operator does something.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: String,
}

/// An operator's verb: stored on the saga's stream first, then whoever drives it is woken.
pub async fn nudge(core: Arc<Core>, call: Call, verb: Verb) -> Result<Answer, Problem> {
    let why: Why = serde_json::from_slice(&call.body).map_err(|e| Invalid(format!("the body is not {{\"reason\": …}}: {e}")))?;
    text("reason", &why.reason, REASON_MAX)?;
    let id = call.param("saga").to_owned();
    let (lane, work) = core.sagas.nudge(&id, verb, &why.reason).ok_or_else(|| Problem::not_found("saga-unknown"))?;
    let answer = submit(&core, &call, fingerprint(&call), lane, work).await?;
    tracing::warn!(saga = id, ?verb, who = call.principal.name, "an operator has spoken to a saga");
    core.sagas.nudged(&id);
    Ok(answer)
}
