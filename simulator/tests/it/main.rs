//! Campaigns small enough for every day.

use simulator::{Options, Simulation};

#[test]
#[ignore]
fn try_out() {
    let env = |name: &str, default: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (first, runs) = (env("SEED", 1), env("RUNS", 1));
    let which = env("MUTANT", 99) as usize;
    let mut options = Options::default();
    options.steps = env("STEPS", options.steps as u64) as u32;
    if let Some((_, protocol)) = simulator::campaign::MUTANTS.get(which) {
        options.protocol = *protocol;
    }
    let twice = env("TWICE", 0) == 1;
    let began = std::time::Instant::now();
    let mut bad = 0;
    for seed in first..first + runs {
        let run = Simulation::run(seed, &options);
        println!(
            "seed {seed}: {} bookings, wishes {:?}, {} lines, faults {:?}, hash {} t {:?}",
            run.bookings,
            run.wishes,
            run.trace.len(),
            run.faults,
            &run.trace_hash[..run.trace_hash.len().min(8)],
            run.trace.last()
        );
        if !run.violations.is_empty() {
            bad += 1;
        }
        for v in run.violations.iter().take(3) {
            println!("  VIOLATION {}: {}", v.invariant, v.story);
        }
        if twice {
            let again = Simulation::run(seed, &options);
            if let Some(i) = (0..run.trace.len().max(again.trace.len())).find(|i| run.trace.get(*i) != again.trace.get(*i)) {
                println!("  DIFFERS at {i}: {:?} / {:?}", run.trace.get(i), again.trace.get(i));
            }
        }
        if env("TRACE", 0) == 1 {
            for line in &run.trace {
                println!("    {line}");
            }
        }
    }
    println!("{} bad of {} in {:?}", bad, runs, began.elapsed());
}
