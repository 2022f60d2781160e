//! Sealing that is cut short at every step, with the step done and not done, and two that seal at once. What finds nothing wrong
//! with sealing is shown to find what is wrong with sealing that does it in another order, or on a target that keeps nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use archive::restore::{Until, restore};
use archive::seal::{Cut, SealFault, Stand};
use archive::verify::{Shelf, verify};
use archive::{BlobFault, BlobStore, Created};
use bytes::Bytes;
use eventstore::simulated::Simulated;
use eventstore::{BoxFuture, EventStore};
use kernel::Chance;
use kernel::chance::Seeded;

use crate::bank::{alike, empty, goes_on, memory, of, rows, sealer, trust};
use crate::drawer::Drawer;

/// A target that is lost at a step: from then on nothing answers. The step itself may have been done.
struct Lost {
    inner: Arc<dyn BlobStore>,
    steps: AtomicU64,
    at: u64,
    is_done: bool,
}

impl Lost {
    /// `Some(true)`: do it and be lost; `Some(false)`: be lost.
    fn strikes(&self) -> Option<bool> {
        let step = self.steps.fetch_add(1, Ordering::Relaxed);
        (step >= self.at).then_some(step == self.at && self.is_done)
    }
}

fn lost<T>() -> Result<T, BlobFault> {
    Err(BlobFault("lost".into()))
}

impl BlobStore for Lost {
    fn place(&self) -> &str {
        self.inner.place()
    }

    fn create(&self, name: String, bytes: Bytes) -> BoxFuture<'_, Result<Created, BlobFault>> {
        Box::pin(async move {
            match self.strikes() {
                None => self.inner.create(name, bytes).await,
                Some(is_done) => {
                    if is_done {
                        self.inner.create(name, bytes).await?;
                    }
                    lost()
                }
            }
        })
    }

    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Bytes>, BlobFault>> {
        Box::pin(async move { if self.strikes().is_some() { lost() } else { self.inner.get(name).await } })
    }

    fn list(&self, folder: String) -> BoxFuture<'_, Result<Vec<(String, u64)>, BlobFault>> {
        Box::pin(async move { if self.strikes().is_some() { lost() } else { self.inner.list(folder).await } })
    }
}

/// A target that lets others have their turn between any two steps, and does not keep what sealing counts on, if it is told so.
struct Turns {
    inner: Arc<dyn BlobStore>,
    breaks: Breaks,
    held: Mutex<Vec<(String, Bytes)>>,
    chance: Seeded,
}

/// What is not kept.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Breaks {
    Nothing,
    /// A manifest is there before the segments it lists.
    Order,
    /// What is there is written over, and taken for new.
    Once,
}

impl Turns {
    fn of(inner: Arc<dyn BlobStore>, breaks: Breaks, seed: u64) -> Arc<dyn BlobStore> {
        Arc::new(Self { inner, breaks, held: Mutex::default(), chance: Seeded::new(seed) })
    }

    async fn turn(&self) {
        for _ in 0..self.chance.below(4) {
            tokio::task::yield_now().await;
        }
    }
}

impl BlobStore for Turns {
    fn place(&self) -> &str {
        self.inner.place()
    }

    fn create(&self, name: String, bytes: Bytes) -> BoxFuture<'_, Result<Created, BlobFault>> {
        Box::pin(async move {
            self.turn().await;
            if self.breaks == Breaks::Order && name.contains("segments/") {
                self.held.lock().expect("no panic").push((name, bytes));
                return Ok(Created::New);
            }
            let created = self.inner.create(name, bytes).await;
            let held = std::mem::take(&mut *self.held.lock().expect("no panic"));
            for (name, bytes) in held {
                self.inner.create(name, bytes).await?;
            }
            created
        })
    }

    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Bytes>, BlobFault>> {
        Box::pin(async move {
            self.turn().await;
            self.inner.get(name).await
        })
    }

    fn list(&self, folder: String) -> BoxFuture<'_, Result<Vec<(String, u64)>, BlobFault>> {
        Box::pin(async move {
            self.turn().await;
            self.inner.list(folder).await
        })
    }
}

/// What is unsound about an archive: findings, something left behind, or a store that does not come back from it.
async fn unsound(target: &Arc<dyn BlobStore>, store: &dyn EventStore, left_over: u64) -> Vec<String> {
    let report = verify(std::slice::from_ref(target), &trust(), &mut |_, _| {}).await.expect("a report");
    let mut wrong: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    if report.read.iter().any(|read| read.pending > 0 || read.left_over > left_over) {
        wrong.push(format!("something is left: {:?}", report.read));
    }
    let shelf = Shelf::read(target.clone(), &of(), &trust()).await.expect("a shelf");
    let again = empty();
    match restore(&shelf, again.as_ref(), &Until::End, &mut |_| {}).await {
        Err(fault) => wrong.push(fault.to_string()),
        Ok(_) if rows(again.as_ref()).await != rows(store).await => wrong.push("another store comes back".into()),
        Ok(_) => {}
    }
    wrong
}

