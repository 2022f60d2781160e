//! The house over real HTTP/2: what holds in memory holds on connections, and a connection that is dead without a word
//! is noticed.

use std::collections::BTreeMap;

use kernel::Protocol;
use simulator::options::Wire;
use simulator::wired::healing;
use simulator::{Options, Simulation, Wires};

/// Seeds whose runs, between them, crash machines in the middle of commits, cut links and hold them up.
const SEEDS: [u64; 2] = [6, 9];

fn over_http2() -> Options {
    Options { wire: Wire::Turmoil, ..Options::default() }
}

#[test]
fn runs_over_http2_hold_and_replay_to_the_same_trace() {
    let mut fired: BTreeMap<String, u64> = BTreeMap::new();
    let mut bookings = 0;
    for seed in SEEDS {
        let (run, again) = (Simulation::run(seed, &over_http2()), Simulation::run(seed, &over_http2()));
        let stories: Vec<_> = run.violations.iter().map(|v| format!("seed {seed}, {}: {}", v.invariant, v.story)).collect();
        assert_eq!(stories, Vec::<String>::new());
        assert_eq!(run.trace_hash, again.trace_hash, "seed {seed} does not replay to the same trace");
        bookings += run.bookings;
        run.faults.into_iter().for_each(|(class, times)| *fired.entry(class).or_default() += times);
    }
    assert!(bookings > 20, "{bookings} bookings are no load");
    let missing = |class: &&&str| fired.get(**class).is_none_or(|times| *times == 0);
    let classes = ["crash", "lost-tail", "torn-batch", "kept-tail", "partition", "delay", "provider-lost", "archive-lost", "pruned"];
    assert_eq!(classes.iter().filter(missing).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn a_run_over_http2_prints_its_hash() {
    println!("{}", Simulation::run(3, &Options { steps: 2, ..over_http2() }).trace_hash);
}

#[test]
fn two_processes_make_the_same_run_over_http2() {
    let this = std::env::current_exe().expect("this test binary");
    let args = ["--exact", "wired::a_run_over_http2_prints_its_hash", "--nocapture"];
    let child = std::process::Command::new(this).args(args).output().expect("a child");
    let hash = Simulation::run(3, &Options { steps: 2, ..over_http2() }).trace_hash;
    assert_eq!(hash.len(), 64);
    assert!(String::from_utf8_lossy(&child.stdout).contains(&hash), "another process makes another run of seed 3");
}

/// That this can fail is shown by the known-bad protocol without pings, which `every_mutant_is_noticed` tries.
#[test]
fn a_partition_that_heals_leaves_nobody_wedged() {
    assert_eq!(healing::check(1, Protocol::SOUND).iter().map(|v| &v.story).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn without_pings_everybody_stays_wedged() {
    assert_eq!(healing::check(1, Protocol { pings: false, ..Protocol::SOUND }).len(), 2);
}

#[test]
fn three_of_a_hundred_runs_are_over_http2() {
    assert_eq!((0..100).filter(|n| Wires::Mixed.of(*n) == Wire::Turmoil).count(), 3);
    assert!((0..100).all(|n| Wires::All(Wire::Turmoil).of(n) == Wire::Turmoil && Wires::All(Wire::Memory).of(n) == Wire::Memory));
}
