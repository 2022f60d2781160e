//! What can be typed, and the two commands that are clients: replay and race.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;

use eventstore::postgres::Scratch;
use host::ports::OsChance;
use kernel::Chance;
use simulator::options::Wire;
use simulator::{Report, Wires};

use crate::archive::ArchiveArgs;
use crate::backup::BackupArgs;
use crate::house::House;
use crate::lab::play::LabArgs;
use crate::pages;
use crate::race;
use crate::replay::dates::Day;
use crate::replay::rows::RowRange;
use crate::replay::{self, Guarantee, IN_FLIGHT, Profile, Replay};

/// Posthouse: an event-sourced hotel reservation platform.
#[derive(Debug, Parser)]
#[command(name = "posthouse", version, about)]
pub struct Cli {
    /// What to do; nothing means `up --demo`.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole house.
    Up(UpArgs),
    /// Run some of the services in this process, together with others elsewhere.
    Run(RunArgs),
    /// Feed a file of real bookings through the public commands and compare where everything ended.
    Replay(ReplayArgs),
    /// Let many guests book the last room at the same moment.
    Race(RaceArgs),
    /// Run the whole house in simulation under faults, and known-bad protocols that must be noticed.
    Simulate(SimulateArgs),
    /// Copy the stores of a data directory while its house runs, all as of one instant, or check such a copy.
    Backup(BackupArgs),
    /// Seal the history of every service into blob stores, directories or PostgreSQL; show, verify and restore it.
    Archive(ArchiveArgs),
    /// Break a real house in one way and see what holds.
    Lab(LabArgs),
    /// Print the route table of every service.
    Routes,
}

/// `posthouse up`.
#[derive(Debug, Args, Clone)]
pub struct UpArgs {
    /// Directory of the stores.
    #[arg(long, value_name = "DIR", default_value = "posthouse-data")]
    pub data: PathBuf,
    /// Address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: std::net::SocketAddr,
    /// PostgreSQL instead of SQLite.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// Archive everything there as well, again and again (`posthouse archive --help` says what a place is); can be given
    /// several times. The file of `posthouse run` says more.
    #[arg(long, value_name = "URL")]
    pub archive: Vec<String>,
    /// Seconds between two passes into the archive.
    #[arg(long, value_name = "SECONDS", requires = "archive", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub archive_every: u64,
    /// Days after which what is proven to be in all of these places leaves the stores; everything stays without it.
    #[arg(long, value_name = "DAYS", requires = "archive")]
    pub keep_days: Option<u64>,
    /// Seed a demonstration hotel.
    #[arg(long)]
    pub demo: bool,
}

impl UpArgs {
    /// What no arguments at all mean.
    pub fn demo() -> Self {
        let (data, listen) = ("posthouse-data".into(), ([127, 0, 0, 1], 8080).into());
        Self { data, listen, store: None, archive: vec![], archive_every: 900, keep_days: None, demo: true }
    }
}

/// `posthouse run`.
#[derive(Debug, Args, Clone, Default)]
pub struct RunArgs {
    /// Services to run here, with commas between; without it, the `roles` of the file.
    #[arg(long, value_name = "SERVICES", value_delimiter = ',')]
    pub only: Option<Vec<String>>,
    /// What runs here and where the others are (TOML; docs/operate.md shows one). `POSTHOUSE_PEER_<SERVICE>=http://host:port,…`
    /// in the environment wins over its `peers`.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Address to listen on, for everybody.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<std::net::SocketAddr>,
    /// Directory of the stores.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL instead of SQLite.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
}

/// Which house a client talks to.
#[derive(Debug, Args, Clone)]
pub struct HouseArgs {
    /// A running house; without it one is started on a fresh temporary store.
    #[arg(long, value_name = "URL", conflicts_with = "store")]
    pub url: Option<String>,
    /// The store of the house that is started (postgres://…); SQLite without it.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
}

