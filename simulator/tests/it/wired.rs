//! The house over real HTTP/2.

use simulator::options::Wire;
use simulator::{Options, Simulation};

const OVER_HTTP2: fn() -> Options = || Options { wire: Wire::Turmoil, ..Options::default() };

#[test]
fn try_one() {
    let seeds: Vec<u64> = std::env::var("SEEDS").unwrap_or("1".into()).split(',').map(|s| s.parse().unwrap()).collect();
    for seed in seeds {
        let t = std::time::Instant::now();
        let run = Simulation::run(seed, &OVER_HTTP2());
        eprintln!("seed {seed}: {:?} bookings {} wishes {:?} {:?}", t.elapsed(), run.bookings, run.wishes, run.faults);
        eprintln!("last: {:?} lines {}", run.trace.last(), run.trace.len());
        for v in &run.violations { eprintln!("VIOLATION {} {}", v.invariant, v.story.chars().take(1500).collect::<String>()); }
        if std::env::var("DUMP").is_ok() { std::fs::write(format!("/tmp/wtc-trace-{seed}"), run.trace.join("\n")).unwrap(); }
        if std::env::var("TWICE").is_ok() { let again = Simulation::run(seed, &OVER_HTTP2()); eprintln!("same {}", again.trace_hash == run.trace_hash);
          if again.trace_hash != run.trace_hash { let i = again.trace.iter().zip(&run.trace).position(|(a,b)| a!=b); if let Some(i) = i { eprintln!("{}\n{}", again.trace[i], run.trace[i]); } } }
    }
}
#[test]
fn try_memory() {
    for seed in 1..4 {
        let t = std::time::Instant::now();
        let run = Simulation::run(seed, &Options::default());
        eprintln!("seed {seed}: {:?} bookings {} {:?}", t.elapsed(), run.bookings, run.trace.last());
    }
}
