//! Scenarios in a real browser: `stories/browser/run.mjs` plays them, this reads what it reports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::house::profile_dir;
use crate::watch::{Process, until};

/// The runner ends a scenario by itself after 200 s; this is for a runner that hangs.
const ENDS_WITHIN: Duration = Duration::from_secs(220);

/// One line of a report.
#[derive(Debug, Deserialize)]
pub struct Check {
    pub ok: bool,
    pub name: String,
    pub detail: Value,
}

/// What a scenario reported.
#[derive(Debug)]
pub struct Report {
    pub checks: Vec<Check>,
    /// Whether the runner itself was content.
    pub well: bool,
    /// Where its screenshots are.
    pub shots: PathBuf,
    complaints: String,
}

impl Report {
    /// The names of what failed.
    pub fn failed(&self) -> Vec<&str> {
        self.checks.iter().filter(|check| !check.ok).map(|check| check.name.as_str()).collect()
    }

    /// Panics with all that failed.
    pub fn must_be_well(&self) {
        let told = |check: &Check| format!("{}\n{}", check.name, serde_json::to_string_pretty(&check.detail).unwrap_or_default());
        let failed: Vec<String> = self.checks.iter().filter(|check| !check.ok).map(told).collect();
        let (count, of, shots) = (failed.len(), self.checks.len(), self.shots.display());
        assert!(count == 0, "{count} of {of} checks failed, screenshots are in {shots}:\n{}\n{}", failed.join("\n"), self.complaints);
        assert!(self.well && of > 0, "the runner failed after {of} checks:\n{}", self.complaints);
    }
}

/// Plays `stories/browser/<scenario>.mjs` against the house at `url`. Screenshots go to `<target>/screenshots/<scenario>/`.
pub fn play(scenario: &str, url: &str) -> Report {
    let target = profile_dir().parent().expect("<target>/<profile>").to_owned();
    let modules = target.join("browser");
    assert!(
        modules.join("installed").is_file() && Command::new("node").arg("--version").output().is_ok(),
        "what drives the browser is not installed: run `cargo xtask servers`"
    );
    let shots = target.join("screenshots").join(scenario);
    // What an earlier run left would be taken for this one's.
    let _not_there_yet = fs::remove_dir_all(&shots);
    fs::create_dir_all(&shots).expect("the target directory can be written");
    let (says, complains) = (shots.join("checks.jsonl"), shots.join("complaints.txt"));
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/run.mjs");
    let mut command = Command::new("node");
    command.arg(run).arg(scenario).args(["--url", url]).arg("--out").arg(&shots).arg("--modules").arg(&modules);
    let mut process = Process::start(&mut command, &says, &complains);
    let ended = until(ENDS_WITHIN, || process.ended());
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let checks = read(&says).lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    Report { checks, well: ended.is_some_and(|status| status.success()), shots, complaints: read(&complains) }
}
