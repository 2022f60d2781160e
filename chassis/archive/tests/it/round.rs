//! There and back: what a store is after it was sealed and restored.

use std::sync::Arc;

use archive::BlobStore;
use archive::restore::{RestoreFault, Until, restore};
use archive::seal::{Cut, SealFault};
use archive::verify::{Shelf, verify};
use eventstore::EventStore;
use eventstore::simulated::Disk;
use kernel::{Outcome, lane_of};
use testkit::bank::{Doing, Order};
use testkit::clock::Standing;
use testkit::committing::order;
use testkit::postgres::{Care, Postgres};
use testkit::{Faulty, StoreTrouble, beside};

use crate::bank::{alike, empty, goes_on, memory, of, rows, sealed, sealer, store_on, trust};

async fn shelf(target: &Arc<dyn BlobStore>) -> Shelf {
    Shelf::read(target.clone(), &of(), &trust()).await.expect("a shelf")
}

/// Sealed in three passes and restored; the store that comes back is the one that was, and goes on.
async fn there_and_back(target: Arc<dyn BlobStore>) {
    let store = empty();
    for n in 0..3 {
        goes_on(store.clone(), n * 20, n * 20 + 20).await;
        sealed(&target, store.as_ref()).await;
    }
    let before = sealed(&target, store.as_ref()).await;
    assert_eq!(before.number, sealed(&target, store.as_ref()).await.number, "nothing new makes no manifest");
    let report = verify(std::slice::from_ref(&target), &trust(), &mut |_, _| {}).await.expect("a report");
    assert_eq!(report.findings, []);
    assert!(report.read[0].segments > 6 && report.read[0].left_over == 0 && report.read[0].pending == 0, "{report:?}");

    let again = empty();
    let heads = restore(&shelf(&target).await, again.as_ref(), &Until::End, &mut |_| {}).await.expect("restored");
    assert_eq!(heads, store.heads().await.expect("heads"));
    assert_eq!(rows(again.as_ref()).await, rows(store.as_ref()).await);
    assert_eq!(again.claims(String::new()).await, store.claims(String::new()).await);
    assert!(!again.claims(String::new()).await.expect("claims").is_empty());
    // Old keys are answered, new commands are decided on the old state.
    beside(again.clone(), Arc::new(Standing), async |committer| {
        let old = order(&committer, "north/0", Order::at("north", Doing::Open("a0".into()))).await;
        assert!(matches!(old.outcome, Outcome::Applied { replayed: true, .. }), "{old:?}");
        let new = order(&committer, "new", Order::at("north", Doing::Open("a0".into()))).await;
        assert!(matches!(new.outcome, Outcome::Rejected(_)), "{new:?}");
    })
    .await;
    // It goes on in the same archive; a store that is not empty is not restored into.
    sealed(&target, again.as_ref()).await;
    let taken = restore(&shelf(&target).await, store.as_ref(), &Until::Positions(Default::default()), &mut |_| {}).await;
    assert!(matches!(taken, Err(RestoreFault::Taken(_))), "{taken:?}");
}

#[tokio::test]
async fn a_store_is_the_same_after_it_was_archived_in_memory() {
    there_and_back(memory()).await;
}

