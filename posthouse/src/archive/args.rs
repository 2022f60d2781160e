//! What can be typed after `posthouse archive`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Shown below the subcommands.
const EXAMPLES: &str =
    "Places: file:///var/archive, s3://bucket/prefix, az://container/prefix, gs://bucket/prefix, postgres://user@host/database.
Credentials come from the platform, or from the variables of each cloud's tools (AWS_…, AZURE_…, GOOGLE_…).

Examples:
  posthouse archive run --to s3://posthouse-archive/eu --to az://archive/eu --every 300
  posthouse archive status --from s3://posthouse-archive/eu
  posthouse archive verify --from s3://posthouse-archive/eu --from az://archive/eu --key posthouse-data/archive.key
  posthouse archive restore --from az://archive/eu --data restored --until 2026-11-20T12:00:00Z
  posthouse archive prune --from s3://posthouse-archive/eu --from az://archive/eu --keep-days 90
  posthouse archive cat --from file:///var/archive --service stays | jq .type";

/// `posthouse archive`.
#[derive(Debug, Args, Clone)]
#[command(after_help = EXAMPLES)]
pub struct ArchiveArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The subcommands.
#[derive(Debug, Subcommand, Clone)]
pub enum Verb {
    /// Seal what is new into every place; also while the house runs.
    Run(Run),
    /// Show what is archived where.
    Status(Seen),
    /// Read everything back: chains, signatures, gaps, and whether places agree. Ends with 1 when something is wrong.
    Verify(Seen),
    /// Make the stores of all services from one place alone.
    Restore(Restore),
    /// Take out of the stores what is proven to be in enough places, and what no decision needs any more.
    Prune(Prune),
    /// Print what is archived, a JSON object a line.
    Cat(Cat),
}

/// `posthouse archive run`.
#[derive(Debug, Args, Clone)]
pub struct Run {
    /// Directory of the stores, and of the signing key.
    #[arg(long, value_name = "DIR", default_value = "posthouse-data")]
    pub data: PathBuf,
    /// PostgreSQL instead of SQLite.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// Where to; can be given several times.
    #[arg(long, value_name = "URL", required = true)]
    pub to: Vec<String>,
    /// The cell whose history it is: one full set of services.
    #[arg(long, value_name = "NAME", default_value = "local", value_parser = cell)]
    pub cell: String,
    /// The signing key, 64 hex digits; `archive.key` in the data directory without it, made when it is not there.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Seal full segments only, and leave the rest for later.
    #[arg(long)]
    pub full: bool,
    /// Again and again, with so many seconds between; once without it.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub every: Option<u64>,
    /// Print one JSON object a pass.
    #[arg(long)]
    pub json: bool,
}

/// `posthouse archive status` and `verify`.
#[derive(Debug, Args, Clone)]
pub struct Seen {
    /// Where; can be given several times.
    #[arg(long, value_name = "URL", required = true)]
    pub from: Vec<String>,
    /// A public key to trust, in hex; can be given several times.
    #[arg(long, value_name = "HEX")]
    pub trust: Vec<String>,
    /// A signing key whose public half to trust.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `posthouse archive restore`.
#[derive(Debug, Args, Clone)]
pub struct Restore {
    /// From where.
    #[arg(long, value_name = "URL")]
    pub from: String,
    /// The directory the stores are made in.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// PostgreSQL instead of SQLite.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// Up to when: an instant (2026-11-20T12:00:00Z), the end of a business date (2026-11-20), or positions
    /// (pos:stays/3=1200,payments/3=70; lanes without one stay empty). As far as all services are archived without it.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// When the archive is damaged: restore all services up to the last instant before the first damage in any of them.
    #[arg(long)]
    pub stop_before_damage: bool,
    /// A public key to trust, in hex; can be given several times.
    #[arg(long, value_name = "HEX")]
    pub trust: Vec<String>,
    /// A signing key whose public half to trust.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `posthouse archive prune`.
#[derive(Debug, Args, Clone)]
pub struct Prune {
    /// Directory of the stores, and of the signing key.
    #[arg(long, value_name = "DIR", default_value = "posthouse-data")]
    pub data: PathBuf,
    /// PostgreSQL instead of SQLite.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// Where the archive is; can be given several times.
    #[arg(long, value_name = "URL", required = true)]
    pub from: Vec<String>,
    /// The cell whose history it is.
    #[arg(long, value_name = "NAME", default_value = "local", value_parser = cell)]
    pub cell: String,
    /// In so many places it must be whole; all of them without it.
    #[arg(long, value_name = "N")]
    pub copies: Option<usize>,
    /// So many days everything stays, proven or not.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub keep_days: u64,
    /// The signing key whose public half to trust; `archive.key` in the data directory without it.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `posthouse archive cat`.
#[derive(Debug, Args, Clone)]
pub struct Cat {
    /// From where.
    #[arg(long, value_name = "URL")]
    pub from: String,
    /// Only this service.
    #[arg(long, value_name = "SERVICE")]
    pub service: Option<String>,
    /// Only this lane.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..16))]
    pub lane: Option<u8>,
    /// Only behind this position of each lane.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub after: u64,
    /// So many at most.
    #[arg(long, value_name = "N", default_value_t = u64::MAX, hide_default_value = true)]
    pub limit: u64,
}

pub(super) fn cell(text: &str) -> Result<String, String> {
    let is_good = !text.is_empty() && text.len() <= 40 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_good { Ok(text.to_owned()) } else { Err("a cell's name has 1 to 40 small letters, digits and hyphens".into()) }
}
