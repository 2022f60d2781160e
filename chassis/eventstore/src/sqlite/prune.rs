//! Pruning: events that snapshots cover are taken away in small transactions of the writer, between those of the committer.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::Lane;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::Mutex;

use super::nothing;
use crate::port::{Pruned, StoreFault};
use crate::worker::Worker;

/// Versions of one stream that one transaction takes away: a waiting command waits for that.
const CHUNK: i64 = 500;

pub async fn prune(writer: &Worker, turn: &Arc<Mutex<()>>, lane: Lane, pruned: Pruned) -> Result<u64, StoreFault> {
    let (through, places) = (pruned.through as i64, json(&pruned.places));
    let noted = {
        let _turn = turn.lock().await;
        writer.run(move |c| {
            let note =
                "INSERT INTO pruned VALUES(?1, ?2, ?3) ON CONFLICT(lane) DO UPDATE SET through = excluded.through, places = excluded.places
                WHERE excluded.through >= through";
            c.execute(note, params![lane, through, places])?;
            let mut q = c.prepare("SELECT stream FROM snapshot WHERE lane = ?1 ORDER BY stream")?;
            q.query_map([lane], |r| r.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()
        })
    };
    let mut gone = 0;
    for stream in nothing(noted.await)? {
        loop {
            let stream = stream.clone();
            let _turn = turn.lock().await;
            let taken = nothing(writer.run(move |c| chunk(c, lane, &stream, through)).await)?;
            gone += taken;
            if taken < CHUNK as u64 {
                break;
            }
        }
    }
    Ok(gone)
}

/// The oldest events of a stream, as far as its snapshot goes.
fn chunk(c: &Connection, lane: Lane, stream: &str, through: i64) -> rusqlite::Result<u64> {
    let first = c
        .prepare_cached("SELECT version FROM log WHERE lane = ?1 AND stream = ?2 ORDER BY version LIMIT 1")?
        .query_row(params![lane, stream], |r| r.get::<_, i64>(0))
        .optional()?;
    let Some(first) = first else { return Ok(0) };
    let taken = c
        .prepare_cached(
            "DELETE FROM log WHERE lane = ?1 AND stream = ?2 AND version < ?3 AND pos < ?4
               AND version < (SELECT version FROM snapshot WHERE lane = ?1 AND stream = ?2)",
        )?
        .execute(params![lane, stream, first + CHUNK, through])?;
    Ok(taken as u64)
}

pub fn pruned(c: &Connection) -> rusqlite::Result<BTreeMap<Lane, Pruned>> {
    let mut q = c.prepare_cached("SELECT lane, through, places FROM pruned")?;
    let rows = q.query_map([], |r| {
        let places = serde_json::from_str(&r.get::<_, String>(2)?).unwrap_or_default();
        Ok((r.get(0)?, Pruned { through: r.get::<_, i64>(1)? as u64, places }))
    })?;
    rows.collect()
}

fn json(places: &[String]) -> String {
    serde_json::to_string(places).unwrap_or_default()
}
