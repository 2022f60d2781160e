//! What the read models make of a hold that ends later and of a reservation with other nights.

use std::sync::Arc;

use contracts::inventory::InventoryFact;
use eventstore::{Record, Recorded};
use feed::View;
use feed::sql::Db;
use inventory::domain::ledger::{LedgerEvent, NightLedger};
use inventory::publish::publish;
use inventory::views::{due_holds, due_holds::DueHolds, night_books::NightBooks, nights::Nights};
use kernel::{Aggregate, Event, Timestamp, Verdict, lane_of};

use crate::ledger::{NOON, held, hotel, june, nights, sold};

fn recorded(event: &LedgerEvent) -> Recorded {
    let by = Record {
        caller: "x".into(),
        key: "k".into(),
        fingerprint: "f".into(),
        verdict: Verdict::Applied("null".into()),
        at: Timestamp(1),
        actor: String::new(),
        causation: String::new(),
        traceparent: String::new(),
        business_date: Some(june(1)),
        claims: vec![],
    };
    let (stream, json) = (NightLedger::stream("H"), event.encode());
    let name = kernel::aggregate::name_of(&json).to_owned();
    Recorded { stream, version: 1, name, schema: 1, json, command_pos: 1, by: Arc::new(by) }
}

/// The views of a hotel to which this happened.
async fn after(more: impl IntoIterator<Item = LedgerEvent>) -> Db {
    let views: [Arc<dyn View>; 3] = [Arc::new(Nights), Arc::new(NightBooks), Arc::new(DueHolds)];
    let db = Db::in_memory(&views.iter().map(|view| view.schema()).collect::<Vec<_>>().join("\n")).expect("a database");
    for (pos, event) in (1u64..).zip(hotel().into_iter().chain(more)) {
        let (views, event) = (views.clone(), recorded(&event));
        let apply = move |tx: &feed::Tx<'_>| views.iter().try_for_each(|view| view.apply(tx, lane_of("H"), pos, &event));
        db.write(apply).await.expect("a view that is not poisoned");
    }
    db
}

/// The nights on which something is sold, day by day.
async fn sold_on(db: &Db, sql: &'static str) -> Vec<String> {
    db.rows(sql, vec![]).await.expect("rows").iter().map(|row| row[0].text()[8..].to_owned()).collect()
}

fn amended(had: (i8, i8), has: (i8, i8), revision: u32) -> LedgerEvent {
    let (new_arrival, new_departure) = (june(has.0), june(has.1));
    LedgerEvent::Amended { nights: nights("r1", "A", had.0, had.1), new_arrival, new_departure, revision }
}

#[tokio::test]
async fn the_timer_forgets_the_old_end_of_a_hold_and_finds_the_new_one() {
    let until = NOON.plus_ms(600_000);
    let db = after([held("r1", "A", 1, 3), LedgerEvent::HoldExtended { nights: nights("r1", "A", 1, 3), until }]).await;
    let due = async |now: Timestamp| db.rows(due_holds::timer().due, vec![now.0.into()]).await.expect("rows").len();
    assert_eq!((due(NOON.plus_ms(60_000)).await, due(until.plus_ms(-1)).await, due(until).await), (0, 0, 1));
}

#[tokio::test]
async fn availability_and_the_books_follow_an_amendment() {
    let nights = "SELECT night FROM nights WHERE room_type = 'A' AND sold = 1 AND held = 0 ORDER BY night";
    let books = "SELECT night FROM night_books WHERE sold = 1 ORDER BY night";
    for has in [(1, 3), (3, 6), (5, 9), (3, 3), (1, 9), (2, 5)] {
        let db = after(sold("r1", "A", 2, 5).into_iter().chain([amended((2, 5), has, 2)])).await;
        let due: Vec<String> = (has.0..has.1).map(|day| format!("{day:02}")).collect();
        assert_eq!((sold_on(&db, nights).await, sold_on(&db, books).await), (due.clone(), due), "{has:?}");
    }
}

#[test]
fn the_feed_tells_the_nights_a_reservation_has_now_and_nothing_of_holds() {
    let public = publish(&recorded(&amended((2, 5), (3, 6), 2))).expect("public");
    let fact = InventoryFact::Amended { reservation: "r1".into(), arrival: june(3), departure: june(6) };
    assert_eq!((public.kind, serde_json::from_value(public.data).ok()), ("inventory.Amended", Some(fact)));
    assert!(publish(&recorded(&LedgerEvent::HoldExtended { nights: nights("r1", "A", 1, 3), until: NOON })).is_none());
}
