//! What is archived leaves the store: never more than is proven, and everything is read as before.

use std::sync::Arc;
use std::time::Duration;

use archive::prune::{Gone, Pruning};
use archive::restore::{Until, restore};
use archive::verify::{Shelf, verify};
use archive::{BlobFault, BlobStore, Created, Deep};
use bytes::Bytes;
use eventstore::simulated::{Disk, Simulated};
use eventstore::{BoxFuture, EventStore, StoreFault};
use kernel::Stream;
use kernel::chance::Seeded;

use crate::bank::{empty, goes_on, memory, of, rows, sealed, store_on, trust};
use crate::drawer::Drawer;

/// A place that does not answer, or one whose every segment has a bit turned.
struct Bad(Option<Arc<dyn BlobStore>>);

impl BlobStore for Bad {
    fn place(&self) -> &str {
        "bad"
    }

    fn create(&self, _: String, _: Bytes) -> BoxFuture<'_, Result<Created, BlobFault>> {
        Box::pin(async { Err(BlobFault("bad: away".into())) })
    }

    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Bytes>, BlobFault>> {
        Box::pin(async move {
            let Some(inner) = &self.0 else { return Err(BlobFault("bad: away".into())) };
            let mut bytes = inner.get(name.clone()).await?.map(Vec::from);
            if let Some(byte) = bytes.as_mut().filter(|_| name.contains("segments/")).and_then(|bytes| bytes.get_mut(99)) {
                *byte ^= 1;
            }
            Ok(bytes.map(Bytes::from))
        })
    }

    fn list(&self, folder: String) -> BoxFuture<'_, Result<Vec<(String, u64)>, BlobFault>> {
        Box::pin(async move {
            let Some(inner) = &self.0 else { return Err(BlobFault("bad: away".into())) };
            inner.list(folder).await
        })
    }
}

fn away() -> Arc<dyn BlobStore> {
    Arc::new(Bad(None))
}

fn pruning(targets: &[Arc<dyn BlobStore>], copies: usize) -> Pruning {
    Pruning { of: of(), targets: targets.to_vec(), trust: trust(), copies }
}

async fn pruned(targets: &[Arc<dyn BlobStore>], copies: usize, store: &dyn EventStore) -> Gone {
    pruning(targets, copies).prune(store, i64::MAX, &mut |_| {}).await.expect("a store that answers")
}

fn deep(store: &Arc<Simulated>, targets: &[Arc<dyn BlobStore>]) -> Deep {
    Deep::of(store.clone(), of(), targets.to_vec(), trust())
}

/// Everything a store says, streams included, is what another one says.
async fn says_the_same(one: &dyn EventStore, other: &dyn EventStore) {
    let all = rows(other).await;
    assert!(rows(one).await == all);
    for (lane, rows) in all {
        for limit in [1, 7, 1_000] {
            let (one, other) = (one.read(lane, 3, limit).await.expect("a page"), other.read(lane, 3, limit).await.expect("a page"));
            // A page from an archive may end with its segment.
            assert!(!one.is_empty() && other.starts_with(&one), "{limit}");
        }
        for stream in rows.iter().filter_map(|row| Some(Stream::parse(&row.event.as_ref()?.stream).expect("a stream"))) {
            for after in [0, 2] {
                let (one, other) = (one.stream(lane, stream.clone(), after).await, other.stream(lane, stream.clone(), after).await);
                assert!(one.is_ok() && one == other, "{stream} after {after}");
            }
        }
    }
}

/// A store and its twin that nothing is taken from.
async fn twins(to: u64) -> (Arc<Simulated>, Arc<Simulated>) {
    let (store, twin) = (empty(), empty());
    goes_on(store.clone(), 0, to).await;
    goes_on(twin.clone(), 0, to).await;
    (store, twin)
}

#[tokio::test]
async fn what_was_pruned_is_read_from_the_archive_and_life_goes_on() {
    let (store, twin) = twins(40).await;
    let targets = [memory(), memory()];
    sealed(&targets[0], store.as_ref()).await;
    sealed(&targets[1], store.as_ref()).await;
    let gone = pruned(&targets, 2, store.as_ref()).await;
    assert!(gone.events > 20 && gone.doubts.is_empty() && gone.through.len() == 3, "{gone:?}");
    assert_eq!(store.read(*gone.through.keys().next().expect("a lane"), 0, 100).await, Err(StoreFault::Pruned));
    says_the_same(&deep(&store, &targets), twin.as_ref()).await;
    // Commands, old keys too, are answered as ever; what is new is sealed as ever, also where nothing was yet.
    goes_on(store.clone(), 0, 60).await;
    goes_on(twin.clone(), 0, 60).await;
    let behind = deep(&store, &targets);
    says_the_same(&behind, twin.as_ref()).await;
    let third = memory();
    for target in targets.iter().chain([&third]) {
        sealed(target, &behind).await;
    }
    let all = [targets[0].clone(), targets[1].clone(), third];
    assert_eq!(verify(&all, &trust(), &mut |_, _| {}).await.expect("a report").findings, []);
    let more = pruned(&all, 3, store.as_ref()).await;
    assert!(more.events > 0 && more.through > gone.through, "{more:?}");
    says_the_same(&deep(&store, &all[2..]), twin.as_ref()).await;
    for target in all {
        let (shelf, again) = (Shelf::read(target, &of(), &trust()).await.expect("a shelf"), empty());
        restore(&shelf, again.as_ref(), &Until::End, &mut |_| {}).await.expect("restored");
        assert!(rows(again.as_ref()).await == rows(twin.as_ref()).await);
    }
}

