//! Routes every service has: its feed, its sagas, what has happened to a thing, and what operators need.

use std::sync::Arc;
use std::time::Duration;

use feed::page::{Cursor, CursorFault, Feed};
use http::StatusCode;
use saga::Verb;

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
