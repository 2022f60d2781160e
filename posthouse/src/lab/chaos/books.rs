//! What the services say afterwards, and whether it is what the guests were told. Reading is one thing and judging
//! another: the judge is shown bad books in its tests.

use std::collections::BTreeMap;

use contracts::payments::PaymentFact;
use feed::page::{Cursor, Page};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::guests::Told;
use crate::client::Client;
use crate::replay::open_authorisations;
use crate::replay::pages::Pages;
use crate::roster;

/// Requests at the same time when nobody waits for them.
pub const AT_ONCE: usize = 16;
/// Pages of a feed at most; a page that does not move on is an error and no loop.
const PAGES_MAX: usize = 1_000_000;

/// A reservation as its own service shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Shown {
    /// `confirmed`, `cancelled`, …
    pub state: String,
    /// The type sold.
    pub room_type: String,
    /// First night.
    pub arrival: jiff::civil::Date,
    /// Day of departure.
    pub departure: jiff::civil::Date,
    /// The payment that backs it.
    pub payment: Option<String>,
}

/// A saga that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenSaga {
    /// Whose.
    pub service: &'static str,
    /// Which.
    pub saga: String,
    /// Why it cannot end by itself, when it says so.
    pub stuck: Option<String>,
}

/// What the services say.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Every reservation, folded from its stream.
    pub reservations: BTreeMap<String, Shown>,
    /// The states in the list, which is a view.
    pub listed: BTreeMap<String, String>,
    /// Sold and held by night and type (`*`: the house), by inventory.
    pub nights: BTreeMap<(jiff::civil::Date, String), (i64, i64)>,
    /// Payments with an open authorisation, with what each is for, from the events of payments.
    pub payments: BTreeMap<String, String>,
    /// Open authorisations in the provider's own ledger.
    pub provider: u64,
    /// Sagas that have not ended.
    pub sagas: Vec<OpenSaga>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// What a judge found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Acknowledged bookings that are as their guests were told.
    pub found: u64,
    /// Rooms sold beyond a limit.
    pub oversold: u64,
    /// Open authorisations whose booking does not stand, in payments and at the provider.
    pub orphans: u64,
    /// Sagas open without a reason.
    pub open_sagas: u64,
    /// Everything that is not as it must be.
    pub differences: Vec<String>,
}

/// Reads everything; `told` names what is asked for by its id. What cannot be read is in the books as such.
pub async fn read(client: &Client, told: &Told) -> Books {
    let (mut books, mut unread) = (Books::default(), Vec::new());
    note(sagas(client).await, &mut books.sagas, &mut unread);
    note(listed(client).await, &mut books.listed, &mut unread);
    let ids: Vec<String> = books.listed.keys().chain(told.booked.iter().filter(|id| !books.listed.contains_key(*id))).cloned().collect();
    let one = |id: String| async move { reservation(client, &id).await.map(|shown| (id, shown)) };
    let all: Vec<Result<_, String>> = stream::iter(ids.into_iter().map(one)).buffer_unordered(AT_ONCE).collect().await;
    for shown in all {
        match shown {
            Ok((id, shown)) => books.reservations.extend(shown.map(|shown| (id, shown))),
            Err(why) => unread.push(why),
        }
    }
    note(nights(client).await, &mut books.nights, &mut unread);
    note(payments(client).await, &mut books.payments, &mut unread);
    note(open_authorisations(client).await, &mut books.provider, &mut unread);
    Books { unread, ..books }
}

fn note<T>(read: Result<T, String>, to: &mut T, unread: &mut Vec<String>) {
    match read {
        Ok(read) => *to = read,
        Err(why) => unread.push(why),
    }
}

async fn listed(client: &Client) -> Result<BTreeMap<String, String>, String> {
    let (mut all, mut pages) = (BTreeMap::new(), Pages::new("/api/reservations/v1/hotels/LAB/reservations?limit=1000".into()));
    while let Some(page) = pages.next::<Value>(client).await? {
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        all.extend(page.iter().map(|row| (text(row, "reservation"), text(row, "state"))));
    }
    Ok(all)
}

async fn reservation(client: &Client, id: &str) -> Result<Option<Shown>, String> {
    let answer = client.get(&format!("/api/reservations/v1/hotels/LAB/reservations/{id}")).await?;
    match answer.status.as_u16() {
        404 => Ok(None),
        200 => answer.json().map(Some),
        _ => Err(format!("{id}: {}", answer.refusal())),
    }
}

