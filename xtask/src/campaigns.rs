//! The long ones: campaigns and measurements that take more than a minute.
//!
//! Each is a line in a table: a name, what it shows, and the command that runs it. A line appears together with
//! the thing it runs, never before; figures go to `docs/proof.md`.

use std::path::Path;

use crate::place;

/// One line of a table.
#[derive(Debug)]
pub struct Long {
    /// What is typed.
    pub name: &'static str,
    /// What it shows when it passes.
    pub what: &'static str,
    /// The cargo arguments that run it.
    pub command: &'static [&'static str],
}

/// A table of long runs of one kind.
#[derive(Debug)]
pub struct Table {
    /// The word for one of them.
    pub kind: &'static str,
    /// Its lines.
    pub rows: &'static [Long],
}

/// `cargo xtask campaign`.
pub const CAMPAIGNS: Table = Table { kind: "campaign", rows: CAMPAIGN_ROWS };

/// The program as users run it, built once for all campaigns.
const CAMPAIGN_ROWS: &[Long] = &[
    Long {
        name: "kills",
        what: "kill -9 the house 20 times under booking load with cards; nothing acknowledged lost, nothing left over",
        command: &["run", "--release", "--package", "posthouse", "--", "lab", "kills", "--kills", "20"],
    },
    Long {
        name: "chaos",
        what: "ten minutes of kill -9 and SIGSTOP for any of 13 processes, PostgreSQL killed three times; the books hold",
        // What it does by itself: every option may follow on the command line.
        command: &["run", "--release", "--package", "posthouse", "--", "lab", "chaos", "--json"],
    },
    Long {
        name: "race",
        what: "64 guests for the last room, 100 rounds, cards; one gets it each time",
        command: &["run", "--release", "--package", "posthouse", "--", "race", "--rounds", "100"],
    },
    Long {
        name: "replay",
        what: "real bookings through the public commands (give the file); the three digests, nothing refused",
        command: &["run", "--release", "--package", "posthouse", "--", "replay"],
    },
    Long {
        name: "resume",
        what: "kill -9 a replay five times and continue it (give --file); the digests of an undisturbed run",
        command: &["run", "--release", "--package", "posthouse", "--", "lab", "resume", "--kills", "5", "--within-ms", "60000"],
    },
    Long {
        name: "rebuild",
        what: "rebuild every read model from position 0 (give --file); byte for byte the live ones",
        command: &["run", "--release", "--package", "posthouse", "--", "lab", "rebuild"],
    },
    Long {
        name: "sealing",
        what: "archive two million events, then guests book beside it; events a second and core, memory, bytes, bookings lost",
        command: &["run", "--release", "--package", "posthouse", "--", "lab", "sealing", "--json"],
    },
    Long {
        name: "writers",
        what: "four processes write a million events to the same lanes of PostgreSQL; followed meanwhile without a gap",
        command: &[
            "test",
            "--release",
            "--package",
            "eventstore",
            "--test",
            "it",
            "--",
            "--ignored",
            "--exact",
            "--nocapture",
            "writers::a_million_events",
        ],
    },
    Long {
        name: "simulate",
        what: "the whole house under simulated faults, many seeds; no violation, every mutant killed",
        command: &["run", "--release", "--package", "posthouse", "--", "simulate", "--runs", "500"],
    },
];

/// `cargo xtask bench`.
pub const BENCHES: Table = Table { kind: "bench", rows: &[] };

impl Table {
    /// Runs the one called `name`, or lists all; false when it failed or does not exist.
    pub fn run(&self, root: &Path, name: Option<&str>, rest: &[String]) -> bool {
        let Some(name) = name else {
            println!("{}", self.listing());
            return true;
        };
        let Some(row) = self.rows.iter().find(|row| row.name == name) else {
            eprintln!("no {} is called `{name}`\n{}", self.kind, self.listing());
            return false;
        };
        eprintln!("{} {}: {}", self.kind, row.name, row.what);
        match place::cargo(root, row.command).args(rest).status() {
            Ok(status) => status.success(),
            Err(fault) => {
                eprintln!("cannot start cargo {}: {fault}", row.command.join(" "));
                false
            }
        }
    }

    /// What there is to run, one line each.
    pub fn listing(&self) -> String {
        if self.rows.is_empty() {
            return format!("there is no {} yet", self.kind);
        }
        let wide = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        self.rows.iter().map(|row| format!("  {:wide$}  {}", row.name, row.what)).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Table = Table {
        kind: "campaign",
        rows: &[
            Long { name: "short", what: "one thing", command: &["--version"] },
            Long { name: "longer", what: "another", command: &["--version"] },
        ],
    };

    #[test]
    fn an_unknown_name_is_an_error() {
        assert!(!TWO.run(Path::new("."), Some("nothing"), &[]));
    }

    #[test]
    fn an_empty_table_says_so() {
        let none = Table { kind: "bench", rows: &[] };
        assert_eq!(none.listing(), "there is no bench yet");
    }

    #[test]
    fn the_listing_is_aligned() {
        assert_eq!(TWO.listing(), "  short   one thing\n  longer  another");
    }
}
