//! Writing a batch: a statement a table, over columns, and the commit, in one round trip.

use std::collections::BTreeMap;

use super::session::{Fault, Session};
use crate::port::{Batch, StoreFault};

/// The rows of the log and of the command index that go with them.
const LOG: &str = "WITH indexed AS (INSERT INTO command SELECT * FROM unnest($10::text[], $11::text[], $12::int2[], $13::int8[]))
  INSERT INTO log SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::text[], $7::int4[], $8::text[], $9::bytea[])";
const SNAPSHOT: &str = "INSERT INTO snapshot SELECT * FROM unnest($1::int2[], $2::text[], $3::int8[], $4::int4[], $5::text[])
  ON CONFLICT(lane, stream) DO UPDATE SET version = excluded.version, shape = excluded.shape, data = excluded.data";
const TAKE: &str = "INSERT INTO claim SELECT * FROM unnest($1::text[], $2::int2[], $3::int8[])";
const GIVE: &str = "DELETE FROM claim WHERE thing = ANY($1::text[])";

/// Columns of the log, row by row.
#[derive(Default)]
struct Log<'a> {
    lane: Vec<i16>,
    pos: Vec<i64>,
    command_pos: Vec<i64>,
    stream: Vec<Option<String>>,
    version: Vec<Option<i64>>,
    name: Vec<Option<&'a str>>,
    schema: Vec<Option<i32>>,
    data: Vec<&'a str>,
    hash: Vec<&'a [u8]>,
}

/// Columns of the other tables.
#[derive(Default)]
struct Rest<'a> {
    caller: Vec<&'a str>,
    key: Vec<&'a str>,
    lane: Vec<i16>,
    pos: Vec<i64>,
    /// By lane and stream, the newest of the batch: a row can be written once in a statement.
    snapshots: BTreeMap<(i16, String), (i64, i32, &'a str)>,
    /// What happens to each claimed thing, in order. The first change of each thing is one round, the second the next.
    rounds: Vec<Round<'a>>,
}

#[derive(Default)]
struct Round<'a> {
    take: Vec<&'a str>,
    lane: Vec<i16>,
    pos: Vec<i64>,
    give: Vec<&'a str>,
}

fn columns(batch: &Batch) -> (Log<'_>, Rest<'_>) {
    let (mut log, mut rest) = (Log::default(), Rest::default());
    let mut changes: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &batch.entries {
        let (lane, pos) = (i16::from(entry.lane), entry.pos as i64);
        let mut row = |at: i64, data, hash| {
            log.lane.push(lane);
            log.pos.push(at);
            log.command_pos.push(pos);
            log.data.push(data);
            log.hash.push(hash);
        };
        row(pos, entry.json.as_str(), entry.hash.as_slice());
        for (at, (e, hash)) in (pos + 1..).zip(&entry.events) {
            row(at, e.json.as_str(), hash.as_slice());
        }
        let events = || entry.events.iter().map(|(e, _)| e);
        log.stream.extend(std::iter::once(None).chain(events().map(|e| Some(e.stream.to_string()))));
        log.version.extend(std::iter::once(None).chain(events().map(|e| Some(e.version as i64))));
        log.name.extend(std::iter::once(None).chain(events().map(|e| Some(e.name.as_str()))));
        log.schema.extend(std::iter::once(None).chain(events().map(|e| Some(i32::from(e.schema)))));
        rest.caller.push(&entry.record.caller);
        rest.key.push(&entry.record.key);
        rest.lane.push(lane);
        rest.pos.push(pos);
        for (stream, s) in &entry.snapshots {
            rest.snapshots.insert((lane, stream.to_string()), (s.version as i64, i32::from(s.shape), &s.json));
        }
        for (thing, take) in &entry.record.claims {
            let round = changes.entry(thing).or_default();
            if rest.rounds.len() <= *round {
                rest.rounds.push(Round::default());
            }
            let into = &mut rest.rounds[*round];
            *round += 1;
            if *take {
                into.take.push(thing);
                into.lane.push(lane);
                into.pos.push(pos);
            } else {
                into.give.push(thing);
            }
        }
    }
    (log, rest)
}

/// Writes the batch and commits.
pub fn commit(session: &mut Session, batch: &Batch) -> Result<(), StoreFault> {
    let prepared = [LOG, SNAPSHOT, TAKE, GIVE].map(|sql| session.prepare(sql, &[]));
    let [Ok(log), Ok(snapshot), Ok(take), Ok(give)] = prepared else {
        session.roll_back();
        return Err(StoreFault::Nothing("the statements of a commit cannot be prepared".into()));
    };
    let (rows, mut rest) = columns(batch);
    let (at, written): (Vec<_>, Vec<_>) = std::mem::take(&mut rest.snapshots).into_iter().unzip();
    let (snapshot_lane, snapshot_stream): (Vec<i16>, Vec<String>) = at.into_iter().unzip();
    let version: Vec<i64> = written.iter().map(|(version, _, _)| *version).collect();
    let shape: Vec<i32> = written.iter().map(|(_, shape, _)| *shape).collect();
    let json: Vec<&str> = written.iter().map(|(_, _, json)| *json).collect();
    let done = session.run(async |c| {
        let logged = async {
            let (r, i) = (&rows, &rest);
            let cells: [&(dyn tokio_postgres::types::ToSql + Sync); 13] = [
                &r.lane,
                &r.pos,
                &r.command_pos,
                &r.stream,
                &r.version,
                &r.name,
                &r.schema,
                &r.data,
                &r.hash,
                &i.caller,
                &i.key,
                &i.lane,
                &i.pos,
            ];
            c.execute(&log, &cells).await
        };
        let kept = async {
            if snapshot_lane.is_empty() {
                return Ok(0);
            }
            c.execute(&snapshot, &[&snapshot_lane, &snapshot_stream, &version, &shape, &json]).await
        };
        let claimed = futures::future::try_join_all(rest.rounds.iter().map(|round| async {
            let given = async { if round.give.is_empty() { Ok(0) } else { c.execute(&give, &[&round.give]).await } };
            let taken =
                async { if round.take.is_empty() { Ok(0) } else { c.execute(&take, &[&round.take, &round.lane, &round.pos]).await } };
            futures::future::try_join(given, taken).await
        }));
        // All of it leaves together. After a statement that fails the server makes of the commit a rollback, and the
        // failed statement's answer comes before the commit's.
        let (logged, kept, claimed, committed) = futures::join!(logged, kept, claimed, c.batch_execute("COMMIT"));
        let written = logged.map_err(refused).and(kept.map_err(refused)).and(claimed.map_err(refused));
        // Whatever the server says to the commit itself, it may have been done.
        Ok(written.and(committed.map_err(|e| StoreFault::Unknown(Fault::from(e).to_string()))))
    });
    let done = done.unwrap_or_else(|fault| Err(StoreFault::Unknown(fault.to_string())));
    if matches!(done, Err(StoreFault::Unknown(_))) {
        session.hang_up();
    }
    session.leave();
    done
}

/// A statement before the commit failed. A claim that cannot be taken is one command's fault, a key that is there
/// already another committer's doing.
fn refused(e: tokio_postgres::Error) -> StoreFault {
    let table = e.as_db_error().and_then(|said| said.table()).unwrap_or_default().to_owned();
    match Fault::from(e) {
        Fault::Refused { constraint: true, why } if table == "claim" => StoreFault::Constraint(why),
        Fault::Refused { constraint: true, .. } if table == "command" => StoreFault::Raced,
        Fault::Refused { why, .. } => StoreFault::Nothing(why),
        Fault::Silent(why) => StoreFault::Unknown(why),
    }
}
