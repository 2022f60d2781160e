//! What happens on which business date: every row's commands, sorted into the phases of each hotel and date.
//!
//! The plan is a function of the rows alone. It also foresees, with a small model of the hotels' limits, which
//! commands a correct house refuses: near a limit the order decides who comes last, so such a phase is sent in
//! row order, one at a time, and the same commands are refused as if everything had been sent that way.

use std::collections::BTreeMap;

use super::commands::Step;
use super::dates::Day;
use super::hotels::HOTELS;
use super::model;
use super::rows::{Row, Rows, Status};

/// Business dates one replay may span; a century, so that a damaged year cannot become a million audits.
const DATES_MAX: i32 = 36_525;

/// Parts of a business date with a barrier between them. P1 and P2 touch different rows and only give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// P1 cancellations and P2 departures.
    Releases,
    /// P3 bookings.
    Bookings,
    /// P4 day use.
    DayUse,
    /// P5 arrivals.
    Arrivals,
    /// P6 no-shows and the night audit.
    Audit,
}

/// Every stage, in order.
pub const STAGES: [Stage; 5] = [Stage::Releases, Stage::Bookings, Stage::DayUse, Stage::Arrivals, Stage::Audit];

impl Stage {
    /// The name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Releases => "P1+P2",
            Stage::Bookings => "P3",
            Stage::DayUse => "P4",
            Stage::Arrivals => "P5",
            Stage::Audit => "P6",
        }
    }
}

/// The rows of one hotel and date by phase: indices into the rows, in row order.
#[derive(Debug, Default, Clone)]
pub struct DayPlan {
    /// P1.
    pub cancellations: Vec<u32>,
    /// P2.
    pub departures: Vec<u32>,
    /// P3.
    pub bookings: Vec<u32>,
    /// P4.
    pub day_use: Vec<u32>,
    /// P5.
    pub arrivals: Vec<u32>,
    /// P6.
    pub no_shows: Vec<u32>,
    /// Stages in which a refusal is foreseen: one command at a time, in row order.
    pub in_order: Vec<Stage>,
}

impl DayPlan {
    /// Whether the stage has nothing to send; the audit always has.
    pub fn is_empty(&self, stage: Stage) -> bool {
        match stage {
            Stage::Releases => self.cancellations.is_empty() && self.departures.is_empty(),
            Stage::Bookings => self.bookings.is_empty(),
            Stage::DayUse => self.day_use.is_empty(),
            Stage::Arrivals => self.arrivals.is_empty(),
            Stage::Audit => false,
        }
    }
}

/// Everything one hotel does.
#[derive(Debug)]
pub struct HotelPlan {
    /// Place in [`HOTELS`].
    pub hotel: usize,
    /// One entry per business date, from [`Plan::first`].
    pub days: Vec<DayPlan>,
    /// Commands a correct house refuses, and why.
    pub foreseen: BTreeMap<(u32, Step), &'static str>,
}

impl HotelPlan {
    /// The hotel's code.
    pub fn code(&self) -> &'static str {
        HOTELS[self.hotel].code
    }
}

/// The whole replay.
#[derive(Debug)]
pub struct Plan {
    /// First business date, of both hotels.
    pub first: Day,
    /// Last business date.
    pub last: Day,
    /// The hotels that have rows, in code order.
    pub hotels: Vec<HotelPlan>,
    /// Commands of all rows; audits and set-up are not counted.
    pub commands: u64,
}

/// The commands of a row's life, in order.
pub fn steps(row: &Row) -> impl Iterator<Item = Step> + use<> {
    let (one, two) = match row.status {
        Status::Cancelled => (Step::Cancel, None),
        Status::NoShow => (Step::NoShow, None),
        Status::CheckedOut => (Step::CheckIn, Some(Step::CheckOut)),
    };
    [Some(Step::Book), row.retyped().then_some(Step::Retype), Some(one), two].into_iter().flatten()
}

