//! A segment's rows as columns of a Parquet file: each is encoded as what it is, which is most of what sealing costs.

use std::sync::Arc;

use bytes::Bytes;
use eventstore::Row;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use crate::segment::{Envelope, FORMAT, Segment};

/// What Parquet counts dates from.
const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

const SCHEMA: &str = "message event {
  required int64 position;
  required int64 command_position;
  required int64 recorded_at (TIMESTAMP(MICROS, true));
  optional int32 business_date (DATE);
  optional binary stream (STRING);
  optional int64 version;
  optional binary type (STRING);
  optional int32 schema;
  required binary data (STRING);
  required binary caller (STRING);
  required binary key (STRING);
  required binary actor (STRING);
  required binary causation (STRING);
  required binary traceparent (STRING);
  required binary hash;
}";

/// Rows handed to a column's encoder at once: what is copied for them stays in the processor's cache.
const CHUNK: usize = 1_024;

/// The file.
pub fn encode(segment: &Segment) -> Result<Bytes, ParquetError> {
    let meta = [
        ("format", FORMAT.to_owned()),
        ("service", segment.service.clone()),
        ("lane", segment.lane.to_string()),
        ("before", eventstore::chain::hex(&segment.before)),
    ];
    let meta = meta.map(|(name, value)| KeyValue::new(format!("posthouse.{name}"), value)).to_vec();
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties(meta)?))?;
    let mut group = file.next_row_group()?;
    write(segment, &mut group)?;
    group.close()?;
    Ok(file.into_inner()?.into())
}

/// Numbers go up or repeat, so their differences are kept. A dictionary is worth its search only where there are few values, and
/// the least and the greatest value only where somebody would look for a range. Hashes do not get smaller.
fn properties(meta: Vec<KeyValue>) -> Result<WriterProperties, ParquetError> {
    let at = |name: &str| ColumnPath::from(name);
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_created_by("posthouse".into())
        .set_key_value_metadata(Some(meta));
    for name in ["position", "command_position", "recorded_at", "version"] {
        properties = properties.set_column_encoding(at(name), Encoding::DELTA_BINARY_PACKED);
    }
    for name in ["business_date", "type", "schema", "caller", "actor"] {
        properties = properties.set_column_dictionary_enabled(at(name), true);
    }
    for name in ["position", "recorded_at", "business_date", "type"] {
        properties = properties.set_column_statistics_enabled(at(name), EnabledStatistics::Chunk);
    }
    let hash = at("hash");
    properties = properties.set_column_encoding(hash.clone(), Encoding::DELTA_LENGTH_BYTE_ARRAY);
    Ok(properties.set_column_compression(hash, Compression::UNCOMPRESSED).build())
}

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn write(segment: &Segment, group: &mut Group<'_>) -> Result<(), ParquetError> {
    let rows = || segment.rows.iter();
    let envelopes: Vec<Arc<Envelope>> = segment.readings().map(|reading| reading.by).collect();
    let places = || rows().map(|row| row.event.as_ref());
    put::<Int64Type>(group, rows().map(|row| Some(row.pos as i64)), true)?;
    put::<Int64Type>(group, rows().map(|row| Some(row.command_pos as i64)), true)?;
    put::<Int64Type>(group, envelopes.iter().map(|e| Some(e.at)), true)?;
    put::<Int32Type>(group, envelopes.iter().map(|e| e.business_date.map(days)), false)?;
    put_bytes(group, places().map(|at| at.map(|at| at.stream.as_bytes())), false)?;
    put::<Int64Type>(group, places().map(|at| at.map(|at| at.version as i64)), false)?;
    put_bytes(group, places().map(|at| at.map(|at| at.name.as_bytes())), false)?;
    put::<Int32Type>(group, places().map(|at| at.map(|at| i32::from(at.schema))), false)?;
    put_bytes(group, rows().map(|row| Some(row.json.as_bytes())), true)?;
    let texts: [fn(&Envelope) -> &str; 5] = [|e| &e.caller, |e| &e.key, |e| &e.actor, |e| &e.causation, |e| &e.traceparent];
    for text in texts {
        put_bytes(group, envelopes.iter().map(|e| Some(text(e).as_bytes())), true)?;
    }
    put_bytes(group, rows().map(|row: &Row| Some(&row.hash[..])), true)
}

fn days(date: jiff::civil::Date) -> i32 {
    EPOCH.until(date).map_or(0, |span| span.get_days())
}

/// Writes a column of numbers.
fn put<T: DataType>(group: &mut Group<'_>, values: impl Iterator<Item = Option<T::T>>, is_required: bool) -> Result<(), ParquetError> {
    column::<T, _>(group, values, is_required, |chunk, there| there.extend(chunk.iter().flatten().cloned()))
}

/// Writes a column of texts. A chunk is copied as one: a row a piece of memory costs more than encoding it.
fn put_bytes<'a>(group: &mut Group<'_>, values: impl Iterator<Item = Option<&'a [u8]>>, is_required: bool) -> Result<(), ParquetError> {
    column::<ByteArrayType, _>(group, values, is_required, |chunk, there| {
        let all = Bytes::from(chunk.iter().copied().flatten().collect::<Vec<_>>().concat());
        let mut end = 0;
        there.extend(chunk.iter().flatten().map(|value| {
            let begin = end;
            end += value.len();
            ByteArray::from(all.slice(begin..end))
        }));
    })
}

fn column<T: DataType, V>(
    group: &mut Group<'_>,
    mut values: impl Iterator<Item = Option<V>>,
    is_required: bool,
    convert: impl Fn(&[Option<V>], &mut Vec<T::T>),
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Err(ParquetError::General("a column too many".into())) };
    let writer: &mut ColumnWriterImpl<'_, T> = column.typed::<T>();
    let (mut chunk, mut there, mut levels) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
    loop {
        chunk.clear();
        chunk.extend(values.by_ref().take(CHUNK));
        if chunk.is_empty() {
            return column.close();
        }
        levels.clear();
        levels.extend(chunk.iter().map(|value| i16::from(value.is_some())));
        there.clear();
        convert(&chunk, &mut there);
        writer.write_batch(&there, (!is_required).then_some(&levels), None)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eventstore::Place;

    #[test]
    fn rows_of_several_chunks_are_read_back_to_the_letter() {
        let event = |pos: u64| Place { stream: format!("stay/{}", pos % 7), version: pos, name: "Posted".into(), schema: 1 };
        let row = |pos: u64| Row {
            pos,
            command_pos: pos - pos % 3,
            event: (!pos.is_multiple_of(3)).then(|| event(pos)),
            json: format!(r#"{{"k":"{pos}","c":"desk","t":"2016-07-01T00:00:00.{pos:06}Z"}}"#),
            hash: [pos as u8; 32],
        };
        let rows = (3..2 * CHUNK as u64 + 10).map(row).collect();
        let segment = Segment { service: "stays".into(), lane: 4, before: [9; 32], rows };
        assert_eq!(Segment::decode(encode(&segment).expect("bytes")).expect("a segment"), segment);
    }

    #[test]
    fn dates_are_days_since_1970() {
        assert_eq!((days(jiff::civil::date(1970, 1, 2)), days(jiff::civil::date(2016, 7, 1))), (1, 16_983));
    }
}
