//! The replay: twenty months of two real hotels, every booking through the public commands, compared to the cent.
//!
//! Read [`rows`] (the file), [`plan`] (what happens on which date), [`run`] (what may be in flight together),
//! then how it is judged: [`answers`] (asked of the house), [`digest`] (three SHA-256), [`differences`] (against
//! the file), [`twice`] (everything again). [`model`] foresees refusals, [`journal`] makes a run resumable.

pub mod answers;
pub mod commands;
pub mod dates;
pub mod desk;
pub mod differences;
pub mod digest;
pub mod hotels;
pub mod journal;
pub mod model;
pub mod pages;
pub mod plan;
pub mod progress;
pub mod reading;
pub mod report;
pub mod rows;
pub mod run;
pub mod setup;
pub mod stats;
pub mod twice;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use self::answers::Answers;
use self::commands::Step;
use self::dates::Day;
use self::journal::{Finished, Journal};
use self::pages::Pages;
use self::plan::Plan;
use self::progress::Progress;
use self::report::{Parts, Report, Seconds};
use self::rows::{RowRange, Rows};
use self::run::{Fate, Run, Tally};
use self::stats::Stats;
use self::twice::Firsts;
use crate::client::{Client, wall};

/// Commands in flight per hotel unless told.
pub const IN_FLIGHT: usize = 64;
/// More would only queue in the house.
pub const IN_FLIGHT_MAX: usize = 1024;

/// How much of the file is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Bookings, changes of type, cancellations, stays.
    Golden,
    /// Also waitlists, changes, deposits and groups.
    Full,
}

/// What every booking is secured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Guarantee {
    /// No payment takes part; check-out moves the balance to the city ledger.
    DirectBill,
    /// Every booking authorises a card.
    Card,
}

/// What was asked for, checked.
#[derive(Debug, Clone)]
pub struct Options {
    /// The bookings file, CSV or CSV.xz.
    pub file: PathBuf,
    /// Only these rows, renumbered from 1.
    pub rows: Option<RowRange>,
    /// Commands in flight per hotel.
    pub in_flight: usize,
    /// Everything a second time.
    pub twice: bool,
    /// Where the journal is (and, for a house of our own, its stores).
    pub resume: Option<PathBuf>,
    /// How much of the file is used.
    pub profile: Profile,
    /// What every booking is secured with.
    pub guarantee: Guarantee,
    /// Where the three files are written.
    pub out: Option<PathBuf>,
}

impl Options {
    /// All of a file, once, without payments: what the golden digests are of.
    pub fn golden(file: PathBuf) -> Self {
        Self {
            file,
            rows: None,
            in_flight: IN_FLIGHT,
            twice: false,
            resume: None,
            profile: Profile::Golden,
            guarantee: Guarantee::DirectBill,
            out: None,
        }
    }
}

/// A file that was read and planned; nothing was sent yet.
pub struct Replay {
    options: Options,
    rows: Rows,
    plan: Plan,
}

impl Replay {
    /// Reads and plans; every complaint about the file comes from here.
    pub fn read(options: Options) -> Result<Replay, String> {
        if options.profile == Profile::Full {
            return Err("the full profile is not available yet; use --profile golden".to_owned());
        }
        if !(1..=IN_FLIGHT_MAX).contains(&options.in_flight) {
            return Err(format!("--in-flight {}: 1 to {IN_FLIGHT_MAX}", options.in_flight));
        }
        let rows = reading::load(&options.file, options.rows)?;
        let plan = Plan::of(&rows)?;
        Ok(Replay { options, rows, plan })
    }

    /// A journal continues only what has the same rows and the same bodies.
    fn fingerprint(&self) -> String {
        let Options { rows, profile, guarantee, .. } = &self.options;
        let rows = rows.map_or("all".to_owned(), |r| format!("{}..{}", r.first, r.last));
        format!("{} rows {rows} {profile:?} {guarantee:?}", self.rows.sha256)
    }

