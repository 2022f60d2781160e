//! What can be typed after `posthouse lab`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{chaos, desks, outage, sealing};
use eventstore::postgres::Scratch;

use crate::cli::{date, print, scratch};
use crate::replay::dates::Day;
use crate::roster;

/// Shown below the options.
const EXAMPLES: &str = "Examples:
  posthouse lab                                          the labs, with what each does
  posthouse lab kills --kills 20
  posthouse lab outage --peer payments --way paused --seconds 20
  posthouse lab split --file bookings.csv --store postgres://me@127.0.0.1/posthouse --replicas all=2 --roll
  posthouse lab sealing --data posthouse-data --json
  posthouse lab chaos --seconds 600 --postgres-kills 3 --seed 7 --json
  posthouse lab chaos --seconds 60 --postgres-kills 1 --replicas inventory=2 --clients 8";

/// `posthouse lab`.
#[derive(Debug, Args, Clone)]
#[command(after_help = EXAMPLES)]
pub struct LabArgs {
    /// Which; without a name the labs are listed.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// How often something is killed.
    #[arg(long, value_name = "N")]
    pub kills: Option<u32>,
    /// Which moments.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// archive: where to, as a URL; two directories without it. Can be given several times.
    #[arg(long, value_name = "URL")]
    pub to: Vec<String>,
    /// resume, rebuild, archive, split, desks: the bookings.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// resume, rebuild, archive, split, desks: only these rows.
    #[arg(long, value_name = "A..B")]
    pub rows: Option<String>,
    /// resume: each killed run lives at most so many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 20_000)]
    pub within_ms: u64,
    /// outage: the service that is sick (payments without it).
    #[arg(long, value_name = "SERVICE")]
    pub peer: Option<String>,
    /// outage: how it is sick; every way without it. Can be given several times.
    #[arg(long, value_name = "WAY")]
    pub way: Vec<outage::Way>,
    /// outage: for so many seconds, each way (60 without it); chaos: in all (600); desks, sealing: each
    /// slice (4, 8).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: Option<u64>,
    /// chaos: how often PostgreSQL itself is killed.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub postgres_kills: u32,
    /// chaos: so many guests at the same time.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub clients: u64,
    /// chaos, to see it fail: PostgreSQL answers before it has written, and is the only one that is killed.
    #[arg(long, hide = true)]
    pub careless: bool,
    /// split, chaos: so many replicas of a role, as ROLE=N or all=N. Can be given several times; split needs --store for
    /// more than one, chaos has two of each without it.
    #[arg(long, value_name = "ROLE=N")]
    pub replicas: Vec<String>,
    /// split: stop and start each process in turn while the replay runs.
    #[arg(long)]
    pub roll: bool,
    /// outage, split, rebuild: PostgreSQL for every service (postgres://…); SQLite files without it.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// desks: a house that `posthouse replay --until` has made; without it one is made first. sealing: the stores of a house that
    /// does not run; without it a history is made.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// desks: the business date that is open.
    #[arg(long, value_name = "DATE", value_parser = date, default_value = "2016-09-13")]
    pub until: Day,
    /// desks: the hotel whose chart it is.
    #[arg(long, value_name = "HOTEL", default_value = "H2")]
    pub hotel: String,
    /// desks: so many open at the same time.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub desks: u64,
    /// desks: so many looks at each page.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub looks: u32,
    /// desks, sealing: so many slices of bookings with desks, or with an archive, and as many without.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub slices: u32,
    /// sealing: events of the history that is made.
    #[arg(long, value_name = "N", default_value_t = 2_000_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub events: u64,
    /// sealing: seconds between two passes of the archive that the house keeps.
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub every: u64,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Plays a lab and prints its report; false where something differs.
pub async fn lab(args: LabArgs) -> Result<bool, String> {
    let program = std::env::current_exe().map_err(|e| format!("where this program is: {e}"))?;
    let fresh = tempfile::Builder::new().prefix("posthouse-lab-").tempdir().map_err(|e| format!("no temporary directory: {e}"))?;
    match args.name.as_deref() {
        None => {
            super::LABS.iter().for_each(|(name, what)| println!("{name:8} {what}"));
            Ok(true)
        }
        Some("kills") => {
            let options = super::kills::Options { kills: args.kills.unwrap_or(20), seed: args.seed };
            let bar = Bar::new(options.kills, "kills");
            let report = super::kills::play(&options, &program, fresh.path(), |n| bar.at(n)).await?;
            print(&report, args.json)?;
            Ok(report.differences.is_empty())
        }
        Some("restore") => {
            let report = super::restore::play(args.seed, &program, fresh.path()).await?;
            print(&report, args.json)?;
            Ok(report.books.differences.is_empty())
        }
        Some("resume") => {
            let file = args.file.ok_or("the resume lab needs --file")?;
            let (kills, rows, seed, within_ms) = (args.kills.unwrap_or(5), args.rows, args.seed, args.within_ms.max(8));
            let options = super::resume::Options { file, rows, kills, seed, within_ms };
            let bar = Bar::new(kills, "kills");
            let report = super::resume::play(&options, &program, fresh.path(), |n| bar.at(n)).await?;
            print(&report, args.json)?;
            Ok(report.differences.is_empty())
        }
        Some("rebuild") => {
            let file = args.file.ok_or("the rebuild lab needs --file")?;
            let rows = args.rows.as_deref().map(str::parse).transpose()?;
            let database = args.store.as_deref().map(scratch).transpose()?;
            let report = super::rebuild::play(&file, rows, database.as_ref().map(Scratch::url), fresh.path()).await?;
            print(&report, args.json)?;
            Ok(report.differences.is_empty())
        }
        Some("archive") => {
            let file = args.file.ok_or("the archive lab needs --file")?;
            let rows = args.rows.as_deref().map(str::parse).transpose()?;
            let report = super::archive::play(&super::archive::Play { file, rows, to: args.to }, fresh.path()).await?;
            print(&report, args.json)?;
            Ok(report.differences.is_empty())
        }
        Some("split") => {
            let file = args.file.ok_or("the split lab needs --file")?;
            let rows = args.rows.as_deref().map(str::parse).transpose()?;
            let replicas = replicas(&args.replicas)?;
            if args.store.is_none() && replicas.values().any(|n| *n > 1) {
                return Err("replicas share a store: name PostgreSQL with --store".into());
            }
            let options = super::split::Options { file, rows, store: args.store, replicas, roll: args.roll };
            let report = super::split::play(&options, &program, fresh.path()).await?;
            print(&report, args.json)?;
            Ok(report.differences.is_empty())
        }
        Some("desks") => {
            if args.file.is_none() && args.data.is_none() {
                return Err("the desks lab needs --file, or --data with a house that was replayed".into());
            }
            let (file, data) = (args.file.unwrap_or_default(), args.data);
            let rows = args.rows.as_deref().map(str::parse).transpose()?;
            let (desks, looks, seconds) = (args.desks as usize, args.looks as usize, args.seconds.unwrap_or(4));
            let options =
                desks::Options { file, data, rows, until: args.until, hotel: args.hotel, desks, looks, slices: args.slices, seconds };
            let bar = Bar::new(args.slices, "pairs of slices");
            let report = desks::play(&options, &program, fresh.path(), |n| bar.at(n)).await?;
            print(&report, args.json)?;
            Ok(report.differences.is_empty())
        }
        Some("sealing") => {
            let (data, events, seed) = (args.data, args.events, args.seed);
            let options =
                sealing::Options { data, events, seed, slices: args.slices, seconds: args.seconds.unwrap_or(8), every: args.every };
            let bar = Bar::new(args.slices, "pairs of slices");
            let mut sealed = crate::archive::bar("positions");
            let report = sealing::play(&options, &program, fresh.path(), &mut sealed, |n| bar.at(n)).await?;
            print(&report, args.json)?;
            Ok(report.differences.is_empty())
        }
        Some("outage") => {
            let peer = crate::roster::known(args.peer.as_deref().unwrap_or("payments"))?;
            let ways = if args.way.is_empty() { outage::Way::value_variants().to_vec() } else { args.way };
            let bar = Bar::new(ways.len() as u32, "ways");
            let options = outage::Options { peer, ways, seconds: args.seconds.unwrap_or(60), seed: args.seed, store: args.store };
            let report = outage::play(&options, &program, fresh.path(), |n| bar.at(n)).await?;
            print(&report, args.json)?;
            Ok(report.differences.is_empty())
        }
        Some("chaos") => {
            if args.store.is_some() {
                return Err("the chaos lab starts a PostgreSQL of its own, to kill it; leave --store out".into());
            }
            let asked = if args.replicas.is_empty() { &["all=2".to_owned()][..] } else { &args.replicas };
            let (seconds, careless) = (args.seconds.unwrap_or(600), args.careless);
            let options = chaos::Options {
                seconds,
                seed: args.seed,
                postgres_kills: args.postgres_kills,
                replicas: replicas(asked)?,
                clients: args.clients,
                // What is lost is not found by waiting for it.
                patience: if careless { chaos::PATIENCE / 9 } else { chaos::PATIENCE },
                careless,
            };
            let bar = Bar::new(seconds as u32, "seconds of trouble");
            let report = chaos::play(&options, &program, fresh.path(), |n| bar.at(n)).await?;
            print(&report, args.json)?;
            Ok(report.differences.is_empty())
        }
        Some(other) => Err(format!("there is no lab '{other}'; posthouse lab lists them")),
    }
}

/// `inventory=2`, `all=2`.
fn replicas(asked: &[String]) -> Result<BTreeMap<&'static str, usize>, String> {
    let mut replicas = BTreeMap::new();
    for part in asked {
        let (role, n) = part.split_once('=').ok_or_else(|| format!("'{part}' is not ROLE=N"))?;
        let n = n.parse().ok().filter(|n| (1..=8).contains(n)).ok_or_else(|| format!("'{part}': 1 to 8 replicas"))?;
        match role {
            "all" => replicas.extend(roster::SERVICES.iter().map(|(role, _)| (*role, n))),
            role => drop(replicas.insert(roster::known(role)?, n)),
        }
    }
    Ok(replicas)
}

/// A progress bar on stderr, silent where that is no terminal.
pub(crate) struct Bar(indicatif::ProgressBar);

impl Bar {
    pub(crate) fn new(total: u32, what: &'static str) -> Self {
        let bar = indicatif::ProgressBar::new(u64::from(total));
        let style = indicatif::ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()));
        bar.set_message(what);
        Self(bar)
    }

    pub(crate) fn at(&self, n: u32) {
        self.0.set_position(u64::from(n));
    }
}
