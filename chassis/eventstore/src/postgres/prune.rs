//! Pruning: events that snapshots cover are taken away in small statements. No lane is locked for it: nobody writes there.

use std::collections::BTreeMap;

use kernel::Lane;

use super::session::{Fault, Session};
use crate::port::Pruned;

/// Versions of one stream that one statement takes away.
const CHUNK: i64 = 2_000;

const NOTE: &str =
    "INSERT INTO pruned VALUES($1, $2, $3) ON CONFLICT(lane) DO UPDATE SET through = excluded.through, places = excluded.places
  WHERE excluded.through >= pruned.through";
const STREAMS: &str = "SELECT stream FROM snapshot WHERE lane = $1 ORDER BY stream";
/// The oldest events of a stream, as far as its snapshot goes.
const TAKE: &str = "DELETE FROM log WHERE lane = $1 AND stream = $2 AND pos < $3
    AND version < (SELECT s.version FROM snapshot AS s WHERE s.lane = $1 AND s.stream = $2)
    AND version < (SELECT min(l.version) FROM log AS l WHERE l.lane = $1 AND l.stream = $2) + $4";
const PRUNED: &str = "SELECT lane, through, places FROM pruned";

/// Notes what is pruned, and says which streams have snapshots.
pub fn begin(session: &mut Session, lane: Lane, pruned: &Pruned) -> Result<Vec<String>, Fault> {
    let (lane, through, places) = (i16::from(lane), pruned.through as i64, serde_json::to_string(&pruned.places).unwrap_or_default());
    let (note, streams) = (session.prepare(NOTE, &[])?, session.prepare(STREAMS, &[])?);
    let rows = session.run(async |c| {
        c.execute(&note, &[&lane, &through, &places]).await?;
        c.query(&streams, &[&lane]).await
    })?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Takes the next events of a stream away; `None` when there are none left to take.
pub fn chunk(session: &mut Session, lane: Lane, stream: &str, through: u64) -> Result<Option<u64>, Fault> {
    let statement = session.prepare(TAKE, &[])?;
    let taken = session.run(async |c| c.execute(&statement, &[&i16::from(lane), &stream, &(through as i64), &CHUNK]).await)?;
    Ok((taken > 0).then_some(taken))
}

/// What was pruned of each lane.
pub fn pruned(session: &mut Session) -> Result<BTreeMap<Lane, Pruned>, Fault> {
    let statement = session.prepare(PRUNED, &[])?;
    let rows = session.run(async |c| c.query(&statement, &[]).await)?;
    let one = |row: &tokio_postgres::Row| {
        let places = serde_json::from_str(row.get(2)).unwrap_or_default();
        (row.get::<_, i16>(0) as Lane, Pruned { through: row.get::<_, i64>(1) as u64, places })
    };
    Ok(rows.iter().map(one).collect())
}
