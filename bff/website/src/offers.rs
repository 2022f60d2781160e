//! What of a hotel suits a wish: offers, and for what does not, why not and when instead.

use jiff::civil::Date;
use kernel::Money;
use serde::Serialize;

use crate::house::{Free, Hotel, RoomType, plus};
use crate::wish::Wish;

/// Scarcity is told from here on down.
const FEW: i64 = 3;
/// How far away other dates may be, days.
pub const AROUND: i64 = 14;
/// Other dates that are named.
const OTHERS_MAX: usize = 2;

/// A room type for a wish.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offer {
    /// Its code.
    pub room_type: String,
    /// Its name.
    pub name: String,
    /// How many it takes.
    pub sleeps: u32,
    /// A night.
    pub price: Money,
    /// The whole stay, tax included.
    pub total: Money,
    /// `free`, `full`, `small`, `unknown`.
    pub state: &'static str,
    /// How many are left, when they are few.
    pub few: Option<i64>,
    /// The nearest stays of the same length, when these dates are full.
    pub others: Vec<Wish>,
    /// What a night cost when it was seen, when that has changed.
    pub was: Option<Money>,
    /// The checkout its button opens.
    pub checkout: String,
}

/// All types with a price: what can be had first, cheapest first.
pub fn offers(hotel: &Hotel, wish: &Wish, free: Option<&Free>, today: Date) -> Vec<Offer> {
    let mut all: Vec<Offer> = hotel.room_types.iter().filter_map(|t| offer(hotel, t, wish, free, today)).collect();
    let rank = |state: &str| ["free", "unknown", "full", "small"].iter().position(|s| *s == state);
    all.sort_by_key(|offer| (rank(offer.state), offer.price.amount));
    all
}

fn offer(hotel: &Hotel, t: &RoomType, wish: &Wish, free: Option<&Free>, today: Date) -> Option<Offer> {
    let price = t.price?;
    let total = wish.total(price)?;
    let left = free.and_then(|free| free.left(&t.room_type, wish.from, wish.to));
    let state = match left {
        _ if t.takes() < wish.guests() => "small",
        _ if hotel.closed => "full",
        None => "unknown",
        Some(left) if left > 0 => "free",
        Some(_) => "full",
    };
    let others = match (state, free) {
        ("full", Some(free)) if !hotel.closed => {
            nearest(wish, today, |w| free.left(&t.room_type, w.from, w.to).is_some_and(|left| left > 0))
        }
        _ => Vec::new(),
    };
    Some(Offer {
        room_type: t.room_type.clone(),
        name: t.name.clone(),
        sleeps: t.takes(),
        price,
        total,
        state,
        few: left.filter(|left| state == "free" && *left <= FEW),
        others,
        was: None,
        checkout: String::new(),
    })
}

/// The nearest stays of the same length that can be had, sooner before later.
fn nearest(wish: &Wish, today: Date, can: impl Fn(&Wish) -> bool) -> Vec<Wish> {
    let days = (1..=AROUND).flat_map(|n| [plus(wish.from, -n), plus(wish.from, n)]);
    let mut found: Vec<Wish> = days.filter(|from| *from >= today).map(|from| wish.moved(from)).filter(can).take(OTHERS_MAX).collect();
    found.sort_by_key(|w| w.from);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::tests::{hotel, left};
    use jiff::civil::date;

    #[test]
    fn few_is_said_only_when_the_ledger_says_so() {
        let wish = Wish { from: date(2027, 3, 4), to: date(2027, 3, 6), adults: 2, children: 0 };
        let free = left(date(2027, 3, 4), &[(9, 5), (4, 3)]);
        let seen = offers(&hotel(), &wish, Some(&free), date(2027, 3, 1));
        let said: Vec<_> = seen.iter().map(|o| (o.room_type.as_str(), o.state, o.few, o.total.amount)).collect();
        assert_eq!(said, [("STD", "free", None, 20_000), ("STE", "free", Some(3), 60_000)]);
        assert!(offers(&hotel(), &wish, None, date(2027, 3, 1)).iter().all(|o| o.state == "unknown" && o.few.is_none()));
    }

    #[test]
    fn what_is_full_names_the_nearest_dates() {
        let wish = Wish { from: date(2027, 3, 4), to: date(2027, 3, 5), adults: 2, children: 0 };
        let free = left(date(2027, 3, 1), &[(1, 1), (1, 1), (0, 1), (0, 1), (0, 1), (0, 1), (0, 1), (1, 1)]);
        let seen = offers(&hotel(), &wish, Some(&free), date(2027, 3, 1));
        assert_eq!((seen[0].room_type.as_str(), seen[1].state), ("STE", "full"), "what can be had comes first");
        let dates: Vec<i8> = seen[1].others.iter().map(|w| w.from.day()).collect();
        assert_eq!(dates, [1, 2], "never a day that is over, the nearest first chosen");
        assert_eq!(seen[1].others[0].nights(), 1);
    }

    #[test]
    fn a_room_that_is_too_small_says_so_and_a_closed_hotel_sells_nothing() {
        let wish = Wish { from: date(2027, 3, 4), to: date(2027, 3, 5), adults: 2, children: 1 };
        let free = left(date(2027, 3, 4), &[(9, 9)]);
        let states = |hotel: &Hotel| offers(hotel, &wish, Some(&free), date(2027, 3, 1)).iter().map(|o| o.state).collect::<Vec<_>>();
        assert_eq!(states(&hotel()), ["free", "small"]);
        assert_eq!(states(&Hotel { closed: true, ..hotel() }), ["full", "small"]);
    }
}
