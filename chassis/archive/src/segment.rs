//! A segment: a range of one lane as a Parquet file.
//!
//! The columns `position`, `command_position`, `stream`, `version`, `type`, `schema`, `data` and `hash` are the lane as it is
//! kept; the chain hash covers all of them, so a file that was made by hand or changed by one bit does not verify. The
//! others repeat the envelope of the command's record for those who read the file with a database.

use std::sync::Arc;

use bytes::Bytes;
use eventstore::{Place, Row};
use kernel::{Lane, Timestamp};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use serde::{Deserialize, Deserializer};

/// The version of this layout, in each file's metadata.
pub const FORMAT: &str = "posthouse-segment/1";

/// Where a column is in [`crate::columns`].
mod column {
    pub const POSITION: usize = 0;
    pub const COMMAND_POSITION: usize = 1;
    pub const STREAM: usize = 4;
    pub const VERSION: usize = 5;
    pub const TYPE: usize = 6;
    pub const SCHEMA: usize = 7;
    pub const DATA: usize = 8;
    pub const HASH: usize = 14;
}

/// A range of one lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The service whose lane it is.
    pub service: String,
    /// The lane.
    pub lane: Lane,
    /// The chain hash before its first position.
    pub before: [u8; 32],
    /// Its rows, without a gap; never empty.
    pub rows: Vec<Row>,
}

/// Why bytes are no segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotASegment(pub String);

impl std::fmt::Display for NotASegment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotASegment {}

impl From<ParquetError> for NotASegment {
    fn from(e: ParquetError) -> Self {
        Self(e.to_string())
    }
}

/// What a reader of tables wants to know of a command's record. What cannot be read stays empty: the record itself is in `data`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Envelope {
    /// When it was decided, microseconds since 1970.
    #[serde(rename = "t", deserialize_with = "micros")]
    pub at: i64,
    /// The owner's business date.
    #[serde(rename = "d")]
    pub business_date: Option<jiff::civil::Date>,
    /// Who sent it.
    #[serde(rename = "c")]
    pub caller: String,
    /// The idempotency key.
    #[serde(rename = "k")]
    pub key: String,
    /// On whose behalf; empty when it is the caller.
    #[serde(rename = "a")]
    pub actor: String,
    /// What made it happen.
    #[serde(rename = "z")]
    pub causation: String,
    /// The trace it belongs to.
    #[serde(rename = "p")]
    pub traceparent: String,
}

/// An instant as records write it.
pub(crate) fn micros<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
    Timestamp::deserialize(d).map(|at| at.0)
}

/// A row with the envelope of the command it belongs to.
pub struct Reading<'a> {
    /// The row.
    pub row: &'a Row,
    /// Its command's envelope.
    pub by: Arc<Envelope>,
}

impl Segment {
    /// The first position.
    pub fn first(&self) -> u64 {
        self.rows.first().map_or(0, |row| row.pos)
    }

    /// The last position.
    pub fn last(&self) -> u64 {
        self.rows.last().map_or(0, |row| row.pos)
    }

    /// The chain hash at its end.
    pub fn after(&self) -> [u8; 32] {
        self.rows.last().map_or(self.before, |row| row.hash)
    }

    /// Checks that positions follow each other, that every row has the hash it ought to have, and that no event is without its
    /// command; says where that is not so.
    pub fn check(&self) -> Result<(), NotASegment> {
        let (mut hash, mut command) = (self.before, 0);
        for (row, pos) in self.rows.iter().zip(self.first()..) {
            hash = row.chained(&hash, self.lane);
            if row.pos != pos {
                return Err(NotASegment(format!("position {} is followed by {}", pos - 1, row.pos)));
            }
            if row.hash != hash {
                return Err(NotASegment(format!("the chain breaks at position {pos}")));
            }
            command = if row.event.is_none() { pos } else { command };
            if row.command_pos != command {
                return Err(NotASegment(format!("position {pos} is not where its command is")));
            }
        }
        if self.rows.is_empty() { Err(NotASegment("it is empty".into())) } else { Ok(()) }
    }

    /// As bytes; the same rows always give the same bytes.
    pub fn encode(&self) -> Result<Bytes, NotASegment> {
        Ok(crate::columns::encode(self)?)
    }

