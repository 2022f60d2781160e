//! Reading the log: lanes, streams, records, claims; and opening a transaction with everything a committer asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::decide::Snapshot;
use kernel::{Lane, Stream};
use tokio_postgres::Row;

use super::session::{Fault, Session};
use crate::port::{Head, Loaded, Open};
use crate::record::{Body, Place, Record, Recorded, Row as Kept, Stored};

/// Events one transaction may find to catch up with; the committer drops the cache of a lane that has more.
const BEHIND_MAX: i64 = 100_000;

const LOCK: &str = "SELECT lane FROM lane WHERE lane = ANY($1::int2[]) ORDER BY lane FOR UPDATE";
/// What a committer asks, as parts of one statement: where the lanes end, what is behind, the records of keys (`pos` is the
/// key's place in the question).
const ASK: &str =
    "SELECT 0 AS part, l.lane, l.pos, 0::int8 AS command_pos, NULL::text AS stream, NULL::int8 AS version, NULL::text AS name,
    NULL::int4 AS schema, NULL::text AS data, l.hash
  FROM unnest($1::int2[]) AS u(lane)
  CROSS JOIN LATERAL (SELECT lane, pos, hash FROM log WHERE log.lane = u.lane ORDER BY log.lane DESC, log.pos DESC LIMIT 1) AS l
  UNION ALL SELECT 1, l.* FROM unnest($1::int2[], $2::int8[]) AS u(lane, after)
  CROSS JOIN LATERAL (SELECT * FROM log WHERE log.lane = u.lane AND log.pos > u.after ORDER BY log.lane, log.pos LIMIT $3) AS l
  UNION ALL SELECT 2, l.lane, u.n, 0, NULL, NULL, NULL, NULL, l.data, NULL
  FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS u(caller, key, n)
  JOIN command AS c ON c.caller = u.caller AND c.key = u.key JOIN log AS l ON l.lane = c.lane AND l.pos = c.pos
  ORDER BY 1, 2, 3";
const HEADS: &str = "SELECT l.lane, l.pos, l.hash FROM unnest($1::int2[]) AS u(lane)
  CROSS JOIN LATERAL (SELECT lane, pos, hash FROM log WHERE log.lane = u.lane ORDER BY log.lane DESC, log.pos DESC LIMIT 1) AS l";
const PAGE: &str = "SELECT lane, pos, command_pos, stream, version, name, schema, data, hash FROM log
  WHERE lane = $1 AND pos > $2 ORDER BY lane, pos LIMIT $3";
const RECORD: &str =
    "SELECT l.data FROM command AS c JOIN log AS l ON l.lane = c.lane AND l.pos = c.pos WHERE c.caller = $1 AND c.key = $2";
const RECORD_AT: &str = "SELECT data FROM log WHERE lane = $1 AND pos = $2";
/// The record is looked up for each event, and only so: a join of equals could as well start from all records of the lane.
const STREAM: &str = "SELECT e.lane, e.pos, e.command_pos, e.stream, e.version, e.name, e.schema, e.data, e.hash, k.data
  FROM (SELECT * FROM log WHERE lane = $1 AND stream = $2 AND version > $3 ORDER BY lane, stream, version OFFSET 0) AS e
  CROSS JOIN LATERAL (SELECT data FROM log WHERE log.lane = e.lane AND log.pos = e.command_pos ORDER BY log.lane, log.pos LIMIT 1) AS k
  ORDER BY e.version";
/// One statement, so that no snapshot is written between its parts. The event the snapshot was made at comes along, for
/// its position.
const LOAD: &str = "WITH s AS MATERIALIZED (SELECT version, shape, data FROM snapshot WHERE lane = $1 AND stream = $2)
  SELECT 0 AS part, version, shape AS schema, data, 0::int8 AS pos FROM s
  UNION ALL SELECT 1, l.version, l.schema, l.data, l.pos FROM log AS l
    WHERE l.lane = $1 AND l.stream = $2 AND l.version >= COALESCE((SELECT version FROM s), 0)
  ORDER BY part, version";
const CLAIMS: &str = "SELECT thing, lane FROM claim WHERE thing >= $1 AND thing < $2 ORDER BY thing";

