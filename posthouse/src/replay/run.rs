//! The run: what both hotels share while they walk through their business dates beside each other.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Deserialize;
use tokio::task::JoinSet;

use super::commands::{self, Step};
use super::desk::Desk;
use super::journal::{Finished, Journal, Refusal};
use super::plan::Plan;
use super::progress::Progress;
use super::rows::{Rows, Status};
use super::twice::Firsts;
use super::{Guarantee, hotels::HOTELS};
use crate::client::{Answer, Client};

/// Entries of each list in the report; a broken house would fill pages.
pub const LISTED_MAX: usize = 20;

const NOT_MADE: u8 = 1;
const NOT_IN: u8 = 2;

/// What became of a row so far: all that later commands need.
#[derive(Default)]
pub struct Fate {
    id: OnceLock<Box<str>>,
    marks: AtomicU8,
}

impl Fate {
    fn mark(&self, mark: u8) {
        self.marks.fetch_or(mark, Ordering::Relaxed);
    }

    /// Whether its Book was refused.
    pub fn not_made(&self) -> bool {
        self.marks.load(Ordering::Relaxed) & NOT_MADE != 0
    }

    /// Whether its CheckIn was refused.
    pub fn not_in(&self) -> bool {
        self.marks.load(Ordering::Relaxed) & NOT_IN != 0
    }

    /// The reservation's id, once known.
    pub fn id(&self) -> Option<&str> {
        self.id.get().map(|id| &**id)
    }

    /// Remembers the id; the first one stays.
    pub fn learn(&self, id: &str) {
        let _ = self.id.set(id.into());
    }

    /// What a refused command means for the later ones of its row.
    pub fn refused(&self, step: Step, status: Status) {
        match (step, status) {
            (Step::Book, _) => self.mark(NOT_MADE),
            // Its type cannot be given at the desk, so neither can a room of it.
            (Step::CheckIn, _) | (Step::Retype, Status::CheckedOut) => self.mark(NOT_IN),
            _ => {}
        }
    }
}

/// Sums over all finished stages.
#[derive(Debug, Default)]
pub struct Tally {
    /// Final answers by kind of command.
    pub sent: [u64; 6],
    /// Not sent because an earlier command of the row was refused.
    pub skipped: u64,
    /// Definitely refused.
    pub refused: u64,
    /// The first refusals of each hotel: date, row and what to tell a person.
    pub refusals: Vec<(String, u32, String)>,
    /// Hotels that could not go on, and why.
    pub stops: Vec<String>,
    /// The first commands accepted that a correct house refuses.
    pub surprises: Vec<String>,
}

impl Tally {
    /// Adds a finished stage.
    pub fn add(&mut self, stage: &Finished) {
        for (sum, sent) in self.sent.iter_mut().zip(stage.sent) {
            *sum += sent;
        }
        self.skipped += stage.skipped;
        self.refused += stage.refused.len() as u64;
        // Per hotel, because the hotels run beside each other and the list must not depend on who is ahead.
        let listed = self.refusals.iter().filter(|(_, _, what)| what.starts_with(&stage.hotel)).count();
        for Refusal { row, step, why } in stage.refused.iter().take(LISTED_MAX.saturating_sub(listed)) {
            let what = format!("{} row {row} on {}: {step} was refused: {why}", stage.hotel, stage.date);
            self.refusals.push((stage.date.clone(), *row, what));
        }
        self.surprises.extend(stage.surprises.iter().cloned());
        self.surprises.truncate(LISTED_MAX);
    }
}

/// Everything the hotels' runs share.
pub struct Run {
    /// The house.
    pub client: Client,
    /// The bookings.
    pub rows: Rows,
    /// Their order.
    pub plan: Plan,
    /// The guarantee every Book carries.
    pub guarantee: Guarantee,
    /// Commands in flight per hotel.
    pub in_flight: usize,
    /// One per row.
    pub fates: Vec<Fate>,
    /// Sums.
    pub tally: Mutex<Tally>,
    /// For a second time, later.
    pub firsts: Option<Firsts>,
    /// For the person waiting.
    pub progress: Progress,
    /// The journal, if the run can be resumed.
    pub journal: Option<Journal>,
    /// Per place in [`HOTELS`]: the first stage to send.
    pub begin: [u32; HOTELS.len()],
    /// How far the house was after the set-up: what the first date's commands build on.
    pub set_up_at: Option<String>,
}

impl Run {
    /// Runs every hotel to its last audit, or to the audit that is refused.
    pub async fn all(self: &Arc<Self>) -> Result<(), String> {
        let mut hotels = JoinSet::new();
        for at in 0..self.plan.hotels.len() {
            let run = Arc::clone(self);
            hotels.spawn(async move { Desk::new(&run, &run.plan.hotels[at]).days().await });
        }
        while let Some(ended) = hotels.join_next().await {
            ended.map_err(|e| format!("a hotel's run ended in a bug: {e}"))??;
        }
        Ok(())
    }

    /// The sums; no lock is held across a wait, so a poisoned one is still sound.
    pub fn tally(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The POST of a row's command; needs the reservation's id for all but Book.
    pub fn post(&self, index: usize, step: Step) -> commands::Post {
        commands::post(&self.rows, index, step, self.fates[index].id().unwrap_or_default(), self.guarantee)
    }
}

#[derive(Deserialize)]
struct Booked<'a> {
    #[serde(borrow)]
    reservation: &'a str,
}

/// The reservation a Book made; remembered for the row's later commands.
pub fn learn_id(fate: &Fate, answer: &Answer) -> Result<(), String> {
    let booked: Booked<'_> = serde_json::from_slice(&answer.body).map_err(|e| format!("the answer to a Book names no reservation: {e}"))?;
    fate.learn(booked.reservation);
    Ok(())
}
