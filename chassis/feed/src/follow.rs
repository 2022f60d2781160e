//! Following another service: its public facts become commands in this service's own lanes, each under the key
//! `<source>/<lane>/<pos>`, so that repeating a page changes nothing. The checkpoint moves by compare-and-set.
//!
//! Facts of one subject are taken in one after the other, also when one of them has to be tried again; a fact with a bug
//! parks its subject, and nothing else, after a few tries.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use eventstore::{Committer, Envelope, EventStore, Work};
use futures::future::join_all;
use kernel::{Lane, Outcome, lane_of};
use peer::{At, Peers};

use crate::checkpoint::{Parked, cursors, move_checkpoint, park, parked};
use crate::page::{Cursor, Page};
use crate::positions::Positions;
use crate::public::PublicEvent;
use crate::pull::{PAUSE, pull};
use crate::sql::{Db, SqlFault};

/// A fact's command is tried for so long before the page is tried again.
const FACT_TIMEOUT: Duration = Duration::from_secs(5);

/// Tries before the subject of a fact with a bug is parked for this follower.
const TRIES: u32 = 5;

/// How often the fact at a position has met a bug.
type Tries = BTreeMap<(Lane, u64), u32>;

/// A command that a followed fact becomes.
pub struct Fact {
    /// Chooses the lane; empty: the lane it comes in.
    pub partition: String,
    /// The decision.
    pub work: Box<dyn Work>,
}

impl Fact {
    /// A command in the lane of the fact itself, for facts that do not say whose they are: a partition has the same lane in
    /// every service.
    pub fn in_its_lane(work: Box<dyn Work>) -> Self {
        Self { partition: String::new(), work }
    }
}

/// Turns a public event into this service's own command; `None` when it does not care.
pub type React = fn(&PublicEvent) -> Option<Fact>;

/// One source to follow.
#[derive(Clone, Copy)]
pub struct Follow {
    /// The service whose feed it is.
    pub source: &'static str,
    /// What its events become here.
    pub react: React,
}

/// Who sends what a followed fact becomes.
const CALLER: &str = "feed";

/// The key of what the fact at a position becomes.
fn key(source: &str, lane: Lane, pos: u64) -> String {
    format!("{source}/{lane}/{pos}")
}

/// The fact that a command was made of, by its caller and key: service, lane and position.
pub fn made_of<'a>(caller: &str, key: &'a str) -> Option<(&'a str, Lane, u64)> {
    let mut parts = key.splitn(3, '/');
    let made = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (caller == CALLER).then_some(made)
}

/// A running follower.
pub struct Follower {
    /// Who follows.
    pub service: String,
    /// What to follow.
    pub follow: Follow,
    /// How to reach it.
    pub peers: Peers,
    /// Where the facts go.
    pub committer: Committer,
    /// The store behind it.
    pub store: Arc<dyn EventStore>,
    /// Where checkpoints are.
    pub db: Db,
    /// Where progress is told.
    pub positions: Arc<Positions>,
}

