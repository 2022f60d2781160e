//! The database of read models: plain SQL, rows of cells. On SQLite it is a file beside the event store with
//! `synchronous=NORMAL`: losing it loses nothing, it is rebuilt from the lanes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eventstore::worker::{Gone, Worker};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql};

/// One value of a row or a parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
}

impl Cell {
    /// The number, 0 for anything else.
    pub fn int(&self) -> i64 {
        if let Self::Int(n) = self { *n } else { 0 }
    }

    /// The text, empty for anything else.
    pub fn text(&self) -> &str {
        if let Self::Text(t) = self { t } else { "" }
    }

    /// The text, `None` for anything else.
    pub fn some_text(&self) -> Option<&str> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }
}

impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}
impl From<&str> for Cell {
    fn from(t: &str) -> Self {
        Self::Text(t.to_owned())
    }
}
impl From<String> for Cell {
    fn from(t: String) -> Self {
        Self::Text(t)
    }
}
impl From<jiff::civil::Date> for Cell {
    fn from(d: jiff::civil::Date) -> Self {
        Self::Text(d.to_string())
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Int(n) => ToSqlOutput::Owned(Value::Integer(*n)),
            Self::Text(t) => ToSqlOutput::Borrowed(ValueRef::Text(t.as_bytes())),
        })
    }
}

/// A row as it comes back.
pub type Row = Vec<Cell>;

/// Why a statement failed.
#[derive(Clone, Debug)]
pub struct SqlFault(pub String);

impl std::fmt::Display for SqlFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "view database: {}", self.0)
    }
}

impl From<rusqlite::Error> for SqlFault {
    fn from(e: rusqlite::Error) -> Self {
        Self(e.to_string())
    }
}

impl From<Gone> for SqlFault {
    fn from(_: Gone) -> Self {
        Self("closed".into())
    }
}

/// An open transaction of a view database.
pub struct Tx<'a>(&'a Connection);

impl Tx<'_> {
    /// Runs a statement; gives the number of rows it touched.
    pub fn exec(&self, sql: &str, cells: &[Cell]) -> Result<usize, SqlFault> {
        Ok(self.0.prepare_cached(sql)?.execute(rusqlite::params_from_iter(cells))?)
    }

    /// Runs a query.
    pub fn rows(&self, sql: &str, cells: &[Cell]) -> Result<Vec<Row>, SqlFault> {
        let mut q = self.0.prepare_cached(sql)?;
        let columns = q.column_count();
        let mut rows = q.query(rusqlite::params_from_iter(cells))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let cells = (0..columns).map(|i| {
                Ok(match row.get_ref(i)? {
                    ValueRef::Integer(n) => Cell::Int(n),
                    ValueRef::Real(x) => Cell::Int(x as i64),
                    ValueRef::Text(t) | ValueRef::Blob(t) => Cell::Text(String::from_utf8_lossy(t).into_owned()),
                    ValueRef::Null => Cell::Null,
                })
            });
            out.push(cells.collect::<rusqlite::Result<Row>>()?);
        }
        Ok(out)
    }
}

/// A view database: one writer, a reader beside it.
#[derive(Clone)]
pub struct Db {
    writer: Worker,
    readers: Arc<[Worker]>,
    next: Arc<AtomicUsize>,
}

impl Db {
    /// A database in a file, made anew when `schema` (with its version) is not the one it was made with.
    pub fn open(path: &Path, schema: &str) -> Result<Self, SqlFault> {
        if !is_made_with(path, schema) {
            for suffix in ["", "-wal", "-shm"] {
                let mut file = path.as_os_str().to_owned();
                file.push(suffix);
                match std::fs::remove_file(&file) {
                    Ok(()) => {}
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                    Err(e) => return Err(SqlFault(format!("cannot remove an outdated view file: {e}"))),
                }
            }
        }
        let connect = || -> Result<Connection, SqlFault> {
            let c = Connection::open(path)?;
            c.busy_timeout(std::time::Duration::from_secs(5))?;
            c.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4096; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;")?;
            // Plans must not depend on bound values: without this SQLite prepares a statement anew for every new value.
            c.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            c.set_prepared_statement_cache_capacity(64);
            Ok(c)
        };
        let writer = connect()?;
        make(&writer, schema)?;
        let thread = |c| Worker::on_thread("views", c).map_err(|e| SqlFault(e.to_string()));
        let readers = [thread(connect()?)?, thread(connect()?)?];
        Ok(Self { writer: thread(writer)?, readers: Arc::new(readers), next: Arc::default() })
    }

    /// A database that exists already, whatever schema it was made with: for looking at it from outside.
    pub fn open_existing(path: &Path) -> Result<Self, SqlFault> {
        let c = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let writer = Worker::inline(c);
        Ok(Self { readers: Arc::new([writer.clone()]), writer, next: Arc::default() })
    }

    /// A database in memory, run inline: for simulation and unit tests.
    pub fn in_memory(schema: &str) -> Result<Self, SqlFault> {
        let c = Connection::open_in_memory()?;
        make(&c, schema)?;
        let writer = Worker::inline(c);
        Ok(Self { readers: Arc::new([writer.clone()]), writer, next: Arc::default() })
    }

    /// Runs a closure in one transaction: all of it or nothing.
    pub async fn write<T: Send + 'static>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T, SqlFault> + Send + 'static) -> Result<T, SqlFault> {
        self.writer
            .run(move |c| {
                let tx = c.transaction()?;
                let done = f(&Tx(&tx))?;
                tx.commit()?;
                Ok(done)
            })
            .await?
    }

    /// Runs a closure that only reads, on one consistent state.
    pub async fn read<T: Send + 'static>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T, SqlFault> + Send + 'static) -> Result<T, SqlFault> {
        let reader = &self.readers[self.next.fetch_add(1, Ordering::Relaxed) % self.readers.len()];
        reader
            .run(move |c| {
                let tx = c.transaction()?;
                f(&Tx(&tx))
            })
            .await?
    }

    /// Empties every table: what is here was made of a history that is not the store's.
    pub async fn clear(&self) -> Result<(), SqlFault> {
        let own = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'made_with' AND name NOT LIKE 'sqlite_%'";
        self.write(move |tx| {
            for table in tx.rows(own, &[])? {
                tx.exec(&format!("DELETE FROM \"{}\"", table[0].text()), &[])?;
            }
            Ok(())
        })
        .await
    }

    /// One query.
    pub async fn rows(&self, sql: &'static str, cells: Vec<Cell>) -> Result<Vec<Row>, SqlFault> {
        self.read(move |tx| tx.rows(sql, &cells)).await
    }
}

fn make(c: &Connection, schema: &str) -> Result<(), SqlFault> {
    c.execute_batch("CREATE TABLE IF NOT EXISTS made_with(schema TEXT NOT NULL)")?;
    let made: i64 = c.query_row("SELECT count(*) FROM made_with", [], |r| r.get(0))?;
    if made == 0 {
        c.execute_batch(&format!("BEGIN; {schema}"))?;
        c.execute("INSERT INTO made_with VALUES(?1)", [schema])?;
        c.execute_batch("COMMIT")?;
    }
    Ok(())
}

fn is_made_with(path: &Path, schema: &str) -> bool {
    let Ok(c) = Connection::open(path) else { return false };
    c.query_row("SELECT schema FROM made_with", [], |r| r.get::<_, String>(0)).is_ok_and(|made| made == schema)
}
