//! Sealing that is cut short at every step, with the step done and not done, and two that seal at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use archive::restore::{Until, restore};
use archive::seal::Cut;
use archive::verify::{Shelf, verify};
use archive::{BlobFault, BlobStore, Created};
use bytes::Bytes;
use eventstore::{BoxFuture, EventStore};

use crate::bank::{empty, goes_on, memory, of, rows, sealed, sealer, trust};

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

/// Whole, with nothing twice, and the store comes back from it.
async fn is_sound(target: &Arc<dyn BlobStore>, store: &dyn EventStore, left_over: u64) {
    let report = verify(std::slice::from_ref(target), &trust(), &mut |_, _| {}).await.expect("a report");
    assert_eq!(report.findings, []);
    assert!(report.read[0].pending == 0 && report.read[0].left_over <= left_over, "{report:?}");
    let shelf = Shelf::read(target.clone(), &of(), &trust()).await.expect("a shelf");
    let again = empty();
    restore(&shelf, again.as_ref(), &Until::End, &mut |_| {}).await.expect("restored");
    assert_eq!(rows(again.as_ref()).await, rows(store).await);
}

#[tokio::test]
async fn a_pass_that_is_lost_at_any_step_is_gone_on_with() {
    for is_done in [false, true] {
        for at in 0.. {
            let (target, store) = (memory(), empty());
            goes_on(store.clone(), 0, 40).await;
            let lost = Arc::new(Lost { inner: target.clone(), steps: AtomicU64::new(0), at, is_done });
            let passed = sealer(lost).pass(store.as_ref(), Cut::All, &mut |_, _| {}).await;
            // Meanwhile business goes on: the lanes are longer when the next pass comes.
            goes_on(store.clone(), 40, 50).await;
            sealed(&target, store.as_ref()).await;
            is_sound(&target, store.as_ref(), 0).await;
            if passed.is_ok() {
                assert!(at > 10, "{at} steps are few");
                break;
            }
        }
    }
}

#[tokio::test]
async fn two_that_seal_at_once_make_one_history() {
    let (target, store) = (memory(), empty());
    goes_on(store.clone(), 0, 30).await;
    let (one, two) = (sealer(target.clone()), sealer(target.clone()));
    let (mut quiet, mut silent) = (|_, _| {}, |_, _| {});
    for round in 0..4 {
        let (a, b) = futures::join!(one.pass(store.as_ref(), Cut::All, &mut quiet), two.pass(store.as_ref(), Cut::All, &mut silent));
        assert!(a.is_ok() || b.is_ok(), "{a:?} {b:?}");
        goes_on(store.clone(), 30 + round * 10, 40 + round * 10).await;
    }
    sealed(&target, store.as_ref()).await;
    is_sound(&target, store.as_ref(), 3).await;
}
