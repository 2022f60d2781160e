//! The bookings file: CSV or CSV.xz in, compact rows out.
//!
//! The place in the file is the only identity of a row: thousands of rows are exact copies of an earlier one.
//! A row that breaks what is always true of this format is an error naming its row and column; a row that is
//! merely odd (no guests, no nights, a negative price) is a booking like any other.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::commands::hex;
use super::dates::Day;
use super::hotels;
use super::rows::{Row, RowRange, Rows, Status, Word};

/// Longest lead time or stay that is believed; more is a damaged number, and every night costs memory.
const DAYS_MAX: i32 = 36_500;
/// Rows of one replay; twenty times the largest file known.
const ROWS_MAX: usize = 2_000_000;

/// Reads a bookings file, compressed or not.
pub fn load(path: &Path, range: Option<RowRange>) -> Result<Rows, String> {
    let named = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let mut raw = BufReader::new(File::open(path).map_err(|e| named(&e))?);
    let compressed = raw.fill_buf().map_err(|e| named(&e))?.starts_with(b"\xfd7zXZ\0");
    if !compressed {
        return parse(raw, range).map_err(|e| named(&e));
    }
    // Through a nameless file: the text is large, the process is meant to stay small.
    let mut plain = tempfile::tempfile().map_err(|e| named(&format!("no temporary file: {e}")))?;
    lzma_rs::xz_decompress(&mut raw, &mut plain).map_err(|e| named(&format!("not a readable xz file: {e:?}")))?;
    plain.seek(SeekFrom::Start(0)).map_err(|e| named(&e))?;
    parse(plain, range).map_err(|e| named(&e))
}

/// Hashes what is read through it.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

/// The columns used, in the order of their place in a [`Columns`].
const COLUMNS: [&str; 18] = [
    "hotel",
    "lead_time",
    "arrival_date_year",
    "arrival_date_month",
    "arrival_date_day_of_month",
    "stays_in_weekend_nights",
    "stays_in_week_nights",
    "adults",
    "children",
    "babies",
    "market_segment",
    "distribution_channel",
    "reserved_room_type",
    "assigned_room_type",
    "deposit_type",
    "adr",
    "reservation_status",
    "reservation_status_date",
];

/// Reads the uncompressed text of a bookings file.
pub fn parse(text: impl Read, range: Option<RowRange>) -> Result<Rows, String> {
    let hashed = Hashed { inner: text, hash: Sha256::new() };
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 16).trim(csv::Trim::All).from_reader(hashed);
    let headers = reader.headers().map_err(|e| format!("the header: {e}"))?.clone();
    let mut places = [0usize; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = headers.iter().position(|h| h == column).ok_or_else(|| format!("the header has no column {column}"))?;
    }
    let wanted = range.unwrap_or(RowRange { first: 1, last: usize::MAX });
    let mut out = Rows { rows: Vec::new(), sha256: String::new(), whole: true, words: Vec::new() };
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    loop {
        number += 1;
        if !reader.read_record(&mut record).map_err(|e| format!("row {number}: {e}"))? {
            break;
        }
        if number < wanted.first || number > wanted.last {
            out.whole = false;
            continue;
        }
        if out.rows.len() == ROWS_MAX {
            return Err(format!("more than {ROWS_MAX} rows"));
        }
        let row = Fields { record: &record, places: &places, number }.row(&mut out.words)?;
        out.rows.push(row);
    }
    if out.rows.is_empty() {
        return Err(match range {
            Some(r) => format!("rows {}..{} are wanted and the file has {}", r.first, r.last, number - 1),
            None => "no rows after the header".to_owned(),
        });
    }
    // The reader has seen the end of the file, so the hash is of all of it.
    out.sha256 = hex(&reader.into_inner().hash.finalize());
    out.rows.shrink_to_fit();
    Ok(out)
}

/// One record while it is read; knows its row for the errors.
struct Fields<'a> {
    record: &'a csv::StringRecord,
    places: &'a [usize; COLUMNS.len()],
    number: usize,
}

