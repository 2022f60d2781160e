//! One hotel's way through its business dates, a stage at a time, with many commands in flight.
//!
//! What may overlap is decided here and nowhere else: rows of one stage may, steps of one row may not, check-ins
//! of one room type may not (each takes the lowest free number), and bookings around a same-day cancellation
//! may not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::stream::{self, StreamExt, TryStreamExt};

use super::commands::{self, Step};
use super::dates::Day;
use super::journal::{Finished, Refusal};
use super::plan::{DayPlan, HotelPlan, STAGES, Segment, Stage, segments};
use super::run::{Run, learn_id};

/// What one row does in one stage.
#[derive(Clone, Copy)]
enum Job {
    /// ChangeType where needed, then the step.
    Settle(Step),
    Only(Step),
    /// Who could not be given a room is marked as not arrived.
    Walk,
}

/// One hotel's run.
pub struct Desk<'a> {
    run: &'a Run,
    hotel: &'a HotelPlan,
    /// Until the first date is over its commands wait for the set-up.
    fresh: AtomicBool,
    stage: Mutex<Finished>,
}

impl<'a> Desk<'a> {
    /// The desk of one hotel.
    pub fn new(run: &'a Run, hotel: &'a HotelPlan) -> Self {
        Self { run, hotel, fresh: AtomicBool::new(true), stage: Mutex::default() }
    }

    /// Runs to the last audit, or to the audit that is refused.
    pub async fn days(self) -> Result<(), String> {
        let run = self.run;
        let begin = run.begin[self.hotel.hotel];
        for (place, day) in self.hotel.days.iter().enumerate() {
            let date = run.plan.date(place);
            for (at, stage) in STAGES.into_iter().enumerate() {
                let ordinal = (place * STAGES.len() + at) as u32;
                if ordinal < begin || day.is_empty(stage) {
                    continue;
                }
                let goes_on = self.send_stage(day, date, stage).await?;
                let finished = self.take_stage(date, stage, ordinal);
                run.tally().add(&finished);
                if !goes_on {
                    self.stopped(place, date);
                    return Ok(());
                }
                if let Some(journal) = &run.journal {
                    journal.note(&finished)?;
                }
                self.fresh.store(false, Ordering::Relaxed);
            }
            run.progress.day(self.hotel.code(), date);
        }
        Ok(())
    }

    fn take_stage(&self, date: Day, stage: Stage, ordinal: u32) -> Finished {
        let mut noted = std::mem::take(&mut *self.stage());
        // Answers arrive in any order; the journal and the report are in row order.
        noted.refused.sort_by(|a, b| (a.row, &a.step).cmp(&(b.row, &b.step)));
        noted.surprises.sort();
        Finished { hotel: self.hotel.code().to_owned(), date: date.to_string(), stage: stage.name().to_owned(), ordinal, ..noted }
    }

    fn stage(&self) -> MutexGuard<'_, Finished> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After a refused audit the day stays open and everything later would be refused as well.
    fn stopped(&self, place: usize, date: Day) {
        let later = &self.hotel.days[place + 1..];
        let rows = |day: &DayPlan| {
            let ends = day.cancellations.len() + day.departures.len() + day.no_shows.len();
            ends + day.bookings.len() + 2 * day.day_use.len() + day.arrivals.len()
        };
        let unsent: usize = later.iter().map(rows).sum();
        let mut tally = self.run.tally();
        tally.skipped += unsent as u64;
        let code = self.hotel.code();
        tally
            .stops
            .push(format!("{code}: {date} could not be closed, so the hotel stopped there; at least {unsent} commands were not sent"));
    }

    async fn send_stage(&self, day: &DayPlan, date: Day, stage: Stage) -> Result<bool, String> {
        match stage {
            Stage::Releases => {
                let cancel = day.cancellations.iter().map(|&row| (row, Job::Settle(Step::Cancel)));
                let leave = day.departures.iter().map(|&row| (row, Job::Only(Step::CheckOut)));
                self.together(cancel.chain(leave)).await?;
            }
            Stage::Bookings => {
                for segment in segments(&self.run.rows, day) {
                    match segment {
                        Segment::Together(rows) => self.together(rows.iter().map(|&row| (row, Job::Only(Step::Book)))).await?,
                        Segment::Alone(row) => self.book_alone(row).await?,
                    }
                }
            }
            Stage::DayUse => {
                self.arrive(&day.day_use, day.in_order.contains(&stage)).await?;
                self.together(day.day_use.iter().map(|&row| (row, Job::Only(Step::CheckOut)))).await?;
            }
            Stage::Arrivals => self.arrive(&day.arrivals, day.in_order.contains(&stage)).await?,
            Stage::Audit => {
                let missing = day.no_shows.iter().map(|&row| (row, Job::Settle(Step::NoShow)));
                let walked = day.day_use.iter().chain(&day.arrivals).map(|&row| (row, Job::Walk));
                self.together(missing.chain(walked.filter(|(row, _)| self.run.fates[*row as usize].not_in()))).await?;
                return self.audit(date).await;
            }
        }
        Ok(true)
    }

