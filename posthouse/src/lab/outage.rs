//! The outage lab: the house as processes, bookings with cards without pause, and one peer that is stopped, paused, slow
//! or failing for a while.
//!
//! What must hold meanwhile: every answer comes within its deadline, and is final, 202 or 503; the breaker opens and closes by itself; nobody asks
//! the sick peer much more often than there are bookings. And afterwards: every saga ends, every booking that was begun
//! ends, nothing acknowledged is lost, nothing is sold twice, no authorisation is left over.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use kernel::Chance;
use kernel::chance::Seeded;
use serde::Serialize;
use serde_json::Value;

use super::fleet::{Fleet, Shape};
use super::kills;
use super::relay::{Mood, Relay};
use crate::client::{Client, wall};

/// Times each night may be sold: more than anybody asks for, so that every booking needs the peer.
const LIMIT: u64 = 100_000;
/// Guests who book at the same time.
const GUESTS: u64 = 24;
/// What each request gives the house.
const DEADLINE: Duration = Duration::from_millis(2_000);
/// An answer may come so much later than its deadline.
const GRACE: Duration = Duration::from_millis(100);
/// The share of requests a person makes in a second: a guest looks around between two bookings.
const PAUSE_MS: (u64, u64) = (20, 60);
/// What is not counted after the outage begins: the breaker has to notice first.
const NOTICE: Duration = Duration::from_secs(10);
/// How long the breaker may take to close after the peer is well.
const CLOSE_WITHIN: Duration = Duration::from_secs(75);
/// Times the peer is slower in the lab's second way.
const SLOWER: u32 = 10;

/// How the peer is sick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Its process is killed and started again at the end.
    Stopped,
    /// Its process is paused (SIGSTOP): connections stay open and nothing answers.
    Paused,
    /// Everything takes ten times as long.
    Slow,
    /// It answers 500 to everything.
    Failing,
}

/// What is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// The peer that is sick.
    pub peer: &'static str,
    /// How.
    pub ways: Vec<Way>,
    /// For how long, each way.
    pub seconds: u64,
    /// Which bookings.
    pub seed: u64,
    /// PostgreSQL for all; SQLite files without it.
    pub store: Option<String>,
}

/// What one way came to.
#[derive(Debug, Serialize)]
pub struct Phase {
    /// How the peer was sick.
    pub way: Way,
    /// Requests answered while it was.
    pub answered: usize,
    /// Of these with a final answer.
    pub decided: usize,
    /// Of these 202 or 503.
    pub put_off: usize,
    /// 99 of 100 answers came within so many milliseconds.
    pub p99_ms: u64,
    /// The longest answer, in milliseconds.
    pub longest_ms: u64,
    /// Attempts at the sick peer after the first ten seconds.
    pub attempts: u64,
    /// Bookings begun in the same time: each tries the peer a first time.
    pub first_tries: u64,
    /// How often the breaker opened.
    pub opened: u64,
    /// From the peer's recovery until the breaker was closed, in milliseconds.
    pub closed_after_ms: u64,
}

/// The JSON object of an outage lab.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The peer.
    pub peer: String,
    /// One a way.
    pub phases: Vec<Phase>,
    /// The books after everything: as in the kill lab.
    pub books: kills::Report,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for p in &self.phases {
            writeln!(
                f,
                "{} {:?}: {} answers ({} decided, {} put off), p99 {} ms, longest {} ms; {} attempts for {} bookings; breaker opened {} times, closed after {} ms",
                self.peer,
                p.way,
                p.answered,
                p.decided,
                p.put_off,
                p.p99_ms,
                p.longest_ms,
                p.attempts,
                p.first_tries,
                p.opened,
                p.closed_after_ms
            )?;
        }
        write!(f, "{}", self.books)?;
        match self.differences.as_slice() {
            [] => writeln!(f, "held: the peer's trouble stayed its own"),
            all => all.iter().try_for_each(|d| writeln!(f, "BROKEN: {d}")),
        }
    }
}

/// What one request came to.
struct Heard {
    at: tokio::time::Instant,
    took: Duration,
    final_answer: bool,
}

/// The guests: what they hear, what they still have to ask for again.
struct Crowd<'a> {
    client: &'a Client,
    seed: u64,
    stop: AtomicBool,
    heard: Mutex<Vec<Heard>>,
    unfinished: Mutex<Vec<(String, Bytes)>>,
    acknowledged: Mutex<BTreeSet<String>>,
    odd: Mutex<Vec<String>>,
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Refusals that end a booking here: the last two because its saga has lost its patience with the sick peer.
const ENDS: [&str; 4] = ["night-sold-out", "card-declined", "no-answer-in-time", "provider-unavailable"];
const BOOK: &str = "/api/reservations/v1/hotels/LAB/reservations";

