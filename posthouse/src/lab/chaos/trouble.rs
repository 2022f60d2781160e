//! Does what the plan says, and is the supervisor meanwhile: a process that ends by itself is started again, as a real one
//! would be.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use host::postgres::Server;
use serde::Serialize;
use tokio::time::Instant;

use super::plan::{Act, Due};
use crate::client::wall;
use crate::lab::fleet::Fleet;

/// Between two looks at who has ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A process that ends at once is not started again at once.
const START_EVERY: Duration = Duration::from_millis(500);
/// How soon everybody is well once the trouble is over.
const WELL_WITHIN: Duration = Duration::from_secs(90);

/// What was done to whom.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// Times each process was killed.
    pub kills: BTreeMap<String, u32>,
    /// Times each process was paused.
    pub pauses: BTreeMap<String, u32>,
    /// Times PostgreSQL was killed.
    pub postgres_kills: u32,
    /// Times each process ended by itself because PostgreSQL was away when it started.
    pub ended: BTreeMap<String, u32>,
}

/// The house and its server, in trouble.
pub struct Trouble {
    fleet: Fleet,
    server: Server,
    /// What was done.
    pub counts: Counts,
    /// What should not have happened.
    pub odd: Vec<String>,
    /// Processes that the plan keeps down or still.
    held: BTreeSet<usize>,
    /// When each was started last.
    started: Vec<Instant>,
    /// The last moment at which PostgreSQL did not take connections.
    away: Instant,
    is_away: bool,
}

impl Trouble {
    /// All is well.
    pub fn new(fleet: Fleet, server: Server) -> Self {
        let (now, parts) = (wall(), fleet.parts.len());
        let (counts, odd, held, started) = (Counts::default(), Vec::new(), BTreeSet::new(), vec![now; parts]);
        Self { fleet, server, counts, odd, held, started, away: now, is_away: false }
    }

    /// Makes trouble for so long, then waits until everybody is well.
    pub async fn make(&mut self, faults: &[Due], whole: Duration, progress: impl Fn(u32)) -> Result<(), String> {
        let began = wall();
        let mut left = faults.iter().peekable();
        loop {
            let now = wall().duration_since(began);
            while let Some(due) = left.next_if(|due| due.at <= now) {
                self.act(due.act)?;
            }
            self.look()?;
            progress(now.min(whole).as_secs() as u32);
            if now >= whole && left.peek().is_none() {
                break;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.well().await
    }

    fn act(&mut self, act: Act) -> Result<(), String> {
        let name = |n: usize| self.fleet.parts[n].name.clone();
        match act {
            Act::Kill(n) => {
                *self.counts.kills.entry(name(n)).or_default() += 1;
                self.held.insert(n);
                self.fleet.kill(n)
            }
            Act::Start(n) => {
                self.held.remove(&n);
                self.start(n)
            }
            Act::Pause(n) => {
                *self.counts.pauses.entry(name(n)).or_default() += 1;
                self.held.insert(n);
                self.fleet.signal(n, "STOP")
            }
            Act::Continue(n) => {
                self.held.remove(&n);
                self.fleet.signal(n, "CONT")
            }
            Act::KillServer => {
                self.counts.postgres_kills += 1;
                self.is_away = true;
                self.server.kill()
            }
            Act::StartServer => self.server.up(),
        }
    }

    fn start(&mut self, n: usize) -> Result<(), String> {
        self.started[n] = wall();
        self.fleet.start_again(n)
    }

    /// Starts again what has ended. Only one excuse is good: that PostgreSQL was away since it was started.
    fn look(&mut self) -> Result<(), String> {
        if self.is_away {
            self.away = wall();
            self.is_away = !self.server.is_ready();
        }
        for n in 0..self.fleet.parts.len() {
            if self.held.contains(&n) || wall().duration_since(self.started[n]) < START_EVERY {
                continue;
            }
            let Some(status) = self.fleet.ended(n) else { continue };
            let name = self.fleet.parts[n].name.clone();
            if self.away < self.started[n] {
                self.odd.push(format!("{name} ended by itself: {status}"));
            }
            *self.counts.ended.entry(name).or_default() += 1;
            self.start(n)?;
        }
        Ok(())
    }

    /// Waits until everybody is well.
    async fn well(&mut self) -> Result<(), String> {
        let began = wall();
        let mut ill: Vec<usize> = (0..self.fleet.parts.len()).collect();
        while wall().duration_since(began) < WELL_WITHIN {
            self.look()?;
            let mut still = Vec::new();
            for n in ill {
                if !self.fleet.is_ready(n).await? {
                    still.push(n);
                }
            }
            ill = still;
            if ill.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let names: Vec<&str> = ill.iter().map(|n| self.fleet.parts[*n].name.as_str()).collect();
        Err(format!(
            "not ready {} s after the trouble: {}; PostgreSQL: {}",
            WELL_WITHIN.as_secs(),
            names.join(", "),
            self.server.said("postgres")
        ))
    }
}
