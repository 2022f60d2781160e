//! `cargo xtask test`: everything, in stages, and one table at the end.
//!
//! The cheap stages come first and the first failure stops the rest, so a wrong comma costs seconds. Running the
//! tests comes last: the line `N passed, N failed` at the very end is the verdict on all of it.
//!
//! Reading order: [`servers`] (what the tests start), `packages` (the part of it that registries have), [`stage`] (what a stage
//! is and how it runs), [`summary`] (what the test runner said), [`table`] (what is printed).

pub mod servers;
mod packages;
pub mod stage;
pub mod summary;
pub mod table;

use std::{path::Path, time::Instant};

use clap::Args;

use crate::place;
use stage::{How, Stage};
use summary::Counts;
use table::{Line, State};

/// What can be left out while working; nothing is left out by default.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// Leave out clippy
    #[arg(long)]
    pub skip_clippy: bool,
    /// Leave out `cargo doc` and the doc tests
    #[arg(long)]
    pub skip_docs: bool,
    /// Leave out the format check
    #[arg(long)]
    pub skip_format: bool,
    /// Leave out the house rules as a stage of their own (they still run among the tests)
    #[arg(long)]
    pub skip_tidy: bool,
    /// Run only the tests whose names contain one of these
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
}

/// Runs every stage on the checkout at `root`; true when all passed.
#[expect(clippy::disallowed_methods, reason = "the table shows wall time; nothing here is simulated")]
pub fn run(root: &Path, options: &Options) -> bool {
    let nextest = place::has_subcommand(root, "nextest");
    if !nextest {
        eprintln!("cargo-nextest is not installed: the tests run with `cargo test`, slower");
    }
    let stages = stages(root, options, nextest, place::has_subcommand(root, "deny"));
    let (mut lines, mut counts, mut failed) = (Vec::new(), None, None);
    for stage in &stages {
        if failed.is_some() {
            lines.push(Line { name: stage.name, state: State::NotReached });
            continue;
        }
        if let How::Skip(reason) = stage.how {
            lines.push(Line { name: stage.name, state: State::Skipped(reason) });
            continue;
        }
        eprintln!("\n── {} ── {}", stage.name, stage.says());
        let start = Instant::now();
        let (well, seen) = stage.run(root);
        counts = seen.or(counts);
        let took = start.elapsed();
        lines.push(Line { name: stage.name, state: if well { State::Passed(took) } else { State::Failed(took) } });
        if !well {
            failed = Some(stage);
        }
    }
    report(&lines, counts, failed);
    failed.is_none()
}

fn report(lines: &[Line], counts: Option<Counts>, failed: Option<&Stage>) {
    println!("\n{}", table::print(lines));
    if let Some(stage) = failed {
        println!("\nstopped at `{}`: {} failed, see above; to repeat only this: {}", stage.name, stage.name, stage.says());
    }
    match counts {
        Some(counts) => println!("\n{} passed, {} failed", counts.passed, counts.failed),
        None => println!("\nno test ran"),
    }
}

/// The stages in their order.
fn stages(root: &Path, options: &Options, nextest: bool, deny: bool) -> Vec<Stage> {
    let asked = "left out as asked";
    let filters = options.filters.iter().map(String::as_str);
    let with_filters = |args: &[&str]| args.iter().copied().chain(filters.clone()).map(str::to_owned).collect();
    vec![
        Stage::cargo("fetch", &["fetch", "--locked"]),
        Stage { name: "servers", how: How::Servers }.unless(servers::there(root), "all of them are installed"),
        Stage::cargo("format", &["fmt", "--all", "--", "--check"]).unless(options.skip_format, asked),
        Stage { name: "tidy", how: How::Tidy }.unless(options.skip_tidy, asked),
        Stage::cargo("licences", &["deny", "--offline", "check", "bans", "licenses", "sources"])
            .unless(!deny, "cargo-deny is not installed"),
        Stage::cargo("clippy", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
            .unless(options.skip_clippy, asked),
        Stage::cargo("docs", &["doc", "--workspace", "--no-deps", "--locked"]).unless(options.skip_docs, asked),
        if nextest {
            Stage::cargo("build tests", &["nextest", "run", "--workspace", "--locked", "--no-run"])
        } else {
            Stage::cargo("build tests", &["test", "--workspace", "--all-targets", "--locked", "--no-run"])
        },
        Stage::quiet("doc tests", &["test", "--workspace", "--doc", "--locked"]).unless(options.skip_docs, asked),
        Stage {
            name: "run tests",
            how: How::Tests(if nextest {
                with_filters(&["nextest", "run", "--workspace", "--locked", "--no-fail-fast"])
            } else {
                with_filters(&["test", "--workspace", "--all-targets", "--locked", "--no-fail-fast", "--"])
            }),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(options: &Options) -> Vec<&'static str> {
        let kept = |stage: &Stage| !matches!(stage.how, How::Skip(_));
        stages(&place::root(), options, true, true).iter().filter(|s| kept(s)).map(|s| s.name).collect()
    }

    #[test]
    fn nothing_is_left_out_unless_asked() {
        let servers = if servers::there(&place::root()) { None } else { Some("servers") };
        let names = |options: &Options| names(options).into_iter().filter(|name| Some(*name) != servers).collect::<Vec<_>>();
        let all = ["fetch", "format", "tidy", "licences", "clippy", "docs", "build tests", "doc tests", "run tests"];
        assert_eq!(names(&Options::default()), all);
        let some = Options { skip_clippy: true, skip_docs: true, ..Options::default() };
        assert_eq!(names(&some), ["fetch", "format", "tidy", "licences", "build tests", "run tests"]);
    }

    #[test]
    fn filters_reach_the_runner() {
        let options = Options { filters: vec!["saga".into()], ..Options::default() };
        let stages = stages(&place::root(), &options, true, false);
        assert!(stages[9].says().ends_with("--no-fail-fast saga"), "{}", stages[9].says());
        assert!(matches!(stages[4].how, How::Skip(_)));
    }
}
