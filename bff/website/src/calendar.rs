//! A month of arrival days: for each, what a night costs at least for the wished length, or why it cannot be had.

use jiff::civil::Date;
use kernel::Money;
use serde::Serialize;

use crate::house::{Free, Hotel, nights, plus};
use crate::wish::{AHEAD_MAX, Wish};

/// One day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The day.
    pub date: Date,
    /// Why it looks as it does: `free`, `full` (no room that night), `short` (not for so many nights), `past`, `far`,
    /// `unknown`.
    pub state: &'static str,
    /// The lowest price of a night, when it is free.
    pub price: Option<Money>,
    /// Whether it is a night of the wished stay.
    pub is_chosen: bool,
    /// Whether the wished stay begins here.
    pub is_arrival: bool,
}

/// A month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// Weeks from Monday to Sunday; days of other months are nothing.
    pub weeks: Vec<Vec<Option<Cell>>>,
    /// The month before, when it is not over.
    pub before: Option<Date>,
    /// The month after, when it is sold already.
    pub after: Option<Date>,
}

/// The first day of the month to show: the one asked for, else the one of arrival.
pub fn first(asked: Option<&str>, wish: &Wish, today: Date) -> Date {
    let asked = asked.and_then(|month| format!("{month}-01").parse::<Date>().ok());
    asked.unwrap_or(wish.from).clamp(today, plus(today, AHEAD_MAX)).first_of_month()
}

/// The month as somebody with this wish sees it. `free` is what the ledger says, if it says anything.
pub fn month(first: Date, hotel: &Hotel, wish: &Wish, free: Option<&Free>, today: Date) -> Month {
    let mut weeks: Vec<Vec<Option<Cell>>> = Vec::new();
    let mut week: Vec<Option<Cell>> = vec![None; usize::from(first.weekday().to_monday_zero_offset().unsigned_abs())];
    for date in nights(first, plus(first.last_of_month(), 1)) {
        week.push(Some(cell(date, hotel, wish, free, today)));
        if week.len() == 7 {
            weeks.push(std::mem::take(&mut week));
        }
    }
    if !week.is_empty() {
        week.resize(7, None);
        weeks.push(week);
    }
    let before = (first > today).then(|| plus(first, -1).first_of_month());
    let after = Some(plus(first.last_of_month(), 1)).filter(|next| *next <= plus(today, AHEAD_MAX));
    Month { first, weeks, before, after }
}