    /// Its rows with the envelope of the last command's record before each.
    pub fn readings(&self) -> impl Iterator<Item = Reading<'_>> {
        let mut last = Arc::new(Envelope::default());
        self.rows.iter().map(move |row| {
            if row.event.is_none() {
                last = Arc::new(serde_json::from_str(&row.json).unwrap_or_default());
            }
            Reading { row, by: last.clone() }
        })
    }

    /// Reads bytes back. Whether the rows make a chain is another question ([`Segment::check`]).
    pub fn decode(bytes: Bytes) -> Result<Self, NotASegment> {
        let file = SerializedFileReader::new(bytes)?;
        let meta = file.metadata().file_metadata();
        let said = |name: &str| {
            let all = meta.key_value_metadata().map(Vec::as_slice).unwrap_or_default();
            let value = all.iter().find(|kv| kv.key == format!("posthouse.{name}")).and_then(|kv| kv.value.clone());
            value.ok_or_else(|| NotASegment(format!("it does not say its {name}")))
        };
        if said("format")? != FORMAT {
            return Err(NotASegment(format!("its format is {}, this program knows {FORMAT}", said("format")?)));
        }
        let lane = said("lane")?.parse().map_err(|_| NotASegment("its lane is no number".into()))?;
        let before = unhex(&said("before")?).ok_or_else(|| NotASegment("its first hash is none".into()))?;
        let mut rows = Vec::new();
        for n in 0..file.num_row_groups() {
            rows.extend(read(file.get_row_group(n)?.as_ref())?);
        }
        Ok(Self { service: said("service")?, lane, before, rows })
    }
}

/// Reads 32 bytes written as hex.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).ok()?;
    }
    Some(bytes)
}

fn read(group: &dyn RowGroupReader) -> Result<Vec<Row>, NotASegment> {
    let n = usize::try_from(group.metadata().num_rows()).map_err(|_| NotASegment("a number of rows below nothing".into()))?;
    let numbers = |at| take::<Int64Type>(group, at, n);
    let texts = |at| take::<ByteArrayType>(group, at, n);
    let (positions, commands, versions) = (numbers(column::POSITION)?, numbers(column::COMMAND_POSITION)?, numbers(column::VERSION)?);
    let (streams, names, data) = (texts(column::STREAM)?, texts(column::TYPE)?, texts(column::DATA)?);
    let (schemas, hashes) = (take::<Int32Type>(group, column::SCHEMA, n)?, texts(column::HASH)?);
    let mut rows = Vec::with_capacity(n);
    let lacks = |what: &str| NotASegment(format!("a row without {what}"));
    let text = |value: Option<ByteArray>, what: &str| -> Result<String, NotASegment> {
        let value = value.ok_or_else(|| lacks(what))?;
        value.as_utf8().map(str::to_owned).map_err(|_| NotASegment(format!("{what} is no text")))
    };
    let columns = positions.into_iter().zip(commands).zip(versions).zip(streams).zip(names).zip(data).zip(schemas).zip(hashes);
    for (((((((pos, command), version), stream), name), data), schema), hash) in columns {
        let event = match stream {
            None => None,
            stream => Some(Place {
                stream: text(stream, "a stream")?,
                version: version.ok_or_else(|| lacks("a version"))?.unsigned_abs(),
                name: text(name, "a type")?,
                schema: schema.and_then(|s| u16::try_from(s).ok()).ok_or_else(|| lacks("a schema"))?,
            }),
        };
        rows.push(Row {
            pos: pos.ok_or_else(|| lacks("a position"))?.unsigned_abs(),
            command_pos: command.ok_or_else(|| lacks("a command"))?.unsigned_abs(),
            event,
            json: text(data, "data")?,
            hash: hash.and_then(|h| h.data().try_into().ok()).ok_or_else(|| lacks("a hash"))?,
        });
    }
    Ok(rows)
}

