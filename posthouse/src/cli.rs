//! What can be typed, and the two commands that are clients: replay and race.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::house::House;
use crate::race;
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
    /// Feed a file of real bookings through the public commands and compare where everything ended.
    Replay(ReplayArgs),
    /// Let many guests book the last room at the same moment.
    Race(RaceArgs),
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
    /// Seed a demonstration hotel.
    #[arg(long)]
    pub demo: bool,
}

impl UpArgs {
    /// What no arguments at all mean.
    pub fn demo() -> Self {
        Self { data: "posthouse-data".into(), listen: ([127, 0, 0, 1], 8080).into(), store: None, demo: true }
    }
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

fn print(report: &(impl Serialize + std::fmt::Display), json: bool) -> Result<(), String> {
    if json {
        println!("{}", serde_json::to_string(report).map_err(|e| e.to_string())?);
    } else {
        print!("{report}");
    }
    Ok(())
}

/// A house for the time of one command: somebody's, or one of our own.
enum Visit {
    Theirs(String),
    Ours { house: House, _fresh: Option<tempfile::TempDir> },
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
        let house = House::start(&data, args.store.as_deref()).await?;
        Ok(Visit::Ours { house, _fresh: fresh })
    }

    fn url(&self) -> &str {
        match self {
            Visit::Theirs(url) => url,
            Visit::Ours { house, .. } => &house.url,
        }
    }

    /// Stops a house of our own; its temporary store goes after it.
    async fn end(self) {
        if let Visit::Ours { house, _fresh } = self {
            house.stop().await;
        }
    }
}