/// What a committer finds when it opens a transaction.
pub struct Found {
    pub heads: BTreeMap<Lane, Head>,
    pub behind: Vec<Stored>,
    pub records: Vec<Option<Record>>,
}

/// Opens a transaction, locks the lanes and answers what is asked, in one round trip.
pub fn open(session: &mut Session, open: &Open) -> Result<Found, Fault> {
    let lanes: Vec<i16> = open.lanes.keys().map(|lane| i16::from(*lane)).collect();
    let after: Vec<i64> = open.lanes.values().map(|pos| i64::try_from(*pos).unwrap_or(i64::MAX)).collect();
    let (callers, keys): (Vec<&str>, Vec<&str>) = open.keys.iter().map(|(caller, key)| (caller.as_str(), key.as_str())).unzip();
    session.enter()?;
    let (lock, ask) = (session.prepare(LOCK, &[])?, session.prepare(ASK, &[])?);
    let rows = session.run(async |c| {
        // Sent together, run one after the other: what follows the lock sees everything committed before it.
        let (begun, locked, rows) =
            futures::join!(c.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"), async { c.query(&lock, &[&lanes]).await }, async {
                c.query(&ask, &[&lanes, &after, &BEHIND_MAX, &callers, &keys]).await
            },);
        begun?;
        locked?;
        rows
    })?;
    let mut heads: BTreeMap<Lane, Head> = open.lanes.keys().map(|lane| (*lane, Head::default())).collect();
    let mut records = vec![None; open.keys.len()];
    let mut behind = Vec::new();
    for row in rows {
        match row.get::<_, i32>(0) {
            0 => heads.extend([(lane_at(&row, 1), Head { pos: number(&row, 2), hash: hash(&row, 9)? })]),
            1 => behind.push(row),
            _ => {
                if let Some(place) = records.get_mut(number(&row, 2) as usize - 1) {
                    *place = Some(record(row.get(8))?);
                }
            }
        }
    }
    Ok(Found { heads, behind: stored(session, &behind, 1)?, records })
}

/// Where lanes end.
pub fn heads(session: &mut Session, lanes: &[Lane]) -> Result<BTreeMap<Lane, Head>, Fault> {
    let lanes: Vec<i16> = lanes.iter().map(|lane| i16::from(*lane)).collect();
    let statement = session.prepare(HEADS, &[])?;
    let rows = session.run(async |c| c.query(&statement, &[&lanes]).await)?;
    rows.iter().map(|row| Ok((lane_at(row, 0), Head { pos: number(row, 1), hash: hash(row, 2)? }))).collect()
}

/// A page of a lane.
pub fn read(session: &mut Session, lane: Lane, after: u64, limit: usize) -> Result<Vec<Stored>, Fault> {
    let statement = session.prepare(PAGE, &[])?;
    let rows = session.run(async |c| c.query(&statement, &[&i16::from(lane), &(after as i64), &(limit as i64)]).await)?;
    stored(session, &rows, 0)
}

/// The same as it is kept.
pub fn kept(session: &mut Session, lane: Lane, after: u64, limit: usize) -> Result<Vec<Kept>, Fault> {
    let statement = session.prepare(PAGE, &[])?;
    let rows = session.run(async |c| c.query(&statement, &[&i16::from(lane), &(after as i64), &(limit as i64)]).await)?;
    let one = |row: &Row| {
        let place = |stream| Place { stream, version: number(row, 4), name: row.get(5), schema: row.get::<_, i32>(6) as u16 };
        let event = row.get::<_, Option<String>>(3).map(place);
        Ok(Kept { pos: number(row, 1), command_pos: number(row, 2), event, json: row.get(7), hash: hash(row, 8)? })
    };
    rows.iter().map(one).collect()
}

/// The events of a stream after a version.
pub fn stream(session: &mut Session, lane: Lane, stream: &str, after: u64) -> Result<Vec<Stored>, Fault> {
    let statement = session.prepare(STREAM, &[])?;
    let rows = session.run(async |c| c.query(&statement, &[&i16::from(lane), &stream, &(after as i64)]).await)?;
    let one = |row: &Row| {
        let by = Arc::new(record(row.get(9))?);
        Ok(Stored { lane, pos: number(row, 1), hash: hash(row, 8)?, body: Body::Event(event(row, 0, by)?) })
    };
    rows.iter().map(one).collect()
}

