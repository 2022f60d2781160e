//! The clock of a run: tokio's paused time, counted from a fixed instant.

use kernel::{Clock, Timestamp};
use tokio::time::Instant;

/// When every run begins (2026-06-01T00:00:00Z), microseconds since 1970.
const BEGIN: Timestamp = Timestamp(1_780_272_000_000_000);

/// Simulated time.
#[derive(Clone, Copy, Debug)]
pub struct SimClock(Instant);

impl SimClock {
    /// A clock that begins now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the run began.
    pub fn ms(&self) -> i64 {
        self.now().ms_since(BEGIN)
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp(BEGIN.0 + Instant::now().saturating_duration_since(self.0).as_micros() as i64)
    }
}