impl Follower {
    /// Follows for ever; `host` runs it.
    pub async fn run(self) {
        let (mut cursors, mut parked) = self.begin().await;
        let mut tries = Tries::new();
        loop {
            match pull(&self.peers, self.follow.source, &cursors).await {
                Ok(Some(page)) => {
                    if let Some(effects) = self.take(&page, &mut tries, &mut parked).await {
                        self.positions.pass_with(At::of(self.follow.source, page.next.lane, page.next.pos), effects);
                        cursors.insert(page.next.lane, page.next);
                    } else {
                        // Another replica may have moved the checkpoint: what is stored decides.
                        tokio::time::sleep(PAUSE).await;
                        (cursors, parked) = self.begin().await;
                    }
                }
                Ok(None) => {}
                Err(why) => {
                    tracing::info!(source = self.follow.source, why, "the feed cannot be read yet");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// The stored cursors, told to whoever waits for them, and what is parked. The cursors' effects lie somewhere before the
    /// ends of the own lanes.
    async fn begin(&self) -> (BTreeMap<Lane, Cursor>, Parked) {
        loop {
            match self.stored().await {
                Ok((cursors, parked, effects)) => {
                    let at = cursors.values().map(|c| ((self.follow.source.to_owned(), c.lane), c.pos)).collect();
                    self.positions.pass_with(At(at), effects);
                    return (cursors, parked);
                }
                Err(fault) => {
                    tracing::warn!(source = self.follow.source, fault, "the checkpoints cannot be read yet");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn stored(&self) -> Result<(BTreeMap<Lane, Cursor>, Parked, At), String> {
        let cursors = cursors(&self.db, self.follow.source).await.map_err(|e| e.to_string())?;
        let parked = parked(&self.db, self.follow.source).await.map_err(|e| e.to_string())?;
        let heads = self.store.heads().await.map_err(|e| e.to_string())?;
        let effects = heads.iter().map(|(lane, head)| ((self.service.clone(), *lane), head.pos)).filter(|(_, pos)| *pos > 0).collect();
        Ok((cursors.into_iter().map(|cursor| (cursor.lane, cursor)).collect(), parked, At(effects)))
    }

    /// All facts of a page, those of one subject in order, then the checkpoint. Where their effects are; `None`: the page
    /// has to come again.
    async fn take(&self, page: &Page, tries: &mut Tries, parked: &mut Parked) -> Option<At> {
        let lane = page.next.lane;
        let mut held: BTreeSet<String> = parked.iter().filter(|(of, _)| *of == lane).map(|(_, subject)| subject.clone()).collect();
        let mut effects = At::default();
        let mut failed: Vec<(&PublicEvent, String)> = Vec::new();
        let mut left: Vec<&PublicEvent> = page.events.iter().collect();
        while !left.is_empty() {
            let mut wave = BTreeSet::new();
            let (now, later) = left.into_iter().filter(|e| !held.contains(&e.subject)).partition(|e| wave.insert(&e.subject));
            left = later;
            for (event, taken) in self.wave(lane, now).await {
                match taken {
                    Ok(effect) => effects.merge(&effect),
                    Err(code) => {
                        held.insert(event.subject.clone());
                        failed.push((event, code));
                    }
                }
            }
        }
        let mut again = false;
        for (event, code) in &failed {
            let tried = tries.entry((lane, event.pos)).or_default();
            *tried += u32::from(code == "bug");
            again |= *tried < TRIES;
        }
        if again || !self.pass(page, &failed).await {
            return None;
        }
        parked.extend(failed.into_iter().map(|(event, _)| (lane, event.subject.clone())));
        tries.retain(|(of, _), _| *of != lane);
        Some(effects)
    }

    /// Moves the checkpoint over a page, parking the subjects of what has failed too often.
    async fn pass(&self, page: &Page, failed: &[(&PublicEvent, String)]) -> bool {
        let (source, from, next) = (self.follow.source, page.from, page.next.clone());
        let parking: Vec<_> = failed.iter().map(|(event, code)| (event.subject.clone(), event.pos, code.clone())).collect();
        let moved = self.db.write(move |tx| {
            for (subject, pos, code) in parking {
                tracing::error!(source, lane = next.lane, subject, pos, "a fact cannot be taken in; its subject is parked");
                park(tx, source, next.lane, &subject, pos, &code)?;
            }
            if move_checkpoint(tx, source, from, &next)? { Ok(()) } else { Err(SqlFault("the checkpoint has moved".into())) }
        });
        moved.await.is_ok()
    }

    /// One fact of each of several subjects, all at once: one commit at the other end.
    async fn wave<'a>(&self, lane: Lane, events: Vec<&'a PublicEvent>) -> Vec<(&'a PublicEvent, Result<At, String>)> {
        let taken = events.into_iter().map(|event| async move {
            // A panic is a bug of the reaction to this one event.
            let taken = match catch_unwind(AssertUnwindSafe(|| (self.follow.react)(event))) {
                Ok(None) => Ok(At::default()),
                Ok(Some(fact)) => self.submit(lane, event, fact).await,
                Err(_) => Err("bug".to_owned()),
            };
            (event, taken)
        });
        join_all(taken).await
    }

    async fn submit(&self, lane: Lane, event: &PublicEvent, fact: Fact) -> Result<At, String> {
        let envelope = Envelope {
            caller: CALLER.into(),
            key: key(self.follow.source, lane, event.pos),
            fingerprint: String::new(),
            if_match: None,
            undoes: None,
            deadline: tokio::time::Instant::now() + FACT_TIMEOUT,
            actor: format!("feed:{}", self.follow.source),
            causation: event.id.clone(),
            traceparent: event.traceparent.clone(),
        };
        let own = if fact.partition.is_empty() { lane } else { lane_of(&fact.partition) };
        let answer = self.committer.submit(envelope, own, fact.work).await;
        match answer.outcome {
            Outcome::Applied { .. } | Outcome::Rejected(_) | Outcome::Pending { .. } => {
                Ok(answer.at.map(|(lane, pos)| At::of(&self.service, lane, pos)).unwrap_or_default())
            }
            Outcome::Retry(code) => Err(code.into_owned()),
            Outcome::Unknown => Err("unknown".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_which_fact_it_was_made_of() {
        assert_eq!(made_of(CALLER, &key("hotels", 15, 1_042)), Some(("hotels", 15, 1_042)));
        for (caller, key) in [("desk", "hotels/15/1042"), (CALLER, "hotels/15"), (CALLER, "hotels/x/1"), (CALLER, "")] {
            assert_eq!(made_of(caller, key), None, "{caller} {key}");
        }
    }
}
