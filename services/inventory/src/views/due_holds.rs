//! Holds by when they end: the due table of the expiry timer.

use eventstore::{Deciding, Recorded};
use feed::sql::{Cell, SqlFault};
use feed::{Due, Fact, Timer, Tx, View};
use kernel::Lane;

use super::nights::event_of;
use crate::domain::expire_holds::ExpireHolds;
use crate::domain::ledger::LedgerEvent;

/// One row an open hold.
pub struct DueHolds;

impl View for DueHolds {
    fn schema(&self) -> &'static str {
        "CREATE TABLE due_holds(hotel TEXT NOT NULL, reservation TEXT NOT NULL, until_us INTEGER NOT NULL, PRIMARY KEY(hotel, reservation)) WITHOUT ROWID;
         CREATE INDEX due_holds_until ON due_holds(until_us);"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        if event.stream.kind != "ledger" {
            return Ok(());
        }
        let hotel = event.stream.id.as_str();
        match event.name.as_str() {
            "Held" | "HoldExtended" => {
                let (LedgerEvent::Held { nights, until } | LedgerEvent::HoldExtended { nights, until }) = event_of(event)? else {
                    return Ok(());
                };
                let cells: [Cell; 3] = [hotel.into(), nights.reservation.into(), until.0.into()];
                tx.run("INSERT OR REPLACE INTO due_holds VALUES(?1, ?2, ?3)", &cells)
            }
            "Unheld" | "HoldExpired" | "Sold" => {
                let (LedgerEvent::Unheld { nights } | LedgerEvent::HoldExpired { nights } | LedgerEvent::Sold { nights, .. }) =
                    event_of(event)?
                else {
                    return Ok(());
                };
                tx.run("DELETE FROM due_holds WHERE hotel = ?1 AND reservation = ?2", &[hotel.into(), nights.reservation.into()])
            }
            _ => Ok(()),
        }
    }
}

/// Ends holds whose time is over when no other ledger decision does it first.
pub fn timer() -> Timer {
    Timer {
        due: "SELECT hotel, MIN(until_us) FROM due_holds WHERE until_us <= ?1 GROUP BY hotel LIMIT 100",
        fire: |row| {
            let hotel = row[0].text().to_owned();
            let work = Box::new(Deciding(ExpireHolds { hotel: hotel.clone() }));
            Due { key: format!("timer/ledger/{hotel}/{}", row[1].int()), fact: Fact { partition: hotel, work } }
        },
    }
}
