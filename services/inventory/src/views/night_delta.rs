//! On the books at any past date: every change of what is sold for a night, by the business date it happened on. One
//! indexed sum answers "how many rooms were sold for night n after the audit of date t". Holds never count.

use std::sync::Arc;

use eventstore::Recorded;
use feed::sql::{Cell, SqlFault};
use feed::{Tx, View};
use jiff::civil::Date;
use kernel::Lane;
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde_json::{Value, json};

use super::nights::event_of;
use crate::domain::ledger::{LedgerEvent, Nights, nights};

/// One row a hotel, night, business date and type.
pub struct NightDelta;

impl View for NightDelta {
    fn schema(&self) -> &'static str {
        "CREATE TABLE night_delta(hotel TEXT NOT NULL, night TEXT NOT NULL, business_date TEXT NOT NULL, room_type TEXT NOT NULL, delta INTEGER NOT NULL,
           PRIMARY KEY(hotel, night, business_date, room_type)) WITHOUT ROWID;
         CREATE TABLE ledgers(hotel TEXT PRIMARY KEY, opens_on TEXT NOT NULL) WITHOUT ROWID;"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        if event.stream.kind != "ledger" {
            return Ok(());
        }
        let hotel = &event.stream.id;
        let on = event.by.business_date;
        match event_of(event)? {
            LedgerEvent::Opened { on } => {
                tx.exec("INSERT OR IGNORE INTO ledgers VALUES(?1, ?2)", &[hotel.as_str().into(), on.into()]).map(drop)
            }
            LedgerEvent::Sold { nights, .. } => add(tx, hotel, on, &nights, &nights.room_type, 1),
            LedgerEvent::Released { nights, .. } => add(tx, hotel, on, &nights, &nights.room_type, -1),
            LedgerEvent::Moved { nights, to, .. } => {
                add(tx, hotel, on, &nights, &nights.room_type, -1)?;
                add(tx, hotel, on, &nights, &to, 1)
            }
            _ => Ok(()),
        }
    }
}

fn add(tx: &Tx<'_>, hotel: &str, on: Option<Date>, span: &Nights, room_type: &str, delta: i64) -> Result<(), SqlFault> {
    let on = on.ok_or_else(|| SqlFault("a sale without a business date".into()))?;
    for night in nights(span.arrival, span.departure) {
        let cells: [Cell; 5] = [hotel.into(), night.into(), on.into(), room_type.into(), delta.into()];
        tx.exec(
            "INSERT INTO night_delta VALUES(?1, ?2, ?3, ?4, ?5)
             ON CONFLICT(hotel, night, business_date, room_type) DO UPDATE SET delta = night_delta.delta + excluded.delta",
            &cells,
        )?;
    }
    Ok(())
}

/// `GET /hotels/{hotel}/on-the-books?as_of=date:…[&from][&to]`.
pub async fn on_the_books(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let hotel = call.param("hotel").to_owned();
    let cut = match AsOf::of(&call)? {
        None => None,
        Some(AsOf::Date(date)) => Some(date),
        Some(_) => return Err(Problem::invalid("on-the-books is asked as of date:YYYY-MM-DD, or without as_of for now")),
    };
    let first = cut.and_then(|d| d.tomorrow().ok()).unwrap_or(Date::MIN);
    let from = call.asked_as::<Date>("from")?.unwrap_or(first);
    let to = call.asked_as::<Date>("to")?.unwrap_or(Date::MAX);
    let key: Vec<Cell> = vec![hotel.as_str().into(), from.into(), to.into(), cut.unwrap_or(Date::MAX).into()];
    let (known, rows) = core
        .views
        .read(move |tx| {
            let known = tx.rows("SELECT opens_on FROM ledgers WHERE hotel = ?1", &key[..1])?;
            let rows = tx.rows(
                "SELECT night, CAST(SUM(delta) AS BIGINT) AS sold FROM night_delta WHERE hotel = ?1 AND night >= ?2 AND night < ?3 AND business_date <= ?4
                 GROUP BY night HAVING SUM(delta) <> 0 ORDER BY night",
                &key,
            )?;
            Ok((known, rows))
        })
        .await?;
    if known.is_empty() {
        return Err(Problem::not_found("hotel-unknown"));
    }
    let nights: Vec<Value> = rows.iter().map(|r| json!({"night": r[0].text(), "sold": r[1].int()})).collect();
    Ok(Answer::json(&json!({"hotel": hotel, "as_of": cut, "nights": nights})))
}
