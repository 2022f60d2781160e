//! On the books at any past moment: for each night, how many rooms were sold after each business date that changed it. One
//! look a night answers "how many rooms were sold for night n after the audit of date t", however long the night has been
//! for sale. An instant or a position lies inside of a business date: the books up to the date before, and the events of
//! that one date. Holds never count.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::Recorded;
use feed::sql::{Cell, SqlFault};
use feed::{Tx, View};
use jiff::civil::Date;
use kernel::{Lane, lane_of};
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde_json::{Value, json};

use super::nights::event_of;
use crate::domain::ledger::{LedgerEvent, Nights, nights};

/// Positions read at once.
const PAGE: usize = 1_000;

/// One row a hotel, night and business date that changed what is sold for it, with what was sold then; one row a night.
pub struct NightBooks;

impl View for NightBooks {
    fn schema(&self) -> &'static str {
        "CREATE TABLE night_books(hotel TEXT NOT NULL, night TEXT NOT NULL, business_date TEXT NOT NULL, sold INTEGER NOT NULL,
           PRIMARY KEY(hotel, night, business_date)) WITHOUT ROWID;
         CREATE TABLE booked_nights(hotel TEXT NOT NULL, night TEXT NOT NULL, PRIMARY KEY(hotel, night)) WITHOUT ROWID;
         CREATE TABLE ledgers(hotel TEXT PRIMARY KEY, opens_on TEXT NOT NULL) WITHOUT ROWID;
         CREATE TABLE ledger_days(hotel TEXT NOT NULL, business_date TEXT NOT NULL, after_pos INTEGER NOT NULL, since_us INTEGER NOT NULL,
           PRIMARY KEY(hotel, business_date)) WITHOUT ROWID;"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, pos: u64, event: &Recorded) -> Result<(), SqlFault> {
        if event.stream.kind != "ledger" {
            return Ok(());
        }
        let hotel = &event.stream.id;
        let on = event.by.business_date;
        let begins = |date: Option<Date>| {
            let cells: [Cell; 4] = [hotel.as_str().into(), date.into(), (pos as i64).into(), event.by.at.0.into()];
            tx.run("INSERT OR IGNORE INTO ledger_days VALUES(?1, ?2, ?3, ?4)", &cells)
        };
        let is = event_of(event)?;
        match &is {
            LedgerEvent::Opened { on } => {
                tx.run("INSERT OR IGNORE INTO ledgers VALUES(?1, ?2)", &[hotel.as_str().into(), (*on).into()])?;
                begins(Some(*on))
            }
            LedgerEvent::NightClosed { date, .. } => date.tomorrow().map_or(Ok(()), |next| begins(Some(next))),
            _ => changes(&is).iter().try_for_each(|(span, delta)| add(tx, hotel, on, span, *delta)),
        }
    }
}

/// What an event changes of what is sold: which nights, by how much. One that moves between types changes nothing.
fn changes(event: &LedgerEvent) -> Vec<(Nights, i64)> {
    match event {
        LedgerEvent::Sold { nights, .. } => vec![(nights.clone(), 1)],
        LedgerEvent::Released { nights, .. } => vec![(nights.clone(), -1)],
        LedgerEvent::Amended { nights, new_arrival, new_departure, .. } => {
            let now = nights.on(*new_arrival, *new_departure);
            let lost = nights.without(&now).into_iter().map(|span| (span, -1));
            lost.chain(now.without(nights).into_iter().map(|span| (span, 1))).collect()
        }
        _ => Vec::new(),
    }
}

/// Business dates of a hotel only go forward, so what was sold before is in the newest row of each night.
fn add(tx: &Tx<'_>, hotel: &str, on: Option<Date>, span: &Nights, delta: i64) -> Result<(), SqlFault> {
    let on = on.ok_or_else(|| SqlFault("a sale without a business date".into()))?;
    let known: Vec<Vec<Cell>> = nights(span.arrival, span.departure).map(|night| vec![hotel.into(), night.into()]).collect();
    tx.run_all("INSERT INTO booked_nights", &known, "ON CONFLICT DO NOTHING")?;
    tx.run(
        "INSERT INTO night_books
         SELECT ?1, night, ?2, ?3 + COALESCE((SELECT sold FROM night_books AS b WHERE b.hotel = ?1 AND b.night = booked_nights.night
           ORDER BY b.hotel DESC, b.night DESC, b.business_date DESC LIMIT 1), 0)
         FROM booked_nights WHERE hotel = ?1 AND night >= ?4 AND night < ?5
         ON CONFLICT(hotel, night, business_date) DO UPDATE SET sold = night_books.sold + ?3",
        &[hotel.into(), on.into(), delta.into(), span.arrival.into(), span.departure.into()],
    )
}

/// Nights from one up to another (excluded), and what was sold of them.
struct Books {
    from: Date,
    to: Date,
    sold: BTreeMap<Date, i64>,
}