#[tokio::test]
async fn nothing_goes_that_is_not_whole_in_enough_places() {
    let (store, twin) = twins(40).await;
    let whole = memory();
    sealed(&whole, store.as_ref()).await;
    // Nowhere else; in a place that is away; in one whose every segment has a bit turned.
    let broken: Arc<dyn BlobStore> = Arc::new(Bad(Some(whole.clone())));
    for other in [None, Some(away()), Some(broken.clone())] {
        let targets: Vec<_> = std::iter::once(whole.clone()).chain(other.clone()).collect();
        let gone = pruned(&targets, 2, store.as_ref()).await;
        assert_eq!((gone.events, gone.through.len(), gone.doubts.is_empty()), (0, 0, other.is_none()), "{gone:?}");
    }
    assert!(rows(store.as_ref()).await == rows(twin.as_ref()).await);
    // Proven once it may go, and what cannot be read in one place is read in the other.
    let gone = pruned(&[broken.clone(), whole.clone()], 1, store.as_ref()).await;
    assert!(gone.events > 20 && !gone.doubts.is_empty(), "{gone:?}");
    says_the_same(&deep(&store, &[broken.clone(), away(), whole.clone()]), twin.as_ref()).await;
    let lane = *gone.through.keys().next().expect("a lane");
    for target in [broken, away(), memory()] {
        assert_eq!(deep(&store, &[target]).read(lane, 0, 9).await, Err(StoreFault::Pruned));
    }
}

#[tokio::test]
async fn what_lies_behind_a_gap_proves_nothing_of_the_gap() {
    let (store, drawer) = (empty(), Arc::new(Drawer::default()));
    let target: Arc<dyn BlobStore> = drawer.clone();
    for n in 0..3 {
        goes_on(store.clone(), n * 5, n * 5 + 5).await;
        sealed(&target, store.as_ref()).await;
    }
    let lost = drawer.things().remove(&of().manifest(2)).expect("a manifest");
    let gone = pruned(std::slice::from_ref(&target), 1, store.as_ref()).await;
    assert!(gone.events == 0 && gone.through.is_empty() && gone.doubts.iter().any(|doubt| doubt.contains("manifest-missing")), "{gone:?}");
    drawer.things().insert(of().manifest(2), lost);
    assert!(pruned(&[target], 1, store.as_ref()).await.events > 0);
}

#[tokio::test]
async fn another_history_proves_nothing_and_is_not_read() {
    let (store, other) = (empty(), empty());
    goes_on(store.clone(), 0, 40).await;
    goes_on(other.clone(), 5, 60).await;
    let (own, foreign) = (memory(), memory());
    sealed(&own, store.as_ref()).await;
    sealed(&foreign, other.as_ref()).await;
    let gone = pruned(&[own.clone(), foreign.clone()], 2, store.as_ref()).await;
    assert!(gone.events == 0 && gone.doubts.iter().all(|doubt| doubt.contains("history")) && gone.doubts.len() == 3, "{gone:?}");
    let gone = pruned(std::slice::from_ref(&own), 1, store.as_ref()).await;
    let lane = *gone.through.keys().next().expect("a lane");
    assert_eq!(deep(&store, &[foreign]).read(lane, 0, 9).await, Err(StoreFault::Pruned));
    assert!(deep(&store, &[own]).read(lane, 0, 9).await.is_ok());
}

#[tokio::test]
async fn what_is_young_stays() {
    let (store, _) = twins(40).await;
    let target = memory();
    sealed(&target, store.as_ref()).await;
    let shelf = Shelf::read(target.clone(), &of(), &trust()).await.expect("a shelf");
    let oldest = shelf.lanes.values().flatten().map(|sealed| sealed.until).min().expect("a segment");
    let until = async |at| pruning(std::slice::from_ref(&target), 1).prune(store.as_ref(), at, &mut |_| {}).await.expect("pruned").events;
    assert_eq!(until(oldest - 1).await, 0);
    assert!(until(oldest).await > 0);
}

#[tokio::test(start_paused = true)]
async fn pruning_that_is_cut_short_at_any_step_is_gone_on_with() {
    let mut cuts = 0;
    for step in 0.. {
        let disk = Disk::default();
        let (store, twin) = (Arc::new(store_on(&disk)), empty());
        goes_on(store.clone(), 0, 15).await;
        goes_on(twin.clone(), 0, 15).await;
        let targets = [memory(), memory()];
        sealed(&targets[0], store.as_ref()).await;
        sealed(&targets[1], store.as_ref()).await;
        // Each event that goes takes up to a millisecond: the crash falls somewhere between them.
        let slow = Simulated::new(disk.clone(), Arc::new(Seeded::new(step)), 1_000);
        let pruning = pruning(&targets, 2);
        let cut = tokio::time::timeout(Duration::from_micros(step * 1_000), pruning.prune(&slow, i64::MAX, &mut |_| {})).await;
        says_the_same(&deep(&store, &targets), twin.as_ref()).await;
        goes_on(store.clone(), 0, 18).await;
        goes_on(twin.clone(), 0, 18).await;
        says_the_same(&deep(&store, &targets), twin.as_ref()).await;
        let rest = pruned(&targets, 2, store.as_ref()).await;
        says_the_same(&deep(&store, &targets), twin.as_ref()).await;
        if cut.is_ok() {
            assert!(rest.events < 10 && cuts > 8, "{cuts} cuts are few");
            break;
        }
        cuts += u64::from(rest.events > 0);
    }
}