/// The sagas of every service that have not ended.
pub async fn sagas(client: &Client) -> Result<Vec<OpenSaga>, String> {
    let mut all = Vec::new();
    for (service, _) in roster::SERVICES {
        let answer: Value = client.read(&format!("/api/{service}/v1/sagas")).await?;
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        let open = answer["open"].as_u64().ok_or_else(|| format!("{service}: sagas without a number"))?;
        all.extend(items.iter().map(|item| OpenSaga {
            service,
            saga: item["saga"].as_str().unwrap_or_default().to_owned(),
            stuck: item["stuck"]["reason"].as_str().filter(|reason| !reason.is_empty()).map(str::to_owned),
        }));
        // What is open and cannot be shown has certainly not said why.
        let hidden = (open as usize).saturating_sub(items.len());
        all.extend((0..hidden).map(|_| OpenSaga { service, saga: String::new(), stuck: None }));
    }
    Ok(all)
}

async fn nights(client: &Client) -> Result<BTreeMap<(jiff::civil::Date, String), (i64, i64)>, String> {
    let answer: Value = client.read("/api/inventory/v1/hotels/LAB/availability?from=2030-01-01&to=2030-12-31").await?;
    let mut all = BTreeMap::new();
    for night in answer["nights"].as_array().ok_or("availability without nights")? {
        let date = night["night"].as_str().and_then(|date| date.parse().ok()).ok_or("a night without a date")?;
        let count = |of: &Value| Some((of["sold"].as_i64()?, of["held"].as_i64()?));
        all.insert((date, "*".to_owned()), count(&night["house"]).ok_or("a night without numbers")?);
        for of in night["types"].as_array().into_iter().flatten() {
            let room_type = of["room_type"].as_str().ok_or("a type without a name")?;
            all.insert((date, room_type.to_owned()), count(of).ok_or("a type without numbers")?);
        }
    }
    Ok(all)
}

/// Folds the feed of payments from its beginning.
async fn payments(client: &Client) -> Result<BTreeMap<String, String>, String> {
    let (mut open, mut cursors) = (BTreeMap::new(), BTreeMap::new());
    for _ in 0..PAGES_MAX {
        let after: Vec<String> = cursors.values().map(Cursor::to_string).collect();
        let answer = client.get(&format!("/api/payments/v1/feed?wait=1s&after={}", after.join(","))).await?;
        if answer.status.as_u16() == 204 {
            return Ok(open);
        }
        if !answer.applied() {
            return Err(format!("the feed of payments: {}", answer.refusal()));
        }
        let page: Page = answer.json()?;
        for event in page.events {
            match serde_json::from_value(event.data).map_err(|e| format!("an event of payments: {e}"))? {
                PaymentFact::Authorised { payment, reservation, .. } => drop(open.insert(payment, reservation)),
                PaymentFact::Voided { payment } | PaymentFact::Captured { payment, .. } | PaymentFact::Refunded { payment, .. } => {
                    drop(open.remove(&payment));
                }
            }
        }
        cursors.insert(page.next.lane, page.next);
    }
    Err("the feed of payments does not end".into())
}

/// Compares what was told with what is; `limits` are the rooms that may be sold for one night, by type and for the house.
pub fn judge(told: &Told, books: &Books, limits: &[(&str, i64)]) -> Verdict {
    let unread = books.unread.iter().map(|why| format!("cannot be read: {why}"));
    let mut verdict = Verdict { differences: unread.collect(), ..Verdict::default() };
    for id in &told.booked {
        let must = if told.cancelled.contains(id) { "cancelled" } else { "confirmed" };
        match books.reservations.get(id) {
            Some(shown) if shown.state == must => verdict.found += 1,
            Some(shown) => verdict.differences.push(format!("{id} was acknowledged as {must} and is {}", shown.state)),
            None => verdict.differences.push(format!("{id} was acknowledged and is not there")),
        }
    }
    for (id, shown) in &books.reservations {
        if shown.state == "confirmed" && !told.booked.contains(id) {
            verdict.differences.push(format!("{id} is confirmed and nobody was told"));
        }
        if books.listed.get(id) != Some(&shown.state) {
            verdict.differences.push(format!("{id} is {} and listed as {:?}", shown.state, books.listed.get(id)));
        }
    }
    judge_nights(books, limits, &mut verdict);
    judge_payments(books, &mut verdict);
    for saga in books.sagas.iter().filter(|saga| saga.stuck.is_none()) {
        verdict.open_sagas += 1;
        verdict.differences.push(format!("the saga {} of {} has not ended and does not say why", saga.saga, saga.service));
    }
    verdict
}

