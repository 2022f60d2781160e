//! `cargo xtask …`: everything the workshop can do, one arm each.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{campaigns, place, suite, tidy};

/// The workshop of the house.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, about, max_term_width = 100)]
struct Typed {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Fetch, format, tidy, clippy, docs, build and run every test; one table with times at the end
    Test(suite::Options),
    /// Install what the tests start beside the house, where it is missing: PostgreSQL, a browser and its driver
    Servers,
    /// Check the house rules (they also run inside the tests)
    Tidy {
        /// Rewrite the snapshots in docs/ instead of comparing them
        #[arg(long)]
        bless: bool,
        /// Check only this rule
        #[arg(long, value_name = "NAME")]
        rule: Option<String>,
        /// List the rules and why they exist
        #[arg(long)]
        list: bool,
    },
    /// Run one of the long campaigns (anything over a minute); without NAME, list them
    Campaign {
        /// Which one
        name: Option<String>,
        /// Passed on to the campaign
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Run one of the measurements; without NAME, list them
    Bench {
        /// Which one
        name: Option<String>,
        /// Passed on to the measurement
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
}

fn main() -> ExitCode {
    let root = place::root();
    let well = match Typed::parse().verb {
        Verb::Test(options) => suite::run(&root, &options),
        Verb::Servers => suite::servers::run(&root),
        Verb::Tidy { list: true, .. } => tidy::list(),
        Verb::Tidy { bless: true, .. } => tidy::bless(&root),
        Verb::Tidy { rule, .. } => tidy::run(&root, rule.as_deref()),
        Verb::Campaign { name, rest } => campaigns::CAMPAIGNS.run(&root, name.as_deref(), &rest),
        Verb::Bench { name, rest } => campaigns::BENCHES.run(&root, name.as_deref(), &rest),
    };
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
