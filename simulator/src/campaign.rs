//! Many runs, and the mutants: protocols known to be bad, each of which the checker must notice within a few runs.

use std::collections::BTreeMap;

use kernel::Protocol;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::checker::Violation;
use crate::options::{CLASSES, Options, Wire};
use crate::run::Simulation;
use crate::wired::healing;

/// A mutant that has survived so many runs counts as not noticed.
pub const MUTANT_RUNS_MAX: u32 = 30;

/// The mutants: what each does not do, and its protocol.
pub const MUTANTS: [(&str, Protocol); 4] = [
    ("reply-after-commit", Protocol { reply_after_commit: false, ..Protocol::SOUND }),
    ("tombstones", Protocol { tombstones: false, ..Protocol::SOUND }),
    ("unknown-pivot-waits", Protocol { unknown_pivot_waits: false, ..Protocol::SOUND }),
    ("pings", Protocol { pings: false, ..Protocol::SOUND }),
];

/// With wires mixed, one run of so many is over HTTP/2.
pub const MIXED_EVERY: u32 = 30;

/// What carries the messages of the runs of a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wires {
    /// In every run this one.
    All(Wire),
    /// Memory, and HTTP/2 in a few of a hundred: those are slower, and find other things.
    #[default]
    Mixed,
}

impl Wires {
    /// What carries the messages of run `n`, from 0.
    pub fn of(self, n: u32) -> Wire {
        match self {
            Self::All(wire) => wire,
            Self::Mixed if n % MIXED_EVERY == MIXED_EVERY - 1 => Wire::Turmoil,
            Self::Mixed => Wire::Memory,
        }
    }
}

/// What a campaign has shown.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// Runs of the sound protocol.
    pub runs: u32,
    /// How many of them were over HTTP/2.
    pub over_http2: u32,
    /// Reservations confirmed in them.
    pub bookings: u64,
    /// How often each class of faults has fired in them.
    pub faults: BTreeMap<String, u64>,
    /// Classes that have not fired: what they would have done has not been tested.
    pub missing_faults: Vec<String>,
    /// What must not be and was, under the sound protocol.
    pub violations: Vec<Violation>,
    /// SHA-256 over the trace hashes of the runs.
    pub trace_hash: String,
    /// At which run each mutant was noticed, from 1; `None` when it was not.
    pub mutants: BTreeMap<String, Option<u32>>,
}

impl Report {
    /// Whether the sound protocol has held, every class of faults has fired and every mutant was noticed.
    pub fn is_good(&self) -> bool {
        self.violations.is_empty() && self.missing_faults.is_empty() && self.mutants.values().all(Option::is_some)
    }
}

/// Runs the sound protocol with `runs` seeds from `seed` on over these wires, then each mutant until it is noticed. Blocks; tells after each
/// run, the mutants' included, how many there have been.
pub fn campaign(seed: u64, runs: u32, wires: Wires, progress: &mut dyn FnMut(u32)) -> Report {
    let (mut bookings, mut over_http2, mut violations, mut done) = (0, 0, Vec::new(), 0);
    let mut faults: BTreeMap<String, u64> = CLASSES.iter().map(|class| ((*class).to_owned(), 0)).collect();
    let mut trace = Sha256::new();
    let mut step = || {
        done += 1;
        progress(done);
    };
    for (n, seed) in (0..).zip(seeds(seed, runs)) {
        let wire = wires.of(n);
        over_http2 += u32::from(wire == Wire::Turmoil);
        let run = Simulation::run(seed, &Options { wire, ..Options::default() });
        bookings += run.bookings;
        run.faults.iter().for_each(|(class, times)| *faults.entry(class.clone()).or_default() += times);
        violations.extend(run.violations);
        trace.update(&run.trace_hash);
        step();
    }
    if over_http2 > 0 {
        violations.extend(healing::check(seed, Protocol::SOUND));
    }
    let mutants = MUTANTS.map(|(name, protocol)| (name.to_owned(), noticed_at(seed, protocol, &mut step)));
    Report {
        seed,
        runs,
        over_http2,
        bookings,
        missing_faults: faults.iter().filter(|(_, times)| **times == 0).map(|(class, _)| class.clone()).collect(),
        faults,
        violations,
        trace_hash: eventstore::chain::hex(&trace.finalize()),
        mutants: mutants.into(),
    }
}

/// The run, from 1, in which a protocol is noticed.
pub fn noticed_at(seed: u64, protocol: Protocol, step: &mut dyn FnMut()) -> Option<u32> {
    let options = Options { protocol, ..Options::default() };
    let noticed = seeds(seed, MUTANT_RUNS_MAX).position(|seed| {
        step();
        // A connection can be wedged only where there is one, and a breaker that opens would help it.
        let violations = if protocol.pings { Simulation::run(seed, &options).violations } else { healing::check(seed, protocol) };
        !violations.is_empty()
    });
    noticed.map(|run| run as u32 + 1)
}

fn seeds(first: u64, runs: u32) -> impl Iterator<Item = u64> {
    (0..u64::from(runs)).map(move |n| first.wrapping_add(n))
}
