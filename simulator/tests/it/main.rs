//! Campaigns small enough for every day: the sound protocol holds, every fault fires, every mutant is noticed.

mod wired;

use std::collections::BTreeMap;

use simulator::campaign::{MUTANTS, noticed_at};
use simulator::options::CLASSES;
use simulator::{Options, Simulation};

/// What must happen in ten runs, or they test little: sagas that turn back, a check-in that is undone, a hold that ends by
/// itself, an audit that does not go through, a night that is full, nights that are amended, carts, types and rooms that are deleted,
/// money that comes and goes.
const RARE: [&str; 11] = [
    "reservations saga TurnedBack",
    "reservations reservation Unarrived",
    "inventory ledger HoldExpired",
    "stays day AuditReopened",
    "refused night-sold-out",
    "inventory ledger Amended",
    "inventory ledger HoldExtended",
    "inventory ledger TypeRemoved",
    "stays rack RoomsRemoved",
    "payments payment Captured",
    "payments payment Refunded",
];

/// Ten runs from a seed, each twice: the same trace, and nothing that must not be.
fn ten_runs_twice(first: u64) {
    let (mut fired, mut happened): (BTreeMap<String, u64>, BTreeMap<String, u64>) = Default::default();
    let mut bookings = 0;
    for seed in first..first + 10 {
        let (run, again) = (Simulation::run(seed, &Options::default()), Simulation::run(seed, &Options::default()));
        let stories: Vec<_> = run.violations.iter().map(|v| format!("seed {seed}, {}: {}", v.invariant, v.story)).collect();
        assert_eq!(stories, Vec::<String>::new());
        assert_eq!(run.trace_hash, again.trace_hash, "seed {seed} does not replay to the same trace");
        bookings += run.bookings;
        run.faults.into_iter().for_each(|(class, times)| *fired.entry(class).or_default() += times);
        run.happened.into_iter().for_each(|(what, times)| *happened.entry(what).or_default() += times);
    }
    assert!(bookings > 50, "{bookings} bookings in ten runs are no load");
    let missing: Vec<_> = CLASSES.iter().filter(|class| fired.get(**class).is_none_or(|n| *n == 0)).collect();
    assert!(missing.is_empty(), "no fault of these classes has fired: {missing:?}");
    let missing: Vec<_> = RARE.iter().filter(|what| !happened.contains_key(**what)).collect();
    assert!(missing.is_empty(), "these have not happened: {missing:?}");
}

#[test]
fn ten_runs_hold_and_replay_to_the_same_trace() {
    ten_runs_twice(1);
}

#[test]
fn ten_more_runs_hold_and_replay_to_the_same_trace() {
    ten_runs_twice(101);
}

#[test]
fn and_ten_more() {
    ten_runs_twice(10_001);
}

#[test]
fn every_mutant_is_noticed() {
    for (name, protocol) in MUTANTS {
        let run = noticed_at(1, protocol, &mut || {});
        assert!(run.is_some(), "the mutant without {name} was not noticed");
    }
}

#[test]
fn a_run_prints_its_hash() {
    println!("{}", Simulation::run(7, &Options::default()).trace_hash);
}

#[test]
fn two_processes_make_the_same_run() {
    let this = std::env::current_exe().expect("this test binary");
    let child = std::process::Command::new(this).args(["--exact", "a_run_prints_its_hash", "--nocapture"]).output().expect("a child");
    let hash = Simulation::run(7, &Options::default()).trace_hash;
    assert_eq!(hash.len(), 64);
    assert!(String::from_utf8_lossy(&child.stdout).contains(&hash), "another process makes another run of seed 7");
}
