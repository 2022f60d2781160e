//! The desks lab: two real hotels are replayed to the evening before their fullest month, then a house is opened on it for the
//! front desk. How quickly the tape chart comes and how large it is, how soon a change is on every open desk, and what a hundred
//! open desks cost the bookings.
//!
//! Reading order: `browser` (somebody at a desk, without a window).

pub mod browser;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use serde::Serialize;
use serde_json::{Value, json};

use self::browser::{Browser, Stream};
use super::child::HouseProcess;
use super::kills;
use super::slices::{LIMIT, Pairs, Slice, slice};
use crate::client::{Client, wall};
use crate::house::House;
use crate::replay::dates::Day;
use crate::replay::{self, Replay};

/// Nights of the chart.
const NIGHTS: u32 = 31;
/// Of so many looks at each page one change is timed.
const LOOKS_PER_CHANGE: usize = 5;
/// A change that is not on every desk by then has not come.
const CHANGE_WITHIN: Duration = Duration::from_secs(5);
/// How long the house may take to have heard everything.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(60);

/// What is done.
#[derive(Debug, Clone)]
pub struct Options {
    /// The bookings.
    pub file: PathBuf,
    /// A house that was replayed before, to be used again; nothing is replayed then.
    pub data: Option<PathBuf>,
    /// Only these rows.
    pub rows: Option<replay::rows::RowRange>,
    /// The business date that is open then.
    pub until: Day,
    /// The hotel whose chart it is.
    pub hotel: String,
    /// Desks open at the same time.
    pub desks: usize,
    /// Looks at each page.
    pub looks: usize,
    /// Slices with desks, and as many without.
    pub slices: u32,
    /// Seconds of a slice.
    pub seconds: u64,
}

/// Times of one thing, milliseconds.
#[derive(Debug, Default, Serialize)]
pub struct Times {
    /// How often.
    pub n: usize,
    /// Half took less.
    pub p50_ms: f64,
    /// One of a hundred took more.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Times {
    fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |share: f64| all.get(((all.len() as f64 * share).ceil() as usize).saturating_sub(1)).map_or(0.0, |t| ms(*t));
        Self { n: all.len(), p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms of {}", self.p50_ms, self.p99_ms, self.max_ms, self.n)
    }
}

/// A page: how quickly it comes and how large it is, as sent.
#[derive(Debug, Default, Serialize)]
pub struct Page {
    /// Its address.
    pub path: String,
    /// Bytes as sent (gzip), without headers.
    pub bytes: usize,
    /// From the request to the last byte.
    pub took: Times,
}

/// The JSON object of a desks lab.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Bars of the chart.
    pub bars: usize,
    /// Bars without a room of their own.
    pub without_room: usize,
    /// Pages of the desk.
    pub pages: Vec<Page>,
    /// Desks open at the same time.
    pub desks: usize,
    /// From the click to the change on the last of the desks.
    pub change: Times,
    /// From the answer to the click until then.
    pub change_after_answer: Times,
    /// Bytes of a change, as sent to one desk.
    pub change_bytes: usize,
    /// Bookings a second without open desks, the median of the slices.
    pub bookings_alone: f64,
    /// The same with all desks open.
    pub bookings_with_desks: f64,
    /// Of a pair of slices beside each other: how much less was booked with desks; the median of the pairs. Negative: more.
    pub less_booked: f64,
    /// Of all slices: how much more of a processor the house used for a booking with desks.
    pub more_cpu: f64,
    /// Events a desk was sent while guests booked, a second.
    pub told_a_second: f64,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "chart of {} nights: {} bars, {} without a room", NIGHTS, self.bars, self.without_room)?;
        for page in &self.pages {
            writeln!(f, "{}: {} bytes, {}", page.path, page.bytes, page.took)?;
        }
        writeln!(
            f,
            "a change on {} desks: {} ({} bytes); after the answer: {}",
            self.desks, self.change, self.change_bytes, self.change_after_answer
        )?;
        writeln!(f, "bookings a second: {:.1} alone, {:.1} with {} desks", self.bookings_alone, self.bookings_with_desks, self.desks)?;
        writeln!(
            f,
            "with desks {:.2} % less booked, {:.2} % more processor a booking, {:.1} events a second to each desk",
            self.less_booked * 100.0,
            self.more_cpu * 100.0,
            self.told_a_second
        )?;
        self.differences.iter().try_for_each(|d| writeln!(f, "BROKEN: {d}"))
    }
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Plays the lab with `program` (this executable) in `dir`.
pub async fn play(options: &Options, program: &Path, dir: &Path, progress: impl Fn(u32)) -> Result<Report, String> {
    let at = match &options.data {
        Some(_) => None,
        None => {
            let replay = Replay::read(replay::Options { rows: options.rows, ..replay::Options::golden(options.file.clone()) })?;
            let house = House::start(dir, None).await?;
            let at = replay.until(&house.url, options.until).await?;
            house.stop().await;
            at
        }
    };
    let house = HouseProcess::start(program, options.data.as_deref().unwrap_or(dir)).await?;
    let mut lab = Lab { options, url: house.url(), client: Client::new(&house.url())?, report: Report::default() };
    lab.report.desks = options.desks;
    lab.caught_up(at).await?;
    let desk = Browser::log_in(&lab.url, &options.hotel).await?;
    lab.look(&desk).await?;
    lab.change(&desk).await?;
    lab.book(progress).await?;
    Ok(lab.report)
}

struct Lab<'a> {
    options: &'a Options,
    url: String,
    client: Client,
    report: Report,
}

