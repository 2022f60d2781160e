//! Taking a page into the view database: every event of it and the checkpoint in one transaction, whoever the page is of.
//! An event that cannot be taken in parks its subject, never its lane.
//!
//! Pages of one lane are taken in one after the other, those of another service too: an owner of hotels keeps a hotel in
//! the same lane everywhere, so views that are made of two feeds need no locks of their own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use eventstore::Stored;
use kernel::Lane;

use crate::checkpoint::{Parked, move_checkpoint, park};
use crate::page::Cursor;
use crate::public::PublicEvent;
use crate::sql::{Db, SqlFault, Tx};

/// Tries before an event's subject is parked.
const TRIES: u32 = 5;

/// Whoever writes this row first has the lane until the end of its transaction.
const TURN: &str = "INSERT INTO turn VALUES(?1) ON CONFLICT(lane) DO UPDATE SET lane = excluded.lane";

/// What a page is made of.
pub(crate) trait Item: Send + Sync + 'static {
    /// Its position.
    fn pos(&self) -> u64;
    /// What it is about; `None`: nobody cares.
    fn subject(&self) -> Option<String>;
}

impl Item for Stored {
    fn pos(&self) -> u64 {
        self.pos
    }

    fn subject(&self) -> Option<String> {
        self.event().map(|event| event.stream.to_string())
    }
}

impl Item for PublicEvent {
    fn pos(&self) -> u64 {
        self.pos
    }

    fn subject(&self) -> Option<String> {
        Some(self.subject.clone())
    }
}

/// What an item does to the views.
pub(crate) type Apply<T> = Arc<dyn Fn(&Tx<'_>, &T) -> Result<(), SqlFault> + Send + Sync>;

/// What became of a page.
pub(crate) enum Taken {
    /// Taken in; what is parked, when that has changed.
    Passed(Option<Parked>),
    /// The checkpoint is not where it was thought to be: another replica has been here.
    Moved,
}

/// Takes a page in, from the position before it to `next`. `follower` names the checkpoint.
pub(crate) async fn take_in<T: Item>(
    db: &Db,
    follower: &str,
    (from, next): (u64, &Cursor),
    page: &Arc<Vec<T>>,
    known: &Arc<Parked>,
    apply: &Apply<T>,
) -> Result<Taken, String> {
    // Poison is rare: only a page that fails as a whole goes event by event.
    for careful in [false, true] {
        let (follower, next, page, known, apply) = (follower.to_owned(), next.clone(), page.clone(), known.clone(), apply.clone());
        let (lane, name) = (next.lane, follower.clone());
        let written = db.write(move |tx| {
            tx.run(TURN, &[i64::from(lane).into()])?;
            // First, so that replicas do the work of a page one after the other, and only once.
            if !move_checkpoint(tx, &follower, from, &next)? {
                return Ok(Taken::Moved);
            }
            if careful {
                let mut parked = (*known).clone();
                page.iter().try_for_each(|item| with_care(tx, &follower, lane, item, &apply, &mut parked))?;
                return Ok(Taken::Passed(Some(parked)));
            }
            let left_out = |item: &T| !known.is_empty() && item.subject().is_none_or(|subject| known.contains(&(lane, subject)));
            page.iter().filter(|item| !left_out(item)).try_for_each(|item| apply(tx, item))?;
            Ok(Taken::Passed(None))
        });
        match written.await {
            Ok(taken) => return Ok(taken),
            Err(fault) if careful => return Err(fault.to_string()),
            Err(fault) => tracing::info!(follower = name, lane, %fault, "a page fails; it is taken in event by event"),
        }
    }
    Err("a page was taken in neither way".into())
}

/// One event, a few times if need be. One that fails every time parks its subject, never its lane.
fn with_care<T: Item>(tx: &Tx<'_>, follower: &str, lane: Lane, item: &T, apply: &Apply<T>, parked: &mut Parked) -> Result<(), SqlFault> {
    let Some(subject) = item.subject() else { return Ok(()) };
    if parked.contains(&(lane, subject.clone())) {
        return Ok(());
    }
    let mut failed = None;
    for _ in 0..TRIES {
        tx.run("SAVEPOINT event", &[])?;
        // A panic is a bug of one view over one event: poison like any other.
        let applied = catch_unwind(AssertUnwindSafe(|| apply(tx, item)));
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
    tracing::error!(follower, subject, pos = item.pos(), error, "an event cannot be taken into the views; its subject is parked");
    park(tx, follower, lane, &subject, item.pos(), &error)?;
    parked.insert((lane, subject));
    Ok(())
}
