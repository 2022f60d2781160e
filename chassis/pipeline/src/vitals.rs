//! What a console asks every service once a second, and the hand it puts on the breakers. Everything but the number of
//! parked subjects is in memory, and of those there are few.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use kernel::{Lane, Timestamp};
use peer::breaker::Switch;
use peer::hand::MINUTES_MAX;
use peer::{Guards, Hand};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::{Invalid, Problem};
use crate::validate::text;

/// The longest reason, in characters.
const REASON_MAX: usize = 200;

/// How a service's archive is in one place.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Archived {
    /// The place, without credentials.
    pub place: String,
    /// Positions archived there.
    pub positions: u64,
    /// When something was sealed there last, or was found to be up to date; RFC 3339.
    pub at: Option<Timestamp>,
    /// Why the last pass did not go through; empty when it did.
    pub fault: String,
}

/// How the service is.
pub async fn show(core: Arc<Core>, _: Call) -> Result<Answer, Problem> {
    let (now, heads, passed) = (core.clock.now(), core.committer.commits.borrow().clone(), core.positions.all());
    let of = |source: &str| -> BTreeMap<Lane, u64> {
        passed.iter().filter(|((of, _), _)| of == source).map(|((_, lane), pos)| (*lane, *pos)).collect()
    };
    let parked = parked(&core).await?;
    let (own, sources) = core.positions.sources().split_first().ok_or_else(|| Problem::retry("views"))?;
    let own = of(own);
    let behind: u64 = heads.iter().map(|(lane, head)| head.saturating_sub(own.get(lane).copied().unwrap_or(0))).sum();
    // How far the source is the source says: whoever asks them all subtracts.
    let follows = sources
        .iter()
        .map(|source| json!({"source": source, "behind": null, "at": of(source), "parked": parked.get(source).copied().unwrap_or(0)}));
    let (open, stuck) = core.sagas.board.counts();
    let (stats, gates) = (&core.committer.stats, &core.gates);
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    Ok(Answer::json(&json!({
        "service": core.service, "started_at": core.started_at, "uptime_s": now.ms_since(core.started_at) / 1_000,
        "now": now, "closing": gates.closing.has_begun(),
        "commits": count(&stats.commits), "commands": count(&stats.commands), "events": count(&stats.events), "passes": count(&core.passes),
        "shed": gates.pressure.shed(), "throttled": gates.throttle.throttled(),
        "queue_age_ms": u64::try_from(gates.pressure.age().as_millis()).unwrap_or(u64::MAX), "waiting": gates.pressure.waiting(),
        "open_sagas": open, "stuck_sagas": stuck, "ended_sagas": core.sagas.board.ends(),
        "head": heads.values().sum::<u64>(), "heads": heads,
        "follows": follows.collect::<Vec<_>>(),
        "views": {"behind": behind, "parked": parked.get(core.service).copied().unwrap_or(0)},
        "archive": *core.archived.lock().unwrap_or_else(PoisonError::into_inner),
        "process": core.peers.guards().id(), "peers": core.peers.guards().show(),
    })))
}

/// How many subjects are parked, by source.
async fn parked(core: &Core) -> Result<BTreeMap<String, i64>, Problem> {
    let rows = core.views.rows("SELECT source, COUNT(*) FROM parked GROUP BY source", Vec::new()).await?;
    Ok(rows.iter().map(|row| (row[0].text().to_owned(), row[1].int())).collect())
}

/// What is asked of a breaker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// `automatic`, `open` or `closed`.
    pub switch: Switch,
    /// Why; needed unless it is `automatic`.
    #[serde(default)]
    pub reason: String,
    /// Minutes until it lets go; needed unless it is `automatic`.
    #[serde(default)]
    pub minutes: u64,
}

impl Turn {
    /// Puts the hand on, if it says why and until when. What operators see of the peer then.
    pub fn put(&self, guards: &Guards, peer: &str, who: &str, now: Timestamp) -> Result<peer::guard::Shown, Problem> {
        if self.switch != Switch::Automatic {
            text("reason", &self.reason, REASON_MAX)?;
            if !(1..=MINUTES_MAX).contains(&self.minutes) {
                return Err(Invalid::field("minutes", &format!("must be 1 to {MINUTES_MAX}")).into());
            }
        }
        let hand = Hand::new(who, &self.reason, self.minutes, now);
        let shown = guards.hold(peer, self.switch, hand).ok_or_else(|| Problem::not_found("not-found"))?;
        tracing::warn!(peer, switch = ?self.switch, reason = self.reason, minutes = self.minutes, who, "an operator has switched a breaker");
        Ok(shown)
    }
}

/// The operator's hand on a breaker of this process.
pub async fn turn(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let turn: Turn = serde_json::from_slice(&call.body).map_err(|e| Problem::invalid(&e.to_string()))?;
    let shown = turn.put(core.peers.guards(), call.param("peer"), &call.principal.name, core.clock.now())?;
    Ok(Answer { applied: true, ..Answer::json(&shown) })
}
