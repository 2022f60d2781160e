//! The chaos lab: the house as processes with replicas on a PostgreSQL of its own, guests who book and cancel without
//! pause, and any process killed or paused at any moment, PostgreSQL itself among them.
//!
//! Afterwards the services are asked for everything: what was acknowledged is there and nothing else, no night is oversold,
//! no authorisation is open without its booking, every saga has ended or says why it cannot. Then all is cancelled, and
//! nothing may be left.
//!
//! Reading order: `plan` (what befalls whom and when), `trouble` (does it, and starts again what ends), `guests` (the load,
//! and what they were told), `books` (what the services say, and the judge).

pub mod plan;
pub mod trouble;
pub mod guests;
pub mod books;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use futures::{StreamExt, stream};
use host::postgres::{Care, Server};
use serde::Serialize;

use self::books::{AT_ONCE, Books, OpenSaga, Verdict};
use self::guests::{Crowd, Told};
use self::trouble::{Counts, Trouble};
use super::fleet::{Fleet, Shape};
use super::kills;
use crate::client::{Client, wall};

/// Rooms that may be sold for one night: by the house, and of each type.
const LIMITS: [(&str, i64); 3] = [("*", 12), ("A", 8), ("B", 8)];
/// Between two looks at books that are not closed yet.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long a new server may take to take connections.
const SERVER_WITHIN: Duration = Duration::from_secs(30);
/// How long a guest repeats one request, and how long the books may take to close, unless told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(180);
/// In a run at least so long every process is killed and paused.
const EVERYBODY_S: u64 = 300;

/// What is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// For how long there is trouble.
    pub seconds: u64,
    /// Which bookings, and which trouble.
    pub seed: u64,
    /// How often PostgreSQL is killed.
    pub postgres_kills: u32,
    /// Replicas of each role; one where nothing is said.
    pub replicas: BTreeMap<&'static str, usize>,
    /// Guests who book at the same time.
    pub clients: u64,
    /// How long a guest repeats one request, and how long the books may take to close afterwards.
    pub patience: Duration,
    /// A known-bad world: PostgreSQL answers commits before it has written them, and is the only one that is killed. The
    /// lab must say that it is broken.
    pub careless: bool,
}

/// The JSON object of a chaos lab.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The seed of it all.
    pub seed: u64,
    /// Processes, the gateway included.
    pub processes: usize,
    /// What was done to whom.
    #[serde(flatten)]
    pub counts: Counts,
    /// Bookings acknowledged, those cancelled since included.
    pub acknowledged: u64,
    /// Of these found as their guests were told.
    pub found: u64,
    /// Cancellations acknowledged.
    pub cancelled: u64,
    /// Bookings refused, by code.
    pub refused: BTreeMap<String, u64>,
    /// Attempts without an answer, or with one that does not say what happened.
    pub unknown: u64,
    /// Attempts that were told to come again.
    pub put_off: u64,
    /// Attempts after the first of a request.
    pub retries: u64,
    /// Decided requests that were asked again, and had the same answer.
    pub asked_again: u64,
    /// The longest time between two acknowledgements, in milliseconds.
    pub longest_silence_ms: u64,
    /// Rooms sold beyond a limit, counted from the reservations.
    pub oversold: u64,
    /// Authorisations open without a booking that stands, in payments and at the provider.
    pub orphan_authorisations: u64,
    /// Sagas that have not ended and do not say why.
    pub open_sagas: u64,
    /// Sagas that are stuck, with their reasons.
    pub stuck_sagas: Vec<OpenSaga>,
    /// Authorisations open after every booking was cancelled, in payments and at the provider.
    pub open_after_cancelling: u64,
    /// From the end of the trouble until the books were closed, in milliseconds.
    pub closed_after_ms: u64,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |of: &BTreeMap<String, u32>| of.values().sum::<u32>();
        let c = &self.counts;
        writeln!(f, "{} processes, {:.1} s, seed {}", self.processes, self.seconds, self.seed)?;
        writeln!(f, "killed {} {:?}", sum(&c.kills), c.kills)?;
        writeln!(f, "paused {} {:?}", sum(&c.pauses), c.pauses)?;
        writeln!(f, "PostgreSQL killed {} times; processes that ended by themselves meanwhile {:?}", c.postgres_kills, c.ended)?;
        writeln!(
            f,
            "bookings acknowledged {}, found {}; cancelled {}; refused {:?}",
            self.acknowledged, self.found, self.cancelled, self.refused
        )?;
        writeln!(
            f,
            "answers unknown {}, put off {}; retries {}; asked again {}",
            self.unknown, self.put_off, self.retries, self.asked_again
        )?;
        writeln!(f, "longest without an acknowledgement {} ms; books closed after {} ms", self.longest_silence_ms, self.closed_after_ms)?;
        writeln!(f, "oversold {}, orphan authorisations {}, open sagas {}", self.oversold, self.orphan_authorisations, self.open_sagas)?;
        self.stuck_sagas.iter().try_for_each(|saga| writeln!(f, "stuck: {} of {}: {:?}", saga.saga, saga.service, saga.stuck))?;
        writeln!(f, "authorisations open after cancelling everything {}", self.open_after_cancelling)?;
        match self.differences.as_slice() {
            [] => writeln!(f, "held: nothing acknowledged was lost, nothing sold twice, nothing left over"),
            all => all.iter().try_for_each(|d| writeln!(f, "BROKEN: {d}")),
        }
    }
}

