//! The database of read models: plain SQL, rows of cells. On SQLite it is a file beside the event store with
//! `synchronous=NORMAL`, on PostgreSQL a schema of the service. Losing it loses nothing, it is rebuilt from the lanes.
//!
//! Views speak SQLite's SQL in what both have in common: `?1` for parameters, `TEXT` and `INTEGER` columns, `INSERT OR
//! REPLACE`, `INSERT OR IGNORE` and `ON CONFLICT`; a sum needs `CAST(… AS BIGINT)`. `postgres` says the rest in its dialect.

mod postgres;
mod sqlite;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eventstore::BoxFuture;
use eventstore::worker::{Gone, Worker};

use self::postgres::Postgres;
use self::sqlite::Sqlite;

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

impl From<Gone> for SqlFault {
    fn from(_: Gone) -> Self {
        Self("closed".into())
    }
}

/// A connection of either kind.
trait Connection: Send + 'static {
    fn exec(&mut self, sql: &str, cells: &[Cell]) -> Result<usize, SqlFault>;
    /// May be done later, but before whatever comes next that has an answer; its fault is then told there.
    fn run(&mut self, sql: &str, cells: &[Cell]) -> Result<(), SqlFault>;
    fn rows(&mut self, sql: &str, cells: &[Cell]) -> Result<Vec<Row>, SqlFault>;
    fn begin(&mut self, reading: bool) -> Result<(), SqlFault>;
    fn commit(&mut self) -> Result<(), SqlFault>;
    /// Ends what is open, whatever state it is in.
    fn rollback(&mut self);
    /// Until the end of the transaction nobody else moves a checkpoint.
    fn alone(&mut self) -> Result<(), SqlFault>;
    /// All tables of the views and the framework, sorted.
    fn tables(&mut self) -> Result<Vec<String>, SqlFault>;
    /// The columns of a table, in order.
    fn columns(&mut self, table: &str) -> Result<Vec<String>, SqlFault>;
}

/// An open transaction of a view database.
pub struct Tx<'a>(std::cell::RefCell<&'a mut dyn Connection>);

impl Tx<'_> {
    /// Runs a statement; gives the number of rows it touched.
    pub fn exec(&self, sql: &str, cells: &[Cell]) -> Result<usize, SqlFault> {
        self.0.borrow_mut().exec(sql, cells)
    }

    /// Runs a statement whose count nobody asks for. Over a network such statements travel together.
    pub fn run(&self, sql: &str, cells: &[Cell]) -> Result<(), SqlFault> {
        self.0.borrow_mut().run(sql, cells)
    }

    /// Runs `<head> VALUES <rows> <tail>` with as many rows at once as one statement takes; no two of them of one key.
    pub fn run_all(&self, head: &str, rows: &[Vec<Cell>], tail: &str) -> Result<(), SqlFault> {
        for some in rows.chunks(ROWS_MAX) {
            let mut n = 0;
            let mut row = |cells: &Vec<Cell>| {
                let places: Vec<String> = cells.iter().map(|_| (n += 1, format!("?{n}")).1).collect();
                format!("({})", places.join(", "))
            };
            let values: Vec<String> = some.iter().map(&mut row).collect();
            self.run(&format!("{head} VALUES {} {tail}", values.join(", ")), &some.concat())?;
        }
        Ok(())
    }

    /// Runs a query.
    pub fn rows(&self, sql: &str, cells: &[Cell]) -> Result<Vec<Row>, SqlFault> {
        self.0.borrow_mut().rows(sql, cells)
    }

    /// The tables there are, without the framework's note of their schema.
    pub fn tables(&self) -> Result<Vec<String>, SqlFault> {
        self.0.borrow_mut().tables()
    }

    /// The columns of a table, in order.
    pub fn columns(&self, table: &str) -> Result<Vec<String>, SqlFault> {
        self.0.borrow_mut().columns(table)
    }
}

/// Rows of one statement at most: each number of rows is a statement of its own to prepare and keep.
const ROWS_MAX: usize = 16;

type Work = Box<dyn FnOnce(&mut dyn Connection) + Send>;
type Run = Arc<dyn Fn(Work) -> BoxFuture<'static, Result<(), Gone>> + Send + Sync>;

/// A view database: one writer, readers beside it.
#[derive(Clone)]
pub struct Db {
    writer: Run,
    readers: Arc<[Run]>,
    next: Arc<AtomicUsize>,
}

