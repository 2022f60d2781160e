//! Checkpoints: how far a follower is, moved by compare-and-set in the transaction of the effect, so that the effect of a
//! page happens once whoever else follows. What is parked only changes with a checkpoint, so a follower that has read both
//! need not look again before its compare-and-set fails.

use std::collections::BTreeSet;

use kernel::Lane;

use crate::page::Cursor;
use crate::sql::{Cell, Db, SqlFault, Tx};

/// The checkpoints of a source.
pub async fn cursors(db: &Db, source: &str) -> Result<Vec<Cursor>, SqlFault> {
    let rows = db.rows("SELECT lane, incarnation, pos, hash FROM checkpoint WHERE source = ?1", vec![source.into()]).await?;
    let cursor = |row: &Vec<Cell>| Cursor {
        lane: row[0].int() as kernel::Lane,
        incarnation: row[1].text().to_owned(),
        pos: row[2].int() as u64,
        hash8: row[3].text().to_owned(),
    };
    Ok(rows.iter().map(cursor).collect())
}

/// Subjects that a follower does not take in any more.
pub type Parked = BTreeSet<(Lane, String)>;

/// What is parked of a source. Read it after the checkpoints: what is newer than they are does no harm.
pub async fn parked(db: &Db, source: &str) -> Result<Parked, SqlFault> {
    let rows = db.rows("SELECT lane, subject FROM parked WHERE source = ?1", vec![source.into()]).await?;
    Ok(rows.iter().map(|row| (row[0].int() as Lane, row[1].text().to_owned())).collect())
}

/// Parks a subject from an event on.
pub fn park(tx: &Tx<'_>, source: &str, lane: Lane, subject: &str, pos: u64, error: &str) -> Result<(), SqlFault> {
    let cells = [source.into(), i64::from(lane).into(), subject.into(), (pos as i64).into(), error.into()];
    tx.exec("INSERT OR REPLACE INTO parked VALUES(?1, ?2, ?3, ?4, ?5)", &cells).map(drop)
}

/// Moves a checkpoint on from `from`; `false` when it is not there (any more).
pub fn move_checkpoint(tx: &Tx<'_>, source: &str, from: u64, next: &Cursor) -> Result<bool, SqlFault> {
    let mut cells = vec![
        source.into(),
        i64::from(next.lane).into(),
        next.incarnation.as_str().into(),
        (next.pos as i64).into(),
        next.hash8.as_str().into(),
    ];
    if from == 0 {
        // The first one: a row that is there already is another follower's.
        return Ok(tx.exec("INSERT INTO checkpoint VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING", &cells)? == 1);
    }
    cells.push((from as i64).into());
    let update = "UPDATE checkpoint SET incarnation = ?3, pos = ?4, hash = ?5 WHERE source = ?1 AND lane = ?2 AND pos = ?6";
    Ok(tx.exec(update, &cells)? == 1)
}
