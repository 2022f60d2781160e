//! Timers: the due table is a view; one loop a service submits the due commands as principal `timer`. The decision looks
//! at the time again, so a timer that fires early or twice does no harm. One that is early (another clock) is answered *not
//! yet* (`Stop::Busy`), which is not recorded: a record would silence its key, and the occasion would never come.

use std::sync::Arc;
use std::time::Duration;

use eventstore::{Committer, Envelope};
use kernel::{Clock, lane_of};

use crate::follow::Fact;
use crate::sql::{Db, Row};

/// How often due tables are looked at.
const EVERY: Duration = Duration::from_millis(500);
/// A timer's command is given up after so long and fired again at the next look.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A command that is due, with the key it is fired under.
pub struct Due {
    /// The idempotency key: the same for the same occasion.
    pub key: String,
    /// The command.
    pub fact: Fact,
}

/// One due table.
#[derive(Clone, Copy)]
pub struct Timer {
    /// Selects what is due; `?1` is now in microseconds.
    pub due: &'static str,
    /// A due row as a command.
    pub fire: fn(&Row) -> Due,
}

/// Looks at the due tables of a service for ever; `host` runs it.
pub async fn run(timers: Vec<Timer>, db: Db, committer: Committer, clock: Arc<dyn Clock>) {
    loop {
        tokio::time::sleep(EVERY).await;
        for timer in &timers {
            let rows = match db.rows(timer.due, vec![clock.now().0.into()]).await {
                Ok(rows) => rows,
                Err(fault) => {
                    tracing::error!(%fault, "a due table cannot be read");
                    continue;
                }
            };
            for row in &rows {
                let due = (timer.fire)(row);
                let envelope = Envelope {
                    caller: "timer".into(),
                    key: due.key,
                    fingerprint: String::new(),
                    if_match: None,
                    undoes: None,
                    deadline: tokio::time::Instant::now() + TIMEOUT,
                    actor: "timer".into(),
                    causation: String::new(),
                    traceparent: String::new(),
                };
                let lane = lane_of(&due.fact.partition);
                let answer = committer.submit(envelope, lane, due.fact.work).await;
                tracing::debug!(outcome = ?answer.outcome, "a timer has fired");
            }
        }
    }
}
