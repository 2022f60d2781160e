//! Bookings, cancellations and no-shows by business date.

use std::sync::Arc;

use eventstore::Recorded;
use feed::sql::{Cell, SqlFault};
use feed::{Tx, View};
use jiff::civil::Date;
use kernel::Lane;
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde_json::json;

/// One row a hotel and business date. The hotel of a change is that of its booking.
pub struct Days;

impl View for Days {
    fn schema(&self) -> &'static str {
        "CREATE TABLE days(hotel TEXT NOT NULL, date TEXT NOT NULL, booked INTEGER NOT NULL, cancelled INTEGER NOT NULL, no_show INTEGER NOT NULL,
           PRIMARY KEY(hotel, date)) WITHOUT ROWID;"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        if event.stream.kind != "reservation" {
            return Ok(());
        }
        let (booked, cancelled, no_show) = match event.name.as_str() {
            "Booked" => (1, 0, 0),
            "Cancelled" => (0, 1, 0),
            "NoShowed" => (0, 0, 1),
            _ => return Ok(()),
        };
        let date = event.by.business_date.ok_or_else(|| SqlFault("a change without a business date".into()))?;
        let cells: [Cell; 5] = [event.stream.id.as_str().into(), date.into(), booked.into(), cancelled.into(), no_show.into()];
        tx.run(
            "INSERT INTO days SELECT hotel, ?2, ?3, ?4, ?5 FROM reservations WHERE reservation = ?1
             ON CONFLICT(hotel, date) DO UPDATE SET booked = days.booked + excluded.booked, cancelled = days.cancelled + excluded.cancelled,
               no_show = days.no_show + excluded.no_show",
            &cells,
        )
    }
}

/// `GET /hotels/{hotel}/days?from&to` (`to` exclusive); dates on which something happened.
pub async fn days(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    AsOf::none(&call, super::NO_PAST)?;
    let from = call.asked_as::<Date>("from")?.unwrap_or(Date::MIN);
    let to = call.asked_as::<Date>("to")?.unwrap_or(Date::MAX);
    let sql = "SELECT date, booked, cancelled, no_show FROM days WHERE hotel = ?1 AND date >= ?2 AND date < ?3 ORDER BY date";
    let rows = core.views.rows(sql, vec![call.param("hotel").into(), from.into(), to.into()]).await?;
    let days: Vec<_> =
        rows.iter().map(|r| json!({"date": r[0].text(), "booked": r[1].int(), "cancelled": r[2].int(), "no_show": r[3].int()})).collect();
    Ok(Answer::json(&json!({"days": days})))
}
