//! One run, from its first to its last instant: everything it does follows from its seed and its options.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join_all;

use crate::checker::{self, Case, Violation, books::Books};
use crate::nemesis::Nemesis;
use crate::options::{Faults, Options, Wire};
use crate::trace::hash_of;
use crate::wired;
use crate::workload::{Client, HOTELS, Said, Town, desk, guest, setting};
use crate::world::{SERVICES, World};

/// People with wishes, besides the desks.
const GUESTS: usize = 5;

/// What a run has shown.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// SHA-256 over its trace.
    pub trace_hash: String,
    /// Reservations that were confirmed.
    pub bookings: u64,
    /// Wishes, and how many of them nobody ever got an answer to.
    pub wishes: (u64, u64),
    /// How often each class of faults has fired.
    pub faults: BTreeMap<String, u64>,
    /// How often each event has happened, as `service kind Event`, and each refusal was given, as `refused code`.
    pub happened: BTreeMap<String, u64>,
    /// What must not be and is.
    pub violations: Vec<Violation>,
    /// Every message and every commit.
    pub trace: Vec<String>,
}

/// Makes runs.
pub struct Simulation;

impl Simulation {
    /// One run. Blocks, on a runtime of its own whose time is simulated.
    pub fn run(seed: u64, options: &Options) -> Run {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        match runtime {
            Ok(runtime) if options.wire == Wire::Memory => {
                let run = async { live(Arc::new(World::start(seed, *options).await?), *options).await };
                runtime.block_on(run).unwrap_or_else(|why| broken(seed, &why))
            }
            Ok(_) => wired::play(seed, *options, |world| live(world, *options)).unwrap_or_else(|why| broken(seed, &why)),
            Err(error) => broken(seed, &error.to_string()),
        }
    }
}

/// A run that could not be made, which is never a good sign.
fn broken(seed: u64, why: &str) -> Run {
    let violation = Violation { invariant: "the run can be made".into(), seed, story: why.to_owned() };
    Run {
        seed,
        trace_hash: String::new(),
        bookings: 0,
        wishes: (0, 0),
        faults: BTreeMap::new(),
        happened: BTreeMap::new(),
        violations: vec![violation],
        trace: Vec::new(),
    }
}

async fn live(world: Arc<World>, options: Options) -> Result<Run, String> {
    let seed = world.seed;
    let town = Arc::new(Town::default());
    if !setting::set(&Client::new(&world, &town, "owner")).await {
        return Err("the hotels cannot be set up".into());
    }
    world.set(options.faults).await?;
    rough_times(&world, &town, options).await?;
    world.set(Faults::NONE).await?;
    let open = world.settle().await;

    let shown = checker::views::ask(&world).await;
    let books = Books::read(&world).await;
    let ops = town.ops();
    let mut case = Case { seed, books, ops, open, violations: Vec::new() };
    checker::check(&mut case);
    checker::replay::check(&world, &mut case).await;
    if let Some(cellar) = world.cellar.clone() {
        checker::archived::check(&world, &cellar, &mut case).await;
    }
    restart(&world).await?;
    let rebuilt = checker::views::ask(&world).await;
    checker::views::check(&mut case, &shown, &rebuilt);
    world.end().await;

    let fired = world.provider.fired();
    world.fired.add("provider-lost", fired.lost);
    world.fired.add("provider-duplicate", fired.duplicate);
    let trace = world.trace.take();
    let unanswered = case.ops.iter().filter(|op| op.said == Said::Info).count();
    Ok(Run {
        seed,
        trace_hash: hash_of(&trace),
        bookings: case.books.facts.iter().filter(|f| f.is("reservation", "Booked")).count() as u64,
        wishes: (case.ops.len() as u64, unanswered as u64),
        faults: world.fired.all(),
        happened: happened(&case),
        violations: case.violations,
        trace,
    })
}

/// What has happened, counted: a run in which nothing rare happens tests nothing rare.
fn happened(case: &Case) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for fact in &case.books.facts {
        *counts.entry(format!("{} {} {}", fact.service, fact.kind, fact.name)).or_default() += 1;
    }
    for op in &case.ops {
        if let Said::Refused(code, _) = &op.said {
            *counts.entry(format!("refused {code}")).or_default() += 1;
        }
    }
    counts
}

/// Guests and desks work with the house while everything goes wrong.
async fn rough_times(world: &Arc<World>, town: &Arc<Town>, options: Options) -> Result<(), String> {
    let guests: Vec<_> = (1..=GUESTS).map(|n| Client::new(world, town, &format!("guest{n}"))).collect();
    let desks: Vec<_> = HOTELS.iter().map(|hotel| (hotel, Client::new(world, town, &format!("desk-{}", hotel.code)))).collect();
    let stop = AtomicBool::new(false);
    let people = async {
        let guests = join_all(guests.iter().map(|client| guest::live(client, options.steps)));
        let desks = join_all(desks.iter().map(|(hotel, client)| desk::work(client, hotel, options.steps / 2)));
        futures::join!(guests, desks);
        stop.store(true, Ordering::Relaxed);
    };
    let nemesis = Nemesis::new(world, options.faults);
    futures::join!(people, nemesis.run(&stop)).1
}

/// Every machine crashes once more, with nothing to lose but its views.
async fn restart(world: &World) -> Result<(), String> {
    for service in SERVICES {
        world.crash(service).await;
    }
    for service in SERVICES {
        world.boot(service).await?;
    }
    Ok(())
}
