//! Following another service: its public facts become commands in this service's own lanes, each under the key
//! `<source>/<lane>/<pos>`, so that repeating a page changes nothing. The checkpoint moves by compare-and-set.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use eventstore::{Committer, Envelope, Work};
use futures::future::join_all;
use kernel::{Lane, Outcome, lane_of};
use peer::Peers;

use crate::page::{Cursor, Page};
use crate::positions::Positions;
use crate::public::PublicEvent;
use crate::sql::Db;

/// How long a request for news waits at the source.
const WAIT: Duration = Duration::from_secs(20);
/// Pause after an answer that was no page.
const PAUSE: Duration = Duration::from_millis(250);
/// A fact's command is tried for so long before the page is tried again.
const FACT_TIMEOUT: Duration = Duration::from_secs(5);

/// A command that a followed fact becomes.
pub struct Fact {
    /// Chooses the lane.
    pub partition: String,
    /// The decision.
    pub work: Box<dyn Work>,
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

/// A running follower.
pub struct Follower {
    /// What to follow.
    pub follow: Follow,
    /// How to reach it.
    pub peers: Peers,
    /// Where the facts go.
    pub committer: Committer,
    /// Where checkpoints are.
    pub db: Db,
    /// Where progress is told.
    pub positions: Arc<Positions>,
}

impl Follower {
    /// Follows for ever; `host` runs it.
    pub async fn run(self) {
        let mut cursors = self.cursors().await;
        for cursor in cursors.values() {
            self.positions.pass(self.follow.source, cursor.lane, cursor.pos);
        }
        loop {
            match self.fetch(&cursors).await {
                Ok(Some(page)) => {
                    if self.take(&page).await {
                        self.positions.pass(self.follow.source, page.next.lane, page.next.pos);
                        cursors.insert(page.next.lane, page.next);
                    } else {
                        // Another replica may have moved the checkpoint: what is stored decides.
                        tokio::time::sleep(PAUSE).await;
                        cursors = self.cursors().await;
                    }
                }
                Ok(None) => {}
                Err(why) => {
                    tracing::warn!(source = self.follow.source, why, "the feed cannot be read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn cursors(&self) -> BTreeMap<Lane, Cursor> {
        let rows = self.db.rows("SELECT lane, incarnation, pos, hash FROM checkpoint WHERE source = ?1", vec![self.follow.source.into()]);
        let rows = rows.await.unwrap_or_default();
        let cursor = |row: &Vec<crate::sql::Cell>| Cursor {
            lane: row[0].int() as Lane,
            incarnation: row[1].text().to_owned(),
            pos: row[2].int() as u64,
            hash8: row[3].text().to_owned(),
        };
        rows.iter().map(|row| (row[0].int() as Lane, cursor(row))).collect()
    }

    async fn fetch(&self, cursors: &BTreeMap<Lane, Cursor>) -> Result<Option<Page>, String> {
        let after: Vec<String> = cursors.values().map(ToString::to_string).collect();
        let path = format!("/api/{}/v1/feed?after={}&wait={}s", self.follow.source, after.join(","), WAIT.as_secs());
        let answer = self.peers.get(self.follow.source, &path, WAIT + Duration::from_secs(2)).await.ok_or("no answer")?;
        match answer.status().as_u16() {
            200 => serde_json::from_slice(answer.body()).map(Some).map_err(|e| e.to_string()),
            204 => Ok(None),
            status => Err(format!("status {status}")),
        }
    }

    /// All facts of a page, in order, then the checkpoint. `false`: the page has to come again.
    async fn take(&self, page: &Page) -> bool {
        let facts = page.events.iter().filter_map(|event| Some((event, (self.follow.react)(event)?)));
        let submitted = facts.map(|(event, fact)| {
            let envelope = Envelope {
                caller: "feed".into(),
                key: format!("{}/{}/{}", self.follow.source, page.next.lane, event.pos),
                fingerprint: String::new(),
                if_match: None,
                undoes: None,
                deadline: tokio::time::Instant::now() + FACT_TIMEOUT,
                actor: format!("feed:{}", self.follow.source),
                causation: event.id.clone(),
                traceparent: event.traceparent.clone(),
            };
            self.committer.submit(envelope, lane_of(&fact.partition), fact.work)
        });
        let answers = join_all(submitted).await;
        if !answers.iter().all(|a| matches!(a.outcome, Outcome::Applied { .. } | Outcome::Rejected(_) | Outcome::Pending(_))) {
            return false;
        }
        let (source, from, next) = (self.follow.source, page.from, page.next.clone());
        let moved = self.db.write(move |tx| {
            let cells = [
                source.into(),
                i64::from(next.lane).into(),
                next.incarnation.into(),
                (next.pos as i64).into(),
                next.hash8.into(),
                (from as i64).into(),
            ];
            tx.exec("INSERT INTO checkpoint SELECT ?1, ?2, ?3, 0, '' WHERE ?6 = 0 ON CONFLICT DO NOTHING", &cells)?;
            tx.exec("UPDATE checkpoint SET incarnation = ?3, pos = ?4, hash = ?5 WHERE source = ?1 AND lane = ?2 AND pos = ?6", &cells)
        });
        matches!(moved.await, Ok(1))
    }
}
