//! The one table at the end: stages and times.

use std::time::Duration;

/// What became of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It passed, in this time.
    Passed(Duration),
    /// It failed, after this time.
    Failed(Duration),
    /// It was left out, and why.
    Skipped(&'static str),
    /// An earlier one failed.
    NotReached,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The stage.
    pub name: &'static str,
    /// What became of it.
    pub state: State,
}

/// The table as text.
pub fn print(lines: &[Line]) -> String {
    let wide = lines.iter().map(|line| line.name.len()).max().unwrap_or(0).max("total".len());
    let mut total = Duration::ZERO;
    let mut out = String::new();
    for line in lines {
        let (time, says) = match line.state {
            State::Passed(took) => (Some(took), ""),
            State::Failed(took) => (Some(took), "FAILED"),
            State::Skipped(why) => (None, why),
            State::NotReached => (None, "not reached"),
        };
        total += time.unwrap_or_default();
        let time = time.map_or_else(|| "-".to_owned(), clock);
        out.push_str(format!("  {:wide$}  {time:>8}  {says}", line.name).trim_end());
        out.push('\n');
    }
    out.push_str(&format!("  {:wide$}  {:>8}", "total", clock(total)));
    out
}

/// `0.4 s`, `3 m 07 s`.
fn clock(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds < 60 { format!("{:.1} s", took.as_secs_f64()) } else { format!("{} m {:02} s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_top_down() {
        let text = print(&[
            Line { name: "fetch", state: State::Passed(Duration::from_millis(420)) },
            Line { name: "licences", state: State::Skipped("cargo-deny is not installed") },
            Line { name: "clippy", state: State::Failed(Duration::from_secs(187)) },
            Line { name: "run tests", state: State::NotReached },
        ]);
        let expected = "  fetch         0.4 s\n  licences          -  cargo-deny is not installed\n  clippy     3 m 07 s  FAILED\n  run tests         -  not reached\n  total      3 m 07 s";
        assert_eq!(text, expected);
    }
}