impl Fields<'_> {
    fn text(&self, column: usize) -> &str {
        self.record.get(self.places[column]).unwrap_or_default()
    }

    fn wrong(&self, column: usize, what: &str) -> String {
        format!("row {}, column {}: \"{}\" {what}", self.number, COLUMNS[column], self.text(column))
    }

    fn days(&self, column: usize) -> Result<i32, String> {
        let days = self.text(column).parse::<i32>().map_err(|_| self.wrong(column, "is not a whole number"))?;
        if (0..=DAYS_MAX).contains(&days) { Ok(days) } else { Err(self.wrong(column, "is out of range")) }
    }

    /// "NA", "NULL" and nothing at all mean that nobody counted.
    fn guests(&self, column: usize) -> Result<u16, String> {
        match self.text(column) {
            "" | "NA" | "NULL" => Ok(0),
            text => text.parse().map_err(|_| self.wrong(column, "is not a number of guests")),
        }
    }

    fn room_type(&self, column: usize, words: &mut Vec<Box<str>>) -> Result<Word, String> {
        let text = self.text(column);
        let sound = (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if sound { self.word(column, words) } else { Err(self.wrong(column, "is not a room type code")) }
    }

    fn word(&self, column: usize, words: &mut Vec<Box<str>>) -> Result<Word, String> {
        let text = self.text(column);
        if let Some(at) = words.iter().position(|w| &**w == text) {
            return Ok(at as Word);
        }
        let word = Word::try_from(words.len()).map_err(|_| self.wrong(column, "is one text too many"))?;
        words.push(text.into());
        Ok(word)
    }

    fn arrival(&self) -> Result<Day, String> {
        let year = self.text(2).parse::<i32>().map_err(|_| self.wrong(2, "is not a year"))?;
        let month = MONTHS.iter().position(|m| *m == self.text(3)).ok_or_else(|| self.wrong(3, "is not an English month"))?;
        let day = self.text(4).parse::<u32>().map_err(|_| self.wrong(4, "is not a day"))?;
        Day::of(year, month as u32 + 1, day).ok_or_else(|| self.wrong(4, "is not a day of that month"))
    }

    fn row(&self, words: &mut Vec<Box<str>>) -> Result<Row, String> {
        let hotel = hotels::HOTELS.iter().position(|h| h.name == self.text(0)).ok_or_else(|| self.wrong(0, "is no hotel of the replay"))?;
        let arrival = self.arrival()?;
        let nights = self.days(5)? + self.days(6)?;
        let booked = arrival.plus(-self.days(1)?);
        let status = match self.text(16) {
            "Check-Out" => Status::CheckedOut,
            "Canceled" => Status::Cancelled,
            "No-Show" => Status::NoShow,
            _ => return Err(self.wrong(16, "is not Check-Out, Canceled or No-Show")),
        };
        let end = match status {
            // One row of the known file carries an earlier status date: a no-show happens on its arrival date.
            Status::NoShow => arrival,
            _ => Day::parse(self.text(17)).ok_or_else(|| self.wrong(17, "is not a date"))?,
        };
        if status == Status::CheckedOut && !(arrival <= end && end <= arrival.plus(nights)) {
            return Err(self.wrong(17, &format!("is not within the stay {arrival}..{}", arrival.plus(nights))));
        }
        if status == Status::Cancelled && !(booked <= end && end <= arrival) {
            return Err(self.wrong(17, &format!("is not between the booking {booked} and the arrival {arrival}")));
        }
        Ok(Row {
            price: cents(self.text(15)).ok_or_else(|| self.wrong(15, "is not a price with at most two decimals"))?,
            arrival,
            booked,
            end,
            nights,
            guests: [self.guests(7)?, self.guests(8)?, self.guests(9)?],
            sold: self.room_type(12, words)?,
            given: self.room_type(13, words)?,
            segment: self.word(10, words)?,
            channel: self.word(11, words)?,
            deposit: self.word(14, words)?,
            hotel: hotel as u8,
            status,
        })
    }
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// Signed decimal text to cents, without floating point: "98" 9800, "98.5" 9850, "-6.38" -638.
pub fn cents(text: &str) -> Option<i64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 2 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = match fraction.len() {
        0 => 0,
        1 => fraction.parse::<i64>().ok()? * 10,
        _ => fraction.parse::<i64>().ok()?,
    };
    let cents = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(fraction)?;
    Some(if negative { -cents } else { cents })
}
