//! The operator's hand on a breaker: whose it is, why, and until when. It lets go by itself: what somebody forced at night
//! must not be in force in a month, when nobody remembers. No task watches it: whoever comes by next looks at the time.

use std::time::Duration;

use kernel::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

/// A hand lies on a breaker for so long at most, in minutes.
pub const MINUTES_MAX: u64 = 240;

/// Who has put a breaker by hand, and until when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hand {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it lets go, for people.
    pub until: Timestamp,
    /// The same on the clock that the breaker goes by.
    #[serde(skip)]
    pub ends: Instant,
}

impl Hand {
    /// A hand that lets go after so many minutes ([`MINUTES_MAX`] at most).
    pub fn new(by: &str, reason: &str, minutes: u64, now: Timestamp) -> Self {
        let minutes = minutes.min(MINUTES_MAX);
        let until = now.plus_ms(i64::try_from(minutes * 60_000).unwrap_or(i64::MAX));
        Self { by: by.to_owned(), reason: reason.to_owned(), until, ends: Instant::now() + Duration::from_secs(minutes * 60) }
    }
}