/// The nights are counted again from the reservations: inventory's own numbers must be the same, and within the limits.
fn judge_nights(books: &Books, limits: &[(&str, i64)], verdict: &mut Verdict) {
    let mut counted: BTreeMap<(jiff::civil::Date, String), i64> = BTreeMap::new();
    for shown in books.reservations.values().filter(|shown| shown.state == "confirmed") {
        let mut night = shown.arrival;
        while night < shown.departure {
            for name in [&shown.room_type, "*"] {
                *counted.entry((night, name.to_owned())).or_default() += 1;
            }
            night = night.saturating_add(jiff::Span::new().days(1));
        }
    }
    for ((night, room_type), sold) in &counted {
        let limit = limits.iter().find(|(name, _)| name == room_type).map_or(0, |(_, limit)| *limit);
        if *sold > limit {
            verdict.oversold += (sold - limit) as u64;
            verdict.differences.push(format!("{night} {room_type}: {sold} are sold, {limit} may be"));
        }
        if !books.nights.contains_key(&(*night, room_type.clone())) {
            verdict.differences.push(format!("{night} {room_type}: {sold} are sold and inventory knows nothing of it"));
        }
    }
    for ((night, room_type), (sold, held)) in &books.nights {
        let is = counted.get(&(*night, room_type.clone())).copied().unwrap_or(0);
        if *sold != is {
            verdict.differences.push(format!("{night} {room_type}: inventory says {sold} sold, reservations have {is}"));
        }
        if *held != 0 {
            verdict.differences.push(format!("{night} {room_type}: {held} are held for nobody"));
        }
    }
}

