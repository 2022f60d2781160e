//! How fast a hub may tell its desks. A desk is told of one change at once; a flood must not slow the house that makes it.
//! The cost of telling grows with listeners and rows, so the pause until the next look grows with them: telling takes about
//! one per cent of a processor, whatever happens. What has not been told in one look is told in the next, each bar once, in
//! its present state. And where a look finds more than stays tells in one answer, the desks are sent to fetch the whole, once
//! in a while, and nothing is told in between.

use std::time::Duration;

use tokio::time::Instant;

/// Changes of one bar within this time are told as one.
pub const COALESCED: Duration = Duration::from_millis(100);
/// After a reset nothing is told for so long.
pub const QUIET: Duration = Duration::from_secs(10);
/// Rows of one answer of stays; more is a reset.
pub const ROWS_MAX: usize = 500;
/// A pause is never longer: a desk that is told so late would rather fetch the whole.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Telling one listener of one row costs about a microsecond, its write about five: a hundred times that is one per cent.
const PAUSE_PER_ROW: Duration = Duration::from_micros(100);
/// What a write costs, in rows.
const ROWS_PER_WRITE: usize = 5;
/// What asking for a row, naming it and rendering it costs, in listeners.
const LISTENERS_PER_ROW: usize = 20;

/// The pause after so many rows to so many listeners.
pub fn pause(listeners: usize, rows: usize) -> Duration {
    let cost = listeners.saturating_add(LISTENERS_PER_ROW).saturating_mul(rows.saturating_add(ROWS_PER_WRITE));
    let told = u32::try_from(cost).unwrap_or(u32::MAX);
    PAUSE_PER_ROW.saturating_mul(told).clamp(COALESCED, PAUSE_MAX)
}

/// When a listener that could not keep up was last sent to fetch the whole: not again for a while, but then surely.
#[derive(Clone, Copy, Debug, Default)]
pub struct Behind {
    quiet_until: Option<Instant>,
    is_owed: bool,
}

impl Behind {
    /// It has missed something; whether to tell it now.
    pub fn missed(&mut self, now: Instant) -> bool {
        if self.quiet_until.is_some_and(|until| now < until) {
            self.is_owed = true;
            return false;
        }
        *self = Self { quiet_until: Some(now + QUIET), is_owed: false };
        true
    }

    /// When a reset that could not be told yet is due.
    pub fn due(&self) -> Option<Instant> {
        self.quiet_until.filter(|_| self.is_owed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_is_told_at_once_and_a_flood_slows_down() {
        assert_eq!(pause(2, 1), COALESCED);
        assert_eq!(pause(100, 1), COALESCED);
        assert_eq!(pause(100, 40), Duration::from_millis(540));
        assert_eq!(pause(1, 40), COALESCED);
        assert_eq!(pause(1, 245), Duration::from_millis(525), "rows cost something without listeners, too");
        assert_eq!(pause(100, 500), PAUSE_MAX);
        assert_eq!(pause(usize::MAX, usize::MAX), PAUSE_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_behind_is_told_once_and_again_only_later() {
        let (mut behind, start) = (Behind::default(), Instant::now());
        assert!(behind.missed(start));
        assert_eq!(behind.due(), None);
        assert!(!behind.missed(start + QUIET / 2));
        assert_eq!(behind.due(), Some(start + QUIET), "what was missed in the meantime is not forgotten");
        assert!(behind.missed(start + QUIET));
        assert_eq!(behind.due(), None);
    }
}
