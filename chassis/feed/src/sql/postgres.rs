//! A view database in a schema of a PostgreSQL server, and how the views' SQL is said there.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::postgres::Place;
use eventstore::postgres::session::{Fault, Session, Target, name};
use eventstore::worker::aside;
use futures::future::join_all;
use sha2::{Digest, Sha256};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Statement};

use super::{Cell, Connection, Row, SqlFault};

impl From<Fault> for SqlFault {
    fn from(fault: Fault) -> Self {
        Self(fault.to_string())
    }
}

/// Makes the schema with its tables, if it is not there, and gives the way into it.
pub(super) fn provide(place: &Place, schema: &str) -> Result<Target, SqlFault> {
    let tables = tables_of(schema);
    let hash: String = Sha256::digest(&tables).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let made = aside("views", || {
        let target = place.provide(&format!("_views_{hash}"))?;
        let mut session = Session::new(target.clone())?;
        let note = "CREATE TABLE IF NOT EXISTS made_with(schema TEXT NOT NULL)";
        // Replicas that start together: the one that loses the race looks again.
        if session.run(async |c| c.batch_execute(note).await).is_err() {
            session.run(async |c| c.batch_execute(note).await)?;
        }
        let making = session.run(async |c| {
            c.batch_execute("BEGIN; LOCK TABLE made_with IN ACCESS EXCLUSIVE MODE").await?;
            if c.query_one("SELECT count(*) FROM made_with", &[]).await?.get::<_, i64>(0) == 0 {
                c.batch_execute(&tables).await?;
                c.execute("INSERT INTO made_with VALUES($1)", &[&schema]).await?;
            }
            c.batch_execute("COMMIT").await
        });
        making?;
        Ok(target)
    });
    made?
}

/// The tables in PostgreSQL's words. Text is ordered by its bytes, as in SQLite.
fn tables_of(schema: &str) -> String {
    schema.replace(" WITHOUT ROWID", "").replace(" INTEGER", " BIGINT").replace(" TEXT", " TEXT COLLATE \"C\"")
}

/// A statement in PostgreSQL's words.
fn translated(sql: &str, keys: impl FnOnce(&str) -> Result<Vec<(String, bool)>, SqlFault>) -> Result<String, SqlFault> {
    let sql = sql.replace('?', "$");
    if let Some(rest) = sql.strip_prefix("INSERT OR IGNORE INTO ") {
        return Ok(format!("INSERT INTO {rest} ON CONFLICT DO NOTHING"));
    }
    let Some(rest) = sql.strip_prefix("INSERT OR REPLACE INTO ") else { return Ok(sql) };
    let table = rest.split([' ', '(']).next().unwrap_or_default();
    let columns = keys(table)?;
    let key: Vec<String> = columns.iter().filter(|(_, key)| *key).map(|(column, _)| name(column)).collect();
    let set: Vec<String> = columns.iter().filter(|(_, key)| !*key).map(|(column, _)| format!("{0} = excluded.{0}", name(column))).collect();
    let action = if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(", ")) };
    Ok(format!("INSERT INTO {rest} ON CONFLICT({}) DO {action}", key.join(", ")))
}

/// A connection that comes back.
pub(super) struct Postgres {
    session: Session,
    said: BTreeMap<String, Arc<str>>,
    /// What has been asked and not been sent.
    waiting: Vec<Waiting>,
}

/// Statements that wait at most.
const WAITING_MAX: usize = 256;

enum Waiting {
    Plain(&'static str),
    Prepared(Statement, Vec<Cell>),
}

impl Postgres {
    pub fn new(target: &Target) -> Result<Self, SqlFault> {
        Ok(Self { session: Session::new(target.clone())?, said: BTreeMap::new(), waiting: Vec::new() })
    }

    fn said(&mut self, sql: &str) -> Result<Arc<str>, SqlFault> {
        if let Some(known) = self.said.get(sql) {
            return Ok(known.clone());
        }
        let session = &mut self.session;
        let columns = |table: &str| {
            let ask = "SELECT a.attname::text, COALESCE(a.attnum = ANY(i.indkey), false) FROM pg_attribute AS a
                LEFT JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
                WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
            let rows = session.run(async |c| c.query(ask, &[&table]).await)?;
            Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
        };
        let said: Arc<str> = translated(sql, columns)?.into();
        self.said.insert(sql.to_owned(), said.clone());
        Ok(said)
    }

    /// Sends what waits and, behind it, what has an answer, all of it together. After a statement that fails the others do
    /// nothing: the transaction is over.
    fn send<T>(&mut self, last: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>) -> Result<T, SqlFault> {
        let waiting = std::mem::take(&mut self.waiting);
        let sent = self.session.run(async |c| {
            let all = waiting.iter().map(|waiting| async {
                match waiting {
                    Waiting::Plain(sql) => c.batch_execute(sql).await,
                    Waiting::Prepared(statement, cells) => c.execute(statement, &params(cells)).await.map(drop),
                }
            });
            // Polled in order, so sent in order; the first fault is the one that says why.
            let (all, last) = futures::join!(join_all(all), last(c));
            Ok(all.into_iter().find_map(Result::err).map_or(last, Err))
        })?;
        sent.map_err(|e| Fault::from(e).into())
    }