#[tokio::test]
async fn a_store_is_the_same_after_it_was_archived_in_a_directory() {
    let dir = tempfile::tempdir().expect("a directory");
    there_and_back(archive::open(&format!("file://{}/not/there/yet", dir.path().display())).expect("a target")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_is_the_same_after_it_was_archived_in_postgresql() {
    let server = Postgres::start(Care::None);
    let url = server.database("archive");
    there_and_back(archive::open(&url).expect("a target")).await;
    // Those who read with SQL find the same rows as columns.
    let sql =
        "SELECT count(*), count(stream), count(DISTINCT lane), bool_and(data IS NOT NULL) FROM ph_archive.event WHERE service = 'bank'";
    let counted = server.sql("archive", sql).expect("rows");
    let [all, events, lanes, whole] = counted.trim().split('|').collect::<Vec<_>>()[..] else { panic!("{counted}") };
    let (all, events): (u64, u64) = (all.parse().expect("a number"), events.parse().expect("a number"));
    assert!(all > events && events > 100 && (lanes, whole) == ("3", "t"), "{counted}");
}

#[tokio::test]
async fn a_restore_that_was_cut_short_goes_on() {
    let (target, store) = (memory(), empty());
    goes_on(store.clone(), 0, 60).await;
    sealed(&target, store.as_ref()).await;
    let again = empty();
    let some = shelf(&target).await.lanes.keys().map(|lane| (*lane, 30)).collect();
    restore(&shelf(&target).await, again.as_ref(), &Until::Positions(some), &mut |_| {}).await.expect("a part");
    assert!(rows(again.as_ref()).await.values().all(|rows| (20..=30).contains(&rows.len())));
    restore(&shelf(&target).await, again.as_ref(), &Until::End, &mut |_| {}).await.expect("the rest");
    assert_eq!(rows(again.as_ref()).await, rows(store.as_ref()).await);
}

#[tokio::test]
async fn a_store_that_has_something_else_is_not_restored_into() {
    let target = memory();
    sealed(&target, alike("us", &["north"]).await.as_ref()).await;
    let longer = alike("us", &["north"]).await;
    goes_on(longer.clone(), 0, 3).await;
    for other in [alike("them", &["north"]).await, alike("us", &["north", "south"]).await, longer] {
        let before = rows(other.as_ref()).await;
        let refused = restore(&shelf(&target).await, other.as_ref(), &Until::End, &mut |_| {}).await;
        assert!(matches!(refused, Err(RestoreFault::Taken(_))), "{refused:?}");
        assert_eq!(rows(other.as_ref()).await, before);
    }
}

#[tokio::test]
async fn a_position_inside_a_command_leaves_the_command_out() {
    let (target, store) = (memory(), empty());
    goes_on(store.clone(), 0, 20).await;
    sealed(&target, store.as_ref()).await;
    let all = rows(store.as_ref()).await;
    let lane = lane_of("north");
    for last in 0..all[&lane].len() as u64 {
        let again = empty();
        let until = Until::Positions([(lane, last)].into());
        restore(&shelf(&target).await, again.as_ref(), &until, &mut |_| {}).await.expect("restored");
        let there = rows(again.as_ref()).await.remove(&lane).unwrap_or_default();
        let next = all[&lane].get(there.len());
        assert!(there.len() as u64 <= last && next.is_none_or(|row| row.event.is_none()), "up to {last}: {}", there.len());
        let following =
            all[&lane].iter().skip(there.len() + 1).find(|row| row.event.is_none()).map_or(all[&lane].len() as u64 + 1, |row| row.pos);
        assert!(following > last + 1, "up to {last}: as much as there is, not {} only", there.len());
    }
}

#[tokio::test]
async fn an_archive_of_another_history_is_not_gone_on_with() {
    let (target, store, other) = (memory(), empty(), empty());
    goes_on(store.clone(), 0, 20).await;
    sealed(&target, store.as_ref()).await;
    goes_on(other.clone(), 7, 40).await;
    // Nor by a store that went back, from before it has anything new.
    let back = empty();
    let some = shelf(&target).await.lanes.keys().map(|lane| (*lane, 10)).collect();
    restore(&shelf(&target).await, back.as_ref(), &Until::Positions(some), &mut |_| {}).await.expect("a part");
    for store in [other, back] {
        let refused = sealer(target.clone()).pass(store.as_ref(), Cut::All, &mut |_, _| {}).await;
        assert!(matches!(&refused, Err(SealFault::Differs(why)) if why.contains("something else there")), "{refused:?}");
    }
}

#[tokio::test]
async fn segments_of_a_pass_that_never_listed_them_are_taken_if_they_are_of_this_history() {
    let (store, other) = (empty(), empty());
    goes_on(store.clone(), 0, 20).await;
    // As many positions in as many commands, of which none is the same.
    goes_on(other.clone(), 20, 40).await;
    for (whose, is_its_own) in [(&store, true), (&other, false)] {
        let (target, whole) = (memory(), memory());
        sealed(&whole, whose.as_ref()).await;
        let folder = format!("{}segments/", of().folder());
        for (name, _) in whole.list(folder.clone()).await.expect("names") {
            let bytes = whole.get(name.clone()).await.expect("an answer").expect("a segment");
            target.create(name, bytes).await.expect("made");
        }
        let left = target.list(folder.clone()).await.expect("names");
        let passed = sealer(target.clone()).pass(store.as_ref(), Cut::All, &mut |_, _| {}).await;
        assert_eq!(target.list(folder).await.expect("names"), left, "nothing is made beside them");
        match passed {
            Ok(_) if is_its_own => assert_eq!(shelf(&target).await.findings, []),
            Err(SealFault::Differs(why)) if !is_its_own => assert!(why.contains("another history"), "{why}"),
            passed => panic!("its own: {is_its_own}, and {passed:?}"),
        }
    }
}

#[tokio::test]
async fn only_full_segments_are_sealed_when_nothing_else_is_asked() {
    let (target, store) = (memory(), empty());
    goes_on(store.clone(), 0, 60).await;
    sealer(target.clone()).pass(store.as_ref(), Cut::Full, &mut |_, _| {}).await.expect("sealed");
    let listed: Vec<u64> = shelf(&target).await.lanes.values().flatten().map(|s| s.last - s.first + 1).collect();
    assert!(listed.len() >= 6 && listed.iter().all(|n| (12..=28).contains(n)), "{listed:?}");
}

#[tokio::test]
async fn a_store_that_does_not_answer_costs_nothing() {
    let (target, disk) = (memory(), Disk::default());
    goes_on(Arc::new(store_on(&disk)), 0, 30).await;
    for passing in 0..8 {
        let faulty = Faulty::new(store_on(&disk));
        faulty.next(StoreTrouble::Read, passing);
        let failed = sealer(target.clone()).pass(&faulty, Cut::All, &mut |_, _| {}).await;
        assert_eq!(failed.is_err(), faulty.fired(StoreTrouble::Read) > 0, "{failed:?}");
    }
    sealed(&target, &store_on(&disk)).await;
    let report = verify(std::slice::from_ref(&target), &trust(), &mut |_, _| {}).await.expect("a report");
    assert_eq!((report.findings, report.read[0].left_over), (vec![], 0));
}
