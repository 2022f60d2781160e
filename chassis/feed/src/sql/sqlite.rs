//! A view database in a SQLite file.

use std::path::Path;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection as Raw, ToSql};

use super::{Cell, Connection, Row, SqlFault};

/// The framework's note of the schema a file was made with.
const NOTE: &str = "CREATE TABLE IF NOT EXISTS made_with(schema TEXT NOT NULL)";

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Int(n) => ToSqlOutput::Owned(Value::Integer(*n)),
            Self::Text(t) => ToSqlOutput::Borrowed(ValueRef::Text(t.as_bytes())),
        })
    }
}

impl From<rusqlite::Error> for SqlFault {
    fn from(e: rusqlite::Error) -> Self {
        Self(e.to_string())
    }
}

/// A connection to a file.
pub(super) struct Sqlite(Raw);

impl Sqlite {
    /// The writing connection; the file is made anew when it was made with another schema.
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
        let writer = Self::connect(path)?;
        make(&writer.0, schema)?;
        Ok(writer)
    }

    /// One more connection.
    pub fn connect(path: &Path) -> Result<Self, SqlFault> {
        let c = Raw::open(path)?;
        c.busy_timeout(std::time::Duration::from_secs(5))?;
        c.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4096; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;")?;
        // Plans must not depend on bound values: without this SQLite prepares a statement anew for every new value.
        c.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        c.set_prepared_statement_cache_capacity(64);
        Ok(Self(c))
    }

    /// Nothing but memory.
    pub fn in_memory(schema: &str) -> Result<Self, SqlFault> {
        let c = Raw::open_in_memory()?;
        make(&c, schema)?;
        Ok(Self(c))
    }
}

impl Connection for Sqlite {
    fn exec(&mut self, sql: &str, cells: &[Cell]) -> Result<usize, SqlFault> {
        Ok(self.0.prepare_cached(sql)?.execute(rusqlite::params_from_iter(cells))?)
    }

    fn run(&mut self, sql: &str, cells: &[Cell]) -> Result<(), SqlFault> {
        self.exec(sql, cells).map(drop)
    }

    fn rows(&mut self, sql: &str, cells: &[Cell]) -> Result<Vec<Row>, SqlFault> {
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

    fn begin(&mut self, _: bool) -> Result<(), SqlFault> {
        Ok(self.0.prepare_cached("BEGIN")?.execute([]).map(drop)?)
    }

    fn commit(&mut self) -> Result<(), SqlFault> {
        Ok(self.0.prepare_cached("COMMIT")?.execute([]).map(drop)?)
    }

    fn rollback(&mut self) {
        if !self.0.is_autocommit()
            && let Err(e) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%e, "a transaction of the views cannot be rolled back");
        }
    }

    fn alone(&mut self) -> Result<(), SqlFault> {
        // A file has one writer.
        Ok(())
    }

    fn tables(&mut self) -> Result<Vec<String>, SqlFault> {
        let own = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'made_with' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        Ok(self.rows(own, &[])?.iter().map(|row| row[0].text().to_owned()).collect())
    }

    fn columns(&mut self, table: &str) -> Result<Vec<String>, SqlFault> {
        let of = "SELECT name FROM pragma_table_info(?1) ORDER BY cid";
        Ok(self.rows(of, &[table.into()])?.iter().map(|row| row[0].text().to_owned()).collect())
    }
}

fn make(c: &Raw, schema: &str) -> Result<(), SqlFault> {
    c.execute_batch(NOTE)?;
    let made: i64 = c.query_row("SELECT count(*) FROM made_with", [], |r| r.get(0))?;
    if made == 0 {
        c.execute_batch(&format!("BEGIN; {schema}"))?;
        c.execute("INSERT INTO made_with VALUES(?1)", [schema])?;
        c.execute_batch("COMMIT")?;
    }
    Ok(())
}

fn is_made_with(path: &Path, schema: &str) -> bool {
    let Ok(c) = Raw::open(path) else { return false };
    c.query_row("SELECT schema FROM made_with", [], |r| r.get::<_, String>(0)).is_ok_and(|made| made == schema)
}
