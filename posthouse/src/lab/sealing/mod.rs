//! The sealing lab: a long history is archived and verified, and how fast, how large and in how much memory is told. Then
//! guests book without pause in a house that keeps its own archive, and in the same house without one, turn by turn.
//!
//! Reading order: `history` (a long history for those who have none at hand).

mod history;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ::archive::Trust;
use ::archive::verify::verify;
use host::stats::cpu_seconds;
use pipeline::vitals::Archived;
use serde::{Deserialize, Serialize};

use super::child::HouseProcess;
use super::kills;
use super::slices::{LIMIT, Pairs, Slice, slice};
use crate::archive::work::{self, Places, Stores};
use crate::client::{Client, wall};
use crate::replay::stats::peak_rss_mb;
use crate::roster;

/// Bookings before a slice, uncounted: a house that was just started is slower.
const WARM_SECONDS: u64 = 1;
/// How long the archive may take to have what was booked before a slice.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(60);
/// Of the positions that are booked in a slice beside it, so many must be sealed in it: the rest is of its last pass.
const SEALED_AT_LEAST: f64 = 0.5;

/// What is done.
#[derive(Debug, Clone)]
pub struct Options {
    /// The stores of a house that does not run; without them a history is made.
    pub data: Option<PathBuf>,
    /// Events of the history that is made.
    pub events: u64,
    /// Its dice.
    pub seed: u64,
    /// Slices with an archive, and as many without.
    pub slices: u32,
    /// Seconds of a slice.
    pub seconds: u64,
    /// Seconds between two passes of the house's own archive.
    pub every: u64,
}

/// A history on its way into an archive, or read back from there.
#[derive(Debug, Default, Serialize)]
pub struct Speed {
    /// From the beginning to the end.
    pub seconds: f64,
    /// Processor seconds of the process, all its threads together.
    pub cpu_seconds: f64,
    /// Events a processor second.
    pub events_per_cpu_second: f64,
    /// Positions (events and command records) a processor second.
    pub positions_per_cpu_second: f64,
    /// The most memory the process has had until then.
    pub peak_rss_mb: f64,
}

/// The JSON object of a sealing lab.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Positions archived.
    pub positions: u64,
    /// Events among them; the others are command records.
    pub events: u64,
    /// Segments made.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes a position.
    pub bytes_per_position: f64,
    /// Bytes an event, its command's record with it.
    pub bytes_per_event: f64,
    /// Sealing all of it.
    pub sealed: Speed,
    /// Verifying all of it.
    pub verified: Speed,
    /// Bookings a second without an archive, the median of the slices.
    pub bookings_alone: f64,
    /// The same in a house that keeps its archive.
    pub bookings_archived: f64,
    /// Of a pair of slices beside each other: how much less was booked with an archive; the median of the pairs. Negative: more.
    pub less_booked: f64,
    /// Of all slices: how much more of a processor the house used for a booking with an archive.
    pub more_cpu: f64,
    /// Positions booked in the slices with an archive.
    pub booked_positions: u64,
    /// Positions sealed in them.
    pub sealed_positions: u64,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} events, {} positions in {} segments", self.events, self.positions, self.segments)?;
        writeln!(f, "{} bytes: {} a position, {} an event", self.bytes, self.bytes_per_position, self.bytes_per_event)?;
        for (what, speed) in [("sealed", &self.sealed), ("verified", &self.verified)] {
            writeln!(
                f,
                "{what} in {:.2} s, {:.2} s of a processor: {:.0} events a second of it, {:.0} positions; peak {:.0} MB",
                speed.seconds, speed.cpu_seconds, speed.events_per_cpu_second, speed.positions_per_cpu_second, speed.peak_rss_mb
            )?;
        }
        writeln!(f, "bookings a second: {:.1} alone, {:.1} in a house that is archived", self.bookings_alone, self.bookings_archived)?;
        let (less, more) = (self.less_booked * 100.0, self.more_cpu * 100.0);
        writeln!(f, "archived {less:.2} % less booked, {more:.2} % more processor a booking")?;
        writeln!(f, "{} positions were booked meanwhile, {} sealed", self.booked_positions, self.sealed_positions)?;
        match self.differences.as_slice() {
            [] => writeln!(f, "held: every position is in the archive, and the archive is whole"),
            all => all.iter().try_for_each(|d| writeln!(f, "BROKEN: {d}")),
        }
    }
}

