//! Read models: tables kept by following the service's own lanes, effect and checkpoint in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use eventstore::{EventStore, Recorded, StoreFault, Stored, watch};
use kernel::Lane;

use crate::checkpoint::{Parked, cursors, parked};
use crate::intake::{Apply, Taken, take_in};
use crate::page::Cursor;
use crate::positions::Positions;
use crate::sql::{Db, SqlFault, Tx};

/// Positions read at once.
const PAGE: usize = 1_000;
/// Commits are gathered for so long before they are read: many small commits become one view transaction.
const GATHER: Duration = Duration::from_millis(4);

/// Pause after something that did not work.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// Tables every view database has.
const OWN: &str = "
CREATE TABLE checkpoint(source TEXT NOT NULL, lane INTEGER NOT NULL, incarnation TEXT NOT NULL, pos INTEGER NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY(source, lane)) WITHOUT ROWID;
CREATE TABLE parked(source TEXT NOT NULL, lane INTEGER NOT NULL, subject TEXT NOT NULL, from_pos INTEGER NOT NULL, error TEXT NOT NULL,
  PRIMARY KEY(source, lane, subject)) WITHOUT ROWID;
CREATE TABLE turn(lane INTEGER PRIMARY KEY) WITHOUT ROWID;
";

/// One read model.
pub trait View: Send + Sync + 'static {
    /// Its tables; a change here rebuilds all views of the service.
    fn schema(&self) -> &'static str;

    /// Takes one event in.
    fn apply(&self, tx: &Tx<'_>, lane: Lane, pos: u64, event: &Recorded) -> Result<(), SqlFault>;

    /// What of its tables is a picture of how things came and not of what they are: `<table>` or `<table>.<column>`. Made
    /// anew, it may look different and is not compared.
    fn pictures(&self) -> &'static [&'static str] {
        &[]
    }
}

/// The schema of a service's view database.
pub fn schema_of(views: &[Arc<dyn View>]) -> String {
    views.iter().fold(OWN.to_owned(), |all, view| all + view.schema())
}

/// Keeps all views of one service.
pub struct ViewFollower {
    service: String,
    store: Arc<dyn EventStore>,
    commits: watch::Receiver<BTreeMap<Lane, u64>>,
    db: Db,
    apply: Apply<Stored>,
    positions: Arc<Positions>,
}

impl ViewFollower {
    /// A follower of the service's own store.
    pub fn new(
        service: &str,
        store: Arc<dyn EventStore>,
        commits: watch::Receiver<BTreeMap<Lane, u64>>,
        db: Db,
        views: Vec<Arc<dyn View>>,
        positions: Arc<Positions>,
    ) -> Self {
        let apply: Apply<Stored> = Arc::new(move |tx, stored| {
            let Some(event) = stored.event() else { return Ok(()) };
            views.iter().try_for_each(|view| view.apply(tx, stored.lane, stored.pos, event))
        });
        Self { service: service.to_owned(), store, commits, db, apply, positions }
    }

    /// Follows for ever; `host` runs it.
    pub async fn run(mut self) {
        self.on_one_history().await;
        let mut stand = self.stand().await;
        let mut heads = self.commits.borrow_and_update().clone();
        loop {
            let mut is_behind = false;
            for (lane, head) in heads {
                while stand.passed(lane) < head {
                    match self.page(lane, stand.passed(lane), &stand.parked).await {
                        Ok(Paged::Passed(to, parked)) => {
                            stand.passed.insert(lane, to);
                            if let Some(parked) = parked {
                                stand.parked = Arc::new(parked);
                            }
                            self.positions.pass(&self.service, lane, to);
                        }
                        Ok(Paged::Nothing) => break,
                        // Another replica has been here: what is stored decides.
                        Ok(Paged::Moved) => stand = self.stand().await,
                        Err(fault) => {
                            tracing::error!(service = self.service, lane, fault, "views cannot follow; trying again");
                            tokio::time::sleep(TRY_AGAIN).await;
                            stand = self.stand().await;
                            // The other lanes first: this one may be in trouble for long.
                            is_behind = true;
                            break;
                        }
                    }
                }
            }
            if !is_behind && self.commits.changed().await.is_err() {
                return;
            }
            tokio::time::sleep(GATHER).await;
            heads = self.commits.borrow_and_update().clone();
        }
    }

