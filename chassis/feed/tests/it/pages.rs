//! Pages and cursors, as the source serves them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use eventstore::simulated::Disk;
use eventstore::sqlite::Sqlite;
use feed::page::{CursorFault, Feed, PAGE};
use feed::{Cursor, Page};
use kernel::lane_of;
use testkit::bank::{Doing, Order};
use testkit::committing::order;

use crate::source::Bank;

/// Follows without waiting until there is no news.
async fn all(bank: &Bank) -> Vec<Page> {
    let (mut cursors, mut pages) = (BTreeMap::new(), Vec::new());
    while let Some(page) = bank.page(&cursors.values().cloned().collect::<Vec<_>>()).await.expect("a page") {
        cursors.insert(page.next.lane, page.next.clone());
        pages.push(page);
    }
    pages
}

#[tokio::test(start_paused = true)]
async fn pages_follow_each_other_without_a_gap_and_private_events_leave_holes() {
    Bank::on(&Disk::default(), async |bank| {
        bank.pay("north", "a", 3).await;
        bank.pay("south", "b", 2).await;
        order(&bank.committer, "often", Order::at("north", Doing::Often("a".into(), 1_200))).await;
        let pages = all(&bank).await;
        let mut ends: BTreeMap<u8, u64> = BTreeMap::new();
        for page in &pages {
            let end = ends.entry(page.next.lane).or_default();
            assert_eq!(page.from, *end, "a page says where it begins");
            assert!(page.next.pos - page.from <= PAGE as u64);
            assert!(page.events.iter().all(|e| page.from < e.pos && e.pos <= page.next.pos));
            assert!(page.events.windows(2).all(|pair| pair[0].pos < pair[1].pos));
            *end = page.next.pos;
        }
        assert_eq!(ends, bank.heads());
        let north = pages.iter().filter(|page| page.next.lane == lane_of("north")).flat_map(|page| &page.events);
        let positions: Vec<u64> = north.map(|e| e.pos).collect();
        // Positions 1 and 2 are a record and a private event, 3, 5, 7 and 9 are records.
        assert_eq!(positions[..5], [4, 6, 8, 10, 11]);
        assert_eq!(positions.len(), 1_203);
        let event = &pages.iter().flat_map(|page| &page.events).next().expect("an event");
        assert_eq!((event.kind.as_str(), event.source.as_str()), ("bank.Paid", "/posthouse/local/bank"));
        assert!(event.id.starts_with("bank/sim/") && event.causationid.starts_with("because/") && event.traceparent.starts_with("00-"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_cursor_ahead_or_on_another_branch_is_told_so_and_never_moved() {
    Bank::on(&Disk::default(), async |bank| {
        bank.pay("north", "a", 3).await;
        let last = all(&bank).await.pop().expect("a page").next;
        assert_eq!(bank.page(std::slice::from_ref(&last)).await, Ok(None));
        let with = |change: fn(&mut Cursor)| {
            let mut cursor = last.clone();
            change(&mut cursor);
            [cursor]
        };
        assert_eq!(bank.page(&with(|c| c.pos += 1)).await, Err(CursorFault::Ahead));
        assert_eq!(bank.page(&with(|c| c.pos += 1_000)).await, Err(CursorFault::Ahead));
        assert_eq!(bank.page(&with(|c| c.hash8 = "00000000".into())).await, Err(CursorFault::Fork));
        assert_eq!(bank.page(&with(|c| c.pos -= 1)).await, Err(CursorFault::Fork), "the hash is the one of another position");
        assert_eq!(bank.page(&with(|c| c.incarnation = "another".into())).await, Err(CursorFault::Fork));
        assert_eq!(bank.page(&with(|c| c.lane = (c.lane + 1) % 16)).await, Err(CursorFault::Ahead));
    })
    .await;
}

#[tokio::test]
async fn a_cursor_whose_news_was_taken_out_is_told_so_and_never_moved() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bank.db");
    let store = Arc::new(Sqlite::open(&path, "sim").expect("a store"));
    testkit::beside(store.clone(), Arc::new(testkit::TokioClock::start()), |committer| async move {
        order(&committer, "open", Order::at("north", Doing::Open("a".into()))).await;
        for n in 0..5 {
            order(&committer, &format!("pay/{n}"), Order::at("north", Doing::Pay("a".into(), 1))).await;
        }
        let feed = Feed { service: "bank", store: store.as_ref(), publish: crate::source::publish };
        let commits = || committer.commits.clone();
        let page = feed.next(&[], commits(), Duration::ZERO).await.expect("no fault").expect("a page");
        // Positions up to 6 are archived and taken out.
        let file = rusqlite::Connection::open(&path).expect("the file");
        assert_eq!(file.execute("DELETE FROM log WHERE pos <= 6", []).expect("taken out"), 6);
        let at = |pos: u64| {
            let hash8 = if pos == page.next.pos { page.next.hash8.clone() } else { "00000000".into() };
            [Cursor { pos, hash8, ..page.next.clone() }]
        };
        for gone in [0, 1, 4, 5] {
            assert_eq!(feed.next(&at(gone), commits(), Duration::ZERO).await, Err(CursorFault::Gone), "{gone}");
        }
        assert_eq!(feed.next(&[], commits(), Duration::ZERO).await, Err(CursorFault::Gone));
        assert_eq!(feed.next(&at(9), commits(), Duration::ZERO).await, Err(CursorFault::Fork), "what is still here is still checked");
        assert_eq!(feed.next(&at(page.next.pos), commits(), Duration::ZERO).await, Ok(None));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_news_and_no_longer_than_it_says() {
    Bank::on(&Disk::default(), async |bank| {
        let began = tokio::time::Instant::now();
        assert_eq!(bank.page_within(&[], Duration::from_secs(20)).await, Ok(None));
        assert_eq!(began.elapsed().as_secs(), 20);
        let later = async {
            tokio::time::sleep(Duration::from_secs(7)).await;
            bank.pay("north", "a", 1).await;
        };
        let (page, ()) = futures::join!(bank.page_within(&[], Duration::from_secs(20)), later);
        assert!(page.expect("no fault").is_some());
        assert_eq!(began.elapsed().as_secs(), 27);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_busy_lane_does_not_keep_the_others_waiting() {
    Bank::on(&Disk::default(), async |bank| {
        bank.pay("north", "a", 1).await;
        bank.pay("south", "b", 1).await;
        let (mut cursors, mut seen) = (BTreeMap::<u8, Cursor>::new(), BTreeMap::<u8, u32>::new());
        for n in 0..20 {
            // Before each page the one lane grows by more than a page holds.
            let doing = Order::at("north", Doing::Often("a".into(), 600));
            order(&bank.committer, &format!("often{n}"), doing).await;
            bank.pay("south", "b", 1).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let asked: Vec<Cursor> = cursors.values().cloned().collect();
            let page = bank.page(&asked).await.expect("no fault").expect("news");
            *seen.entry(page.next.lane).or_default() += 1;
            cursors.insert(page.next.lane, page.next);
        }
        assert!(seen.get(&lane_of("south")).is_some_and(|n| *n >= 3), "{seen:?}");
    })
    .await;
}
