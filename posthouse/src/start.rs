//! From the command line to a result.

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{self, Cli, Command, UpArgs};
use crate::{archive, backup, lab, run, up};

/// Does what was typed: 0 when it is well, 1 when what was looked at is not, 2 when it could not be done.
pub fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("POSTHOUSE_LOG").unwrap_or_else(|_| "warn".into()))
        .init();
    let command = Cli::parse().command.unwrap_or_else(|| Command::Up(UpArgs::demo()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map_err(|e| e.to_string()).and_then(|runtime| runtime.block_on(done(command))) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("posthouse: {why}");
            ExitCode::from(2)
        }
    }
}

async fn done(command: Command) -> Result<bool, String> {
    match command {
        Command::Up(args) => up::up(args).await.map(|()| true),
        Command::Run(args) => run::run(args).await.map(|()| true),
        Command::Replay(args) => cli::replay(args).await,
        Command::Race(args) => cli::race(args).await,
        Command::Simulate(args) => cli::simulate(args),
        Command::Backup(args) => backup::run(&args),
        Command::Archive(args) => archive::archive(args).await,
        Command::Lab(args) => lab::play::lab(args).await,
        Command::Routes => cli::routes().await,
    }
}