/// `posthouse replay`.
#[derive(Debug, Args, Clone)]
pub struct ReplayArgs {
    /// The bookings: CSV or CSV.xz.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which house.
    #[command(flatten)]
    pub house: HouseArgs,
    /// Only these rows, renumbered from 1.
    #[arg(long, value_name = "A..B")]
    pub rows: Option<RowRange>,
    /// Commands in flight per hotel.
    #[arg(long, value_name = "N", default_value_t = IN_FLIGHT)]
    pub in_flight: usize,
    /// Send every command a second time and check that nothing changes.
    #[arg(long)]
    pub twice: bool,
    /// Stores and journal of a run that can be continued.
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// How much of the file is used.
    #[arg(long, value_enum, default_value_t = Profile::Golden)]
    pub profile: Profile,
    /// What every booking is secured with.
    #[arg(long, value_enum, default_value_t = Guarantee::DirectBill)]
    pub guarantee: Guarantee,
    /// Write the files the digests are made of.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Stop when this business date is open, and judge nothing: a house to look at, with --resume in DIR/house.
    #[arg(long, value_name = "DATE", value_parser = date, conflicts_with_all = ["twice", "out", "json"])]
    pub until: Option<Day>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `posthouse race`.
#[derive(Debug, Args, Clone)]
pub struct RaceArgs {
    /// Last rooms to race for.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub rounds: u32,
    /// Guests who want each of them.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub contenders: u32,
    /// What every booking is secured with.
    #[arg(long, value_enum, default_value_t = Guarantee::Card)]
    pub guarantee: Guarantee,
    /// Which house.
    #[command(flatten)]
    pub house: HouseArgs,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `posthouse simulate`.
#[derive(Debug, Args, Clone)]
pub struct SimulateArgs {
    /// The first seed; run n takes seed + n.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How many runs.
    #[arg(long, value_name = "M", default_value_t = 100)]
    pub runs: u32,
    /// What carries messages: a network in memory, real HTTP/2 over turmoil's connections, or a few runs of a hundred over
    /// HTTP/2 and the others in memory.
    #[arg(long, value_enum, default_value_t = WireKind::Mixed)]
    pub wire: WireKind,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What carries messages in a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WireKind {
    /// A network in memory.
    Memory,
    /// Real HTTP/2 over turmoil's connections.
    Turmoil,
    /// Both.
    Mixed,
}

impl From<WireKind> for Wires {
    fn from(kind: WireKind) -> Self {
        match kind {
            WireKind::Memory => Self::All(Wire::Memory),
            WireKind::Turmoil => Self::All(Wire::Turmoil),
            WireKind::Mixed => Self::Mixed,
        }
    }
}

/// Runs simulations and prints their report; false where something differs. Blocks: every run has a runtime of its own.
pub fn simulate(args: SimulateArgs) -> Result<bool, String> {
    // The mutants run after the sound protocol, each until it is noticed: their number is not known beforehand.
    let bar = crate::lab::play::Bar::new(args.runs, "sound runs, then the mutants");
    let campaign = std::thread::scope(|scope| {
        // A thread of its own: a runtime cannot be started on a thread that belongs to another.
        scope.spawn(|| simulator::campaign(args.seed, args.runs, args.wire.into(), &mut |n| bar.at(n))).join()
    });
    let report = campaign.map_err(|_| "a simulation has panicked".to_owned())?;
    if args.json {
        println!("{}", serde_json::to_string(&report).map_err(|e| e.to_string())?);
    } else {
        let Report { runs, over_http2, seed, bookings, trace_hash, .. } = &report;
        println!("{runs} runs from seed {seed}, {over_http2} of them over HTTP/2: {bookings} bookings, trace {trace_hash}");
        report.faults.iter().for_each(|(class, times)| println!("  fault {class}: {times}"));
        report.mutants.iter().for_each(|(name, run)| match run {
            Some(run) => println!("  mutant {name}: noticed in run {run}"),
            None => println!("  mutant {name}: NOT noticed"),
        });
        report.violations.iter().for_each(|violation| println!("BROKEN: {violation:?}"));
        report.missing_faults.iter().for_each(|class| println!("BROKEN: no fault of the class {class} has fired"));
    }
    Ok(report.is_good())
}

/// Prints the route table as text, one line a route.
pub async fn routes() -> Result<bool, String> {
    let fresh = tempfile::Builder::new().prefix("posthouse-routes-").tempdir().map_err(|e| format!("no temporary directory: {e}"))?;
    let house = House::start(fresh.path(), None).await?;
    print!("{}", pages::route_lines(&house.inner));
    house.stop().await;
    Ok(true)
}

/// Runs a replay and prints its report; false where something differs.
pub async fn replay(args: ReplayArgs) -> Result<bool, String> {
    let options = replay::Options {
        file: args.file,
        rows: args.rows,
        in_flight: args.in_flight,
        twice: args.twice,
        resume: args.resume.clone(),
        profile: args.profile,
        guarantee: args.guarantee,
        out: args.out,
    };
    // Read before the house is started: the file is large for a moment and then small for ever.
    let replay = Replay::read(options)?;
    let visit = Visit::to(&args.house, args.resume.as_deref()).await?;
    if let Some(date) = args.until {
        let stopped = replay.until(visit.url(), date).await;
        visit.end().await;
        stopped?;
        match &args.resume {
            Some(dir) => println!("{date} is open; look at it with: posthouse up --data {}", dir.join("house").display()),
            None => println!("{date} is open"),
        }
        return Ok(true);
    }
    let report = replay.run(visit.url()).await;
    visit.end().await;
    let report = report?;
    print(&report, args.json)?;
    Ok(report.differences.is_empty())
}

/// Holds a race and prints its report; false where something differs.
pub async fn race(args: RaceArgs) -> Result<bool, String> {
    let options = race::Options { rounds: args.rounds, contenders: args.contenders, guarantee: args.guarantee };
    let visit = Visit::to(&args.house, None).await?;
    let report = race::race(&options, visit.url()).await;
    visit.end().await;
    let report = report?;
    print(&report, args.json)?;
    Ok(report.differences.is_empty())
}

/// Reads `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("'{text}' is not a date like 2016-09-13"))
}

/// Prints a report, as text or as one JSON object.
pub(crate) fn print(report: &(impl Serialize + std::fmt::Display), json: bool) -> Result<(), String> {
    if json {
        println!("{}", serde_json::to_string(report).map_err(|e| e.to_string())?);
    } else {
        print!("{report}");
    }
    Ok(())
}

/// A database of one's own on a server, dropped at the end.
pub(crate) fn scratch(url: &str) -> Result<Scratch, String> {
    let name = format!("posthouse_run_{}_{:08x}", std::process::id(), OsChance.next() as u32);
    Scratch::new(url, &name).map_err(|e| e.to_string())
}

/// A house for the time of one command: somebody's, or one of our own.
enum Visit {
    Theirs(String),
    Ours { house: House, _fresh: Option<tempfile::TempDir>, _database: Option<Box<Scratch>> },
}

impl Visit {
    async fn to(args: &HouseArgs, kept: Option<&Path>) -> Result<Visit, String> {
        if let Some(url) = &args.url {
            return Ok(Visit::Theirs(url.clone()));
        }
        let (data, fresh) = match kept {
            Some(dir) => (dir.join("house"), None),
            None => {
                let fresh = tempfile::Builder::new().prefix("posthouse-").tempdir().map_err(|e| format!("no temporary directory: {e}"))?;
                (fresh.path().to_owned(), Some(fresh))
            }
        };
        std::fs::create_dir_all(&data).map_err(|e| format!("{}: {e}", data.display()))?;
        // A run that nobody continues has a database of its own, as it has a directory of its own.
        let database = match (&args.store, &fresh) {
            (Some(url), Some(_)) => Some(scratch(url)?),
            _ => None,
        };
        let store = database.as_ref().map(Scratch::url).or(args.store.as_deref());
        let house = House::start(&data, store).await?;
        Ok(Visit::Ours { house, _fresh: fresh, _database: database.map(Box::new) })
    }

    fn url(&self) -> &str {
        match self {
            Visit::Theirs(url) => url,
            Visit::Ours { house, .. } => &house.url,
        }
    }

    /// Stops a house of our own; its temporary store goes after it.
    async fn end(self) {
        if let Visit::Ours { house, _fresh, _database } = self {
            house.stop().await;
        }
    }
}
