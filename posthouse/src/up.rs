//! `posthouse up`: the whole house in one process, until it is told to stop.

use std::io::Write;

use host::ports::WallClock;
use kernel::Clock;

use crate::archive::keeping::Archiving;
use crate::cli::UpArgs;
use crate::demo;
use crate::house::House;
use crate::settings::Plan;

/// Runs the house; returns after a drained stop.
pub async fn up(args: UpArgs) -> Result<(), String> {
    let archive = Archiving { to: args.archive, every_s: args.archive_every, keep_days: args.keep_days, ..Archiving::default() };
    let plan = Plan { demo: args.demo, archive, ..Plan::whole(&args.data, args.store.as_deref(), args.listen) };
    let house = House::open(&plan).await?;
    say(&format!("posthouse is ready at {}   (data in {}, stop with Ctrl-C)", house.url, args.data.display()));
    if args.demo {
        // Ready first, seeded after: nobody waits for invented bookings.
        let inner = house.inner.clone();
        let today = jiff::Timestamp::from_microsecond(WallClock.now().0).map_err(|e| e.to_string())?;
        let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
        house.inner.tasks.spawn(async move {
            match demo::seed(inner, today).await {
                Ok(made) => say(&format!("the demo hotels DEMO and HARBOUR are seeded ({made} bookings)")),
                Err(why) => say(&format!("the demo hotels could not be seeded: {why}")),
            }
        });
    }
    stop_signal().await?;
    say("stopping: requests in flight are finished first");
    house.stop().await;
    Ok(())
}

/// What a person who started the program reads; a closed terminal is no reason to stop.
pub(crate) fn say(line: &str) {
    let _terminal_gone = writeln!(std::io::stdout(), "{line}");
}

pub(crate) async fn stop_signal() -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    tokio::select! {
        biased;
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
