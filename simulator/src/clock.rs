//! The clock of a run: simulated time, counted from a fixed instant.

use kernel::{Clock, Timestamp};
use tokio::time::Instant;

/// When every run begins (2026-06-01T00:00:00Z), microseconds since 1970.
const BEGIN: Timestamp = Timestamp(1_780_272_000_000_000);

/// Simulated time.
#[derive(Clone, Copy, Debug)]
pub enum SimClock {
    /// Tokio's paused time since this instant: all machines share one runtime.
    Paused(Instant),
    /// Turmoil's: each machine has a runtime of its own, and a new one after each crash.
    Turmoil,
}

impl SimClock {
    /// A clock that begins now.
    pub fn start() -> Self {
        Self::Paused(Instant::now())
    }

    /// Milliseconds since the run began.
    pub fn ms(&self) -> i64 {
        self.now().ms_since(BEGIN)
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let passed = match self {
            Self::Paused(begin) => Instant::now().saturating_duration_since(*begin),
            Self::Turmoil => turmoil::sim_elapsed().unwrap_or_default(),
        };
        Timestamp(BEGIN.0 + passed.as_micros() as i64)
    }
}
