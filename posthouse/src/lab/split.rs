//! The split lab: real bookings through the house as processes, with replicas, each of them rolled if asked. The digests
//! must be those of a house in one process.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::fleet::{Fleet, Shape};
use crate::replay::{Guarantee, Options as ReplayOptions, Replay, rows::RowRange};

/// What is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// The bookings.
    pub file: PathBuf,
    /// Only these rows.
    pub rows: Option<RowRange>,
    /// PostgreSQL for all; SQLite files without it.
    pub store: Option<String>,
    /// Replicas of each role; one where nothing is said.
    pub replicas: BTreeMap<&'static str, usize>,
    /// Whether each process is stopped and started again, one after the other, again and again.
    pub roll: bool,
}

/// The JSON object of a split lab.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Processes, the gateway included.
    pub processes: usize,
    /// Processes that were stopped and started again.
    pub rolled: u32,
    /// What the replay says.
    pub replay: serde_json::Value,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} processes, {} rolled", self.processes, self.rolled)?;
        writeln!(f, "rows {}, commands {}, {} s", self.replay["rows"], self.replay["commands"], self.replay["seconds"])?;
        writeln!(f, "digests {}", self.replay["digests"])?;
        match self.differences.as_slice() {
            [] => writeln!(f, "held: every booking is where it should be"),
            all => all.iter().try_for_each(|d| writeln!(f, "BROKEN: {d}")),
        }
    }
}

/// Plays the lab with `program` (this executable) in `dir`.
pub async fn play(options: &Options, program: &Path, dir: &Path) -> Result<Report, String> {
    let by_card = ReplayOptions { rows: options.rows, guarantee: Guarantee::Card, ..ReplayOptions::golden(options.file.clone()) };
    let replay = Replay::read(by_card)?;
    let shape = Shape { store: options.store.clone(), replicas: options.replicas.clone() };
    let mut fleet = Fleet::start(program, dir, &shape, |_, _| None).await?;
    let (processes, url, over) = (fleet.parts.len(), fleet.url(), AtomicBool::new(false));
    let running = async {
        let report = replay.run(&url).await;
        over.store(true, Ordering::Relaxed);
        report
    };
    let rolling = async {
        let mut rolled = 0;
        // The gateway is the one door: it stays.
        for n in (0..processes - 1).cycle() {
            if !options.roll || over.load(Ordering::Relaxed) {
                break;
            }
            fleet.stop(n).await?;
            fleet.start_again(n)?;
            fleet.ready(n).await?;
            rolled += 1;
        }
        Ok::<_, String>(rolled)
    };
    // A roll that fails has left a role down: the replay would only wait for it.
    let (report, rolled) = futures::try_join!(running, rolling)?;
    let differences = report.differences.clone();
    let replay = serde_json::to_value(&report).map_err(|e| e.to_string())?;
    Ok(Report { processes, rolled, replay, differences })
}