/// A whole column, with holes.
fn take<T: DataType>(group: &dyn RowGroupReader, at: usize, n: usize) -> Result<Vec<Option<T::T>>, NotASegment>
where
    T::T: Clone + Default,
{
    let is_required = group.metadata().column(at).column_descr().max_def_level() == 0;
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(at)?);
    let (mut values, mut levels) = (Vec::with_capacity(n), Vec::with_capacity(n));
    while values.len() < n {
        let (records, _, _) = reader.read_records(n, (!is_required).then_some(&mut levels), None, &mut values)?;
        if records == 0 {
            break;
        }
    }
    let mut values = values.into_iter();
    let column: Vec<Option<T::T>> = if is_required {
        values.map(Some).collect()
    } else {
        levels.iter().map(|level| if *level > 0 { values.next() } else { None }).collect()
    };
    if column.len() == n { Ok(column) } else { Err(NotASegment(format!("column {at} has {} of {n} rows", column.len()))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment() -> Segment {
        let record = r#"{"c":"desk","k":"k1","f":"00","v":{"ok":"{}"},"t":"2016-07-01T00:00:00.000001Z","d":"2016-07-01","p":"00-1-2-01","later":[1]}"#;
        let mut rows = vec![
            Row { pos: 7, command_pos: 7, event: None, json: record.into(), hash: [0; 32] },
            Row {
                pos: 8,
                command_pos: 7,
                event: Some(Place { stream: "stay/é".into(), version: 3, name: "CheckedIn".into(), schema: 2 }),
                json: r#"{"CheckedIn":{"room":"A-1"}}"#.into(),
                hash: [0; 32],
            },
        ];
        let mut hash = [9; 32];
        for row in &mut rows {
            hash = row.chained(&hash, 4);
            row.hash = hash;
        }
        Segment { service: "stays".into(), lane: 4, before: [9; 32], rows }
    }

    #[test]
    fn what_is_sealed_is_read_back_to_the_letter() {
        let segment = segment();
        segment.check().expect("a chain");
        let bytes = segment.encode().expect("bytes");
        assert_eq!(bytes, segment.encode().expect("bytes"), "the same rows give the same bytes");
        assert_eq!(Segment::decode(bytes).expect("a segment"), segment);
        assert_eq!((segment.first(), segment.last(), segment.after()), (7, 8, segment.rows[1].hash));
    }

    #[test]
    fn a_records_envelope_is_read_as_committers_write_it() {
        let record = eventstore::Record {
            caller: "desk".into(),
            key: "k\"1".into(),
            fingerprint: "00".into(),
            verdict: kernel::Verdict::Applied("{}".into()),
            at: Timestamp(1_467_331_200_000_001),
            actor: "ann".into(),
            causation: "saga".into(),
            traceparent: "00-1-2-01".into(),
            business_date: Some(jiff::civil::date(2016, 7, 1)),
            claims: vec![("saga/1".into(), true)],
        };
        let mut segment = segment();
        segment.rows[0].json = serde_json::to_string(&record).expect("JSON");
        for reading in segment.readings() {
            let by = reading.by;
            assert_eq!((by.at, by.business_date), (record.at.0, record.business_date));
            let texts = [&by.caller, &by.key, &by.actor, &by.causation, &by.traceparent];
            assert_eq!(texts, [&record.caller, &record.key, &record.actor, &record.causation, &record.traceparent]);
        }
        let sealed = crate::manifest::Sealed::of(&segment, &Bytes::new());
        assert_eq!((sealed.until, sealed.commands, sealed.events), (record.at.0, 1, [("CheckedIn#2".to_owned(), 1)].into()));
        segment.rows[0].json = "{}".into();
        let sealed = crate::manifest::Sealed::of(&segment, &Bytes::new());
        assert_eq!(sealed.until, i64::MAX, "what cannot be dated is never old");
    }

    #[test]
    fn a_changed_row_breaks_the_chain_and_is_named() {
        let changes: [fn(&mut Segment); 9] = [
            |s| s.rows[1].json = s.rows[1].json.replace('1', "2"),
            |s| s.rows[1].event.as_mut().expect("an event").version = 4,
            |s| s.rows[1].event.as_mut().expect("an event").stream = "stay/e".into(),
            |s| s.before = [8; 32],
            |s| s.rows[1].pos = 9,
            |s| s.lane = 5,
            |s| (s.rows[1].pos, s.rows[1].hash) = (9, Row { pos: 9, ..s.rows[1].clone() }.chained(&s.rows[0].hash, 4)),
            |s| s.rows[1].command_pos = 6,
            |s| (s.before, _) = (s.rows[0].hash, s.rows.remove(0)),
        ];
        for change in changes {
            let mut changed = segment();
            change(&mut changed);
            assert!(changed.check().is_err(), "{changed:?}");
        }
        assert!(Segment { rows: vec![], ..segment() }.check().is_err());
    }

    #[test]
    fn bytes_that_are_none_are_refused() {
        let whole = segment().encode().expect("bytes");
        for cut in [0, 4, whole.len() / 2, whole.len() - 1] {
            assert!(Segment::decode(whole.slice(..cut)).is_err(), "{cut} of {} bytes", whole.len());
        }
        let (mut later, format) = (whole.to_vec(), FORMAT.as_bytes());
        let all: Vec<usize> = (0..later.len() - format.len()).filter(|at| &later[*at..at + format.len()] == format).collect();
        all.iter().for_each(|at| later[at + format.len() - 1] = b'2');
        assert!(!all.is_empty() && Segment::decode(later.into()).is_err_and(|why| why.0.contains("posthouse-segment/2")));
    }
}
