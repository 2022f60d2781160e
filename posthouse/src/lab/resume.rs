//! The resume lab: a replay is killed (its house dies with it) at random moments and continued from its journal. In the
//! end the digests must be those of a run that nobody disturbed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kernel::Chance;
use kernel::chance::Seeded;
use serde::Serialize;
use serde_json::Value;

use crate::client::wall;

/// What is done.
#[derive(Debug, Clone)]
pub struct Options {
    /// The bookings.
    pub file: PathBuf,
    /// Rows of it, as `A..B`.
    pub rows: Option<String>,
    /// How often the replay is killed.
    pub kills: u32,
    /// Which moments.
    pub seed: u64,
    /// A kill comes this many milliseconds after the start at the latest.
    pub within_ms: u64,
}

/// The JSON object of a resume lab.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Times the replay was killed.
    pub kills: u32,
    /// Milliseconds each killed run had lived.
    pub lived_ms: Vec<u64>,
    /// The report of the run that came to the end.
    pub last: Value,
    /// From the first start to the end.
    pub seconds: f64,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "killed {} times after {:?} ms, then continued to the end in {:.0} s", self.kills, self.lived_ms, self.seconds)?;
        writeln!(f, "digests {}", self.last["digests"])?;
        match self.differences.as_slice() {
            [] => writeln!(f, "held: the result is that of a run nobody disturbed"),
            all => all.iter().try_for_each(|d| writeln!(f, "BROKEN: {d}")),
        }
    }
}

/// Plays the lab with `program` (this executable) and its stores and journal in `dir`.
pub async fn play(options: &Options, program: &Path, dir: &Path, progress: impl Fn(u32)) -> Result<Report, String> {
    let began = wall();
    let dice = Seeded::new(options.seed);
    let mut report = Report::default();
    while report.kills < options.kills {
        let mut run = Killable(start(options, program, dir, false)?);
        let lives = options.within_ms / 4 + dice.below(options.within_ms * 3 / 4);
        tokio::time::sleep(Duration::from_millis(lives)).await;
        if run.0.try_wait().map_err(|e| e.to_string())?.is_some() {
            report.differences.push(format!("the replay ended before it could be killed after {lives} ms: use more rows or earlier kills"));
            break;
        }
        run.kill()?;
        report.kills += 1;
        report.lived_ms.push(lives);
        progress(report.kills);
    }
    let last = start(options, program, dir, true)?.wait_with_output().map_err(|e| e.to_string())?;
    report.last = serde_json::from_slice(&last.stdout).map_err(|e| format!("the last run gave no report: {e}"))?;
    if !last.status.success() || report.last["differences"].as_array().is_none_or(|d| !d.is_empty()) || report.last["refused"] != 0 {
        report.differences.push(format!("the last run is not as it must be: {}", report.last["differences"]));
    }
    report.seconds = (wall().duration_since(began).as_secs_f64() * 10.0).round() / 10.0;
    Ok(report)
}

fn start(options: &Options, program: &Path, dir: &Path, last: bool) -> Result<Child, String> {
    let mut command = Command::new(program);
    command.arg("replay").arg(&options.file).arg("--resume").arg(dir).arg("--json").stdin(Stdio::null());
    if let Some(rows) = &options.rows {
        command.args(["--rows", rows]);
    }
    let out = if last { Stdio::piped() } else { Stdio::null() };
    command.stdout(out).stderr(Stdio::null()).spawn().map_err(|e| format!("cannot start {}: {e}", program.display()))
}

/// A process that does not outlive this value.
struct Killable(Child);

impl Killable {
    fn kill(&mut self) -> Result<(), String> {
        self.0.kill().map_err(|e| e.to_string())?;
        self.0.wait().map(drop).map_err(|e| e.to_string())
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        let _already_gone = self.kill();
    }
}
