//! The SQLite store: one file a service, WAL, `synchronous=FULL`, one writer thread and two reader threads.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::decide::Snapshot;
use kernel::{Lane, Stream};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::port::{Batch, Entry, EventStore, Head, Loaded, Open, Opened, Pruned, StoreFault, Txn, gapless};
use crate::record::{Body, Place, Record, Recorded, Row as Kept, Stored};
use crate::worker::{Gone, Worker};
use crate::{BoxFuture, migration};

mod prune;

/// Reader threads of one store.
const READERS: usize = 2;
/// Events one transaction may find to catch up with; the committer drops the cache of a lane that has more.
const BEHIND_MAX: i64 = 100_000;

/// A store in one SQLite file.
pub struct Sqlite {
    incarnation: String,
    writer: Worker,
    readers: Vec<Worker>,
    next_reader: AtomicUsize,
    turn: Arc<Mutex<()>>,
}

impl Sqlite {
    /// Opens or creates the store. `incarnation` names its history when it is new.
    pub fn open(path: &Path, incarnation: &str) -> Result<Self, StoreFault> {
        let fault = |e: rusqlite::Error| StoreFault::Nothing(format!("cannot open {}: {e}", path.display()));
        let mut writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE).map_err(fault)?;
        migrate(&mut writer).map_err(|why| StoreFault::Nothing(format!("cannot open {}: {why}", path.display())))?;
        writer.execute("INSERT INTO meta VALUES('incarnation', ?1) ON CONFLICT DO NOTHING", [incarnation]).map_err(fault)?;
        let incarnation = writer.query_row("SELECT value FROM meta WHERE name='incarnation'", [], |r| r.get(0)).map_err(fault)?;
        let thread = |connection| Worker::on_thread("store", connection).map_err(|e| StoreFault::Nothing(e.to_string()));
        let mut readers = Vec::new();
        for _ in 0..READERS {
            readers.push(thread(connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(fault)?)?);
        }
        let turn = Arc::new(Mutex::new(()));
        Ok(Self { incarnation, writer: thread(writer)?, readers, next_reader: AtomicUsize::new(0), turn })
    }

    fn reader(&self) -> &Worker {
        &self.readers[self.next_reader.fetch_add(1, Ordering::Relaxed) % self.readers.len()]
    }

    fn ask<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreFault>> {
        let asked = self.reader().run(f);
        Box::pin(async move { nothing(asked.await) })
    }
}

/// Brings the schema up to date. Processes that start together wait for each other at the first statement.
fn migrate(c: &mut Connection) -> Result<(), String> {
    let txn = c.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(|e| e.to_string())?;
    let fault = |e: rusqlite::Error| e.to_string();
    txn.execute_batch(migration::NOTES).map_err(fault)?;
    let applied: Vec<(i64, String)> = {
        let mut q = txn.prepare("SELECT version, checksum FROM migration ORDER BY version").map_err(fault)?;
        let rows = q.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).map_err(fault)?;
        rows.collect::<rusqlite::Result<_>>().map_err(fault)?
    };
    for next in migration::left(migration::SQLITE, &applied)? {
        txn.execute_batch(next.sql).map_err(fault)?;
        txn.execute("INSERT INTO migration VALUES(?1, ?2, ?3)", params![next.version, next.name, next.checksum()]).map_err(fault)?;
    }
    txn.commit().map_err(fault)
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-4096; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;",
    )?;
    // Plans must not depend on bound values: without this SQLite prepares a statement anew for every new value.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn nothing<T>(result: Result<rusqlite::Result<T>, Gone>) -> Result<T, StoreFault> {
    match result {
        Ok(Ok(t)) => Ok(t),
        Ok(Err(e)) => Err(StoreFault::Nothing(e.to_string())),
        Err(Gone) => Err(StoreFault::Nothing("the store has been closed".into())),
    }
}

impl EventStore for Sqlite {
    fn incarnation(&self) -> String {
        self.incarnation.clone()
    }

