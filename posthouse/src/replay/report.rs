//! What a replay prints: one JSON object, or a page for a person.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::commands::STEPS;
use super::digest::{self, Digests};
use super::rows::Rows;
use super::run::{LISTED_MAX, Tally};
use super::stats::{Stats, peak_rss_mb};
use super::twice::Second;

/// The JSON object of a replay.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `golden`.
    pub profile: &'static str,
    /// Rows taken.
    pub rows: usize,
    /// Commands with a final answer; audits and set-up are not counted.
    pub commands: u64,
    /// The same by kind.
    pub commands_by_kind: BTreeMap<&'static str, u64>,
    /// Commands definitely refused.
    pub refused: u64,
    /// Commands not sent because an earlier one of the row was refused.
    pub skipped: u64,
    /// Requests the client had to send again: pending, retry or no answer.
    pub repeats: u64,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Of these, commands and audits.
    pub command_seconds: f64,
    /// Of these, the queries the digests are made of.
    pub query_seconds: f64,
    /// Highest memory of this process, or of the house where it is another and larger one.
    pub peak_rss_mb: Option<f64>,
    /// The three digests.
    pub digests: Digests,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
    /// Processor time the commands cost the house's process.
    pub cpu_seconds: Option<f64>,
    /// Transactions the commands cost.
    pub commits: Option<u64>,
    /// Commands and queries through the pipeline, those between services included.
    pub pipeline_passes: Option<u64>,
    /// Group commit at work: below one is good.
    pub commits_per_pass: Option<f64>,
    /// Processor time of one pass.
    pub cpu_us_per_pass: Option<f64>,
    /// Events the run added to the public feeds.
    pub public_events: Option<u64>,
    /// Whether an earlier process had begun.
    pub resumed: bool,
    /// What the digests must be, for the known file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Digests>,
    /// Card guarantee: authorisations still open in the provider's ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_authorisations: Option<u64>,
    /// Commands sent a second time, audits and set-up included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_twice: Option<u64>,
    /// Public events the second time added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_added_by_second_time: Option<i64>,
}

/// How long it took.
pub struct Seconds {
    /// From the first request to the last answer.
    pub all: Duration,
    /// Commands and audits.
    pub commands: Duration,
    /// Queries.
    pub queries: Duration,
}

/// Everything a report is made of.
pub struct Parts {
    /// The rows replayed.
    pub rows: Rows,
    /// Sums over the run.
    pub tally: Tally,
    /// The second time, if there was one.
    pub second: Option<Second>,
    /// Times.
    pub seconds: Seconds,
    /// The house's counters before the set-up.
    pub before: Option<Stats>,
    /// The house's counters after the last command.
    pub after: Option<Stats>,
    /// The public events of the house in the end.
    pub events: Option<u64>,
    /// The digests.
    pub digests: Digests,
    /// Answers against the file.
    pub differences: Vec<String>,
    /// Card guarantee only.
    pub open_authorisations: Option<u64>,
    /// Whether an earlier process had begun.
    pub resumed: bool,
    /// Requests the client had to send again.
    pub repeats: u64,
}

fn rounded(value: f64, digits: i32) -> f64 {
    let unit = 10f64.powi(digits);
    (value * unit).round() / unit
}

