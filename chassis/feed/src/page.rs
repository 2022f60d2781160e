//! Pages and cursors. A cursor names the lane, the history (incarnation), the position and the chain hash there, so that
//! a follower that is ahead of its source or on another branch is told so and never silently skips.

use std::collections::BTreeMap;
use std::time::Duration;

use eventstore::{Body, EventStore, StoreFault, chain, watch};
use kernel::stream::LANES;
use kernel::{Lane, Timestamp};
use serde::{Deserialize, Serialize};

use crate::public::{PublicEvent, Publish, envelope};

/// Positions in one page at most.
pub const PAGE: usize = 500;

/// News is gathered for so long: many small commits become one page.
const GATHER: Duration = Duration::from_millis(4);

/// Where a follower is in one lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The lane.
    pub lane: Lane,
    /// The source's history.
    pub incarnation: String,
    /// The last position taken in.
    pub pos: u64,
    /// First eight hex letters of the chain hash there.
    pub hash8: String,
}

impl Cursor {
    /// Reads `<lane>~<incarnation>~<pos>~<hash8>`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('~');
        let cursor = Self {
            lane: parts.next()?.parse().ok().filter(|lane| *lane < LANES)?,
            incarnation: parts.next()?.to_owned(),
            pos: parts.next()?.parse().ok()?,
            hash8: parts.next()?.to_owned(),
        };
        parts.next().is_none().then_some(cursor)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}~{}~{}", self.lane, self.incarnation, self.pos, self.hash8)
    }
}

/// A page of one lane. Positions between `from` and `to` that have no event are private or command records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Position before the page.
    pub from: u64,
    /// The cursor to send next.
    pub next: Cursor,
    /// The public events in order.
    pub events: Vec<PublicEvent>,
}

/// Why a cursor cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CursorFault {
    /// The follower knows positions this store does not have (416).
    Ahead,
    /// The follower is on another history (409).
    Fork,
    /// What follows the cursor is no longer in this store (410): it is in the archive.
    Gone,
    /// The store did not answer.
    Store(String),
}

impl From<StoreFault> for CursorFault {
    fn from(fault: StoreFault) -> Self {
        if fault == StoreFault::Pruned { Self::Gone } else { Self::Store(fault.to_string()) }
    }
}

/// The source side of a feed.
pub struct Feed<'a> {
    /// The service.
    pub service: &'a str,
    /// Its store.
    pub store: &'a dyn EventStore,
    /// What is public.
    pub publish: Publish,
}

impl Feed<'_> {
    /// The next page after the cursors (lanes without one start at 0), waiting up to `wait` for news. `None`: no news.
    /// `commits` tells where the lanes end; the committer fills it before it takes its first command.
    pub async fn next(
        &self,
        cursors: &[Cursor],
        mut commits: watch::Receiver<BTreeMap<Lane, u64>>,
        wait: Duration,
    ) -> Result<Option<Page>, CursorFault> {
        let until = tokio::time::Instant::now() + wait;
        if cursors.iter().any(|c| c.pos > 0 && c.incarnation != self.store.incarnation()) {
            return Err(CursorFault::Fork);
        }
        loop {
            let heads = commits.borrow_and_update().clone();
            let head = |lane: Lane| heads.get(&lane).copied().unwrap_or(0);
            for cursor in cursors.iter().filter(|c| c.pos > head(c.lane)) {
                // Perhaps another replica wrote it; if the store does not have it either, the follower is ahead of it.
                self.check(cursor).await?;
            }
            let after = |lane: Lane| cursors.iter().find(|c| c.lane == lane).map_or(0, |c| c.pos);
            let behind = heads.iter().filter(|(lane, head)| **head > after(**lane)).map(|(lane, _)| (*lane, after(*lane)));
            if let Some((lane, after)) = self.oldest(behind.collect()).await? {
                if let Some(cursor) = cursors.iter().find(|c| c.lane == lane) {
                    self.check(cursor).await?;
                }
                return self.page(lane, after).await.map(Some);
            }
            match tokio::time::timeout_at(until, commits.changed()).await {
                Ok(Ok(())) => tokio::time::sleep(GATHER).await,
                Ok(Err(_)) | Err(_) => break,
            }
        }
        // Nothing but silence: at least no cursor is on another branch.
        for cursor in cursors {
            self.check(cursor).await?;
        }
        Ok(None)
    }

    /// Of the lanes that have news, the one whose news has waited longest: a busy lane must not keep the others waiting.
    async fn oldest(&self, mut behind: Vec<(Lane, u64)>) -> Result<Option<(Lane, u64)>, CursorFault> {
        if behind.len() < 2 {
            return Ok(behind.pop());
        }
        let mut oldest: Option<(Timestamp, Lane, u64)> = None;
        for (lane, after) in behind {
            for stored in self.store.read(lane, after, 1).await? {
                let at = match &stored.body {
                    Body::Command(record) => record.at,
                    Body::Event(event) => event.by.at,
                };
                oldest = oldest.filter(|(so_far, ..)| *so_far <= at).or(Some((at, lane, after)));
            }
        }
        Ok(oldest.map(|(_, lane, after)| (lane, after)))
    }

    /// A cursor must lie on this store's own chain.
    async fn check(&self, cursor: &Cursor) -> Result<(), CursorFault> {
        if cursor.pos == 0 {
            return Ok(());
        }
        match self.store.read(cursor.lane, cursor.pos - 1, 1).await?.first() {
            None => Err(CursorFault::Ahead),
            Some(stored) if chain::short(&stored.hash) != cursor.hash8 => Err(CursorFault::Fork),
            Some(_) => Ok(()),
        }
    }

    async fn page(&self, lane: Lane, after: u64) -> Result<Page, CursorFault> {
        let stored = self.store.read(lane, after, PAGE).await?;
        let incarnation = self.store.incarnation();
        let events = stored.iter().filter_map(|s| envelope(self.service, &incarnation, s, self.publish)).collect();
        let (pos, hash8) = stored.last().map_or((after, String::new()), |s| (s.pos, chain::short(&s.hash)));
        Ok(Page { from: after, next: Cursor { lane, incarnation, pos, hash8 }, events })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor { lane: 3, incarnation: "abc".into(), pos: 17, hash8: "00ff00ff".into() };
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        assert_eq!(Cursor::parse("3~abc~x~00"), None);
        assert_eq!(Cursor::parse("16~abc~1~00"), None);
        assert_eq!(Cursor::parse("3~abc~1~00~1"), None);
    }
}
