//! The answers against what the file says: final states, types, nights and money, row by row and in sum.
//!
//! Money is in no digest, so it is compared here: nights and cents computed from the file, against what the
//! folios were posted.

use super::answers::{Answers, Reserved, Stayed};
use super::dates::Day;
use super::hotels::HOTELS;
use super::rows::{Rows, Status};
use super::run::LISTED_MAX;

/// A list that remembers how much longer it would be.
#[derive(Default)]
struct Listed {
    lines: Vec<String>,
    more: usize,
}

impl Listed {
    fn add(&mut self, line: String) {
        if self.lines.len() < LISTED_MAX { self.lines.push(line) } else { self.more += 1 }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    checked_out: i64,
    cancelled: i64,
    no_show: i64,
    room_nights: i64,
    revenue: i128,
}

/// Every difference, rows first, at most [`LISTED_MAX`] of them; then the sums of each hotel.
pub fn differences(rows: &Rows, answers: &Answers, last: Day) -> Vec<String> {
    let mut listed = Listed::default();
    for index in 0..rows.rows.len() {
        if let Some(what) = row_difference(rows, answers, index) {
            let code = HOTELS[usize::from(rows.rows[index].hotel)].code;
            listed.add(format!("{code} row {}: {what}", index + 1));
        }
    }
    let mut lines = listed.lines;
    if listed.more > 0 {
        lines.push(format!("… and {} rows more", listed.more));
    }
    for hotel in &answers.hotels {
        let table = &HOTELS[hotel.hotel];
        let (code, mine) = (table.code, hotel.hotel);
        let (file, house) = (file_totals(rows, mine), house_totals(rows, answers, mine));
        if file != house {
            lines.push(format!("{code}: the file says {file:?}, the answers {house:?}"));
        }
        if !hotel.occupied.is_empty() {
            lines.push(format!("{code}: {} rooms are not vacant: {}", hotel.occupied.len(), hotel.occupied.join(" ")));
        }
        let after = last.plus(1).to_string();
        if hotel.business_date != after {
            lines.push(format!("{code}: the business date is {}, not {after}", hotel.business_date));
        }
        let most = hotel.days.iter().filter_map(|d| d.in_house).max().unwrap_or(0);
        if most > i64::from(table.house_rooms) {
            lines.push(format!("{code}: {most} stays in house at an audit, the house has {}", table.house_rooms));
        }
    }
    lines.extend(answers.strays.iter().cloned());
    lines
}

fn named(status: Status) -> &'static str {
    match status {
        Status::CheckedOut => "checked_out",
        Status::Cancelled => "cancelled",
        Status::NoShow => "no_show",
    }
}

/// The first thing wrong with a row.
fn row_difference(rows: &Rows, answers: &Answers, index: usize) -> Option<String> {
    let row = &rows.rows[index];
    let Some(Reserved { state, room_type, sold_as, arrival }) = answers.reserved[index] else {
        return Some(format!("the file says {}, the answers have no reservation", named(row.status)));
    };
    let (state, kind, sold) = (answers.text(state), answers.text(room_type), answers.text(sold_as));
    if state != named(row.status) {
        return Some(format!("the file says {}, the answers {state}", named(row.status)));
    }
    for (what, file, house) in [("type given", rows.word(row.given), kind), ("type sold", rows.word(row.sold), sold)] {
        if file != house {
            return Some(format!("the {what} is {file} in the file and {house} in the answers"));
        }
    }
    if arrival != Some(row.arrival) {
        return Some(format!("the arrival is {} in the file and another in the answers", row.arrival));
    }
    match (row.status, answers.stayed[index]) {
        (Status::CheckedOut, Some(stay)) => stay_difference(rows, answers, index, stay),
        (Status::CheckedOut, None) => Some("checked out, and the answers have no stay".to_owned()),
        (_, Some(_)) => Some(format!("{state}, and the answers have a stay")),
        (_, None) => None,
    }
}

fn stay_difference(rows: &Rows, answers: &Answers, index: usize, stay: Stayed) -> Option<String> {
    let row = &rows.rows[index];
    let (state, kind, given) = (answers.text(stay.state), answers.text(stay.room_type), rows.word(row.given));
    let posted = row.price.saturating_mul(i64::from(row.nights_stayed()));
    if state != "checked_out" {
        Some(format!("its stay is {state}"))
    } else if kind != given {
        Some(format!("it stayed in type {kind}, the file says {given}"))
    } else if stay.nights != row.nights_stayed() {
        Some(format!("{} nights were posted, the file says {}", stay.nights, row.nights_stayed()))
    } else if stay.posted != posted {
        Some(format!("{} cents were posted, the file says {posted}", stay.posted))
    } else {
        None
    }
}

fn file_totals(rows: &Rows, hotel: usize) -> Totals {
    let mut totals = Totals::default();
    for row in rows.rows.iter().filter(|r| usize::from(r.hotel) == hotel) {
        match row.status {
            Status::CheckedOut => totals.checked_out += 1,
            Status::Cancelled => totals.cancelled += 1,
            Status::NoShow => totals.no_show += 1,
        }
        totals.room_nights += i64::from(row.nights_stayed());
        totals.revenue += i128::from(row.price) * i128::from(row.nights_stayed());
    }
    totals
}

fn house_totals(rows: &Rows, answers: &Answers, hotel: usize) -> Totals {
    let mut totals = Totals::default();
    for (index, _) in rows.rows.iter().enumerate().filter(|(_, r)| usize::from(r.hotel) == hotel) {
        match answers.reserved[index].map(|r| answers.text(r.state)) {
            Some("checked_out") => totals.checked_out += 1,
            Some("cancelled") => totals.cancelled += 1,
            Some("no_show") => totals.no_show += 1,
            _ => {}
        }
        if let Some(stay) = answers.stayed[index] {
            totals.room_nights += i64::from(stay.nights);
            totals.revenue += i128::from(stay.posted);
        }
    }
    totals
}
