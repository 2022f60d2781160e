//! Views that are made of another service's facts too: its public feed, effect and checkpoint in one transaction of the
//! view database. Nothing of it enters the own lanes, so no decision may rest on it; a fact that one needs is a [`Follow`].
//!
//! A view database that was cleared begins both feeds again. The own lanes go first then: what they say is later in a
//! thing's life, so what the source says of it long ago need not be drawn only to be wiped off.
//!
//! [`Follow`]: crate::Follow

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::EventStore;
use kernel::Lane;
use peer::{At, Peers};

use crate::checkpoint::{Parked, cursors, parked};
use crate::intake::{Apply, Taken, take_in};
use crate::page::Cursor;
use crate::positions::Positions;
use crate::public::PublicEvent;
use crate::pull::{PAUSE, pull};
use crate::sql::{Db, SqlFault, Tx};

/// One source whose facts go into the views.
#[derive(Clone, Copy)]
pub struct Project {
    /// The service whose feed it is.
    pub source: &'static str,
    /// Takes one fact in; what it does not care about it leaves.
    pub apply: fn(&Tx<'_>, Lane, &PublicEvent) -> Result<(), SqlFault>,
}

impl Project {
    /// What the follower is called among checkpoints and positions: a service may also follow the same source by commands.
    pub fn follower(&self) -> String {
        format!("{}/views", self.source)
    }
}

/// A running projection.
pub struct Projector {
    /// Who follows.
    pub service: String,
    /// What to follow.
    pub project: Project,
    /// How to reach it.
    pub peers: Peers,
    /// The own events, which go first when everything is made anew.
    pub store: Arc<dyn EventStore>,
    /// Where the views are.
    pub db: Db,
    /// Where progress is told.
    pub positions: Arc<Positions>,
}

impl Projector {
    /// Follows for ever; `host` runs it.
    pub async fn run(self) {
        let (follower, source, apply) = (self.project.follower(), self.project.source, self.project.apply);
        let (mut cursors, mut parked) = self.begin(&follower).await;
        loop {
            let page = match pull(&self.peers, source, &cursors).await {
                Ok(Some(page)) => page,
                Ok(None) => continue,
                Err(why) => {
                    tracing::info!(source, why, "the feed cannot be read yet");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let lane = page.next.lane;
            let apply: Apply<PublicEvent> = Arc::new(move |tx, event| apply(tx, lane, event));
            match take_in(&self.db, &follower, (page.from, &page.next), &Arc::new(page.events), &parked, &apply).await {
                Ok(Taken::Passed(now_parked)) => {
                    if let Some(now_parked) = now_parked {
                        parked = Arc::new(now_parked);
                    }
                    self.positions.pass(&follower, lane, page.next.pos);
                    cursors.insert(lane, page.next);
                }
                // Another replica has been here, or all of it was cleared: what is stored decides.
                Ok(Taken::Moved) => (cursors, parked) = self.begin(&follower).await,
                Err(fault) => {
                    tracing::error!(service = self.service, source, fault, "views cannot follow; trying again");
                    tokio::time::sleep(PAUSE).await;
                    (cursors, parked) = self.begin(&follower).await;
                }
            }
        }
    }

    /// The stored cursors, told to whoever waits for them, and what is parked.
    async fn begin(&self, follower: &str) -> (BTreeMap<Lane, Cursor>, Arc<Parked>) {
        loop {
            match self.stored(follower).await {
                Ok((cursors, parked)) => {
                    cursors.values().for_each(|cursor| self.positions.pass(follower, cursor.lane, cursor.pos));
                    if cursors.is_empty() {
                        self.after_own_events().await;
                    }
                    return (cursors, Arc::new(parked));
                }
                Err(fault) => {
                    tracing::warn!(source = self.project.source, %fault, "the checkpoints cannot be read yet");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn stored(&self, follower: &str) -> Result<(BTreeMap<Lane, Cursor>, Parked), SqlFault> {
        let cursors = cursors(&self.db, follower).await?;
        let parked = parked(&self.db, follower).await?;
        Ok((cursors.into_iter().map(|cursor| (cursor.lane, cursor)).collect(), parked))
    }

    /// Waits until the views have passed what is in the own lanes now.
    async fn after_own_events(&self) {
        let heads = loop {
            match self.store.heads().await {
                Ok(heads) => break heads,
                Err(fault) => {
                    tracing::warn!(service = self.service, %fault, "the store does not answer yet");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        let ends = heads.iter().filter(|(_, head)| head.pos > 0).map(|(lane, head)| ((self.service.clone(), *lane), head.pos));
        let ends = At(ends.collect());
        while !self.positions.reach(&ends).await {}
    }
}