impl Crowd<'_> {
    async fn guest(&self, guest: u64) {
        let dice = Seeded::new(self.seed.wrapping_mul(1_000).wrapping_add(guest));
        let mut n = 0;
        while !self.stop.load(Ordering::Relaxed) {
            n += 1;
            let token = if dice.below(10) == 0 { "tok_declined" } else { "tok_ok" };
            let body = kills::booking(dice.below(kills::NIGHTS), 1 + dice.below(3), dice.below(2), token);
            let (key, body) = (format!("outage-{guest}-{n}"), Bytes::from(body.to_string()));
            let at = wall();
            let answer = self.client.post_once(BOOK, &key, body.clone(), DEADLINE).await;
            let took = wall().duration_since(at);
            let final_answer = match &answer {
                Ok(answer) if answer.status == 201 => {
                    self.acknowledge(answer);
                    true
                }
                Ok(answer) if ENDS.contains(&answer.code().as_str()) => true,
                // Pending, not now, and (503 from the gateway) not known: asked for again under the same key in the end.
                Ok(answer) if [202, 503].contains(&answer.status.as_u16()) => false,
                Ok(answer) => {
                    lock(&self.odd).push(format!("{key}: {}", answer.refusal()));
                    true
                }
                Err(why) => {
                    lock(&self.odd).push(format!("{key}: {why}"));
                    false
                }
            };
            if !final_answer {
                lock(&self.unfinished).push((key, body));
            }
            lock(&self.heard).push(Heard { at, took, final_answer });
            tokio::time::sleep(Duration::from_millis(PAUSE_MS.0 + dice.below(PAUSE_MS.1 - PAUSE_MS.0))).await;
        }
    }

    fn acknowledge(&self, answer: &crate::client::Answer) {
        let reply: Value = answer.json().unwrap_or_default();
        lock(&self.acknowledged).extend(reply["reservation"].as_str().map(str::to_owned));
    }

    /// Everything that was put off is asked for again until its answer is final.
    async fn finish(&self) -> Vec<String> {
        let unfinished = std::mem::take(&mut *lock(&self.unfinished));
        let asked = unfinished.into_iter().map(|(key, body)| async move {
            match self.client.post(BOOK, &key, body).await {
                Ok(answer) if answer.applied() => self.acknowledge(&answer),
                Ok(answer) if ENDS.contains(&answer.code().as_str()) => {}
                Ok(answer) => return Some(format!("{key}: {}", answer.refusal())),
                Err(why) => return Some(format!("{key}: {why}")),
            }
            None
        });
        join_all(asked).await.into_iter().flatten().collect()
    }
}

/// Plays the lab with `program` (this executable) in `dir`.
pub async fn play(options: &Options, program: &Path, dir: &Path, progress: impl Fn(u32)) -> Result<Report, String> {
    let began = wall();
    let tasks = host::Tasks::default();
    let relay = Mutex::new(None);
    let shape = Shape { store: options.store.clone(), ..Shape::default() };
    let between = |role: &'static str, at| {
        (role == options.peer)
            .then(|| Relay::start(role, at, &tasks).map(|(relay_of, url)| (*lock(&relay) = Some(relay_of), url).1).ok())?
    };
    let mut fleet = Fleet::start(program, dir, &shape, between).await?;
    let relay = lock(&relay).take().ok_or_else(|| format!("there is no service '{}'", options.peer))?;
    let client = Client::new(&fleet.url())?;
    kills::set_up(&client, LIMIT).await?;
    let mut report = Report { peer: options.peer.to_owned(), ..Report::default() };
    let crowd = Crowd {
        client: &client,
        seed: options.seed,
        stop: AtomicBool::new(false),
        heard: Mutex::default(),
        unfinished: Mutex::default(),
        acknowledged: Mutex::default(),
        odd: Mutex::default(),
    };
    let playing = async {
        let mut phases = Vec::new();
        for (n, way) in options.ways.iter().enumerate() {
            phases.push(phase(options, *way, &mut fleet, &relay, &crowd).await?);
            progress(n as u32 + 1);
        }
        crowd.stop.store(true, Ordering::Relaxed);
        Ok::<_, String>(phases)
    };
    let played = async {
        let phases = playing.await;
        crowd.stop.store(true, Ordering::Relaxed);
        phases
    };
    let (phases, _) = futures::join!(played, join_all((0..GUESTS).map(|guest| crowd.guest(guest))));
    report.phases = phases?;
    report.differences.append(&mut lock(&crowd.odd));
    report.differences.extend(crowd.finish().await);
    for phase in &report.phases {
        judge(phase, options, &mut report.differences);
    }
    let acknowledged = std::mem::take(&mut *lock(&crowd.acknowledged));
    report.books.acknowledged = acknowledged.len() as u64;
    kills::check(&client, &acknowledged, &mut report.books).await?;
    report.books.seconds = (wall().duration_since(began).as_secs_f64() * 100.0).round() / 100.0;
    report.seconds = report.books.seconds;
    report.differences.append(&mut report.books.differences.clone());
    tasks.end().await;
    Ok(report)
}

