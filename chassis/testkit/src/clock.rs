//! Time as tokio has it: with a paused runtime it moves only when everybody waits.

use kernel::{Clock, Timestamp};

/// 2026-01-01T00:00:00Z.
const START_US: i64 = 1_767_225_600_000_000;

/// A clock that starts on 1 January 2026 and runs with tokio's.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock(tokio::time::Instant);

impl TokioClock {
    /// Starts now.
    pub fn start() -> Self {
        Self(tokio::time::Instant::now())
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp(START_US + self.0.elapsed().as_micros() as i64)
    }
}

/// A clock that stands still: the same history gives the same hashes on every store.
#[derive(Clone, Copy, Debug)]
pub struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp(START_US)
    }
}