impl Lab<'_> {
    /// Waits until the house has heard what the replay was told.
    async fn caught_up(&self, at: Option<String>) -> Result<(), String> {
        let began = wall();
        let path = format!("/api/stays/v1/hotels/{}/house-status", self.options.hotel);
        loop {
            let answer = self.client.get_after(&path, at.as_deref()).await?;
            if answer.applied() {
                return Ok(());
            }
            if wall().duration_since(began) > CAUGHT_UP_WITHIN {
                return Err(format!("the house has not caught up: {}", answer.refusal()));
            }
        }
    }

    async fn look(&mut self, desk: &Browser) -> Result<(), String> {
        let (hotel, from) = (&self.options.hotel, self.options.until);
        let chart = format!("/desk/tape.json?hotel={hotel}&from={from}&nights={NIGHTS}");
        let snapshot: Value = serde_json::from_slice(&desk.plain(&chart).await?).map_err(|e| format!("{chart}: {e}"))?;
        let bars = |column: &str| snapshot["bars"][column].as_array().ok_or("a chart without bars");
        let (rooms, flags) = (bars("room")?, bars("flags")?);
        self.report.bars = rooms.len();
        // The first of a bar's flags says that its row is a picture only.
        let is_planned = |(room, flags): &(&Value, &Value)| room.as_i64() == Some(-1) || flags.as_u64().is_some_and(|flags| flags & 1 == 1);
        self.report.without_room = rooms.iter().zip(flags).filter(is_planned).count();
        let page = format!("/desk/tape?from={from}&nights={NIGHTS}");
        for path in [page, chart, "/desk".into(), "/desk/arrivals".into(), "/desk/in-house".into(), "/desk/departures".into()] {
            let (mut took, mut bytes) = (Vec::with_capacity(self.options.looks), 0);
            for _ in 0..self.options.looks {
                let began = wall();
                bytes = desk.zipped(&path).await?.len();
                took.push(wall().duration_since(began));
            }
            self.report.pages.push(Page { path, bytes, took: Times::of(took) });
        }
        Ok(())
    }

    /// A guest's room is kept, and may be changed again: each on every desk.
    async fn change(&mut self, desk: &Browser) -> Result<(), String> {
        let (hotel, changes) = (&self.options.hotel, self.options.looks.div_ceil(LOOKS_PER_CHANGE));
        let here: Value = self.client.read(&format!("/api/stays/v1/hotels/{hotel}/in-house")).await?;
        let of = |item: &Value| item["id"].as_str().map(str::to_owned);
        let guests: Vec<String> = here["items"].as_array().into_iter().flatten().filter_map(of).take(changes.div_ceil(2)).collect();
        if guests.is_empty() {
            return Err("nobody is in house on this day".into());
        }
        let path = format!("/desk/live?hotel={hotel}");
        let desks = try_join_all((0..self.options.desks).map(|_| desk.stream(&path))).await?;
        let (mut whole, mut after) = (Vec::new(), Vec::new());
        for n in 0..changes {
            let (id, locked) = (&guests[n % guests.len()], (n / guests.len()).is_multiple_of(2));
            let before = desks.first().map_or(0, Stream::bytes);
            let seen = join_all(desks.iter().map(|desk| desk.hears(id, CHANGE_WITHIN)));
            let began = wall();
            let act = async {
                let wish = json!({"hotel": hotel, "id": id, "key": format!("desks-lab-{n:06}"), "locked": locked});
                let came = desk.act("lock", &wish).await?;
                Ok::<_, String>((came, wall()))
            };
            let (seen, acted) = futures::join!(seen, act);
            let (came, answered) = acted?;
            if came["came"] != "done" {
                self.report.differences.push(format!("change {n} was not made: {came}"));
                continue;
            }
            let Some(last) = seen.into_iter().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max()) else {
                self.report.differences.push(format!("change {n} did not come to every desk"));
                continue;
            };
            whole.push(last.duration_since(began));
            after.push(last.saturating_duration_since(answered));
            self.report.change_bytes = desks.first().map_or(0, Stream::bytes) - before;
        }
        self.report.change = Times::of(whole);
        self.report.change_after_answer = Times::of(after);
        Ok(())
    }

    /// Guests book without pause, with desks open and without, turn by turn.
    async fn book(&mut self, progress: impl Fn(u32)) -> Result<(), String> {
        kills::set_up(&self.client, LIMIT).await?;
        let desk = Browser::log_in(&self.url, "LAB").await?;
        slice(&self.client, "desks-0", self.options.seconds).await?;
        let (mut pairs, mut told) = (Pairs::default(), 0);
        for pair in 0..self.options.slices {
            let mut both = [Slice::default(); 2];
            // Which comes first changes, so that a machine that grows warm or a table that grows long favours neither.
            for turn in 0..2 {
                let is_open = usize::from((pair + turn) % 2 == 1);
                let open = if is_open == 1 { self.options.desks } else { 0 };
                let desks = try_join_all((0..open).map(|_| desk.stream("/desk/live?hotel=LAB"))).await?;
                both[is_open] = slice(&self.client, &format!("desks-{}", 1 + 2 * pair + turn), self.options.seconds).await?;
                told += desks.first().map_or(0, Stream::events);
            }
            pairs.push(both);
            progress(pair + 1);
        }
        self.report.bookings_alone = pairs.rate(0);
        self.report.bookings_with_desks = pairs.rate(1);
        self.report.less_booked = pairs.less();
        self.report.more_cpu = pairs.more_cpu();
        self.report.told_a_second = told as f64 / f64::from(self.options.slices) / self.options.seconds as f64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_ranks_of_what_was_measured() {
        let times = Times::of((1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!((times.p50_ms, times.p99_ms, times.max_ms), (100.0, 198.0, 200.0));
    }
}