impl Parts {
    /// Puts them together; refusals come first, they explain what follows.
    pub fn report(self) -> Report {
        let Parts { rows, tally, second, seconds, before, after, events, digests, open_authorisations, resumed, repeats, .. } = self;
        let (mut differences, mut refusals) = (tally.stops, tally.refusals);
        differences.sort();
        refusals.sort();
        differences.extend(refusals.into_iter().take(LISTED_MAX).map(|(_, _, what)| what));
        if tally.refused as usize > LISTED_MAX {
            differences.push(format!("… {} commands were refused in all", tally.refused));
        }
        let mut surprises = tally.surprises;
        surprises.sort();
        differences.extend(surprises);
        let (mut sent_twice, mut events_added) = (None, None);
        if let Some(second) = second {
            differences.extend(second.differences);
            (sent_twice, events_added) = (Some(second.sent), second.events_added);
        }
        let expected = digest::expected(&rows);
        if expected.as_ref().is_some_and(|expected| *expected != digests) {
            differences.push("the digests are not the known ones of this file".to_owned());
        }
        differences.extend(self.differences);
        let public_events = events.zip(before.as_ref()).map(|(now, before)| now.saturating_sub(before.public_events()));
        let spent = before.zip(after.as_ref());
        let passes = spent.as_ref().map(|(b, a)| a.pipeline_passes.saturating_sub(b.pipeline_passes));
        let commits = spent.as_ref().map(|(b, a)| a.commits.saturating_sub(b.commits));
        let cpu = spent.as_ref().map(|(b, a)| a.cpu_seconds - b.cpu_seconds);
        let per_pass = |value: Option<f64>, digits| Some(rounded(value? / passes.filter(|&p| p > 0)? as f64, digits));
        let house_rss = after.as_ref().map(|a| a.rss_mb);
        Report {
            profile: "golden",
            rows: rows.rows.len(),
            commands: tally.sent.iter().sum(),
            commands_by_kind: STEPS.iter().map(|s| (s.name(), tally.sent[*s as usize])).collect(),
            refused: tally.refused,
            skipped: tally.skipped,
            repeats,
            seconds: rounded(seconds.all.as_secs_f64(), 2),
            command_seconds: rounded(seconds.commands.as_secs_f64(), 2),
            query_seconds: rounded(seconds.queries.as_secs_f64(), 2),
            peak_rss_mb: [peak_rss_mb(), house_rss].into_iter().flatten().reduce(f64::max),
            digests,
            differences,
            cpu_seconds: cpu.map(|c| rounded(c, 2)),
            commits,
            pipeline_passes: passes,
            commits_per_pass: per_pass(commits.map(|c| c as f64), 4),
            cpu_us_per_pass: per_pass(cpu.map(|c| c * 1e6), 1),
            public_events,
            resumed,
            expected,
            open_authorisations,
            sent_twice,
            events_added_by_second_time: events_added,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_second = self.commands as f64 / self.command_seconds.max(0.01);
        writeln!(
            f,
            "{} rows, {} commands ({} refused, {} skipped), {} requests sent again",
            self.rows, self.commands, self.refused, self.skipped, self.repeats
        )?;
        writeln!(f, "{} s: commands {} s ({per_second:.0}/s), queries {} s", self.seconds, self.command_seconds, self.query_seconds)?;
        if let (Some(passes), Some(commits), Some(cpu)) = (self.pipeline_passes, self.commits, self.cpu_seconds) {
            writeln!(f, "{passes} pipeline passes, {commits} commits, {cpu} s of processor")?;
        }
        if let Some(peak) = self.peak_rss_mb {
            writeln!(f, "{peak} MB at most")?;
        }
        if let Some(open) = self.open_authorisations {
            writeln!(f, "{open} authorisations still open at the provider")?;
        }
        if let Some(twice) = self.sent_twice {
            writeln!(f, "{twice} commands sent a second time")?;
        }
        let known = |digest: fn(&Digests) -> &String| match &self.expected {
            Some(expected) if digest(expected) == digest(&self.digests) => "  as known",
            Some(_) => "  NOT as known",
            None => "",
        };
        writeln!(f, "final state   {}{}", self.digests.final_state, known(|d| &d.final_state))?;
        writeln!(f, "daily         {}{}", self.digests.daily, known(|d| &d.daily))?;
        writeln!(f, "on the books  {}{}", self.digests.on_the_books, known(|d| &d.on_the_books))?;
        match self.differences.len() {
            0 => writeln!(f, "no differences"),
            n => {
                writeln!(f, "{n} differences:")?;
                self.differences.iter().try_for_each(|line| writeln!(f, "  {line}"))
            }
        }
    }
}
