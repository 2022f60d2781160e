//! A counting model of one hotel: nights sold against limits, rooms taken against rooms.
//!
//! It decides nothing the house decides and no digest comes from it. It says in advance which commands a
//! correct house refuses, so that the replay sends those phases in row order, and can tell when one was
//! accepted that should not have been.

use super::commands::Step;
use super::dates::Day;
use super::hotels::{HOTELS, Hotel};
use super::plan::{DayPlan, HotelPlan, Stage};
use super::rows::{Row, Rows, Word};

const TYPE_LIMIT: &str = "a night would pass the limit of the type";
const HOUSE_LIMIT: &str = "a night would pass the limit of the house";
const NO_TYPE: &str = "the hotel has no such type";
const NO_ROOM: &str = "no room of the type is free";
const HOUSE_FULL: &str = "the house rooms are all in use";

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Absent,
    Confirmed,
    InHouse,
}

struct Model<'a> {
    rows: &'a Rows,
    hotel: &'static Hotel,
    first: Day,
    /// Word to place in `hotel.types`.
    types: Vec<Option<usize>>,
    /// Per type, then the house: live reservations per night.
    sold: Vec<Vec<i32>>,
    free: Vec<i32>,
    in_house: i32,
    state: Vec<State>,
    kind: Vec<Word>,
}

/// Fills in what is foreseen and which stages must therefore be sent in order.
pub fn foresee(rows: &Rows, first: Day, plan: &mut HotelPlan) {
    let mut model = Model::new(rows, first, plan.hotel);
    let mut foreseen = std::mem::take(&mut plan.foreseen);
    for day in &mut plan.days {
        let mut note = |index: u32, step: Step, why: &'static str| {
            foreseen.insert((index, step), why);
        };
        let in_order = model.date(day, &mut note);
        day.in_order = in_order;
    }
    plan.foreseen = foreseen;
}

impl<'a> Model<'a> {
    fn new(rows: &'a Rows, first: Day, hotel: usize) -> Self {
        let last = rows.rows.iter().filter(|r| usize::from(r.hotel) == hotel).map(Row::departure).max().unwrap_or(first);
        let nights = (last.0 - first.0 + 1).max(1) as usize;
        let hotel = &HOTELS[hotel];
        let highest = rows.rows.iter().map(|r| r.sold.max(r.given)).max().unwrap_or(0);
        let types = (0..=highest).map(|word| hotel.types.iter().position(|t| t.code == rows.word(word))).collect();
        Self {
            rows,
            hotel,
            first,
            types,
            sold: vec![vec![0; nights]; hotel.types.len() + 1],
            free: hotel.types.iter().map(|t| t.rooms as i32).collect(),
            in_house: 0,
            state: vec![State::Absent; rows.rows.len()],
            kind: rows.rows.iter().map(|r| r.sold).collect(),
        }
    }

    /// Plays one date; answers the stages in which somebody is refused.
    fn date(&mut self, day: &DayPlan, note: &mut impl FnMut(u32, Step, &'static str)) -> Vec<Stage> {
        let mut in_order = Vec::new();
        for &index in day.cancellations.iter().chain(&day.departures) {
            self.leave(index, note);
        }
        for &index in &day.bookings {
            if let Err(why) = self.book(index) {
                note(index, Step::Book, why);
                if !in_order.contains(&Stage::Bookings) {
                    in_order.push(Stage::Bookings);
                }
            } else if self.rows.rows[index as usize].cancelled_at_once() {
                self.leave(index, note);
            }
        }
        for (stage, arriving) in [(Stage::DayUse, &day.day_use), (Stage::Arrivals, &day.arrivals)] {
            for &index in arriving {
                if self.arrive(index, note) == Err(HOUSE_FULL) && !in_order.contains(&stage) {
                    in_order.push(stage);
                }
            }
            if stage == Stage::DayUse {
                for &index in &day.day_use {
                    if self.state[index as usize] == State::InHouse {
                        self.leave(index, note);
                    }
                }
            }
        }
        // Who could not be given a room is marked as not arrived, so that the day can close.
        for &index in day.no_shows.iter().chain(&day.day_use).chain(&day.arrivals) {
            if self.state[index as usize] == State::Confirmed {
                self.leave(index, note);
            }
        }
        in_order
    }

    fn place(&self, index: u32) -> Option<usize> {
        self.types[usize::from(self.kind[index as usize])]
    }

    fn add(&mut self, index: u32, from: Day, delta: i32) {
        let Some(kind) = self.place(index) else { return };
        let (from, to) = ((from.0 - self.first.0) as usize, (self.rows.rows[index as usize].departure().0 - self.first.0) as usize);
        let house = self.hotel.types.len();
        for night in from..to {
            self.sold[kind][night] += delta;
            self.sold[house][night] += delta;
        }
    }

    fn book(&mut self, index: u32) -> Result<(), &'static str> {
        let row = &self.rows.rows[index as usize];
        let kind = self.place(index).ok_or(NO_TYPE)?;
        let nights = (row.arrival.0 - self.first.0) as usize..(row.departure().0 - self.first.0) as usize;
        let full = |ledger: &[i32], limit: u32| ledger[nights.clone()].iter().any(|&sold| sold >= limit as i32);
        if full(&self.sold[kind], self.hotel.types[kind].limit) {
            return Err(TYPE_LIMIT);
        }
        if full(&self.sold[self.hotel.types.len()], self.hotel.house_limit) {
            return Err(HOUSE_LIMIT);
        }
        self.add(index, row.arrival, 1);
        self.state[index as usize] = State::Confirmed;
        Ok(())
    }

    fn retype(&mut self, index: u32, note: &mut impl FnMut(u32, Step, &'static str)) -> Result<(), &'static str> {
        let row = &self.rows.rows[index as usize];
        if self.kind[index as usize] == row.given {
            return Ok(());
        }
        if self.types[usize::from(row.given)].is_none() {
            note(index, Step::Retype, NO_TYPE);
            return Err(NO_TYPE);
        }
        self.add(index, row.arrival, -1);
        self.kind[index as usize] = row.given;
        self.add(index, row.arrival, 1);
        Ok(())
    }

    fn arrive(&mut self, index: u32, note: &mut impl FnMut(u32, Step, &'static str)) -> Result<(), &'static str> {
        if self.state[index as usize] != State::Confirmed {
            return Ok(());
        }
        self.retype(index, note)?;
        let kind = self.place(index).ok_or(NO_TYPE)?;
        let why = match (self.free[kind] > 0, self.in_house < self.hotel.house_rooms as i32) {
            (true, true) => {
                self.free[kind] -= 1;
                self.in_house += 1;
                self.state[index as usize] = State::InHouse;
                return Ok(());
            }
            (false, _) => NO_ROOM,
            (true, false) => HOUSE_FULL,
        };
        note(index, Step::CheckIn, why);
        Err(why)
    }

    /// Cancellation, check-out or no-show, whichever ends the reservation now.
    fn leave(&mut self, index: u32, note: &mut impl FnMut(u32, Step, &'static str)) {
        let row = &self.rows.rows[index as usize];
        match self.state[index as usize] {
            State::Absent => return,
            State::InHouse => {
                self.add(index, row.end, -1);
                if let Some(kind) = self.place(index) {
                    self.free[kind] += 1;
                }
                self.in_house -= 1;
            }
            State::Confirmed => {
                // A refused change of type leaves the reservation as it was sold; it ends all the same.
                let _ = self.retype(index, note);
                self.add(index, row.arrival, -1);
            }
        }
        self.state[index as usize] = State::Absent;
    }
}