/// An authorisation is open for every booking that stands, and for nothing else, at both places.
fn judge_payments(books: &Books, verdict: &mut Verdict) {
    let standing = |id: &String| books.reservations.get(id).is_some_and(|shown| shown.state == "confirmed");
    for (payment, reservation) in books.payments.iter().filter(|(_, reservation)| !standing(reservation)) {
        verdict.orphans += 1;
        verdict.differences.push(format!("the payment {payment} is authorised for {reservation}, which does not stand"));
    }
    for (id, shown) in books.reservations.iter().filter(|(_, shown)| shown.state == "confirmed") {
        let is_open = shown.payment.as_ref().is_some_and(|payment| books.payments.get(payment) == Some(id));
        if !is_open {
            verdict.differences.push(format!("{id} stands and no authorisation backs it"));
        }
    }
    let ours = books.payments.len() as u64;
    if books.provider != ours {
        verdict.orphans += books.provider.saturating_sub(ours);
        verdict.differences.push(format!("the provider has {} authorisations open, payments {ours}", books.provider));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: [(&str, i64); 2] = [("*", 2), ("A", 2)];

    fn date(day: &str) -> jiff::civil::Date {
        day.parse().expect("a date")
    }

    fn shown(id: &str, state: &str) -> Shown {
        let (arrival, departure) = (date("2030-01-01"), date("2030-01-03"));
        Shown { state: state.into(), room_type: "A".into(), arrival, departure, payment: Some(format!("pay_{id}")) }
    }

    /// Two bookings, one cancelled since, and books that say so.
    fn good() -> (Told, Books) {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let told = Told { booked: ids(&["one", "two"]), cancelled: ids(&["two"]), ..Told::default() };
        let mut books = Books { provider: 1, ..Books::default() };
        for (id, state) in [("one", "confirmed"), ("two", "cancelled")] {
            books.reservations.insert(id.into(), shown(id, state));
            books.listed.insert(id.into(), state.into());
        }
        books.payments.insert("pay_one".into(), "one".into());
        for (day, name) in [("2030-01-01", "A"), ("2030-01-01", "*"), ("2030-01-02", "A"), ("2030-01-02", "*")] {
            books.nights.insert((date(day), name.into()), (1, 0));
        }
        (told, books)
    }

    /// What the judge says of good books that somebody has spoilt.
    fn spoilt(spoil: impl FnOnce(&mut Told, &mut Books)) -> Verdict {
        let (mut told, mut books) = good();
        spoil(&mut told, &mut books);
        let verdict = judge(&told, &books, &LIMITS);
        assert!(!verdict.differences.is_empty(), "nobody noticed");
        verdict
    }

    fn says(verdict: &Verdict, what: &str) {
        assert!(verdict.differences.iter().any(|d| d.contains(what)), "{:?}", verdict.differences);
    }

    #[test]
    fn good_books_are_good() {
        let (told, books) = good();
        assert_eq!(judge(&told, &books, &LIMITS), Verdict { found: 2, ..Verdict::default() });
    }

    #[test]
    fn an_acknowledged_booking_that_is_gone_or_otherwise_is_noticed() {
        let gone = spoilt(|_, books| drop(books.reservations.remove("one")));
        assert_eq!(gone.found, 1);
        says(&gone, "one was acknowledged and is not there");
        says(&spoilt(|_, b| b.reservations.get_mut("one").expect("it").state = "cancelled".into()), "acknowledged as confirmed");
        says(&spoilt(|_, b| b.reservations.get_mut("two").expect("it").state = "confirmed".into()), "acknowledged as cancelled");
    }

    #[test]
    fn a_booking_nobody_was_told_of_is_noticed() {
        says(&spoilt(|told, _| told.booked.clear()), "one is confirmed and nobody was told");
    }

    #[test]
    fn a_list_that_says_something_else_is_noticed() {
        says(&spoilt(|_, books| drop(books.listed.remove("two"))), "two is cancelled and listed as None");
    }

    #[test]
    fn an_oversold_night_is_noticed_whatever_inventory_says() {
        let verdict = spoilt(|told, books| {
            for id in ["three", "four"] {
                told.booked.insert(id.into());
                books.reservations.insert(id.into(), shown(id, "confirmed"));
            }
        });
        // One room too many in each of two nights, of the type and of the house.
        assert_eq!(verdict.oversold, 4);
        says(&verdict, "2030-01-01 *: 3 are sold, 2 may be");
        says(&verdict, "2030-01-02 A: inventory says 1 sold, reservations have 3");
    }

    #[test]
    fn nights_that_inventory_keeps_or_forgets_are_noticed() {
        let key = || (date("2030-01-02"), "A".to_owned());
        let with_night = |key, counts| spoilt(|_, books| books.nights.extend([(key, counts)]));
        says(&with_night(key(), (0, 0)), "inventory says 0 sold, reservations have 1");
        says(&with_night(key(), (1, 1)), "1 are held for nobody");
        says(&spoilt(|_, books| books.nights.retain(|night, _| *night != key())), "inventory knows nothing of it");
        let other = (date("2030-05-01"), "A".to_owned());
        says(&with_night(other, (1, 0)), "inventory says 1 sold, reservations have 0");
    }

    #[test]
    fn an_authorisation_without_its_booking_is_noticed_at_both_places() {
        let ours = spoilt(|_, books| {
            books.payments.insert("pay_two".into(), "two".into());
            books.provider = 2;
        });
        assert_eq!(ours.orphans, 1);
        says(&ours, "authorised for two, which does not stand");
        let theirs = spoilt(|_, books| books.provider = 2);
        assert_eq!(theirs.orphans, 1);
        says(&theirs, "the provider has 2 authorisations open, payments 1");
        says(&spoilt(|_, books| drop(books.payments.remove("pay_one"))), "one stands and no authorisation backs it");
        says(&spoilt(|_, books| books.provider = 0), "the provider has 0");
    }

    #[test]
    fn a_saga_may_be_stuck_with_a_reason_and_not_without() {
        let open = |stuck: Option<&str>| OpenSaga { service: "stays", saga: "s".into(), stuck: stuck.map(str::to_owned) };
        let (told, mut books) = good();
        books.sagas.push(open(Some("no-answer")));
        assert_eq!(judge(&told, &books, &LIMITS).differences, Vec::<String>::new());
        let verdict = spoilt(|_, books| books.sagas.push(open(None)));
        assert_eq!(verdict.open_sagas, 1);
        says(&verdict, "the saga s of stays has not ended");
    }

    #[test]
    fn what_cannot_be_read_is_not_good() {
        says(&spoilt(|_, books| books.unread.push("the feed".into())), "cannot be read: the feed");
    }
}
