//! Routes every service has: its feed, its sagas, what has happened to a thing, and what operators need.

use std::sync::Arc;
use std::time::Duration;

use eventstore::chain;
use feed::page::{Cursor, CursorFault, Feed};
use http::StatusCode;
use kernel::Lane;
use saga::Verb;
use serde_json::json;

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;
use crate::route::{Criticality, Role, RouteEntry, get, post};
use crate::{history, sagas, vitals};

/// A long poll at the feed waits at most so long.
const WAIT_S_MAX: u64 = 30;

/// The standard routes of a service.
pub fn routes(service: &'static str) -> Vec<RouteEntry> {
    vec![
        get(service, "/feed", "Feed", Role::Operator, Criticality::Quote, |core, call| Box::pin(feed_page(core, call))),
        get(service, "/sagas", "Sagas", Role::Operator, Criticality::Search, |core, call| Box::pin(sagas::list(core, call))),
        get(service, "/sagas/{saga}", "Saga", Role::Guest, Criticality::Quote, |core, call| Box::pin(sagas::one(core, call))),
        get(service, "/history", "History", Role::Desk, Criticality::Search, |core, call| Box::pin(history::show(core, call))),
        nudge(service, "/sagas/{saga}/retry", "RetrySaga", Verb::Retry),
        nudge(service, "/sagas/{saga}/abandon", "AbandonSaga", Verb::Abandon),
        nudge(service, "/sagas/{saga}/force", "ForceSaga", Verb::Force),
        get(service, "/vitals", "Vitals", Role::Operator, Criticality::Quote, |core, call| Box::pin(vitals::show(core, call))),
        post(service, "/peers/{peer}/breaker", "TurnBreaker", Role::Operator, Criticality::Finish, |core, call| {
            Box::pin(vitals::turn(core, call))
        }),
    ]
}

/// An operator's verb. It makes room and is never shed.
fn nudge(service: &'static str, path: &'static str, name: &'static str, verb: Verb) -> RouteEntry {
    post(service, path, name, Role::Operator, Criticality::Finish, move |core, call| Box::pin(sagas::nudge(core, call, verb)))
}

/// 410, with where the feed goes on (`snapshot`: what lies before is what queries show), and where what is gone is kept.
async fn gone(core: &Core, after: &str, cursors: &[Cursor]) -> Result<Problem, Problem> {
    let known = |lane: Lane| cursors.iter().find(|cursor| cursor.lane == lane).map_or(0, |cursor| cursor.pos);
    let (mut snapshot, mut lanes) = (Vec::new(), Vec::new());
    for (lane, pruned) in core.hot.pruned().await?.into_iter().filter(|(lane, pruned)| known(*lane) < pruned.through) {
        let hash8 = core.hot.read(lane, pruned.through - 1, 1).await?.first().map(|stored| chain::short(&stored.hash));
        let cursor = Cursor { lane, incarnation: core.hot.incarnation(), pos: pruned.through, hash8: hash8.unwrap_or_default() };
        snapshot.push(cursor.to_string());
        lanes.push(json!({"lane": lane, "after": known(lane), "through": pruned.through, "places": pruned.places}));
    }
    let detail = "What follows the cursor was archived and taken out of the store: read it from there, or go on behind it.";
    let mut problem = Problem::none(StatusCode::GONE, "cursor-gone", detail);
    problem.fields.insert("snapshot".into(), json!(snapshot.join(",")));
    let feed = format!("/api/{}/v1/feed?after={after}&archive=true", core.service);
    problem.fields.insert("archive".into(), json!({"service": core.service, "lanes": lanes, "feed": feed}));
    Ok(problem)
}

async fn feed_page(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let after = call.asked("after").unwrap_or_default();
    let mut cursors = Vec::new();
    for text in after.split(',').filter(|t| !t.is_empty()) {
        cursors.push(Cursor::parse(text).ok_or_else(|| Problem::invalid("after is not a list of <lane>~<incarnation>~<pos>~<hash8>"))?);
    }
    let wait = call.asked("wait").map_or(Some(0), |w| w.trim_end_matches('s').parse().ok());
    let wait = wait.ok_or_else(|| Problem::invalid("wait is not a number of seconds"))?.min(WAIT_S_MAX);
    let is_deep = call.asked("archive").is_some_and(|asked| asked == "true");
    let store = if is_deep { &core.store } else { &core.hot };
    let feed = Feed { service: core.service, store: store.as_ref(), publish: core.publish };
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
        Err(CursorFault::Gone) if is_deep => Err(Problem::retry("archive-away")),
        Err(CursorFault::Gone) => Err(gone(&core, &after, &cursors).await?),
        Err(CursorFault::Store(why)) => {
            tracing::error!(why, "the feed cannot be read");
            Err(Problem::retry("store"))
        }
    }
}