fn cell(date: Date, hotel: &Hotel, wish: &Wish, free: Option<&Free>, today: Date) -> Cell {
    let fits = |takes: u32| takes >= wish.guests();
    let stay = wish.moved(date);
    let cheapest = |to: Date| {
        let sold = hotel.room_types.iter().filter(|t| fits(t.takes()));
        let is_free = |room_type: &str| free.and_then(|free| free.left(room_type, date, to)).is_some_and(|left| left > 0);
        sold.filter(|t| is_free(&t.room_type)).filter_map(|t| t.price).min_by_key(|price| price.amount)
    };
    let price = cheapest(stay.to);
    let is_known = free.is_some_and(|free| nights(date, stay.to).all(|night| free.0.contains_key(&night)));
    let state = match () {
        () if date < today => "past",
        () if date > plus(today, AHEAD_MAX) => "far",
        () if !is_known => "unknown",
        () if price.is_some() && !hotel.closed => "free",
        () if hotel.closed || cheapest(plus(date, 1)).is_none() => "full",
        () => "short",
    };
    let price = price.filter(|_| state == "free");
    Cell { date, state, price, is_chosen: date >= wish.from && date < wish.to, is_arrival: date == wish.from }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::house::RoomType;
    use jiff::civil::date;
    use kernel::money::Currency;

    /// A hotel of two types: `STD` for two at 100.00, `STE` for four at 300.00.
    pub fn hotel() -> Hotel {
        let money = |amount| Some(Money { amount, currency: Currency::parse("EUR").expect("a code") });
        let room =
            |code: &str, price, sleeps| RoomType { room_type: code.into(), name: code.into(), price: money(price), sleeps: Some(sleeps) };
        Hotel {
            hotel: "H".into(),
            name: "House".into(),
            time_zone: "Europe/Vienna".into(),
            opens_on: date(2027, 1, 1),
            address: None,
            check_in_from: None,
            check_out_until: None,
            room_types: vec![room("STD", 10_000, 2), room("STE", 30_000, 4)],
            closed: false,
        }
    }

    /// What is left of both types, night by night from a day on.
    pub fn left(from: Date, each: &[(i64, i64)]) -> Free {
        let types = |(std, ste): &(i64, i64)| BTreeMap::from([("STD".to_owned(), *std), ("STE".to_owned(), *ste)]);
        Free((0..).zip(each).map(|(n, counts)| (plus(from, n), types(counts))).collect())
    }

    fn states(month: &Month) -> Vec<(i8, &'static str, Option<i64>)> {
        month.weeks.iter().flatten().flatten().map(|c| (c.date.day(), c.state, c.price.map(|p| p.amount))).collect()
    }

    #[test]
    fn a_day_says_what_it_costs_or_why_not() {
        let today = date(2027, 3, 2);
        let wish = Wish { from: date(2027, 3, 4), to: date(2027, 3, 6), adults: 2, children: 0 };
        let free = left(date(2027, 3, 2), &[(1, 1), (1, 1), (0, 1), (1, 0), (0, 0), (1, 1)]);
        let seen = month(date(2027, 3, 1), &hotel(), &wish, Some(&free), today);
        assert_eq!(
            &states(&seen)[..7],
            [
                (1, "past", None),
                (2, "free", Some(10_000)),
                (3, "free", Some(30_000)),
                (4, "short", None),
                (5, "short", None),
                (6, "full", None),
                (7, "unknown", None)
            ]
        );
        let chosen: Vec<i8> = seen.weeks.iter().flatten().flatten().filter(|c| c.is_chosen).map(|c| c.date.day()).collect();
        assert_eq!(chosen, [4, 5]);
        assert_eq!((seen.before, seen.after), (None, Some(date(2027, 4, 1))));
    }

    #[test]
    fn weeks_begin_on_monday_and_are_whole() {
        let wish = Wish::usual(date(2027, 1, 1));
        let seen = month(date(2027, 8, 1), &hotel(), &wish, None, date(2027, 1, 1));
        assert_eq!(seen.weeks.len(), 6, "August 2027 begins on a Sunday");
        assert!(seen.weeks.iter().all(|week| week.len() == 7));
        assert_eq!(seen.weeks[0].iter().flatten().count(), 1);
        assert!(
            seen.weeks.iter().flatten().flatten().all(|c| c.state == "unknown" && c.price.is_none()),
            "a silent ledger is no sold-out house"
        );
        assert_eq!(seen.before, Some(date(2027, 7, 1)));
    }

    #[test]
    fn who_does_not_fit_is_not_shown_a_price() {
        let wish = Wish { adults: 3, ..Wish::usual(date(2027, 3, 2)) };
        let free = left(date(2027, 3, 2), &[(9, 0), (9, 0)]);
        assert_eq!(states(&month(date(2027, 3, 1), &hotel(), &wish, Some(&free), date(2027, 3, 2)))[1], (2, "full", None));
    }

    #[test]
    fn the_month_asked_for_is_shown_unless_it_is_over() {
        let wish = Wish::usual(date(2027, 3, 30));
        let of = |asked| first(asked, &wish, date(2027, 3, 30));
        assert_eq!(of(None), date(2027, 3, 1));
        assert_eq!(of(Some("2027-06")), date(2027, 6, 1));
        assert_eq!(of(Some("2020-06")), date(2027, 3, 1));
        assert_eq!(of(Some("June")), date(2027, 3, 1));
    }
}
