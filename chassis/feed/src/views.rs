//! Read models: tables kept by following the service's own lanes, effect and checkpoint in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use eventstore::{EventStore, Recorded, StoreFault, Stored, watch};
use kernel::Lane;

use crate::checkpoint::{cursors, move_checkpoint};
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
        let mut passed = self.begin().await;
        for (lane, pos) in &passed {
            self.positions.pass(&self.service, *lane, *pos);
        }
        let mut heads = self.commits.borrow_and_update().clone();
        loop {
            let mut is_behind = false;
            for (lane, head) in heads {
                while passed.get(&lane).copied().unwrap_or(0) < head {
                    match self.page(lane, passed.get(&lane).copied().unwrap_or(0)).await {
                        Ok(Paged::Passed(to)) => {
                            passed.insert(lane, to);
                            self.positions.pass(&self.service, lane, to);
                        }
                        Ok(Paged::Nothing) => break,
                        // Another replica has been here: what is stored decides.
                        Ok(Paged::Moved) => passed = self.told().await,
                        Err(fault) => {
                            tracing::error!(service = self.service, lane, fault, "views cannot follow; trying again");
                            tokio::time::sleep(TRY_AGAIN).await;
                            passed = self.told().await;
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

    /// Where the stored checkpoints are, told to whoever waits for them.
    async fn told(&self) -> BTreeMap<Lane, u64> {
        let passed: BTreeMap<Lane, u64> = self.checkpoints().await.into_iter().map(|c| (c.lane, c.pos)).collect();
        for (lane, pos) in &passed {
            self.positions.pass(&self.service, *lane, *pos);
        }
        passed
    }

    /// Where the views are. Views of another history (the store was restored from a backup) are made anew: read on from
    /// there, they would silently leave out what comes next.
    async fn begin(&self) -> BTreeMap<Lane, u64> {
        loop {
            let checkpoints = self.checkpoints().await;
            match self.on_this_history(&checkpoints).await {
                Ok(true) => return checkpoints.into_iter().map(|c| (c.lane, c.pos)).collect(),
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
    async fn page(&self, lane: Lane, after: u64) -> Result<Paged, String> {
        let page = Arc::new(self.store.read(lane, after, PAGE).await.map_err(|e| e.to_string())?);
        let Some(last) = page.last() else { return Ok(Paged::Nothing) };
        let (to, hash8) = (last.pos, eventstore::chain::short(&last.hash));
        let next = Cursor { lane, incarnation: self.store.incarnation(), pos: to, hash8 };
        // Poison is rare: only a page that fails as a whole goes event by event.
        for careful in [false, true] {
            let (views, service, next, page) = (self.views.clone(), self.service.clone(), next.clone(), page.clone());
            let written = self.db.write(move |tx| {
                // First, so that replicas do the work of a page one after the other, and only once.
                if !move_checkpoint(tx, &service, after, &next)? {
                    return Ok(Paged::Moved);
                }
                let parked = tx.rows(
                    "SELECT subject FROM parked WHERE source = ?1 AND lane = ?2",
                    &[service.as_str().into(), i64::from(lane).into()],
                )?;
                let mut parked: BTreeSet<String> = parked.iter().map(|row| row[0].text().to_owned()).collect();
                for stored in page.iter() {
                    take(tx, &views, &service, stored, &mut parked, careful)?;
                }
                Ok(Paged::Passed(to))
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

/// What became of a page.
enum Paged {
    /// Taken in up to here.
    Passed(u64),
    /// There was none.
    Nothing,
    /// The checkpoint is not where it was thought to be.
    Moved,
}

/// One event through every view. One that fails every time parks its subject, never its lane.
fn take(
    tx: &Tx<'_>,
    views: &[Arc<dyn View>],
    service: &str,
    stored: &Stored,
    parked: &mut BTreeSet<String>,
    careful: bool,
) -> Result<(), SqlFault> {
    let Some(event) = stored.event() else { return Ok(()) };
    let subject = event.stream.to_string();
    if parked.contains(&subject) {
        return Ok(());
    }
    if !careful {
        return views.iter().try_for_each(|view| view.apply(tx, stored.lane, stored.pos, event));
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
    let cells = [service.into(), i64::from(stored.lane).into(), subject.as_str().into(), (stored.pos as i64).into(), error.into()];
    tx.exec("INSERT OR REPLACE INTO parked VALUES(?1, ?2, ?3, ?4, ?5)", &cells)?;
    parked.insert(subject);
    Ok(())
}