/// Passes that are lost at each step in turn, and gone on with; what is unsound then.
async fn lost_anywhere(breaks: Breaks) -> Vec<String> {
    let mut wrong = Vec::new();
    for is_done in [false, true] {
        for at in 0.. {
            let (target, store) = (memory(), empty());
            goes_on(store.clone(), 0, 30).await;
            let lost = Arc::new(Lost { inner: target.clone(), steps: AtomicU64::new(0), at, is_done });
            let passed = sealer(Turns::of(lost, breaks, at)).pass(store.as_ref(), Cut::All, &mut |_, _| {}).await;
            // Meanwhile business goes on: the lanes are longer when the next pass comes.
            goes_on(store.clone(), 30, 38).await;
            let again = sealer(target.clone()).pass(store.as_ref(), Cut::All, &mut |_, _| {}).await;
            wrong.extend(again.err().map(|fault| fault.to_string()));
            wrong.extend(unsound(&target, store.as_ref(), 0).await);
            if !wrong.is_empty() {
                return wrong;
            }
            if passed.is_ok() {
                assert!(at > 8, "{at} steps are few");
                break;
            }
        }
    }
    wrong
}

/// Two that seal at once while business goes on, round after round; what is unsound in the end.
async fn two_at_once(breaks: Breaks) -> Vec<String> {
    let (mut wrong, mut met) = (Vec::new(), 0);
    for seed in 0..4 {
        let drawer = if breaks == Breaks::Once { Drawer::that_writes_over() } else { Drawer::default() };
        let (target, store): (Arc<dyn BlobStore>, _) = (Arc::new(drawer), empty());
        // More than one manifest lists: what is written over between two of them breaks their chain.
        goes_on(store.clone(), 0, 50).await;
        let [one, two] = [1, 2].map(|n| sealer(Turns::of(target.clone(), Breaks::Nothing, seed * n)));
        let (mut quiet, mut silent, mut raced) = (|_, _| {}, |_, _| {}, 0);
        for round in 0..2 {
            let (first, store) = (one.pass(store.as_ref(), Cut::All, &mut quiet), &store);
            // The other one comes when the first is under way, and there is more by then.
            let later = async {
                goes_on(store.clone(), 50 + round * 40, 51 + seed + round * 40).await;
                two.pass(store.as_ref(), Cut::All, &mut silent).await
            };
            let (a, b) = futures::join!(first, later);
            goes_on(store.clone(), 60 + round * 40, 90 + round * 40).await;
            let of_race = |passed: &Result<Stand, SealFault>| matches!(passed, Err(SealFault::Raced));
            raced += u32::from(of_race(&a)) + u32::from(of_race(&b));
            wrong.extend([a, b].into_iter().filter(|passed| !of_race(passed)).filter_map(Result::err).map(|fault| fault.to_string()));
        }
        met += raced;
        let last = sealer(target.clone()).pass(store.as_ref(), Cut::All, &mut |_, _| {}).await;
        wrong.extend(last.err().map(|fault| fault.to_string()));
        wrong.extend(unsound(&target, store.as_ref(), 9).await);
        if !wrong.is_empty() {
            return wrong;
        }
    }
    assert!(met > 0 || breaks != Breaks::Nothing, "they never met");
    wrong
}

#[tokio::test]
async fn a_pass_that_is_lost_at_any_step_is_gone_on_with() {
    assert_eq!(lost_anywhere(Breaks::Nothing).await, Vec::<String>::new());
}

#[tokio::test]
async fn two_that_seal_at_once_make_one_history() {
    assert_eq!(two_at_once(Breaks::Nothing).await, Vec::<String>::new());
}

#[tokio::test]
async fn sealing_that_is_not_in_order_and_targets_that_write_over_are_noticed() {
    assert!(lost_anywhere(Breaks::Order).await.iter().any(|wrong| wrong.contains("segment-missing")));
    assert!(!two_at_once(Breaks::Once).await.is_empty());
}

#[tokio::test]
async fn segments_of_another_history_that_were_not_listed_are_not_taken_for_ones_own() {
    let (drawer, ours, theirs) = (Arc::new(Drawer::default()), alike("us", &["north"]).await, alike("them", &["north"]).await);
    let pass = async |store: &Simulated| sealer(drawer.clone()).pass(store, Cut::All, &mut |_, _| {}).await;
    pass(&theirs).await.expect("sealed");
    for name in drawer.names("manifests/") {
        drawer.things().remove(&name);
    }
    let before = drawer.things().clone();
    let refused = pass(&ours).await;
    assert!(matches!(&refused, Err(SealFault::Differs(why)) if why.contains("another history")), "{refused:?}");
    assert!(*drawer.things() == before, "nothing is added");
    pass(&theirs).await.expect("sealed");
    let target: Arc<dyn BlobStore> = drawer.clone();
    assert_eq!(unsound(&target, theirs.as_ref(), 0).await, Vec::<String>::new());
}