/// Plays the lab with `program` (this executable) in `dir`; `progress` is told the seconds.
pub async fn play(options: &Options, program: &Path, dir: &Path, progress: impl Fn(u32)) -> Result<Report, String> {
    let began = wall();
    let server = Server::start(&made(&dir.join("postgres"))?, Care::Durable)?;
    while !server.is_ready() {
        if wall().duration_since(began) > SERVER_WITHIN {
            return Err(format!("PostgreSQL is not ready: {}", server.said("postgres")));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let shape = Shape { store: Some(server.database("house")?), replicas: options.replicas.clone() };
    let fleet = Fleet::start(program, &made(&dir.join("house"))?, &shape, |_, _| None).await?;
    let (processes, url) = (fleet.parts.len(), fleet.url());
    let client = Client::new(&url)?;
    kills::set_up(&client, LIMITS[0].1 as u64).await?;
    if options.careless {
        server.be_careless()?;
    }
    let hit = if options.careless { 0 } else { processes };
    let faults = plan::plan(options.seed, options.seconds, hit, options.postgres_kills);
    let mut trouble = Trouble::new(fleet, server);
    let crowd = Crowd::new(&client, options.seed, options.patience);
    let troubled = async {
        let done = trouble.make(&faults, Duration::from_secs(options.seconds), progress).await;
        crowd.stop.store(true, Ordering::Relaxed);
        done.map(|()| wall())
    };
    let (calm, _) = futures::join!(troubled, join_all((0..options.clients).map(|guest| crowd.guest(guest))));
    let calm = calm?;
    let told = crowd.told.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut report = Report { seed: options.seed, processes, counts: trouble.counts.clone(), ..Report::default() };
    // Somebody who was told nothing yet: a house that has forgotten would let others wait for what it does not know any more.
    let client = Client::new(&url)?;
    let (books, verdict) = closed(&client, &told, options.patience).await;
    report.closed_after_ms = wall().duration_since(calm).as_millis() as u64;
    tell(&told, &books, verdict, &mut report);
    cancel_all(&client, told, &books, options.patience, &mut report).await;
    vacuous(options, &mut report);
    report.differences.append(&mut trouble.odd);
    report.seconds = (wall().duration_since(began).as_secs_f64() * 100.0).round() / 100.0;
    Ok(report)
}

fn made(dir: &Path) -> Result<std::path::PathBuf, String> {
    std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    Ok(dir.to_owned())
}

/// Reads the books until they are as they must be, or patience is over: sagas end, and views follow.
async fn closed(client: &Client, told: &Told, patience: Duration) -> (Books, Verdict) {
    let began = wall();
    loop {
        let is_over = wall().duration_since(began) >= patience;
        if is_over || books::sagas(client).await.is_ok_and(|open| open.iter().all(|saga| saga.stuck.is_some())) {
            let books = books::read(client, told).await;
            let verdict = books::judge(told, &books, &LIMITS);
            if verdict.differences.is_empty() || is_over {
                return (books, verdict);
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn tell(told: &Told, books: &Books, verdict: Verdict, report: &mut Report) {
    report.acknowledged = told.booked.len() as u64;
    report.cancelled = told.cancelled.len() as u64;
    report.refused = told.refused.clone();
    (report.unknown, report.put_off, report.retries) = (told.unknown, told.put_off, told.retries);
    (report.asked_again, report.longest_silence_ms) = (told.again, told.longest_silence_ms);
    (report.found, report.oversold) = (verdict.found, verdict.oversold);
    (report.orphan_authorisations, report.open_sagas) = (verdict.orphans, verdict.open_sagas);
    report.stuck_sagas = books.sagas.iter().filter(|saga| saga.stuck.is_some()).cloned().collect();
    report.differences.extend(told.odd.iter().cloned().chain(verdict.differences));
}

/// Cancels every booking that stands and looks again: nothing may be open anywhere.
async fn cancel_all(client: &Client, mut told: Told, books: &Books, patience: Duration, report: &mut Report) {
    let standing: Vec<String> =
        books.reservations.iter().filter(|(_, shown)| shown.state == "confirmed").map(|(id, _)| id.clone()).collect();
    let cancel = |id: String| async move {
        let path = format!("/api/reservations/v1/hotels/LAB/reservations/{id}/cancellation");
        let answer = client.post(&path, &format!("chaos-end-{id}"), Bytes::from_static(b"{}")).await?;
        if answer.applied() { Ok(id) } else { Err(format!("{id} cannot be cancelled in the end: {}", answer.refusal())) }
    };
    let cancelled: Vec<Result<_, String>> = stream::iter(standing.into_iter().map(cancel)).buffer_unordered(AT_ONCE).collect().await;
    for cancelled in cancelled {
        match cancelled {
            Ok(id) => drop(told.cancelled.insert(id)),
            Err(why) => report.differences.push(why),
        }
    }
    // Only what is new: what was broken before is known.
    let known = std::mem::take(&mut report.differences);
    let (books, verdict) = closed(client, &told, if known.is_empty() { patience } else { Duration::ZERO }).await;
    report.open_after_cancelling = books.provider.max(books.payments.len() as u64);
    let new: Vec<String> =
        verdict.differences.into_iter().filter(|d| !known.contains(d)).map(|d| format!("after cancelling: {d}")).collect();
    report.differences = known.into_iter().chain(new).collect();
    if report.open_after_cancelling > 0 {
        report.differences.push(format!("{} authorisations are open after everything was cancelled", report.open_after_cancelling));
    }
}

/// A run in which something did not happen proves nothing about it.
fn vacuous(options: &Options, report: &mut Report) {
    let c = &report.counts;
    let everybody = options.seconds >= EVERYBODY_S && !options.careless;
    let must = if everybody { report.processes } else { usize::from(!options.careless) };
    let never = [
        ("no booking was acknowledged", report.acknowledged == 0),
        ("nothing was cancelled", report.cancelled == 0),
        ("no answer was unknown", everybody && report.unknown == 0),
        ("no request was repeated", report.retries == 0),
        ("no decided request was asked again", report.asked_again == 0),
        ("too few processes were killed", c.kills.len() < must),
        ("too few processes were paused", c.pauses.len() < must),
        ("PostgreSQL was killed too seldom", c.postgres_kills < options.postgres_kills),
    ];
    report.differences.extend(never.iter().filter(|(_, is)| *is).map(|(what, _)| format!("this run shows nothing: {what}")));
}