impl Plan {
    /// Sorts the rows into dates and phases.
    pub fn of(rows: &Rows) -> Result<Plan, String> {
        let first = rows.rows.iter().map(|r| r.booked).min().ok_or("no rows")?;
        let last = rows.rows.iter().map(|r| r.end).max().ok_or("no rows")?;
        let dates = last.0 - first.0 + 1;
        if dates > DATES_MAX {
            return Err(format!("the rows span {first} .. {last}, more than {DATES_MAX} dates"));
        }
        let mut hotels: Vec<HotelPlan> = (0..HOTELS.len())
            .map(|hotel| HotelPlan { hotel, days: vec![DayPlan::default(); dates as usize], foreseen: BTreeMap::new() })
            .collect();
        let mut commands = 0;
        let mut used = [false; HOTELS.len()];
        for (index, row) in rows.rows.iter().enumerate() {
            let hotel = usize::from(row.hotel);
            used[hotel] = true;
            place(&mut hotels[hotel].days, first, row, index as u32);
            commands += steps(row).count() as u64;
        }
        hotels.retain(|h| used[h.hotel]);
        for hotel in &mut hotels {
            model::foresee(rows, first, hotel);
        }
        Ok(Plan { first, last, hotels, commands })
    }

    /// Keeps what happens before a date, so that it is the open one in the end.
    pub fn cut(&mut self, rows: &Rows, until: Day) -> Result<(), String> {
        if until <= self.first || until > self.last {
            return Err(format!("{until} is not after {} and not later than {}", self.first, self.last));
        }
        let days = (until.0 - self.first.0) as usize;
        self.hotels.iter_mut().for_each(|hotel| hotel.days.truncate(days));
        self.last = until.plus(-1);
        let done = |row: &Row| steps(row).count() as u64;
        let sent = |day: &DayPlan| -> u64 {
            let booked: u64 = day
                .bookings
                .iter()
                .map(|&row| &rows.rows[row as usize])
                .map(|row| if row.cancelled_at_once() { done(row) } else { 1 })
                .sum();
            let settled = day.cancellations.iter().chain(&day.arrivals).chain(&day.no_shows);
            let settled: u64 = settled.map(|&row| 1 + u64::from(rows.rows[row as usize].retyped())).sum();
            let used: u64 = day.day_use.iter().map(|&row| done(&rows.rows[row as usize]) - 1).sum();
            booked + settled + used + day.departures.len() as u64
        };
        self.commands = self.hotels.iter().flat_map(|hotel| &hotel.days).map(sent).sum();
        Ok(())
    }

    /// The business date of a day's place.
    pub fn date(&self, day: usize) -> Day {
        self.first.plus(day as i32)
    }

    /// The hotels that have rows: places in [`HOTELS`].
    pub fn used(&self) -> Vec<usize> {
        self.hotels.iter().map(|h| h.hotel).collect()
    }

    /// Night audits of all hotels.
    pub fn audits(&self) -> u64 {
        (self.dates() * self.hotels.len()) as u64
    }

    /// Business dates, each with one audit per hotel.
    pub fn dates(&self) -> usize {
        (self.last.0 - self.first.0 + 1) as usize
    }
}

/// Puts a row into the phases of its dates (rows come in row order, so every list is in row order).
fn place(days: &mut [DayPlan], first: Day, row: &Row, index: u32) {
    let on = |date: Day| (date.0 - first.0) as usize;
    days[on(row.booked)].bookings.push(index);
    match row.status {
        Status::Cancelled if row.end > row.booked => days[on(row.end)].cancellations.push(index),
        // Cancelled at once: its place is directly after its own booking.
        Status::Cancelled => {}
        Status::NoShow => days[on(row.arrival)].no_shows.push(index),
        Status::CheckedOut if row.day_use() => days[on(row.arrival)].day_use.push(index),
        Status::CheckedOut => {
            days[on(row.arrival)].arrivals.push(index);
            days[on(row.end)].departures.push(index);
        }
    }
}

/// Rows of P3 that may be in flight together, or one that must be alone.
#[derive(Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    /// In flight together.
    Together(&'a [u32]),
    /// Everything before it is finished first, and it is finished before what follows.
    Alone(u32),
}

/// Cuts a date's bookings: firing them before the same-day cancellations among them would pass a limit.
pub fn segments<'a>(rows: &Rows, day: &'a DayPlan) -> Vec<Segment<'a>> {
    let bookings = &day.bookings;
    if day.in_order.contains(&Stage::Bookings) {
        return bookings.iter().map(|&index| Segment::Alone(index)).collect();
    }
    let mut cut = Vec::new();
    let mut from = 0;
    for (at, &index) in bookings.iter().enumerate() {
        if rows.rows[index as usize].cancelled_at_once() {
            if from < at {
                cut.push(Segment::Together(&bookings[from..at]));
            }
            cut.push(Segment::Alone(index));
            from = at + 1;
        }
    }
    if from < bookings.len() {
        cut.push(Segment::Together(&bookings[from..]));
    }
    cut
}
