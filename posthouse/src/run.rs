//! `posthouse run`: some of the services in this process, the others wherever the directory says.

use crate::cli::RunArgs;
use crate::house::House;
use crate::settings::{Plan, Settings};
use crate::up::{say, stop_signal};

/// Runs a part of the house; returns after a drained stop.
pub async fn run(args: RunArgs) -> Result<(), String> {
    let settings = Settings::read(&args.config)?;
    // Text only: a name that is none is nobody's peer.
    let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let plan = Plan::of(settings, &args, variables)?;
    let house = House::open(&plan).await?;
    let all: Vec<&str> = plan.roles.iter().chain(&plan.fronts).copied().collect();
    let what = if all.is_empty() { "gateway".to_owned() } else { all.join(", ") };
    let inside = plan.peer_listen.map(|at| format!(", for peers at {at}")).unwrap_or_default();
    say(&format!("posthouse ({what}) is ready at {}{inside}   (data in {})", house.url, plan.data.display()));
    stop_signal().await?;
    say("stopping: requests in flight are finished first");
    house.stop().await;
    Ok(())
}
