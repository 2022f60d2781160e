//! The list of hotels.

use std::sync::Arc;

use contracts::hotels::HotelFact;
use eventstore::Recorded;
use feed::sql::SqlFault;
use feed::{Tx, View};
use kernel::{Event, Lane};
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde_json::json;

use crate::domain::hotel::HotelEvent;

/// One row a hotel.
pub struct Hotels;

impl View for Hotels {
    fn schema(&self) -> &'static str {
        "CREATE TABLE hotels(hotel TEXT PRIMARY KEY, name TEXT NOT NULL, opens_on TEXT NOT NULL, currency TEXT NOT NULL) WITHOUT ROWID;"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        if event.stream.kind != "hotel" {
            return Ok(());
        }
        let HotelEvent(fact) = HotelEvent::decode(event.schema, &event.json).map_err(|c| SqlFault(c.to_string()))?;
        let h = match fact {
            HotelFact::HotelDefined(h) | HotelFact::HotelChanged(h) => h,
            HotelFact::HotelDeleted(h) => return tx.run("DELETE FROM hotels WHERE hotel = ?1", &[h.hotel.into()]),
            _ => return Ok(()),
        };
        let cells = [h.hotel.into(), h.name.into(), h.opens_on.into(), h.currency.as_str().into()];
        tx.run("INSERT OR REPLACE INTO hotels VALUES(?1, ?2, ?3, ?4)", &cells)
    }
}

/// `GET /hotels`.
pub async fn list(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    AsOf::none(&call, "the list of hotels is the present one; ask for each hotel as of an instant or a position")?;
    let rows = core.views.rows("SELECT hotel, name, opens_on, currency FROM hotels ORDER BY hotel LIMIT 1000", vec![]).await?;
    let items: Vec<_> =
        rows.iter().map(|r| json!({"hotel": r[0].text(), "name": r[1].text(), "opens_on": r[2].text(), "currency": r[3].text()})).collect();
    Ok(Answer::json(&json!({"items": items, "next": null})))
}
