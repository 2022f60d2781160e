//! The retry budget: an answer earns a tenth of a retry, so in the long run at most every eleventh attempt is one. Retries
//! sustain most outages; without a budget they are the outage.
//!
//! An empty budget still lets a single retry through, once a second at first and ever more rarely: a saga that is alone in
//! the world must come to its end, and its patience must not be used up by waiting for the budget.

use std::time::Duration;

use tokio::time::Instant;

/// What one retry costs, in tenths.
const RETRY_TENTHS: u32 = 10;
/// A budget at the start: ten retries.
const START_TENTHS: u32 = 100;
/// The most that is saved up: a hundred retries.
const SAVED_TENTHS_MAX: u32 = 1_000;
/// With nothing saved, one retry is let through after so long.
const TRICKLE_MIN: Duration = Duration::from_secs(1);
/// And after so long at the latest, however long nothing good was heard.
const TRICKLE_MAX: Duration = Duration::from_secs(10);
/// Of the time nothing good was heard, such a part is waited for.
const TRICKLE_PART: u32 = 30;

/// The budget of one peer.
#[derive(Clone, Debug)]
pub struct Budget {
    tenths: u32,
    /// The first retry since the last good answer.
    quiet_since: Option<Instant>,
    last: Option<Instant>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { tenths: START_TENTHS, quiet_since: None, last: None }
    }
}

impl Budget {
    /// The peer has answered well.
    pub fn earn(&mut self) {
        self.tenths = (self.tenths + 1).min(SAVED_TENTHS_MAX);
        self.quiet_since = None;
    }

    /// A retry has met a good answer: it costs nothing. After an outage what has been waiting for its retry then goes as
    /// fast as the peer answers; while the outage lasts nothing comes back.
    pub fn give_back(&mut self) {
        self.tenths = (self.tenths + RETRY_TENTHS).min(SAVED_TENTHS_MAX);
    }

    /// Takes one retry out; false when there is none.
    pub fn take(&mut self, now: Instant) -> bool {
        let quiet = now.saturating_duration_since(*self.quiet_since.get_or_insert(now));
        let wait = (quiet / TRICKLE_PART).clamp(TRICKLE_MIN, TRICKLE_MAX);
        if self.tenths >= RETRY_TENTHS {
            self.tenths -= RETRY_TENTHS;
        } else if self.last.is_some_and(|last| now.saturating_duration_since(last) < wait) {
            return false;
        }
        self.last = Some(now);
        true
    }

    /// Retries that are saved up.
    pub fn retries(&self) -> f64 {
        f64::from(self.tenths) / f64::from(RETRY_TENTHS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ten_answers_earn_a_retry_and_savings_have_a_limit() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        assert_eq!((0..20).filter(|_| budget.take(now)).count(), 10, "the start");
        (0..9).for_each(|_| budget.earn());
        assert!(!budget.take(now));
        budget.earn();
        assert!(budget.take(now) && !budget.take(now));
        (0..5_000).for_each(|_| budget.earn());
        assert_eq!((0..500).filter(|_| budget.take(now)).count(), 100);
    }

    #[test]
    fn retries_that_meet_good_answers_follow_each_other_at_once() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        while budget.take(now) {}
        let later = now + TRICKLE_MAX;
        for _ in 0..60 {
            assert!(budget.take(later), "the one before has given its retry back");
            budget.earn();
            budget.give_back();
        }
        let left = (0..100).filter(|_| budget.take(later)).count();
        assert!(left < 10, "those that meet nothing good give nothing back, and {left} were earned");
    }

    #[test]
    fn an_empty_budget_lets_one_retry_through_ever_more_rarely() {
        let (mut budget, mut now) = (Budget::default(), Instant::now());
        while budget.take(now) {}
        let began = now;
        let mut through = Vec::new();
        for _ in 0..100_000 {
            now += Duration::from_millis(10);
            if budget.take(now) {
                through.push((now - began).as_secs());
            }
        }
        assert_eq!((through.len(), through[..20].to_vec()), (167, (1..=20).collect()), "{through:?}");
        assert!(through[through.len() - 2..].windows(2).all(|pair| pair[1] - pair[0] == 10), "{through:?}");
        budget.earn();
        assert!(budget.take(now) && !budget.take(now));
        assert!(budget.take(now + TRICKLE_MIN), "a peer that answers is asked soon");
    }

    proptest! {
        #[test]
        fn retries_never_exceed_what_was_earned(answers in prop::collection::vec(any::<bool>(), 0..2_000)) {
            let (mut budget, now) = (Budget::default(), Instant::now());
            let (mut earned, mut taken) = (0u32, 0u32);
            for answer in answers {
                if answer {
                    budget.earn();
                    earned += 1;
                } else {
                    taken += u32::from(budget.take(now));
                }
                prop_assert!(taken <= 10 + earned / 10);
            }
        }
    }
}
