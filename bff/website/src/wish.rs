//! What somebody looks for: dates and guests, as they stand in addresses and forms.

use jiff::civil::Date;
use kernel::Money;
use serde::{Deserialize, Serialize};

use crate::house::plus;

/// Nights of one stay that the website sells.
pub const NIGHTS_MAX: i32 = 30;
/// Days ahead that the website sells.
pub const AHEAD_MAX: i64 = 365;
/// Guests of one room, of each kind.
pub const GUESTS_MAX: u32 = 8;

/// As it was asked: nothing of it is checked, so that a mistake can be shown where it was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The hotel.
    #[serde(default)]
    pub hotel: Option<String>,
    /// First night.
    #[serde(default)]
    pub from: Option<String>,
    /// Day of departure.
    #[serde(default)]
    pub to: Option<String>,
    /// Adults.
    #[serde(default)]
    pub adults: Option<String>,
    /// Children.
    #[serde(default)]
    pub children: Option<String>,
    /// The month of the calendar, `2027-03`.
    #[serde(default)]
    pub month: Option<String>,
    /// A type that has just been lost to somebody else.
    #[serde(default)]
    pub lost: Option<String>,
    /// A type whose price has changed since it was seen.
    #[serde(default)]
    pub changed: Option<String>,
    /// What it was, in minor units.
    #[serde(default)]
    pub was: Option<String>,
}

/// A stay somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// First night.
    pub from: Date,
    /// Day of departure.
    pub to: Date,
    /// Adults.
    pub adults: u32,
    /// Children.
    pub children: u32,
}

/// What is wrong with a form: the field, and the key of the text.
pub type Problem = (&'static str, &'static str);

impl Wish {
    /// Tomorrow for two nights, for two.
    pub fn usual(today: Date) -> Self {
        Self { from: plus(today, 1), to: plus(today, 3), adults: 2, children: 0 }
    }

    /// Reads what was asked; what was not asked is as usual. With mistakes it is the nearest that makes sense.
    pub fn read(asked: &Asked, today: Date) -> (Self, Vec<Problem>) {
        let (usual, mut problems) = (Self::usual(today), Vec::new());
        let date = |text: &Option<String>, field, problems: &mut Vec<Problem>| match text.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => text.parse::<Date>().map_err(|_| problems.push((field, "wish-date"))).ok(),
        };
        let (from, to) = (date(&asked.from, "from", &mut problems), date(&asked.to, "to", &mut problems));
        let from = from.unwrap_or_else(|| to.map_or(usual.from, |to| plus(to, -2).max(today)));
        let to = to.unwrap_or_else(|| plus(from, 2));
        if from < today {
            problems.push(("from", "wish-past"));
        } else if from > plus(today, AHEAD_MAX) {
            problems.push(("from", "wish-far"));
        }
        if to <= from {
            problems.push(("to", "wish-order"));
        } else if (to - from).get_days() > NIGHTS_MAX {
            problems.push(("to", "wish-long"));
        }
        let count = |text: &Option<String>, usual: u32, least: u32| match text.as_deref().map(str::trim) {
            None | Some("") => Some(usual),
            Some(text) => text.parse().ok().filter(|n| (least..=GUESTS_MAX).contains(n)),
        };
        let (adults, children) = (count(&asked.adults, usual.adults, 1), count(&asked.children, usual.children, 0));
        if adults.is_none() {
            problems.push(("adults", "wish-adults"));
        }
        if children.is_none() {
            problems.push(("children", "wish-children"));
        }
        let from = from.clamp(today, plus(today, AHEAD_MAX));
        let to = if to <= from || (to - from).get_days() > NIGHTS_MAX { plus(from, 2) } else { to };
        (Self { from, to, adults: adults.unwrap_or(usual.adults), children: children.unwrap_or(usual.children) }, problems)
    }

    /// How many nights.
    pub fn nights(&self) -> i32 {
        (self.to - self.from).get_days()
    }

    /// How many sleep there.
    pub fn guests(&self) -> u32 {
        self.adults + self.children
    }

    /// What all nights cost.
    pub fn total(&self, price: Money) -> Option<Money> {
        price.times(i64::from(self.nights()))
    }

    /// The same from another day.
    pub fn moved(&self, from: Date) -> Self {
        Self { from, to: plus(from, i64::from(self.nights())), ..*self }
    }

    /// As it stands in an address.
    pub fn query(&self) -> String {
        format!("from={}&to={}&adults={}&children={}", self.from, self.to, self.adults, self.children)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read(from: &str, to: &str, adults: &str) -> (Wish, Vec<Problem>) {
        let some = |text: &str| Some(text.to_owned());
        Wish::read(&Asked { from: some(from), to: some(to), adults: some(adults), ..Asked::default() }, date(2027, 3, 10))
    }

    #[test]
    fn what_is_not_said_is_tomorrow_for_two_nights_for_two() {
        let (wish, problems) = Wish::read(&Asked::default(), date(2027, 3, 10));
        assert_eq!((wish.from, wish.to, wish.adults, wish.children), (date(2027, 3, 11), date(2027, 3, 13), 2, 0));
        assert!(problems.is_empty());
        assert_eq!(read("2027-04-01", "", "2").0.to, date(2027, 4, 3));
    }

    #[test]
    fn mistakes_are_named_and_the_nearest_stay_is_shown() {
        assert_eq!(read("2027-03-09", "2027-03-12", "2").1, [("from", "wish-past")]);
        assert_eq!(read("2027-03-12", "2027-03-12", "2").1, [("to", "wish-order")]);
        assert_eq!(read("2027-03-12", "2027-05-12", "2").1, [("to", "wish-long")]);
        assert_eq!(read("2029-03-12", "2029-03-13", "2").1, [("from", "wish-far")]);
        assert_eq!(read("31.3.2027", "", "0").1, [("from", "wish-date"), ("adults", "wish-adults")]);
        let (wish, _) = read("2027-03-01", "2027-02-01", "99");
        assert_eq!((wish.from, wish.nights(), wish.adults), (date(2027, 3, 10), 2, 2));
    }

    #[test]
    fn a_total_is_nights_times_price_or_nothing() {
        let wish = read("2027-03-27", "2027-03-30", "2").0;
        let money = |amount| Money { amount, currency: kernel::money::Currency::parse("EUR").expect("a code") };
        assert_eq!(wish.total(money(12_900)), Some(money(38_700)));
        assert_eq!(wish.total(money(i64::MAX)), None, "what cannot be counted is not shown");
        assert_eq!(wish.moved(date(2027, 12, 30)).to, date(2028, 1, 2));
    }
}