    /// Sends what waits.
    fn flush(&mut self) -> Result<(), SqlFault> {
        if self.waiting.is_empty() { Ok(()) } else { self.send(async |_| Ok(())) }
    }

    fn statement(&mut self, sql: &str, cells: &[Cell]) -> Result<Statement, SqlFault> {
        let said = self.said(sql)?;
        Ok(self.session.prepare(&said, &types(cells))?)
    }
}

/// The types PostgreSQL need not guess: a parameter that stands alone in a SELECT would be taken for text.
fn types(cells: &[Cell]) -> Vec<Type> {
    let of = |cell: &Cell| match cell {
        Cell::Null => Type::UNKNOWN,
        Cell::Int(_) => Type::INT8,
        Cell::Text(_) => Type::TEXT,
    };
    cells.iter().map(of).collect()
}

impl ToSql for Cell {
    fn to_sql(&self, ty: &Type, out: &mut bytes::BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) => n.to_sql(ty, out),
            Self::Text(t) => t.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn params(cells: &[Cell]) -> Vec<&(dyn ToSql + Sync)> {
    cells.iter().map(|cell| cell as &(dyn ToSql + Sync)).collect()
}

impl Connection for Postgres {
    fn exec(&mut self, sql: &str, cells: &[Cell]) -> Result<usize, SqlFault> {
        let statement = self.statement(sql, cells)?;
        Ok(self.send(async |c| c.execute(&statement, &params(cells)).await)? as usize)
    }

    fn run(&mut self, sql: &str, cells: &[Cell]) -> Result<(), SqlFault> {
        let statement = self.statement(sql, cells)?;
        self.waiting.push(Waiting::Prepared(statement, cells.to_vec()));
        if self.waiting.len() < WAITING_MAX { Ok(()) } else { self.flush() }
    }

    fn rows(&mut self, sql: &str, cells: &[Cell]) -> Result<Vec<Row>, SqlFault> {
        let statement = self.statement(sql, cells)?;
        let rows = self.send(async |c| c.query(&statement, &params(cells)).await)?;
        rows.iter().map(cells_of).collect()
    }

    fn begin(&mut self, reading: bool) -> Result<(), SqlFault> {
        self.session.enter()?;
        self.waiting = vec![Waiting::Plain(if reading {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        } else {
            "BEGIN ISOLATION LEVEL READ COMMITTED"
        })];
        Ok(())
    }

    fn commit(&mut self) -> Result<(), SqlFault> {
        self.waiting.push(Waiting::Plain("COMMIT"));
        self.flush()?;
        self.session.leave();
        Ok(())
    }

    fn rollback(&mut self) {
        self.waiting.clear();
        self.session.roll_back();
    }

    fn alone(&mut self) -> Result<(), SqlFault> {
        self.exec("LOCK TABLE checkpoint IN ACCESS EXCLUSIVE MODE", &[]).map(drop)
    }

    fn tables(&mut self) -> Result<Vec<String>, SqlFault> {
        let own = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'made_with' ORDER BY 1";
        Ok(self.rows(own, &[])?.iter().map(|row| row[0].text().to_owned()).collect())
    }

    fn columns(&mut self, table: &str) -> Result<Vec<String>, SqlFault> {
        let of = "SELECT attname::text FROM pg_attribute WHERE attrelid = ?1::text::regclass AND attnum > 0 AND NOT attisdropped
            ORDER BY attnum";
        Ok(self.rows(of, &[table.into()])?.iter().map(|row| row[0].text().to_owned()).collect())
    }
}

fn cells_of(row: &tokio_postgres::Row) -> Result<Row, SqlFault> {
    let cell = |i: usize| {
        let column = &row.columns()[i];
        Ok(match *column.type_() {
            Type::INT8 => row.get::<_, Option<i64>>(i).into(),
            Type::INT4 => row.get::<_, Option<i32>>(i).map(i64::from).into(),
            Type::INT2 => row.get::<_, Option<i16>>(i).map(i64::from).into(),
            Type::BOOL => row.get::<_, Option<bool>>(i).map(i64::from).into(),
            Type::TEXT | Type::VARCHAR | Type::NAME => row.get::<_, Option<String>>(i).into(),
            ref other => return Err(SqlFault(format!("column {} is of type {other}: a view casts it", column.name()))),
        })
    };
    (0..row.len()).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_said_in_the_other_dialect() {
        let keys = |_: &str| Ok(vec![("hotel".to_owned(), true), ("name".to_owned(), false)]);
        let said = |sql: &str| translated(sql, keys).expect("a statement");
        assert_eq!(said("SELECT a FROM t WHERE b = ?1 LIMIT ?2"), "SELECT a FROM t WHERE b = $1 LIMIT $2");
        assert_eq!(said("INSERT OR IGNORE INTO t VALUES(?1)"), "INSERT INTO t VALUES($1) ON CONFLICT DO NOTHING");
        let replaced = "INSERT INTO hotels VALUES($1, $2) ON CONFLICT(\"hotel\") DO UPDATE SET \"name\" = excluded.\"name\"";
        assert_eq!(said("INSERT OR REPLACE INTO hotels VALUES(?1, ?2)"), replaced);
    }
}