fn rounded(n: f64) -> f64 {
    (n * 100.0).round() / 100.0
}

/// Plays the lab with `program` (this executable) in `dir`. `sealed` is told of positions, `booked` of pairs of slices.
pub async fn play(
    options: &Options,
    program: &Path,
    dir: &Path,
    sealed: &mut (dyn FnMut(u64, u64) + Send),
    booked: impl Fn(u32),
) -> Result<Report, String> {
    let mut report = Report::default();
    let made = dir.join("history");
    if options.data.is_none() {
        history::write(&made, options.events, options.seed).await?;
    }
    seal(options.data.as_deref().unwrap_or(&made), &dir.join("sealed"), sealed, &mut report).await?;
    if options.data.is_none() {
        std::fs::remove_dir_all(&made).map_err(|e| format!("{} cannot be deleted: {e}", made.display()))?;
    }
    let mut live = Live::start(options, program, dir).await?;
    live.book(booked, &mut report).await?;
    live.house.kill()?;
    whole(&dir.join("house"), &dir.join("live"), &mut report).await?;
    Ok(report)
}

fn url(place: &Path) -> String {
    format!("file://{}", place.display())
}

struct Clock(tokio::time::Instant, f64);

impl Clock {
    fn start() -> Self {
        Self(wall(), cpu_seconds())
    }

    fn speed(&self, events: u64, positions: u64) -> Speed {
        let (seconds, cpu) = (wall().duration_since(self.0).as_secs_f64(), cpu_seconds() - self.1);
        // A history that is too short to be timed has been too short to say anything.
        let each = |n: u64| if cpu > 0.0 { (n as f64 / cpu).round() } else { 0.0 };
        Speed {
            seconds: rounded(seconds),
            cpu_seconds: rounded(cpu),
            events_per_cpu_second: each(events),
            positions_per_cpu_second: each(positions),
            peak_rss_mb: peak_rss_mb().unwrap_or_default(),
        }
    }
}

/// Seals a whole history into a new place, and verifies it there.
async fn seal(data: &Path, to: &Path, progress: &mut (dyn FnMut(u64, u64) + Send), report: &mut Report) -> Result<(), String> {
    let (stores, place) = (Stores::of(data, None)?, Places::open(&[url(to)])?);
    let signer = work::signer(&to.with_extension("key"))?;
    let clock = Clock::start();
    let done = work::run(&stores, &place, &signer, "lab", false, progress).await?.whole()?;
    report.sealed = clock.speed(0, 0);
    report.positions = done.archived.iter().map(|one| one.positions).sum();
    let clock = Clock::start();
    let read = verify(&place.0, &Trust::Keys(vec![signer.public()]), &mut |_, _| {}).await.map_err(|e| e.to_string())?;
    report.differences.extend(read.findings.iter().map(ToString::to_string));
    let commands: u64 = read.read.iter().map(|read| read.commands).sum();
    let positions: u64 = read.read.iter().map(|read| read.positions).sum();
    let there = stores.positions().await?;
    if (positions, there) != (report.positions, report.positions) {
        report.differences.push(format!("{there} positions are in the stores, {} were sealed, {positions} verified", report.positions));
    }
    report.events = positions - commands;
    report.verified = clock.speed(report.events, positions);
    report.segments = read.read.iter().map(|read| read.segments).sum();
    report.bytes = read.read.iter().map(|read| read.bytes).sum();
    report.bytes_per_position = rounded(report.bytes as f64 / positions.max(1) as f64);
    report.bytes_per_event = rounded(report.bytes as f64 / report.events.max(1) as f64);
    let each = |n: u64| (n as f64 / report.sealed.cpu_seconds.max(0.01)).round();
    (report.sealed.events_per_cpu_second, report.sealed.positions_per_cpu_second) = (each(report.events), each(positions));
    Ok(())
}

/// Whether everything that was booked gets into the archive that the house kept, and is whole there.
async fn whole(data: &Path, to: &Path, report: &mut Report) -> Result<(), String> {
    let (stores, place, signer) = (Stores::of(data, None)?, Places::open(&[url(to)])?, work::signer(&data.join(work::KEY))?);
    work::run(&stores, &place, &signer, "local", false, &mut |_, _| {}).await?.whole()?;
    let read = verify(&place.0, &Trust::Keys(vec![signer.public()]), &mut |_, _| {}).await.map_err(|e| e.to_string())?;
    report.differences.extend(read.findings.iter().map(ToString::to_string));
    let (positions, there) = (read.read.iter().map(|read| read.positions).sum::<u64>(), stores.positions().await?);
    if positions != there {
        report.differences.push(format!("{there} positions were booked, {positions} are in the archive"));
    }
    Ok(())
}

