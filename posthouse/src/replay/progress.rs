//! How far the run is, for the person waiting: a bar on a terminal, a line every ten seconds elsewhere.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

use super::dates::Day;
use crate::client::wall;

const LINE_EVERY: Duration = Duration::from_secs(10);
/// The clock and the bar are looked at once in so many commands.
const LOOK_EVERY: u64 = 64;

/// Counts commands and dates; shared by both hotels.
pub struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    /// Milliseconds from the start to the next line.
    next_line: AtomicU64,
    commands: AtomicU64,
    before: u64,
    commands_in_all: u64,
    dates: AtomicU64,
    dates_in_all: u64,
}

impl Progress {
    /// Begins with `before` commands done by an earlier run.
    pub fn new(commands_in_all: u64, before: u64, dates_in_all: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(commands_in_all).with_position(before);
            let style = "{bar:30} {human_pos}/{human_len} commands, {per_sec}, {eta} left, {msg}";
            bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.reset_eta();
            bar
        });
        Self {
            bar,
            started: wall(),
            next_line: AtomicU64::new(LINE_EVERY.as_millis() as u64),
            commands: AtomicU64::new(before),
            before,
            commands_in_all,
            dates: AtomicU64::new(0),
            dates_in_all,
        }
    }

    /// One more command is final.
    pub fn command(&self) {
        let done = self.commands.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(LOOK_EVERY) {
            self.look(done);
        }
    }

    /// One more date of a hotel is closed.
    pub fn day(&self, hotel: &str, date: Day) {
        let dates = self.dates.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{dates}/{} dates, {hotel} {date}", self.dates_in_all));
        }
        self.look(self.commands.load(Ordering::Relaxed));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn look(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            return;
        }
        let spent = wall().duration_since(self.started);
        let (due, now) = (self.next_line.load(Ordering::Relaxed), spent.as_millis() as u64);
        let next = now + LINE_EVERY.as_millis() as u64;
        // Both hotels look; whoever moves the mark prints.
        if now < due || self.next_line.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        let per_second = (done - self.before) as f64 / spent.as_secs_f64().max(0.001);
        let left = self.commands_in_all.saturating_sub(done) as f64 / per_second.max(1.0);
        let dates = self.dates.load(Ordering::Relaxed);
        eprintln!(
            "replay: {done}/{} commands, {dates}/{} dates, {per_second:.0} commands/s, {left:.0} s left",
            self.commands_in_all, self.dates_in_all
        );
    }
}