    async fn together(&self, jobs: impl Iterator<Item = (u32, Job)>) -> Result<(), String> {
        stream::iter(jobs).map(Ok).try_for_each_concurrent(self.run.in_flight, |(row, job)| self.job(row as usize, job)).await
    }

    async fn job(&self, index: usize, job: Job) -> Result<(), String> {
        let retyped = self.run.rows.rows[index].retyped();
        match job {
            Job::Settle(step) => {
                if retyped {
                    self.send(index, Step::Retype).await?;
                }
                self.send(index, step).await?;
            }
            Job::Only(step) => {
                self.send(index, step).await?;
            }
            Job::Walk => {
                if !self.run.fates[index].not_made() {
                    self.send(index, Step::NoShow).await?;
                }
            }
        }
        Ok(())
    }

    async fn book_alone(&self, row: u32) -> Result<(), String> {
        let index = row as usize;
        self.send(index, Step::Book).await?;
        if self.run.rows.rows[index].cancelled_at_once() {
            self.job(index, Job::Settle(Step::Cancel)).await?;
        }
        Ok(())
    }

    /// The types change together; then each type hands out its rooms in row order.
    async fn arrive(&self, rows: &[u32], in_order: bool) -> Result<(), String> {
        let all = &self.run.rows.rows;
        self.together(rows.iter().filter(|&&row| all[row as usize].retyped()).map(|&row| (row, Job::Only(Step::Retype)))).await?;
        let mut chains: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
        for &row in rows {
            let chain = if in_order { 0 } else { all[row as usize].given };
            chains.entry(chain).or_default().push(row);
        }
        let chains = chains.into_values().map(|chain| async move {
            for row in chain {
                self.send(row as usize, Step::CheckIn).await?;
            }
            Ok(())
        });
        stream::iter(chains).map(Ok).try_for_each_concurrent(self.run.in_flight, |chain| chain).await
    }

    /// Sends one command until its answer is final; false if it was refused or could not be sent.
    async fn send(&self, index: usize, step: Step) -> Result<bool, String> {
        let (run, fate) = (self.run, &self.run.fates[index]);
        if step != Step::Book && fate.id().is_none() && !fate.not_made() {
            self.recover(index).await?;
        }
        let lost = step != Step::Book && fate.not_made();
        if lost || (matches!(step, Step::CheckIn | Step::CheckOut) && fate.not_in()) {
            self.stage().skipped += 1;
            run.progress.command();
            return Ok(false);
        }
        let post = run.post(index, step);
        let answer = run.client.post_after(&post.path, &post.key, post.body, self.at()).await?;
        if let Some(firsts) = &run.firsts {
            firsts.keep(index, step, &answer);
        }
        run.progress.command();
        let mut stage = self.stage();
        stage.sent[step as usize] += 1;
        let row = index as u32 + 1;
        if !answer.applied() {
            fate.refused(step, run.rows.rows[index].status);
            stage.refused.push(Refusal { row, step: step.name().to_owned(), why: answer.refusal() });
            return Ok(false);
        }
        if let Some(why) = self.hotel.foreseen.get(&(index as u32, step)) {
            stage.surprises.push(format!("{} row {row}: {} was accepted although {why}", self.hotel.code(), step.name()));
        }
        if step == Step::Book {
            learn_id(fate, &answer)?;
        }
        Ok(true)
    }

    /// After a resume a reservation's id may be unknown: its Book, sent again, names it.
    async fn recover(&self, index: usize) -> Result<(), String> {
        let fate = &self.run.fates[index];
        let post = self.run.post(index, Step::Book);
        let answer = self.run.client.post_after(&post.path, &post.key, post.body, self.at()).await?;
        if answer.applied() {
            return learn_id(fate, &answer);
        }
        fate.refused(Step::Book, self.run.rows.rows[index].status);
        Ok(())
    }

    fn at(&self) -> Option<&str> {
        let fresh = self.fresh.load(Ordering::Relaxed);
        self.run.set_up_at.as_deref().filter(|_| fresh)
    }

    async fn audit(&self, date: Day) -> Result<bool, String> {
        let post = commands::audit(self.hotel.code(), date);
        let answer = self.run.client.post_after(&post.path, &post.key, post.body, self.at()).await?;
        if let Some(firsts) = &self.run.firsts {
            firsts.keep_audit(self.hotel.hotel, (date.0 - self.run.plan.first.0) as usize, &answer);
        }
        if !answer.applied() {
            self.run.tally().stops.push(format!("{}: the audit of {date} was refused: {}", self.hotel.code(), answer.refusal()));
        }
        Ok(answer.applied())
    }
}
