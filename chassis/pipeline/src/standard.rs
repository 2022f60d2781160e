//! Routes every service has: its feed and its sagas.

use std::sync::Arc;
use std::time::Duration;

use feed::page::{Cursor, CursorFault, Feed};
use http::StatusCode;
use saga::drive::ended;
use saga::log::{Phase, SagaLog};
use saga::start::{CLAIM, lane_of_id};
use serde_json::json;

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;
use crate::route::{Criticality, Role, RouteEntry, get};

/// A long poll at the feed waits at most so long.
const WAIT_S_MAX: u64 = 30;

/// The standard routes of a service.
pub fn routes(service: &'static str) -> Vec<RouteEntry> {
    vec![
        get(service, "/feed", "Feed", Role::Operator, Criticality::Quote, |core, call| Box::pin(feed_page(core, call))),
        get(service, "/sagas", "Sagas", Role::Operator, Criticality::Search, |core, call| Box::pin(open_sagas(core, call))),
        get(service, "/sagas/{saga}", "Saga", Role::Guest, Criticality::Quote, |core, call| Box::pin(one_saga(core, call))),
    ]
}

async fn feed_page(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let after = call.asked("after").unwrap_or_default();
    let mut cursors = Vec::new();
    for text in after.split(',').filter(|t| !t.is_empty()) {
        cursors.push(Cursor::parse(text).ok_or_else(|| Problem::invalid("after is not a list of <lane>~<incarnation>~<pos>~<hash8>"))?);
    }
    let wait = call.asked("wait").map_or(Some(0), |w| w.trim_end_matches('s').parse().ok());
    let wait = wait.ok_or_else(|| Problem::invalid("wait is not a number of seconds"))?.min(WAIT_S_MAX);
    let feed = Feed { service: core.service, store: core.store.as_ref(), publish: core.publish };
    let news = feed.next(&cursors, core.committer.commits.clone(), Duration::from_secs(wait));
    let news = tokio::select! {
        biased;
        news = news => news,
        // A follower that waits must not keep the process from going down; it asks the next one.
        () = core.gates.closing.begun() => return Err(Problem::retry("closing")),
    };
    match news {
        Ok(Some(page)) => Ok(Answer::json(&page)),
        Ok(None) => Ok(Answer::no_content()),
        Err(CursorFault::Ahead) => {
            Err(Problem::none(StatusCode::RANGE_NOT_SATISFIABLE, "cursor-ahead", "The cursor names a position this store does not have."))
        }
        Err(CursorFault::Fork) => Err(Problem::none(StatusCode::CONFLICT, "cursor-fork", "The cursor lies on another history.")),
        Err(CursorFault::Gone) => Err(Problem::none(
            StatusCode::GONE,
            "cursor-gone",
            "What follows the cursor is no longer here: begin from a copy of the state.",
        )),
        Err(CursorFault::Store(why)) => {
            tracing::error!(why, "the feed cannot be read");
            Err(Problem::retry("store"))
        }
    }
}

/// Ids of the sagas that have not ended.
async fn open_sagas(core: Arc<Core>, _: Call) -> Result<Answer, Problem> {
    let claims = core.store.claims(CLAIM.into()).await?;
    let mut items = Vec::new();
    for (thing, lane) in claims.iter().take(1_000) {
        let Some(id) = thing.strip_prefix(CLAIM) else { continue };
        if let Some((log, _)) = core.desk.log(id, *lane).await {
            items.push(shown(id, &log));
        }
    }
    Ok(Answer::json(&json!({"open": claims.len(), "items": items})))
}

async fn one_saga(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let id = call.param("saga");
    let lane = lane_of_id(id).ok_or_else(|| Problem::not_found("saga-unknown"))?;
    let (log, _) = core.desk.log(id, lane).await.ok_or_else(|| Problem::not_found("saga-unknown"))?;
    Ok(Answer::json(&shown(id, &log)))
}

fn shown(id: &str, log: &SagaLog) -> serde_json::Value {
    let state = match (&log.phase, &log.stuck) {
        (Phase::Done(_), _) => "done",
        (Phase::Undone(_), _) => "undone",
        (_, Some(_)) => "stuck",
        _ => "running",
    };
    let answer = ended(log).map(|outcome| match outcome {
        kernel::Outcome::Rejected(refused) => {
            let problem = Problem::refused(&refused);
            json!({"status": problem.status.as_u16(), "body": {"code": problem.code, "detail": problem.fields}})
        }
        kernel::Outcome::Applied { reply, .. } => {
            json!({"status": 200, "body": serde_json::from_str::<serde_json::Value>(&reply).unwrap_or_default()})
        }
        _ => serde_json::Value::Null,
    });
    let stuck = log.stuck.as_ref().map(|(step, reason)| json!({"step": step, "reason": reason}));
    json!({"saga": id, "kind": log.def, "state": state, "round": log.round, "stuck": stuck, "answer": answer})
}