    fn begin(&self, open: Open) -> BoxFuture<'_, Result<Opened, StoreFault>> {
        Box::pin(async move {
            let turn = self.turn.clone().lock_owned().await;
            let mut txn = SqliteTxn { writer: self.writer.clone(), open: true, _turn: turn };
            let asked = self.writer.run(move |c| {
                c.execute_batch("BEGIN IMMEDIATE")?;
                let (mut heads, mut behind) = (BTreeMap::new(), Vec::new());
                for (lane, after) in open.lanes {
                    let head = head_of(c, lane)?;
                    if after < head.pos {
                        behind.extend(read(c, lane, after, BEHIND_MAX)?);
                    }
                    heads.insert(lane, head);
                }
                let records = open.keys.iter().map(|(caller, key)| record_of(c, caller, key)).collect::<rusqlite::Result<Vec<_>>>()?;
                Ok((heads, behind, records))
            });
            match nothing(asked.await) {
                Ok((heads, behind, records)) => Ok(Opened { txn: Box::new(txn), heads, behind, records }),
                Err(fault) => {
                    txn.rollback();
                    Err(fault)
                }
            }
        })
    }

    fn read(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        let asked = self.ask(move |c| read(c, lane, after, limit as i64));
        Box::pin(async move { gapless(after, asked.await?, |stored| stored.pos) })
    }

    fn rows(&self, lane: Lane, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Kept>, StoreFault>> {
        let asked = self.ask(move |c| {
            let mut q = c.prepare_cached(PAGE)?;
            let rows = q.query_map(params![lane, after as i64, limit as i64], |r| {
                let place = |stream: String| -> rusqlite::Result<Place> {
                    Ok(Place { stream, version: r.get::<_, i64>(3)? as u64, name: r.get(4)?, schema: r.get(5)? })
                };
                let event = r.get::<_, Option<String>>(2)?.map(place).transpose()?;
                let (pos, command_pos) = (r.get::<_, i64>(0)? as u64, r.get::<_, i64>(1)? as u64);
                Ok(Kept { pos, command_pos, event, json: r.get(6)?, hash: hash_at(r, 7)? })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        Box::pin(async move { gapless(after, asked.await?, |row| row.pos) })
    }

    fn stream(&self, lane: Lane, stream: Stream, after: u64) -> BoxFuture<'_, Result<Vec<Stored>, StoreFault>> {
        let asked = self.ask(move |c| {
            let mut q = c.prepare_cached(
                "SELECT e.pos, e.command_pos, e.stream, e.version, e.name, e.schema, e.data, e.hash, k.data
                 FROM log e JOIN log k ON k.lane = e.lane AND k.pos = e.command_pos
                 WHERE e.lane = ?1 AND e.stream = ?2 AND e.version > ?3 ORDER BY e.version",
            )?;
            let rows = q.query_map(params![lane, stream.to_string(), after as i64], |r| {
                let by = Arc::new(parse_record(&r.get::<_, String>(8)?)?);
                Ok(Stored { lane, pos: r.get::<_, i64>(0)? as u64, hash: hash_at(r, 7)?, body: Body::Event(event_at(r, by)?) })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        Box::pin(async move { gapless(after, asked.await?, |stored| stored.event().map_or(0, |event| event.version)) })
    }

    fn load(&self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        // One transaction: a snapshot written between the two reads would leave out what lies between.
        self.ask(move |c| load(&*c.transaction()?, lane, &stream.to_string()))
    }

    fn record(&self, caller: String, key: String) -> BoxFuture<'_, Result<Option<Record>, StoreFault>> {
        self.ask(move |c| record_of(c, &caller, &key))
    }

    fn claims(&self, prefix: String) -> BoxFuture<'_, Result<Vec<(String, Lane)>, StoreFault>> {
        self.ask(move |c| {
            let mut q = c.prepare_cached("SELECT thing, lane FROM claim WHERE thing >= ?1 ORDER BY thing")?;
            let rows = q.query_map([&prefix], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?;
            rows.take_while(|r| r.as_ref().map_or(true, |(thing, _)| thing.starts_with(&prefix))).collect()
        })
    }

    fn heads(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Head>, StoreFault>> {
        self.ask(|c| {
            let mut heads = BTreeMap::new();
            for lane in 0..kernel::stream::LANES {
                let head = head_of(c, lane)?;
                if head.pos > 0 {
                    heads.insert(lane, head);
                }
            }
            Ok(heads)
        })
    }

    fn prune(&self, lane: Lane, pruned: Pruned) -> BoxFuture<'_, Result<u64, StoreFault>> {
        Box::pin(async move { prune::prune(&self.writer, &self.turn, lane, pruned).await })
    }

    fn pruned(&self) -> BoxFuture<'_, Result<BTreeMap<Lane, Pruned>, StoreFault>> {
        self.ask(|c| prune::pruned(c))
    }
}

fn head_of(c: &Connection, lane: Lane) -> rusqlite::Result<Head> {
    let mut q = c.prepare_cached("SELECT pos, hash FROM log WHERE lane = ?1 ORDER BY pos DESC LIMIT 1")?;
    let found = q.query_row([lane], |r| Ok(Head { pos: r.get::<_, i64>(0)? as u64, hash: hash_at(r, 1)? })).optional()?;
    Ok(found.unwrap_or_default())
}

fn hash_at(r: &Row<'_>, column: usize) -> rusqlite::Result<[u8; 32]> {
    r.get::<_, [u8; 32]>(column)
}

fn parse_record(json: &str) -> rusqlite::Result<Record> {
    serde_json::from_str(json).map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e)))
}

fn record_of(c: &Connection, caller: &str, key: &str) -> rusqlite::Result<Option<Record>> {
    let mut q = c.prepare_cached(
        "SELECT l.data FROM command k JOIN log l ON l.lane = k.lane AND l.pos = k.pos WHERE k.caller = ?1 AND k.key = ?2",
    )?;
    let json: Option<String> = q.query_row([caller, key], |r| r.get(0)).optional()?;
    json.map(|j| parse_record(&j)).transpose()
}

fn event_at(r: &Row<'_>, by: Arc<Record>) -> rusqlite::Result<Recorded> {
    let stream: String = r.get(2)?;
    Ok(Recorded {
        stream: Stream::parse(&stream).ok_or(rusqlite::Error::InvalidColumnName(stream))?,
        version: r.get::<_, i64>(3)? as u64,
        name: r.get(4)?,
        schema: r.get(5)?,
        json: r.get(6)?,
        command_pos: r.get::<_, i64>(1)? as u64,
        by,
    })
}

const PAGE: &str =
    "SELECT pos, command_pos, stream, version, name, schema, data, hash FROM log WHERE lane = ?1 AND pos > ?2 ORDER BY pos LIMIT ?3";

/// A page of a lane. A page that starts inside a command fetches that command's record for the envelope.
fn read(c: &Connection, lane: Lane, after: u64, limit: i64) -> rusqlite::Result<Vec<Stored>> {
    let mut q = c.prepare_cached(PAGE)?;
    let mut rows = q.query(params![lane, after as i64, limit])?;
    let mut page = Vec::new();
    let mut by: Option<(u64, Arc<Record>)> = None;
    while let Some(r) = rows.next()? {
        let (pos, command_pos) = (r.get::<_, i64>(0)? as u64, r.get::<_, i64>(1)? as u64);
        if by.as_ref().is_none_or(|(at, _)| *at != command_pos) {
            let json: String = if pos == command_pos {
                r.get(6)?
            } else {
                c.prepare_cached("SELECT data FROM log WHERE lane = ?1 AND pos = ?2")?
                    .query_row(params![lane, command_pos as i64], |r| r.get(0))?
            };
            by = Some((command_pos, Arc::new(parse_record(&json)?)));
        }
        let Some((_, record)) = &by else { continue };
        let body = if pos == command_pos { Body::Command(record.clone()) } else { Body::Event(event_at(r, record.clone())?) };
        page.push(Stored { lane, pos, hash: hash_at(r, 7)?, body });
    }
    Ok(page)
}

/// A transaction on the writer thread. It keeps the turn, so no other transaction's statements get between its own.
struct SqliteTxn {
    writer: Worker,
    open: bool,
    _turn: OwnedMutexGuard<()>,
}

impl SqliteTxn {
    fn rollback(&mut self) {
        if std::mem::take(&mut self.open) {
            // Queued at once and in order; nobody waits for it, and a connection without a transaction ignores it.
            drop(self.writer.run(|c| if c.is_autocommit() { Ok(()) } else { c.execute_batch("ROLLBACK") }));
        }
    }
}

impl Drop for SqliteTxn {
    fn drop(&mut self) {
        self.rollback();
    }
}

impl Txn for SqliteTxn {
    fn load(&mut self, lane: Lane, stream: Stream) -> BoxFuture<'_, Result<Loaded, StoreFault>> {
        let asked = self.writer.run(move |c| load(c, lane, &stream.to_string()));
        Box::pin(async move { nothing(asked.await) })
    }

    fn commit(mut self: Box<Self>, batch: Batch) -> BoxFuture<'static, Result<(), StoreFault>> {
        self.open = false;
        let committed = self.writer.run(move |c| {
            let written = batch.entries.iter().try_for_each(|entry| write(c, entry));
            if let Err(fault) = written {
                c.execute_batch("ROLLBACK").map_err(|e| StoreFault::Nothing(e.to_string()))?;
                return Err(fault);
            }
            // A failed COMMIT may still have reached the disk: unknown, never "nothing".
            c.execute_batch("COMMIT").map_err(|e| {
                let _already_over = c.execute_batch("ROLLBACK");
                StoreFault::Unknown(e.to_string())
            })
        });
        Box::pin(async move {
            let _turn = self;
            committed.await.unwrap_or_else(|Gone| Err(StoreFault::Unknown("the store has been closed".into())))
        })
    }
}

