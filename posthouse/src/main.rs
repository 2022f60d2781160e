//! `posthouse`: everything the program can do.

use std::process::ExitCode;

use clap::Parser;
use posthouse::cli::{self, Cli, Command, UpArgs};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("POSTHOUSE_LOG").unwrap_or_else(|_| "warn".into()))
        .init();
    let done = match Cli::parse().command.unwrap_or_else(|| Command::Up(UpArgs::demo())) {
        Command::Up(args) => posthouse::up::up(args).await.map(|()| true),
        Command::Run(args) => posthouse::run::run(args).await.map(|()| true),
        Command::Replay(args) => cli::replay(args).await,
        Command::Race(args) => cli::race(args).await,
        Command::Simulate(args) => cli::simulate(args),
        Command::Backup(args) => posthouse::backup::run(&args),
        Command::Archive(args) => posthouse::archive::archive(args).await,
        Command::Lab(args) => posthouse::lab::play::lab(args).await,
        Command::Routes => cli::routes().await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("posthouse: {why}");
            ExitCode::from(2)
        }
    }
}
