//! The commands of a row: which, with which key, and the exact bytes sent.
//!
//! Keys and bodies are functions of the row alone, so that a command sent again after a crash, or a second time
//! on purpose, is the same command.

use std::fmt::Write as _;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::Guarantee;
use super::dates::Day;
use super::hotels::HOTELS;
use super::rows::Rows;

/// One kind of command; the order is the order in a reservation's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Sell the nights.
    Book,
    /// Move all nights to the type given.
    Retype,
    /// Cancel.
    Cancel,
    /// Take a room.
    CheckIn,
    /// Leave.
    CheckOut,
    /// Did not arrive.
    NoShow,
}

/// Every kind, at the place of its number.
pub const STEPS: [Step; 6] = [Step::Book, Step::Retype, Step::Cancel, Step::CheckIn, Step::CheckOut, Step::NoShow];

impl Step {
    /// The name inside the key, the journal and the report.
    pub fn name(self) -> &'static str {
        match self {
            Step::Book => "book",
            Step::Retype => "retype",
            Step::Cancel => "cancel",
            Step::CheckIn => "check-in",
            Step::CheckOut => "check-out",
            Step::NoShow => "no-show",
        }
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Step> {
        STEPS.into_iter().find(|s| s.name() == name)
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

fn hashed(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The key of a row's command; rows count from 1.
pub fn key(row: usize, step: Step) -> String {
    hashed(&format!("posthouse-replay|{row}|{}", step.name()))
}

/// The key of a night audit.
pub fn audit_key(hotel: &str, date: Day) -> String {
    hashed(&format!("posthouse-replay|{hotel}|{date}|audit"))
}

/// The key of the n-th set-up command.
pub fn set_up_key(n: usize) -> String {
    hashed(&format!("posthouse-replay|setup|{n}"))
}

/// One POST, ready to be sent as often as needed.
#[derive(Debug, Clone)]
pub struct Post {
    /// Path with query.
    pub path: String,
    /// Idempotency key.
    pub key: String,
    /// Body; cloning it is free.
    pub body: Bytes,
}

/// The POST of a row's command; `id` is the reservation, not needed for Book.
pub fn post(rows: &Rows, index: usize, step: Step, id: &str, guarantee: Guarantee) -> Post {
    let hotel = HOTELS[usize::from(rows.rows[index].hotel)].code;
    let reservation = |command: &str| format!("/api/reservations/v1/hotels/{hotel}/reservations/{id}/{command}");
    let (path, body) = match step {
        Step::Book => (format!("/api/reservations/v1/hotels/{hotel}/reservations"), book(rows, index, guarantee).into()),
        Step::Retype => {
            let body = format!(r#"{{"room_type":"{}","reason":"room type given at the desk"}}"#, rows.word(rows.rows[index].given));
            (reservation("type-change"), body.into())
        }
        Step::Cancel => (reservation("cancellation"), Bytes::from_static(b"{}")),
        Step::NoShow => (reservation("no-show"), Bytes::from_static(b"{}")),
        Step::CheckIn => (format!("/api/stays/v1/hotels/{hotel}/stays"), format!(r#"{{"reservation":"{id}"}}"#).into()),
        Step::CheckOut => (format!("/api/stays/v1/hotels/{hotel}/stays/{id}/check-out"), Bytes::from_static(b"{}")),
    };
    Post { path, key: key(index + 1, step), body }
}

/// The POST of a night audit.
pub fn audit(hotel: &str, date: Day) -> Post {
    Post {
        path: format!("/api/stays/v1/hotels/{hotel}/business-day/closings"),
        key: audit_key(hotel, date),
        body: format!(r#"{{"date":"{date}"}}"#).into(),
    }
}

/// Written by hand: this is the longest body, and it is built for every row.
fn book(rows: &Rows, index: usize, guarantee: Guarantee) -> String {
    let row = &rows.rows[index];
    let [adults, children, babies] = row.guests;
    let mut body = String::with_capacity(420);
    let _ = write!(
        body,
        r#"{{"reference":"{}","room_type":"{}","arrival":"{}","departure":"{}","adults":{adults},"children":{children},"babies":{babies}"#,
        rows.reference(index),
        rows.word(row.sold),
        row.arrival,
        row.departure(),
    );
    let _ = write!(body, r#","price":{{"amount":{},"currency":"EUR"}},"price_reason":"as in the bookings file""#, row.price);
    for (name, word) in [("segment", row.segment), ("channel", row.channel), ("deposit", row.deposit)] {
        if !rows.word(word).is_empty() {
            let _ = write!(body, r#","{name}":{}"#, serde_json::Value::from(rows.word(word)));
        }
    }
    body.push_str(match guarantee {
        Guarantee::DirectBill => r#","guarantee":{"kind":"direct-bill"}}"#,
        Guarantee::Card => r#","guarantee":{"kind":"card","token":"tok_ok"}}"#,
    });
    body
}