    /// Runs it against the house at `url` and judges where everything ended.
    pub async fn run(self, url: &str) -> Result<Report, String> {
        let started = wall();
        let client = Client::new(url)?;
        let before = Stats::of(&client).await?;
        let (twice, guarantee, out) = (self.options.twice, self.options.guarantee, self.options.out.clone());
        let (run, resumed) = self.open(client).await?;
        let run = Arc::new(run);
        let ran = run.all().await;
        run.progress.finish();
        ran?;
        let commands = wall().duration_since(started);
        let (after, repeats) = (Stats::at_hand(&run.client).await?, run.client.repeats());
        let second = twice::again(&run).await?;
        // The run's own memory (ids, phases) goes before the answers need theirs.
        let Run { client, rows, plan, tally, journal, .. } = Arc::into_inner(run).ok_or("a hotel's run is still there after its end")?;
        let (first, last, used) = (plan.first, plan.last, plan.used());
        drop(plan);
        if let Some(journal) = journal {
            journal.close()?;
        }
        let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let asked = wall();
        let answers = Answers::ask(&client, &rows, &used, first, last).await?;
        let digests = digest::digests(&client, &rows, &answers, first, last, out.as_deref()).await?;
        let differences = differences::differences(&rows, &answers, last);
        let open_authorisations = match guarantee {
            Guarantee::Card => Some(open_authorisations(&client).await?),
            Guarantee::DirectBill => None,
        };
        let now = wall();
        let seconds = Seconds { all: now.duration_since(started), commands, queries: now.duration_since(asked) };
        // Counted last: it is no part of the run, and takes as long as the history is.
        let events = Stats::of(&client).await?.map(|stats| stats.public_events());
        let second = twice.then_some(second);
        Ok(Parts { rows, tally, second, seconds, before, after, events, digests, differences, open_authorisations, resumed, repeats }
            .report())
    }

    /// Runs it against the house at `url` until a business date is open, and judges nothing; how far the house has come.
    pub async fn until(mut self, url: &str, date: Day) -> Result<Option<String>, String> {
        self.plan.cut(&self.rows, date)?;
        let (run, _resumed) = self.open(Client::new(url)?).await?;
        let run = Arc::new(run);
        let ran = run.all().await;
        run.progress.finish();
        ran?;
        match run.tally().stops.first() {
            Some(stop) => Err(stop.clone()),
            None => Ok(run.client.at()),
        }
    }

    /// Sets the hotels up and finds out where to begin.
    async fn open(self, client: Client) -> Result<(Run, bool), String> {
        let fingerprint = self.fingerprint();
        let Replay { options, rows, plan } = self;
        let (journal, finished) = match &options.resume {
            Some(dir) => {
                std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
                let (journal, finished) = Journal::open(dir, &fingerprint)?;
                (Some(journal), finished)
            }
            None => (None, Vec::new()),
        };
        let resumed = !finished.is_empty();
        let set_up = setup::send(&client, &plan.used(), plan.first).await?;
        let mut run = Run {
            set_up_at: client.at(),
            client,
            guarantee: options.guarantee,
            in_flight: options.in_flight,
            fates: std::iter::repeat_with(Fate::default).take(rows.rows.len()).collect(),
            tally: Mutex::new(Tally::default()),
            firsts: options.twice.then(|| Firsts::new(rows.rows.len(), plan.dates(), &set_up, resumed)),
            progress: Progress::new(plan.commands, 0, plan.audits()),
            journal,
            begin: [0; hotels::HOTELS.len()],
            rows,
            plan,
        };
        if resumed {
            run.resume(finished);
            run.learn_ids().await?;
        }
        Ok((run, resumed))
    }
}

impl Run {
    /// Takes over what the journal says is finished, all but the last stage of each hotel: that one is sent again,
    /// so that its answers tell how far the house has come.
    fn resume(&mut self, mut finished: Vec<Finished>) {
        for hotel in &self.plan.hotels {
            let Some(last) = finished.iter().rposition(|f| f.hotel == hotel.code()) else { continue };
            self.begin[hotel.hotel] = finished.remove(last).ordinal;
        }
        let tally = self.tally.get_mut().unwrap_or_else(PoisonError::into_inner);
        for stage in &finished {
            tally.add(stage);
            for refusal in &stage.refused {
                let (index, step) = (refusal.row as usize - 1, Step::named(&refusal.step));
                if let (Some(step), Some(fate)) = (step, self.fates.get(index)) {
                    fate.refused(step, self.rows.rows[index].status);
                }
            }
        }
        let done = tally.sent.iter().sum::<u64>() + tally.skipped;
        self.progress = Progress::new(self.plan.commands, done, self.plan.audits());
    }

    /// The ids of the reservations an earlier process made; one the list does not know yet is found by its Book.
    async fn learn_ids(&self) -> Result<(), String> {
        #[derive(Deserialize)]
        struct Item {
            reservation: String,
            reference: Option<String>,
        }
        for hotel in &self.plan.hotels {
            let code = hotel.code();
            let mut pages = Pages::new(format!("/api/reservations/v1/hotels/{code}/reservations?limit=1000"));
            while let Some(items) = pages.next::<Item>(&self.client).await? {
                for item in items {
                    if let Some(index) = item.reference.as_deref().and_then(|r| self.rows.index_of(r)) {
                        self.fates[index].learn(&item.reservation);
                    }
                }
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Authorisations {
    open: u64,
}

/// Authorisations still open in the payment provider's own ledger.
pub async fn open_authorisations(client: &Client) -> Result<u64, String> {
    client.read::<Authorisations>("/api/payments/v1/provider/authorisations").await.map(|a| a.open)
}
