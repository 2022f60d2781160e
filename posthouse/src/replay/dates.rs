//! Business dates as plain day numbers: the replay adds and compares them a million times and prints some.

use std::fmt;

/// A civil date, counted in days from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// Days between 0000-03-01, where the arithmetic starts its years, and 1970-01-01.
const EPOCH: i64 = 719_468;

impl Day {
    /// The date, if the calendar has it.
    pub fn of(year: i32, month: u32, day: u32) -> Option<Day> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // Years begin in March, so that the leap day is the last of its year.
        let shifted = i64::from(year) - i64::from(month <= 2);
        let century = shifted.div_euclid(400);
        let of_era = shifted.rem_euclid(400);
        let month_from_march = i64::from((month + 9) % 12);
        let of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
        let of_cycle = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        let found = Day(i32::try_from(century * 146_097 + of_cycle - EPOCH).ok()?);
        (found.civil() == (year, month, day)).then_some(found)
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Day> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten();
        Day::of(i32::try_from(number(text.get(..4)?)?).ok()?, number(text.get(5..7)?)?, number(text.get(8..)?)?)
    }

    /// The day `days` later (or earlier).
    pub fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// Year, month and day.
    pub fn civil(self) -> (i32, u32, u32) {
        let z = i64::from(self.0) + EPOCH;
        let era = z.div_euclid(146_097);
        let of_era = z.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * march + 2) / 5 + 1;
        let month = if march < 10 { march + 3 } else { march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year as i32, month as u32, day as u32)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_the_way_to_a_number_and_back() {
        assert_eq!(Day::of(1970, 1, 1), Some(Day(0)));
        assert_eq!(Day::of(2016, 2, 29).map(|d| d.plus(1).to_string()).as_deref(), Some("2016-03-01"));
        for n in -200_000..200_000 {
            let (y, m, d) = Day(n).civil();
            assert_eq!(Day::of(y, m, d), Some(Day(n)));
        }
    }

    #[test]
    fn what_the_calendar_has_not_is_refused() {
        for text in ["2015-02-29", "2015-13-01", "2015-00-10", "2015-1-01", "20150101", "2015-01-01T", "+015-01-01", "éé15-01-1"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert_eq!(Day::parse("2015-07-01").map(|d| d.to_string()).as_deref(), Some("2015-07-01"));
    }
}