/// `GET /hotels/{hotel}/on-the-books[?as_of][&from][&to]`. Without `from` it begins after the cut.
pub async fn on_the_books(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let hotel = call.param("hotel").to_owned();
    let cut = AsOf::within(&call, &hotel)?;
    let (from, to) = (call.asked_as::<Date>("from")?, call.asked_as::<Date>("to")?.unwrap_or(Date::MAX));
    let books = match cut {
        None => up_to(&core, &hotel, Date::MAX, from.unwrap_or(Date::MIN), to).await?,
        Some(AsOf::Date(date)) => {
            let next = date.tomorrow().unwrap_or(Date::MAX);
            up_to(&core, &hotel, date, from.unwrap_or(next), to).await?
        }
        Some(AsOf::Instant(at)) => {
            let (open, after) = day_at(&core, &hotel, BY_INSTANT, at.0).await?;
            inside(&core, &hotel, open, after, from.unwrap_or(open), to, &|_, event| event.by.at <= at).await?
        }
        Some(AsOf::Position(_, last)) => {
            let (open, after) = day_at(&core, &hotel, BY_POSITION, last as i64).await?;
            inside(&core, &hotel, open, after, from.unwrap_or(open), to, &|pos, _| pos <= last).await?
        }
    };
    let shown = books.sold.iter().filter(|(night, sold)| **sold != 0 && books.from <= **night && **night < books.to);
    let nights: Vec<Value> = shown.map(|(night, sold)| json!({"night": night, "sold": sold})).collect();
    let as_of = match cut {
        Some(AsOf::Date(date)) => json!(date),
        None => Value::Null,
        Some(_) => json!(call.asked("as_of")),
    };
    Ok(Answer::json(&json!({"hotel": hotel, "as_of": as_of, "nights": nights})))
}

/// Everything up to the end of a business date.
async fn up_to(core: &Core, hotel: &str, date: Date, from: Date, to: Date) -> Result<Books, Problem> {
    let key: Vec<Cell> = vec![hotel.into(), from.into(), to.into(), date.into()];
    let (known, rows) = core
        .views
        .read(move |tx| {
            let known = tx.rows("SELECT opens_on FROM ledgers WHERE hotel = ?1", &key[..1])?;
            let rows = tx.rows(
                "SELECT night, COALESCE((SELECT sold FROM night_books AS b WHERE b.hotel = ?1 AND b.night = booked_nights.night AND b.business_date <= ?4
                   ORDER BY b.hotel DESC, b.night DESC, b.business_date DESC LIMIT 1), 0) AS sold
                 FROM booked_nights WHERE hotel = ?1 AND night >= ?2 AND night < ?3 ORDER BY night",
                &key,
            )?;
            Ok((known, rows))
        })
        .await?;
    if known.is_empty() {
        return Err(Problem::not_found("hotel-unknown"));
    }
    Ok(Books { from, to, sold: rows.iter().map(|r| (r[0].text().parse().unwrap_or_default(), r[1].int())).collect() })
}

const BY_INSTANT: &str =
    "SELECT business_date, after_pos FROM ledger_days WHERE hotel = ?1 AND since_us <= ?2 ORDER BY business_date DESC LIMIT 1";
const BY_POSITION: &str =
    "SELECT business_date, after_pos FROM ledger_days WHERE hotel = ?1 AND after_pos <= ?2 ORDER BY business_date DESC LIMIT 1";

/// The business date that was open at a moment, and the position after which it began.
async fn day_at(core: &Core, hotel: &str, sql: &'static str, moment: i64) -> Result<(Date, u64), Problem> {
    let rows = core.views.rows(sql, vec![hotel.into(), moment.into()]).await?;
    let day = rows.first().ok_or_else(|| Problem::not_found("hotel-unknown"))?;
    Ok((day[0].text().parse().unwrap_or_default(), day[1].int() as u64))
}

/// Everything up to a moment inside of a business date: the dates before it from the table, its own events from the lane.
async fn inside(
    core: &Core,
    hotel: &str,
    open: Date,
    mut after: u64,
    from: Date,
    to: Date,
    in_time: &(dyn Fn(u64, &Recorded) -> bool + Sync),
) -> Result<Books, Problem> {
    let before = open.yesterday().unwrap_or(Date::MIN);
    let mut books = up_to(core, hotel, before, from, to).await?;
    loop {
        let page = core.store.read(lane_of(hotel), after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(books) };
        after = last.pos;
        for stored in &page {
            let Some(event) = stored.event() else { continue };
            if !in_time(stored.pos, event) {
                return Ok(books);
            }
            if event.stream.kind == "ledger" && event.stream.id == hotel {
                for (span, delta) in changes(&event_of(event)?) {
                    nights(span.arrival, span.departure).for_each(|night| *books.sold.entry(night).or_default() += delta);
                }
            }
        }
    }
}