    /// Where the stored checkpoints are, told to whoever waits for them, and what is parked.
    async fn stand(&self) -> Stand {
        let checkpoints = self.checkpoints().await;
        for cursor in &checkpoints {
            self.positions.pass(&self.service, cursor.lane, cursor.pos);
        }
        loop {
            match parked(&self.db, &self.service).await {
                Ok(parked) => return Stand { passed: checkpoints.iter().map(|c| (c.lane, c.pos)).collect(), parked: Arc::new(parked) },
                Err(fault) => {
                    tracing::warn!(service = self.service, %fault, "what is parked cannot be read yet");
                    tokio::time::sleep(TRY_AGAIN).await;
                }
            }
        }
    }

    /// Views of another history (the store was restored from a backup) are made anew: read on from where they are, they
    /// would silently leave out what comes next.
    async fn on_one_history(&self) {
        loop {
            let checkpoints = self.checkpoints().await;
            match self.on_this_history(&checkpoints).await {
                Ok(true) => return,
                Ok(false) => {
                    tracing::error!(service = self.service, "the views are not of this store's history; they are made anew");
                    if let Err(fault) = self.db.clear().await {
                        tracing::error!(service = self.service, %fault, "the views cannot be emptied");
                        tokio::time::sleep(TRY_AGAIN).await;
                    }
                }
                Err(fault) => {
                    tracing::warn!(service = self.service, %fault, "the store does not answer yet");
                    tokio::time::sleep(TRY_AGAIN).await;
                }
            }
        }
    }

    async fn on_this_history(&self, checkpoints: &[Cursor]) -> Result<bool, StoreFault> {
        for cursor in checkpoints.iter().filter(|c| c.pos > 0) {
            let stored = self.store.read(cursor.lane, cursor.pos - 1, 1).await?;
            let same = stored.first().is_some_and(|s| eventstore::chain::short(&s.hash) == cursor.hash8);
            if !same || cursor.incarnation != self.store.incarnation() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn checkpoints(&self) -> Vec<Cursor> {
        loop {
            match cursors(&self.db, &self.service).await {
                Ok(cursors) => return cursors,
                Err(fault) => {
                    tracing::warn!(service = self.service, %fault, "the checkpoints cannot be read yet");
                    tokio::time::sleep(TRY_AGAIN).await;
                }
            }
        }
    }

    /// One page of one lane through every view.
    async fn page(&self, lane: Lane, after: u64, known: &Arc<Parked>) -> Result<Paged, String> {
        let page = Arc::new(self.store.read(lane, after, PAGE).await.map_err(|e| e.to_string())?);
        let Some(last) = page.last() else { return Ok(Paged::Nothing) };
        let (to, hash8) = (last.pos, eventstore::chain::short(&last.hash));
        let next = Cursor { lane, incarnation: self.store.incarnation(), pos: to, hash8 };
        Ok(match take_in(&self.db, &self.service, (after, &next), &page, known, &self.apply).await? {
            Taken::Passed(parked) => Paged::Passed(to, parked),
            Taken::Moved => Paged::Moved,
        })
    }
}

/// How far the views are, and what they leave out.
struct Stand {
    passed: BTreeMap<Lane, u64>,
    parked: Arc<Parked>,
}

impl Stand {
    fn passed(&self, lane: Lane) -> u64 {
        self.passed.get(&lane).copied().unwrap_or(0)
    }
}

/// What became of a page.
enum Paged {
    /// Taken in up to here; what is parked, when that has changed.
    Passed(u64, Option<Parked>),
    /// There was none.
    Nothing,
    /// The checkpoint is not where it was thought to be.
    Moved,
}