/// The record of a command.
pub fn command(session: &mut Session, caller: &str, key: &str) -> Result<Option<Record>, Fault> {
    let statement = session.prepare(RECORD, &[])?;
    let row = session.run(async |c| c.query_opt(&statement, &[&caller, &key]).await)?;
    row.map(|row| record(row.get(0))).transpose()
}

/// What is claimed under a prefix.
pub fn claims(session: &mut Session, prefix: &str) -> Result<Vec<(String, Lane)>, Fault> {
    let statement = session.prepare(CLAIMS, &[])?;
    // No name holds the last character there is.
    let end = format!("{prefix}\u{10FFFF}");
    let rows = session.run(async |c| c.query(&statement, &[&prefix, &end]).await)?;
    Ok(rows.iter().map(|row| (row.get(0), lane_at(row, 1))).collect())
}

/// A stream's newest snapshot and the events after it.
pub fn load(session: &mut Session, lane: Lane, stream: &str) -> Result<Loaded, Fault> {
    let statement = session.prepare(LOAD, &[])?;
    let rows = session.run(async |c| c.query(&statement, &[&i16::from(lane), &stream]).await)?;
    let mut loaded = Loaded::default();
    for row in &rows {
        let (version, schema, json) = (number(row, 1), row.get::<_, i32>(2) as u16, row.get(3));
        if row.get::<_, i32>(0) == 0 {
            loaded.snapshot = Some(Snapshot { version, shape: schema, json });
        } else {
            loaded.pos = number(row, 4);
            if loaded.snapshot.as_ref().is_none_or(|s| version > s.version) {
                loaded.events.push((version, schema, json));
            }
        }
    }
    Ok(loaded)
}

fn number(row: &Row, column: usize) -> u64 {
    row.get::<_, i64>(column) as u64
}

fn lane_at(row: &Row, column: usize) -> Lane {
    row.get::<_, i16>(column) as Lane
}

fn hash(row: &Row, column: usize) -> Result<[u8; 32], Fault> {
    row.get::<_, &[u8]>(column).try_into().map_err(|_| corrupt("a hash of another length"))
}

fn corrupt(why: &str) -> Fault {
    Fault::Refused { constraint: false, why: format!("the log cannot be read: {why}") }
}

fn record(json: &str) -> Result<Record, Fault> {
    serde_json::from_str(json).map_err(|e| corrupt(&e.to_string()))
}

/// An event, its columns from `first` on.
fn event(row: &Row, first: usize, by: Arc<Record>) -> Result<Recorded, Fault> {
    let stream: &str = row.get(first + 3);
    Ok(Recorded {
        stream: Stream::parse(stream).ok_or_else(|| corrupt("a stream without a kind"))?,
        version: number(row, first + 4),
        name: row.get(first + 5),
        schema: row.get::<_, i32>(first + 6) as u16,
        json: row.get(first + 7),
        command_pos: number(row, first + 2),
        by,
    })
}

/// Rows of lanes in order, their columns from `first` on. When they start inside a command, its record is fetched for the
/// envelope.
fn stored(session: &mut Session, rows: &[Row], first: usize) -> Result<Vec<Stored>, Fault> {
    let mut page = Vec::with_capacity(rows.len());
    let mut by: Option<(Lane, u64, Arc<Record>)> = None;
    for row in rows {
        let (lane, pos, command_pos) = (lane_at(row, first), number(row, first + 1), number(row, first + 2));
        let known = by.as_ref().filter(|(of, at, _)| (*of, *at) == (lane, command_pos)).map(|(_, _, record)| record.clone());
        let record = match known {
            Some(record) => record,
            None if pos == command_pos => Arc::new(record(row.get(first + 7))?),
            None => {
                let statement = session.prepare(RECORD_AT, &[])?;
                let found = session.run(async |c| c.query_one(&statement, &[&i16::from(lane), &(command_pos as i64)]).await)?;
                Arc::new(record(found.get(0))?)
            }
        };
        by = Some((lane, command_pos, record.clone()));
        let body = if pos == command_pos { Body::Command(record) } else { Body::Event(event(row, first, record)?) };
        page.push(Stored { lane, pos, hash: hash(row, first + 8)?, body });
    }
    Ok(page)
}
