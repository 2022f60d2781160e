//! A cut through several SQLite databases: all of them as of one instant, copied while others go on writing.
//!
//! Databases that are copied one after the other show different instants. What one of them says about another (a step that
//! was done there, a fact that was read there) may then be missing in the copy of the other. So every database is locked
//! against writing for the moment in which a snapshot of each is opened, and the snapshots are copied at leisure: together
//! they are what a power failure at that instant would have left.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

/// A writer is in the way for so long at most before it is tried again: short, because writers leave short gaps.
const TRY: Duration = Duration::from_millis(1);
/// Tries for one database, while those before it are locked: well below what their writers are willing to wait.
const TRIES_MAX: u32 = 1_500;
/// Rounds, each from the first database on: between two of them everybody writes.
const ROUNDS_MAX: u32 = 5;
/// Pages that are copied at once.
const PAGES: std::ffi::c_int = 256;

/// Snapshots of databases, all as of one instant.
pub struct Cut(Vec<Snapshot>);

struct Snapshot {
    path: PathBuf,
    connection: Connection,
    pages: u64,
}

impl Cut {
    /// Opens a snapshot of each database. Blocks for as long as their writers' transactions take.
    pub fn through(databases: &[PathBuf]) -> Result<Self, String> {
        let mut locks = Vec::new();
        let mut snapshots = Vec::new();
        for path in databases {
            locks.push((path, open(path)?));
            snapshots.push(Snapshot { path: path.clone(), connection: open(path)?, pages: 0 });
        }
        let mut rounds = 1;
        while !lock_all(&locks)? {
            rounds += 1;
            if rounds > ROUNDS_MAX {
                return Err("the stores are too busy to be held for a moment; try again when there is less to do".into());
            }
        }
        for snapshot in &mut snapshots {
            let fault = |e: rusqlite::Error| format!("{} cannot be read: {e}", snapshot.path.display());
            // The first read opens the snapshot; beginning alone does not.
            snapshot.connection.execute_batch("BEGIN").map_err(fault)?;
            snapshot.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(fault)?;
            let pages: i64 = snapshot.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).map_err(fault)?;
            snapshot.pages = pages.unsigned_abs();
        }
        unlock_all(&locks);
        Ok(Self(snapshots))
    }

    /// Pages of all databases together.
    pub fn pages(&self) -> u64 {
        self.0.iter().map(|snapshot| snapshot.pages).sum()
    }

    /// Copies each database to the path that `to` gives it, checks the copy, and tells how many pages there have been.
    pub fn copy(self, to: impl Fn(&Path) -> PathBuf, progress: &mut dyn FnMut(u64)) -> Result<(), String> {
        let mut done = 0;
        for Snapshot { path, connection, pages } in self.0 {
            let target = to(&path);
            let mut copy = Connection::open(&target).map_err(|e| format!("{} cannot be made: {e}", target.display()))?;
            let cannot = |e: rusqlite::Error| format!("{} cannot be copied to {}: {e}", path.display(), target.display());
            let backup = Backup::new(&connection, &mut copy).map_err(cannot)?;
            while backup.step(PAGES).map_err(cannot)? != StepResult::Done {
                let left = u64::try_from(backup.progress().remaining).unwrap_or_default();
                progress(done + pages.saturating_sub(left));
            }
            drop(backup);
            drop(copy);
            done += pages;
            progress(done);
            check(&target)?;
        }
        Ok(())
    }
}

/// Reads a whole database and says what is wrong with it.
pub fn check(path: &Path) -> Result<(), String> {
    let connection = open(path)?;
    let says: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|e| format!("{} cannot be checked: {e}", path.display()))?;
    if says == "ok" { Ok(()) } else { Err(format!("{} is damaged: {says}", path.display())) }
}

/// An existing database, with little patience.
fn open(path: &Path) -> Result<Connection, String> {
    let opened = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let patient = opened.and_then(|connection| connection.busy_timeout(TRY).map(|()| connection));
    patient.map_err(|e| format!("{} cannot be opened: {e}", path.display()))
}

/// Locks every database against writing; `false`, and none is locked, when a writer does not leave a gap.
fn lock_all(locks: &[(&PathBuf, Connection)]) -> Result<bool, String> {
    for (path, connection) in locks {
        if !lock(connection).map_err(|e| format!("{} cannot be locked: {e}", path.display()))? {
            unlock_all(locks);
            return Ok(false);
        }
    }
    Ok(true)
}

fn lock(connection: &Connection) -> rusqlite::Result<bool> {
    for _ in 0..TRIES_MAX {
        match connection.execute_batch("BEGIN IMMEDIATE") {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {}
            done => return done.map(|()| true),
        }
    }
    Ok(false)
}

fn unlock_all(locks: &[(&PathBuf, Connection)]) {
    for (_, connection) in locks.iter().filter(|(_, connection)| !connection.is_autocommit()) {
        // Nothing was written: whatever goes wrong here, closing the connection lets go as well.
        let _let_go_later = connection.execute_batch("ROLLBACK");
    }
}
