//! PostgreSQL as a target: the schema `ph_archive`, with the very bytes of segments and manifests in `blob`, and, in the same
//! transaction, a segment's rows in `event` for those who read the history with SQL. What is verified and restored is `blob`.

use bytes::Bytes;
use eventstore::BoxFuture;
use eventstore::postgres::Place;
use eventstore::postgres::session::{Fault, Session};
use eventstore::worker::{Gone, Worker, aside};
use tokio_postgres::Client;

use crate::segment::{Reading, Segment};
use crate::target::{BlobFault, BlobStore, Created};

/// Rows of one statement.
const ROWS: usize = 5_000;

const TABLES: &str = "CREATE TABLE IF NOT EXISTS blob(name TEXT COLLATE \"C\" PRIMARY KEY, bytes BYTEA NOT NULL);
  CREATE TABLE IF NOT EXISTS event(cell TEXT NOT NULL, service TEXT NOT NULL, lane INT2 NOT NULL, position INT8 NOT NULL,
    command_position INT8 NOT NULL, recorded_at TIMESTAMPTZ NOT NULL, business_date DATE, stream TEXT, version INT8, type TEXT, schema INT4,
    data JSONB NOT NULL, caller TEXT NOT NULL, key TEXT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY(cell, service, lane, position))";
const BLOB: &str = "INSERT INTO blob VALUES($1, $2) ON CONFLICT DO NOTHING";
const EVENT: &str = "INSERT INTO event SELECT $1, $2, $3, u.position, u.command_position, to_timestamp(u.at / 1000000.0), u.day::date, u.stream,
    u.version, u.type, u.schema, u.data::jsonb, u.caller, u.key, u.actor
  FROM unnest($4::int8[], $5::int8[], $6::int8[], $7::text[], $8::text[], $9::int8[], $10::text[], $11::int4[], $12::text[], $13::text[], $14::text[],
    $15::text[]) AS u(position, command_position, at, day, stream, version, type, schema, data, caller, key, actor)";
const GET: &str = "SELECT bytes FROM blob WHERE name = $1";
const LIST: &str = "SELECT name, octet_length(bytes) FROM blob WHERE name >= $1 AND name < $2 ORDER BY name";

/// An archive in a database.
pub struct Table {
    place: String,
    worker: Worker<Session>,
}

impl Table {
    /// Opens it, and makes what is missing. Blocks while it connects.
    pub fn open(url: &str) -> Result<Self, String> {
        let place = Place::new(url, "archive")?;
        let opened = aside("archive", || -> Result<Session, Fault> {
            let mut session = Session::new(place.provide("")?)?;
            session.run(async |c| c.batch_execute(TABLES).await)?;
            Ok(session)
        });
        let session = opened.map_err(|Gone| "opening the archive panicked".to_owned())?.map_err(|fault| fault.to_string())?;
        let worker = Worker::on_thread("archive", session).map_err(|e| e.to_string())?;
        Ok(Self { place: shown(url), worker })
    }

    fn ask<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Session) -> Result<T, Fault> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, BlobFault>> {
        let asked = self.worker.run(f);
        Box::pin(async move {
            let done = asked.await.map_err(|Gone| BlobFault(format!("{}: the connection is gone", self.place)))?;
            done.map_err(|fault| BlobFault(format!("{}: {fault}", self.place)))
        })
    }
}

/// A URL without its password.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return String::new() };
    let Some((who, place)) = rest.rsplit_once('@') else { return url.to_owned() };
    format!("{scheme}://{}@{place}", who.split(':').next().unwrap_or_default())
}

impl BlobStore for Table {
    fn place(&self) -> &str {
        &self.place
    }

    fn create(&self, name: String, bytes: Bytes) -> BoxFuture<'_, Result<Created, BlobFault>> {
        // What is no segment has no rows.
        let segment = name.ends_with(".parquet").then(|| Segment::decode(bytes.clone()).ok()).flatten();
        self.ask(move |session| {
            let done = session.run(async |c| insert(c, &name, &bytes, segment.as_ref()).await);
            if done.is_err() {
                session.roll_back();
            }
            done
        })
    }

    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Bytes>, BlobFault>> {
        self.ask(move |session| {
            let found = session.run(async |c| c.query_opt(GET, &[&name]).await)?;
            Ok(found.map(|row| Bytes::from(row.get::<_, Vec<u8>>(0))))
        })
    }

    fn list(&self, folder: String) -> BoxFuture<'_, Result<Vec<(String, u64)>, BlobFault>> {
        self.ask(move |session| {
            let end = format!("{folder}\u{10FFFF}");
            let rows = session.run(async |c| c.query(LIST, &[&folder, &end]).await)?;
            Ok(rows.iter().map(|row| (row.get(0), u64::from(row.get::<_, i32>(1).unsigned_abs()))).collect())
        })
    }
}

async fn insert(c: &Client, name: &str, bytes: &Bytes, segment: Option<&Segment>) -> Result<Created, tokio_postgres::Error> {
    c.batch_execute("BEGIN").await?;
    if c.execute(BLOB, &[&name, &bytes.as_ref()]).await? == 0 {
        c.batch_execute("ROLLBACK").await?;
        return Ok(Created::Exists);
    }
    if let Some(segment) = segment {
        let cell = name.split('/').next().unwrap_or_default();
        for rows in segment.readings().collect::<Vec<_>>().chunks(ROWS) {
            write(c, (cell, segment), rows).await?;
        }
    }
    c.batch_execute("COMMIT").await?;
    Ok(Created::New)
}

async fn write(c: &Client, (cell, segment): (&str, &Segment), rows: &[Reading<'_>]) -> Result<(), tokio_postgres::Error> {
    fn all<'a, T>(rows: &'a [Reading<'a>], of: impl Fn(&Reading<'a>) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    let event = |of: fn(&eventstore::Place) -> String| all(rows, move |r| r.row.event.as_ref().map(of));
    let (positions, commands) = (all(rows, |r| r.row.pos as i64), all(rows, |r| r.row.command_pos as i64));
    let (at, days) = (all(rows, |r| r.by.at), all(rows, |r| r.by.business_date.map(|d| d.to_string())));
    let versions = all(rows, |r| r.row.event.as_ref().map(|e| e.version as i64));
    let schemas = all(rows, |r| r.row.event.as_ref().map(|e| i32::from(e.schema)));
    let (streams, types) = (event(|e| e.stream.clone()), event(|e| e.name.clone()));
    let data = all(rows, |r| r.row.json.as_str());
    let (callers, keys) = (all(rows, |r| r.by.caller.clone()), all(rows, |r| r.by.key.clone()));
    let actors = all(rows, |r| r.by.actor.clone());
    let lane = i16::from(segment.lane);
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 15] = [
        &cell,
        &segment.service,
        &lane,
        &positions,
        &commands,
        &at,
        &days,
        &streams,
        &versions,
        &types,
        &schemas,
        &data,
        &callers,
        &keys,
        &actors,
    ];
    c.execute(EVENT, &values).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(super::shown("postgres://ph:secret@host:5432/db"), "postgres://ph@host:5432/db");
        assert_eq!(super::shown("postgres://host/db"), "postgres://host/db");
    }
}