fn judge(phase: &Phase, options: &Options, differences: &mut Vec<String>) {
    let way = phase.way;
    if u128::from(phase.p99_ms) > (DEADLINE + GRACE).as_millis() {
        differences.push(format!("{way:?}: p99 of the answers is {} ms", phase.p99_ms));
    }
    if way != Way::Slow && phase.opened == 0 {
        differences.push(format!("{way:?}: the breaker did not open"));
    }
    let enough = Duration::from_secs(options.seconds) > NOTICE;
    if enough && way != Way::Slow && phase.attempts * 10 > phase.first_tries * 11 {
        differences.push(format!("{way:?}: {} attempts for {} bookings", phase.attempts, phase.first_tries));
    }
    if phase.answered == 0 {
        differences.push(format!("{way:?}: nobody was answered"));
    }
}

async fn phase(options: &Options, way: Way, fleet: &mut Fleet, relay: &Relay, crowd: &Crowd<'_>) -> Result<Phase, String> {
    let (sick, caller) = (fleet.place(&format!("{}-1", options.peer))?, fleet.place("reservations-1")?);
    let count = |shown: &Value, name: &str| shown["counts"][name].as_u64().unwrap_or(0);
    // The house at its usual work first.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = fleet.peer(caller, options.peer).await?;
    let began = wall();
    match way {
        Way::Stopped => fleet.kill(sick)?,
        Way::Paused => fleet.signal(sick, "STOP")?,
        Way::Slow => relay.set(Mood::Slow(SLOWER)),
        Way::Failing => relay.set(Mood::Failing),
    }
    let whole = Duration::from_secs(options.seconds);
    tokio::time::sleep(whole.min(NOTICE)).await;
    let noticed = (wall(), fleet.peer(caller, options.peer).await?);
    tokio::time::sleep(whole.saturating_sub(NOTICE)).await;
    let ended = (wall(), fleet.peer(caller, options.peer).await?);
    match way {
        Way::Stopped => fleet.start_again(sick)?,
        Way::Paused => fleet.signal(sick, "CONT")?,
        Way::Slow | Way::Failing => relay.set(Mood::Well),
    }
    fleet.ready(sick).await?;
    let well = wall();
    let closed = loop {
        let shown = fleet.peer(caller, options.peer).await?;
        if shown["breaker"] == "closed" {
            break wall().duration_since(well);
        }
        if wall().duration_since(well) > CLOSE_WITHIN {
            return Err(format!("{way:?}: the breaker is not closed {} s after the peer is well: {shown}", CLOSE_WITHIN.as_secs()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let heard = lock(&crowd.heard);
    let during: Vec<&Heard> = heard.iter().filter(|h| h.at >= began && h.at < ended.0).collect();
    let mut took: Vec<u64> = during.iter().map(|h| h.took.as_millis() as u64).collect();
    took.sort_unstable();
    let decided = during.iter().filter(|h| h.final_answer).count();
    Ok(Phase {
        way,
        answered: during.len(),
        decided,
        put_off: during.len() - decided,
        p99_ms: took.get(took.len() * 99 / 100).copied().unwrap_or(0),
        longest_ms: took.last().copied().unwrap_or(0),
        attempts: count(&ended.1, "sent") - count(&noticed.1, "sent"),
        first_tries: heard.iter().filter(|h| h.at >= noticed.0 && h.at < ended.0).count() as u64,
        opened: count(&ended.1, "opened") - count(&before, "opened"),
        closed_after_ms: closed.as_millis() as u64,
    })
}
