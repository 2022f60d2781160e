//! Check-ins, check-outs and nights in house by business date.

use std::sync::Arc;

use eventstore::Recorded;
use feed::sql::{Cell, SqlFault};
use feed::{Tx, View};
use jiff::civil::Date;
use kernel::{Event, Lane};
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde_json::json;

use super::list::stay_event;
use crate::domain::day::DayEvent;
use crate::domain::stay::StayEvent;

/// One row a hotel and business date.
pub struct Days;

impl View for Days {
    fn schema(&self) -> &'static str {
        "CREATE TABLE days(hotel TEXT NOT NULL, date TEXT NOT NULL, checked_in INTEGER NOT NULL, checked_out INTEGER NOT NULL, upgraded INTEGER NOT NULL,
           in_house INTEGER, PRIMARY KEY(hotel, date)) WITHOUT ROWID;"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        match (event.stream.kind.as_ref(), event.name.as_str()) {
            ("stay", "CheckedIn") => {
                let StayEvent::CheckedIn { hotel, room, reservation, date } = stay_event(event)? else { return Ok(()) };
                add(tx, &hotel, date, 1, 0, i64::from(room.room_type != reservation.sold_as))
            }
            ("stay", "CheckedOut") => {
                let StayEvent::CheckedOut { hotel, date } = stay_event(event)? else { return Ok(()) };
                add(tx, &hotel, date, 0, 1, 0)
            }
            ("day", "DayOpened") => {
                let event =
                    DayEvent::decode(event.schema, &event.json).map_err(|c| SqlFault(c.to_string())).map(|e| (e, &event.stream.id))?;
                let (DayEvent::DayOpened { closed, in_house, .. }, hotel) = event else { return Ok(()) };
                add(tx, hotel, closed, 0, 0, 0)?;
                let cells: [Cell; 3] = [hotel.as_str().into(), closed.into(), i64::from(in_house).into()];
                tx.run("UPDATE days SET in_house = ?3 WHERE hotel = ?1 AND date = ?2", &cells)
            }
            _ => Ok(()),
        }
    }
}

fn add(tx: &Tx<'_>, hotel: &str, date: Date, checked_in: i64, checked_out: i64, upgraded: i64) -> Result<(), SqlFault> {
    let cells: [Cell; 5] = [hotel.into(), date.into(), checked_in.into(), checked_out.into(), upgraded.into()];
    tx.run(
        "INSERT INTO days VALUES(?1, ?2, ?3, ?4, ?5, NULL)
         ON CONFLICT(hotel, date) DO UPDATE SET checked_in = days.checked_in + excluded.checked_in,
           checked_out = days.checked_out + excluded.checked_out, upgraded = days.upgraded + excluded.upgraded",
        &cells,
    )
}

/// `GET /hotels/{hotel}/days?from&to` (`to` exclusive).
pub async fn days(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    AsOf::none(&call, super::NO_PAST)?;
    let from = call.asked_as::<Date>("from")?.unwrap_or(Date::MIN);
    let to = call.asked_as::<Date>("to")?.unwrap_or(Date::MAX);
    let sql =
        "SELECT date, checked_in, checked_out, upgraded, in_house FROM days WHERE hotel = ?1 AND date >= ?2 AND date < ?3 ORDER BY date";
    let rows = core.views.rows(sql, vec![call.param("hotel").into(), from.into(), to.into()]).await?;
    let days: Vec<_> = rows
        .iter()
        .map(|r| {
            let in_house = if r[4] == Cell::Null { None } else { Some(r[4].int()) };
            json!({"date": r[0].text(), "checked_in": r[1].int(), "checked_out": r[2].int(), "upgraded_at_checkin": r[3].int(),
                   "in_house": in_house})
        })
        .collect();
    Ok(Answer::json(&json!({"days": days})))
}