fn load(c: &Connection, lane: Lane, stream: &str) -> rusqlite::Result<Loaded> {
    let snapshot = c
        .prepare_cached("SELECT version, shape, data FROM snapshot WHERE lane = ?1 AND stream = ?2")?
        .query_row(params![lane, stream], |r| Ok(Snapshot { version: r.get::<_, i64>(0)? as u64, shape: r.get(1)?, json: r.get(2)? }))
        .optional()?;
    // The event the snapshot was made at comes along, for its position.
    let mut q =
        c.prepare_cached("SELECT version, schema, data, pos FROM log WHERE lane = ?1 AND stream = ?2 AND version >= ?3 ORDER BY version")?;
    let known = snapshot.as_ref().map_or(0, |s| s.version);
    let mut rows = q.query(params![lane, stream, known as i64])?;
    let mut loaded = Loaded { snapshot, ..Loaded::default() };
    while let Some(r) = rows.next()? {
        loaded.pos = r.get::<_, i64>(3)? as u64;
        let version = r.get::<_, i64>(0)? as u64;
        if version > known {
            loaded.events.push((version, r.get(1)?, r.get(2)?));
        }
    }
    Ok(loaded)
}

fn write(c: &Connection, entry: &Entry) -> Result<(), StoreFault> {
    write_rows(c, entry).map_err(|e| StoreFault::Nothing(e.to_string()))?;
    for (thing, take) in &entry.record.claims {
        let done = if *take {
            c.prepare_cached("INSERT INTO claim VALUES(?1, ?2, ?3)")
                .and_then(|mut q| q.execute(params![thing, entry.lane, entry.pos as i64]))
        } else {
            c.prepare_cached("DELETE FROM claim WHERE thing = ?1").and_then(|mut q| q.execute([thing]))
        };
        done.map_err(|e| match e.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => StoreFault::Constraint(format!("{thing}: {e}")),
            _ => StoreFault::Nothing(e.to_string()),
        })?;
    }
    Ok(())
}

fn write_rows(c: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let (lane, pos) = (entry.lane, entry.pos as i64);
    let mut row = c.prepare_cached("INSERT INTO log VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    let none = Option::<&str>::None;
    row.execute(params![lane, pos, pos, none, none, none, none, entry.json, entry.hash])?;
    for (i, (e, hash)) in entry.events.iter().enumerate() {
        let at = pos + 1 + i as i64;
        row.execute(params![lane, at, pos, e.stream.to_string(), e.version as i64, e.name, e.schema, e.json, hash])?;
    }
    c.prepare_cached("INSERT INTO command VALUES(?1, ?2, ?3, ?4)")?.execute(params![entry.record.caller, entry.record.key, lane, pos])?;
    for (stream, s) in &entry.snapshots {
        c.prepare_cached("INSERT OR REPLACE INTO snapshot VALUES(?1, ?2, ?3, ?4, ?5)")?.execute(params![
            lane,
            stream.to_string(),
            s.version as i64,
            s.shape,
            s.json
        ])?;
    }
    Ok(())
}
