//! Read models: tables kept by following the service's own lanes, effect and checkpoint in one transaction.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use eventstore::{EventStore, Recorded, StoreFault, Stored, watch};
use kernel::Lane;

use crate::checkpoint::{Parked, cursors, move_checkpoint, park, parked};
use crate::page::Cursor;
use crate::positions::Positions;
use crate::sql::{Db, SqlFault, Tx};

/// Positions read at once.
const PAGE: usize = 1_000;
/// Tries before an event's subject is parked for the views.
const TRIES: u32 = 5;
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
";

/// One read model.
pub trait View: Send + Sync + 'static {
    /// Its tables; a change here rebuilds all views of the service.
    fn schema(&self) -> &'static str;

    /// Takes one event in.
    fn apply(&self, tx: &Tx<'_>, lane: Lane, pos: u64, event: &Recorded) -> Result<(), SqlFault>;
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
    views: Arc<[Arc<dyn View>]>,
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
        Self { service: service.to_owned(), store, commits, db, views: views.into(), positions }
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

    /// One page of one lane: the checkpoint and every event through every view, in one transaction.
    async fn page(&self, lane: Lane, after: u64, known: &Arc<Parked>) -> Result<Paged, String> {
        let page = Arc::new(self.store.read(lane, after, PAGE).await.map_err(|e| e.to_string())?);
        let Some(last) = page.last() else { return Ok(Paged::Nothing) };
        let (to, hash8) = (last.pos, eventstore::chain::short(&last.hash));
        let next = Cursor { lane, incarnation: self.store.incarnation(), pos: to, hash8 };
        // Poison is rare: only a page that fails as a whole goes event by event.
        for careful in [false, true] {
            let (views, service, next, page, known) = (self.views.clone(), self.service.clone(), next.clone(), page.clone(), known.clone());
            let written = self.db.write(move |tx| {
                // First, so that replicas do the work of a page one after the other, and only once.
                if !move_checkpoint(tx, &service, after, &next)? {
                    return Ok(Paged::Moved);
                }
                let whole = page.iter().filter_map(|stored| Some((stored, stored.event()?)));
                if careful {
                    let mut parked = (*known).clone();
                    whole.into_iter().try_for_each(|(stored, event)| with_care(tx, &views, &service, stored, event, &mut parked))?;
                    return Ok(Paged::Passed(to, Some(parked)));
                }
                for (stored, event) in whole.filter(|(_, event)| known.is_empty() || !known.contains(&(lane, event.stream.to_string()))) {
                    views.iter().try_for_each(|view| view.apply(tx, lane, stored.pos, event))?;
                }
                Ok(Paged::Passed(to, None))
            });
            match written.await {
                Ok(paged) => return Ok(paged),
                Err(fault) if careful => return Err(fault.to_string()),
                Err(fault) => tracing::info!(service = self.service, lane, %fault, "a page fails; it is taken in event by event"),
            }
        }
        Ok(Paged::Nothing)
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

/// One event through every view, a few times if need be. One that fails every time parks its subject, never its lane.
fn with_care(
    tx: &Tx<'_>,
    views: &[Arc<dyn View>],
    service: &str,
    stored: &Stored,
    event: &Recorded,
    parked: &mut Parked,
) -> Result<(), SqlFault> {
    let subject = event.stream.to_string();
    if parked.contains(&(stored.lane, subject.clone())) {
        return Ok(());
    }
    let mut failed = None;
    for _ in 0..TRIES {
        tx.run("SAVEPOINT event", &[])?;
        // A panic is a bug of one view over one event: poison like any other.
        let applied = catch_unwind(AssertUnwindSafe(|| views.iter().try_for_each(|view| view.apply(tx, stored.lane, stored.pos, event))));
        let applied = applied.unwrap_or_else(|_| Err(SqlFault("a view panicked".into())));
        // What a view has asked may only be done now, and fail now.
        match applied.and_then(|()| tx.exec("RELEASE event", &[])) {
            Ok(_) => return Ok(()),
            Err(fault) => {
                tx.exec("ROLLBACK TO event", &[])?;
                tx.exec("RELEASE event", &[])?;
                failed = Some(fault);
            }
        }
    }
    let error = failed.map(|f| f.to_string()).unwrap_or_default();
    tracing::error!(service, subject, pos = stored.pos, error, "an event cannot be taken into the views; its subject is parked");
    park(tx, service, stored.lane, &subject, stored.pos, &error)?;
    parked.insert((stored.lane, subject));
    Ok(())
}