/// A house under load, that is archived in every other slice.
struct Live<'a> {
    options: &'a Options,
    house: HouseProcess,
    client: Client,
    /// What `up` is told to keep an archive.
    archived: [String; 4],
    slices: u32,
}

/// What the lab wants to know of a service's vitals.
#[derive(Deserialize)]
struct Vitals {
    head: u64,
    archive: Vec<Archived>,
}

impl<'a> Live<'a> {
    async fn start(options: &'a Options, program: &Path, dir: &Path) -> Result<Self, String> {
        let house = HouseProcess::start(program, &dir.join("house")).await?;
        let client = Client::new(&house.url())?;
        kills::set_up(&client, LIMIT).await?;
        let archived = ["--archive".to_owned(), url(&dir.join("live")), "--archive-every".to_owned(), options.every.to_string()];
        Ok(Self { options, house, client, archived, slices: 0 })
    }

    async fn book(&mut self, progress: impl Fn(u32), report: &mut Report) -> Result<(), String> {
        let mut pairs = Pairs::default();
        for pair in 0..self.options.slices {
            let mut both = [Slice::default(); 2];
            // Which comes first changes, so that a machine that grows warm or a table that grows long favours neither.
            for turn in 0..2 {
                let is_archived = (pair + turn) % 2 == 1;
                both[usize::from(is_archived)] = if is_archived { self.archived(report).await? } else { self.alone().await? };
            }
            pairs.push(both);
            progress(pair + 1);
        }
        report.bookings_alone = rounded(pairs.rate(0));
        report.bookings_archived = rounded(pairs.rate(1));
        report.less_booked = pairs.less();
        report.more_cpu = pairs.more_cpu();
        if (report.sealed_positions as f64) < report.booked_positions as f64 * SEALED_AT_LEAST {
            let (sealed, booked) = (report.sealed_positions, report.booked_positions);
            report.differences.push(format!("{booked} positions were booked beside the archive, and only {sealed} sealed meanwhile"));
        }
        Ok(())
    }

    async fn alone(&mut self) -> Result<Slice, String> {
        self.house.kill_and_restart_with(&[]).await?;
        self.slice(WARM_SECONDS).await?;
        self.slice(self.options.seconds).await
    }

    /// A slice in a house that keeps its archive, and has sealed all that was booked before.
    async fn archived(&mut self, report: &mut Report) -> Result<Slice, String> {
        self.house.kill_and_restart_with(&self.archived.each_ref().map(String::as_str)).await?;
        self.slice(WARM_SECONDS).await?;
        let before = self.caught_up().await?;
        let slice = self.slice(self.options.seconds).await?;
        let after = self.stand().await?;
        report.booked_positions += after.0 - before.0;
        report.sealed_positions += after.1 - before.1;
        Ok(slice)
    }

    async fn slice(&mut self, seconds: u64) -> Result<Slice, String> {
        self.slices += 1;
        slice(&self.client, &format!("sealing-{}", self.slices), seconds).await
    }

    /// Positions in the stores, and in the archive.
    async fn stand(&self) -> Result<(u64, u64), String> {
        let mut stand = (0, 0);
        for (service, _) in roster::SERVICES {
            let vitals: Vitals = self.client.read(&format!("/api/{service}/v1/vitals")).await?;
            stand.0 += vitals.head;
            for archived in &vitals.archive {
                if !archived.fault.is_empty() {
                    return Err(format!("{service} is not archived: {}", archived.fault));
                }
                stand.1 += archived.positions;
            }
        }
        Ok(stand)
    }

    async fn caught_up(&self) -> Result<(u64, u64), String> {
        let began = wall();
        loop {
            let stand = self.stand().await?;
            if stand.0 == stand.1 {
                return Ok(stand);
            }
            if wall().duration_since(began) > CAUGHT_UP_WITHIN {
                return Err(format!("{} positions are archived, {} are there", stand.1, stand.0));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
