//! Pages and cursors. A cursor names the lane, the history (incarnation), the position and the chain hash there, so that
//! a follower that is ahead of its source or on another branch is told so and never silently skips.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use eventstore::{EventStore, StoreFault, chain, watch};
use kernel::Lane;
use kernel::stream::LANES;
use serde::{Deserialize, Serialize};

use crate::public::{PublicEvent, Publish, envelope};

/// Positions in one page at most.
pub const PAGE: usize = 500;

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
    /// The store did not answer.
    Store(String),
}

impl From<StoreFault> for CursorFault {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault.to_string())
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
    pub async fn next(
        &self,
        cursors: &[Cursor],
        mut commits: watch::Receiver<BTreeMap<Lane, u64>>,
        wait: Duration,
    ) -> Result<Option<Page>, CursorFault> {
        let until = tokio::time::Instant::now() + wait;
        self.check(cursors).await?;
        loop {
            commits.mark_unchanged();
            let heads = self.store.heads().await?;
            let left = heads.into_iter().map(|(lane, head)| {
                let after = cursors.iter().find(|c| c.lane == lane).map_or(0, |c| c.pos);
                (head.pos.saturating_sub(after), Reverse(lane), after)
            });
            // The lane that is furthest behind: a busy one must not keep the others waiting.
            if let Some((_, Reverse(lane), after)) = left.filter(|(behind, ..)| *behind > 0).max() {
                return self.page(lane, after).await.map(Some);
            }
            match tokio::time::timeout_at(until, commits.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Ok(None),
            }
        }
    }

    /// Every cursor must lie on this store's own chain.
    async fn check(&self, cursors: &[Cursor]) -> Result<(), CursorFault> {
        for cursor in cursors.iter().filter(|c| c.pos > 0) {
            if cursor.incarnation != self.store.incarnation() {
                return Err(CursorFault::Fork);
            }
            match self.store.read(cursor.lane, cursor.pos - 1, 1).await?.first() {
                None => return Err(CursorFault::Ahead),
                Some(stored) if chain::short(&stored.hash) != cursor.hash8 => return Err(CursorFault::Fork),
                Some(_) => {}
            }
        }
        Ok(())
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
