//! The bookings, compact: a row is 48 bytes, and its place is its identity.

use super::dates::Day;
use super::hotels;

/// How a booking ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The guest stayed and left.
    CheckedOut,
    /// Cancelled before or on the arrival date.
    Cancelled,
    /// Never arrived.
    NoShow,
}

/// An entry of [`Rows::word`]: room types, segments and the like occur thousands of times.
pub type Word = u16;

/// One booking of the file.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Signed cents per night.
    pub price: i64,
    /// Arrival date.
    pub arrival: Day,
    /// Date of the booking.
    pub booked: Day,
    /// Date of the last status; the arrival for a no-show.
    pub end: Day,
    /// Nights booked.
    pub nights: i32,
    /// Adults, children, babies.
    pub guests: [u16; 3],
    /// Room type sold.
    pub sold: Word,
    /// Room type given.
    pub given: Word,
    /// Market segment.
    pub segment: Word,
    /// Distribution channel.
    pub channel: Word,
    /// Deposit type.
    pub deposit: Word,
    /// Place in [`hotels::HOTELS`].
    pub hotel: u8,
    /// How it ended.
    pub status: Status,
}

impl Row {
    /// First day the room is not booked any more.
    pub fn departure(&self) -> Day {
        self.arrival.plus(self.nights)
    }

    /// Whether the type given is another than the type sold.
    pub fn retyped(&self) -> bool {
        self.sold != self.given
    }

    /// Whether it was cancelled on the date it was booked.
    pub fn cancelled_at_once(&self) -> bool {
        self.status == Status::Cancelled && self.end == self.booked
    }

    /// Whether guests came and left on one date.
    pub fn day_use(&self) -> bool {
        self.status == Status::CheckedOut && self.end == self.arrival
    }

    /// Nights a night audit has posted when all is over.
    pub fn nights_stayed(&self) -> i32 {
        if self.status == Status::CheckedOut { self.end.0 - self.arrival.0 } else { 0 }
    }
}

/// The rows of a file, or a slice of it renumbered from 1.
#[derive(Debug)]
pub struct Rows {
    /// Row `n` stands at `n - 1`.
    pub rows: Vec<Row>,
    /// SHA-256 of the uncompressed file.
    pub sha256: String,
    /// Whether these are all rows of the file.
    pub whole: bool,
    /// Texts of [`Word`]s.
    pub words: Vec<Box<str>>,
}

impl Rows {
    /// The text of a word.
    pub fn word(&self, word: Word) -> &str {
        &self.words[usize::from(word)]
    }

    /// The word of a text, if a row used it.
    pub fn find_word(&self, text: &str) -> Option<Word> {
        self.words.iter().position(|w| &**w == text).map(|at| at as Word)
    }

    /// The identity a reservation carries as its `reference`.
    pub fn reference(&self, index: usize) -> String {
        format!("{}-{:06}", hotels::HOTELS[usize::from(self.rows[index].hotel)].code, index + 1)
    }

    /// The row a reference means: its index, if it is one of these rows.
    pub fn index_of(&self, reference: &str) -> Option<usize> {
        let (_, row) = reference.rsplit_once('-')?;
        let index = row.parse::<usize>().ok()?.checked_sub(1)?;
        (index < self.rows.len() && self.reference(index) == reference).then_some(index)
    }
}

/// Rows `first..=last` of a file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowRange {
    /// The first row taken.
    pub first: usize,
    /// The last row taken.
    pub last: usize,
}

impl std::str::FromStr for RowRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once("..").and_then(|(a, b)| Some((a.parse().ok()?, b.trim_start_matches('=').parse().ok()?)));
        match parts {
            Some((first, last)) if first >= 1 && first <= last => Ok(Self { first, last }),
            _ => Err(format!("{text}: rows are given as A..B with 1 <= A <= B")),
        }
    }
}
