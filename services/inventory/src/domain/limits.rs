//! Sell limits: a standing one and dated ones over it; the last set wins.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The limits of a room type or of the house.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// For every night without a dated one. A type without limit cannot be sold.
    pub standing: u32,
    /// `(from, to, limit)` for nights of `[from, to)`, in the order they were set.
    pub dated: Vec<(Date, Date, u32)>,
}

impl Limits {
    /// How many may be sold or held for a night.
    pub fn of(&self, night: Date) -> u32 {
        let dated = self.dated.iter().rev().find(|(from, to, _)| *from <= night && night < *to);
        dated.map_or(self.standing, |(_, _, limit)| *limit)
    }

    /// The highest limit of any night from a date on.
    pub fn highest_from(&self, date: Date) -> u32 {
        let dated = self.dated.iter().filter(|(_, to, _)| *to > date);
        let nights = dated.clone().flat_map(|(from, to, _)| [*from, *to]).filter(|night| *night > date).chain([date, Date::MAX]);
        // Between two borders nothing changes: the first night after each tells for all up to the next.
        nights.map(|night| self.of(night)).max().unwrap_or(0)
    }

    /// Sets the standing limit, or a dated one.
    pub fn set(&mut self, from: Option<Date>, to: Option<Date>, limit: u32) {
        match (from, to) {
            (None, None) => self.standing = limit,
            (from, to) => self.dated.push((from.unwrap_or(Date::MIN), to.unwrap_or(Date::MAX), limit)),
        }
    }

    /// Forgets dated limits that end before a date.
    pub fn forget_before(&mut self, date: Date) {
        self.dated.retain(|(_, to, _)| *to > date);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_last_dated_limit_wins_over_the_standing_one() {
        let mut limits = Limits { standing: 10, dated: vec![] };
        limits.set(Some(date(2026, 6, 1)), Some(date(2026, 7, 1)), 12);
        limits.set(Some(date(2026, 6, 10)), Some(date(2026, 6, 11)), 3);
        assert_eq!([date(2026, 5, 31), date(2026, 6, 9), date(2026, 6, 10), date(2026, 7, 1)].map(|n| limits.of(n)), [10, 12, 3, 10]);
    }

    #[test]
    fn the_highest_limit_counts_nights_that_have_not_passed() {
        let mut limits = Limits { standing: 0, dated: vec![] };
        assert_eq!(limits.highest_from(date(2026, 6, 1)), 0);
        limits.set(Some(date(2026, 6, 1)), Some(date(2026, 6, 10)), 5);
        assert_eq!([1, 9, 10].map(|day| limits.highest_from(date(2026, 6, day))), [5, 5, 0]);
        limits.set(Some(date(2026, 6, 1)), Some(date(2026, 6, 10)), 0);
        assert_eq!(limits.highest_from(date(2026, 6, 1)), 0);
        limits.set(None, None, 3);
        assert_eq!(limits.highest_from(date(2026, 6, 1)), 3);
    }
}
