//! The latest value of something, and waking those who wait for news of it in the order they came.
//!
//! Has the shape of `tokio::sync::watch`. That one spreads its waiters over several queues by a dice nobody can seed, so
//! two followers of one lane would wake in another order each run, and an equal seed would not give an equal trace.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use tokio::sync::Notify;

struct Shared<T> {
    value: RwLock<T>,
    version: AtomicU64,
    is_closed: AtomicBool,
    news: Notify,
}

impl<T> Shared<T> {
    fn read(&self) -> RwLockReadGuard<'_, T> {
        self.value.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }
}

/// The sender is gone: there will be no more news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// Where the value is changed.
pub struct Sender<T>(Arc<Shared<T>>);

/// Where the value is seen.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    seen: u64,
}

/// A value to watch; the receiver has seen it.
pub fn channel<T>(value: T) -> (Sender<T>, Receiver<T>) {
    let shared =
        Arc::new(Shared { value: RwLock::new(value), version: AtomicU64::new(0), is_closed: AtomicBool::new(false), news: Notify::new() });
    (Sender(shared.clone()), Receiver { shared, seen: 0 })
}

impl<T> Sender<T> {
    /// Changes the value; news when the closure says so.
    pub fn send_if_modified(&self, change: impl FnOnce(&mut T) -> bool) {
        let mut value = self.0.value.write().unwrap_or_else(PoisonError::into_inner);
        if change(&mut value) {
            // Raised under the lock: whoever has read this version has read this value.
            self.0.version.fetch_add(1, Ordering::Release);
            drop(value);
            self.0.news.notify_waiters();
        }
    }

    /// Changes the value, which is news.
    pub fn send_modify(&self, change: impl FnOnce(&mut T)) {
        self.send_if_modified(|value| {
            change(value);
            true
        });
    }

    /// A receiver that has seen the present value.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { shared: self.0.clone(), seen: self.0.version() }
    }

    /// The present value.
    pub fn borrow(&self) -> RwLockReadGuard<'_, T> {
        self.0.read()
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.is_closed.store(true, Ordering::Release);
        self.0.news.notify_waiters();
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), seen: self.seen }
    }
}

impl<T> Receiver<T> {
    /// The present value.
    pub fn borrow(&self) -> RwLockReadGuard<'_, T> {
        self.shared.read()
    }

    /// The present value, which is then seen.
    pub fn borrow_and_update(&mut self) -> RwLockReadGuard<'_, T> {
        let value = self.shared.read();
        self.seen = self.shared.version();
        value
    }

    /// Takes the present value for seen.
    pub fn mark_unchanged(&mut self) {
        self.seen = self.shared.version();
    }

    /// Waits for a value that was not seen, and takes it for seen.
    pub async fn changed(&mut self) -> Result<(), Closed> {
        loop {
            let mut news = std::pin::pin!(self.shared.news.notified());
            // Queued before looking: news between looking and waiting must not be missed.
            news.as_mut().enable();
            let version = self.shared.version();
            if version != self.seen {
                self.seen = version;
                return Ok(());
            }
            if self.shared.is_closed.load(Ordering::Acquire) {
                return Err(Closed);
            }
            news.await;
        }
    }

    /// Waits until the value is as wanted, which it may be already.
    pub async fn wait_for(&mut self, mut wanted: impl FnMut(&T) -> bool) -> Result<(), Closed> {
        loop {
            if wanted(&self.borrow_and_update()) {
                return Ok(());
            }
            self.changed().await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use futures::stream::FuturesUnordered;

    use super::*;

    #[tokio::test]
    async fn waiters_wake_in_the_order_they_came() {
        let (sender, receiver) = channel(0);
        let waiter = |n: u32| {
            let mut receiver = receiver.clone();
            async move { receiver.changed().await.map(|()| n) }
        };
        let mut waiters: FuturesUnordered<_> = (0..20).map(waiter).collect();
        assert!(futures::poll!(waiters.next()).is_pending());
        sender.send_modify(|n| *n = 1);
        assert_eq!(waiters.collect::<Vec<_>>().await, (0..20).map(Ok).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn news_is_seen_once_and_the_end_is_told() {
        let (sender, mut receiver) = channel(1);
        sender.send_if_modified(|_| false);
        sender.send_modify(|n| *n = 2);
        assert_eq!((receiver.changed().await, *receiver.borrow()), (Ok(()), 2));
        assert_eq!(receiver.wait_for(|n| *n == 2).await, Ok(()));
        assert_eq!(sender.subscribe().wait_for(|n| *n == 2).await, Ok(()));
        drop(sender);
        assert_eq!(receiver.changed().await, Err(Closed));
        assert_eq!(receiver.wait_for(|n| *n == 3).await, Err(Closed));
    }
}