fn run_on<C: Connection>(worker: Worker<C>) -> Run {
    Arc::new(move |work| worker.run(move |c| work(c)))
}

impl Db {
    /// A database in a file, made anew when `schema` (with its version) is not the one it was made with.
    pub fn open(path: &Path, schema: &str) -> Result<Self, SqlFault> {
        Self::on_threads(Sqlite::open(path, schema)?, || Sqlite::connect(path))
    }

    /// A database in a service's place on a PostgreSQL server. Each schema has one of its own, so that two versions of a
    /// program can run beside each other. Blocks while it connects.
    pub fn on_postgres(place: &eventstore::postgres::Place, schema: &str) -> Result<Self, SqlFault> {
        let target = postgres::provide(place, schema)?;
        Self::on_threads(Postgres::new(&target)?, || Postgres::new(&target))
    }

    fn on_threads<C: Connection>(writer: C, reader: impl Fn() -> Result<C, SqlFault>) -> Result<Self, SqlFault> {
        let thread = |c| Worker::on_thread("views", c).map(run_on).map_err(|e| SqlFault(e.to_string()));
        let readers = [thread(reader()?)?, thread(reader()?)?];
        Ok(Self { writer: thread(writer)?, readers: Arc::new(readers), next: Arc::default() })
    }

    /// A database in memory, run inline: for simulation and unit tests.
    pub fn in_memory(schema: &str) -> Result<Self, SqlFault> {
        Ok(Self::inline(Sqlite::in_memory(schema)?))
    }

    fn inline(c: Sqlite) -> Self {
        let writer = run_on(Worker::inline(c));
        Self { readers: Arc::new([writer.clone()]), writer, next: Arc::default() }
    }

    async fn run<T: Send + 'static>(
        run: &Run,
        f: impl FnOnce(&mut dyn Connection) -> Result<T, SqlFault> + Send + 'static,
    ) -> Result<T, SqlFault> {
        let (done, result) = tokio::sync::oneshot::channel();
        let work: Work = Box::new(move |c| {
            let _gone = done.send(f(c));
        });
        run(work).await?;
        result.await.map_err(|_| SqlFault("closed".into()))?
    }

    /// Runs a closure in one transaction: all of it or nothing.
    pub async fn write<T: Send + 'static>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T, SqlFault> + Send + 'static) -> Result<T, SqlFault> {
        Self::run(&self.writer, move |c| transaction(c, false, f)).await
    }

    /// Runs a closure that only reads, on one consistent state.
    pub async fn read<T: Send + 'static>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T, SqlFault> + Send + 'static) -> Result<T, SqlFault> {
        Self::run(self.reader(), move |c| transaction(c, true, f)).await
    }

    fn reader(&self) -> &Run {
        &self.readers[self.next.fetch_add(1, Ordering::Relaxed) % self.readers.len()]
    }

    /// Empties every table: what is here was made of a history that is not the store's.
    pub async fn clear(&self) -> Result<(), SqlFault> {
        self.write(move |tx| {
            // Nobody moves a checkpoint while half of the tables are empty.
            tx.0.borrow_mut().alone()?;
            for table in tx.tables()? {
                tx.exec(&format!("DELETE FROM \"{table}\""), &[])?;
            }
            Ok(())
        })
        .await
    }

    /// One query.
    pub async fn rows(&self, sql: &'static str, cells: Vec<Cell>) -> Result<Vec<Row>, SqlFault> {
        Self::run(self.reader(), move |c| c.rows(sql, &cells)).await
    }
}

/// A closure in a transaction. Whatever goes wrong, also a panic, nothing of it stays.
fn transaction<T>(c: &mut dyn Connection, reading: bool, f: impl FnOnce(&Tx<'_>) -> Result<T, SqlFault>) -> Result<T, SqlFault> {
    c.begin(reading)?;
    let open = Open { c, done: false };
    let done = f(&Tx(std::cell::RefCell::new(&mut *open.c)))?;
    open.commit()?;
    Ok(done)
}

struct Open<'a> {
    c: &'a mut dyn Connection,
    done: bool,
}

impl Open<'_> {
    fn commit(mut self) -> Result<(), SqlFault> {
        self.c.commit()?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.c.rollback();
        }
    }
}
