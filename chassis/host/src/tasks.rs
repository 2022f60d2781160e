//! Every task of the process belongs to one join set: ending the set ends the house, and a crash in simulation is
//! exactly that.
#![allow(clippy::disallowed_methods, reason = "this file is the port")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use peer::Spawn;
use tokio::task::JoinSet;

/// The tasks of a house; cheap to clone.
#[derive(Clone, Default)]
pub struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    /// Starts a task.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut set = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        set.spawn(task);
        // Ended tasks are let go of now and then; a panic in one was its own.
        if set.len().is_multiple_of(64) {
            while set.try_join_next().is_some() {}
        }
    }

    /// The way for the in-process wire to start handlers.
    pub fn spawner(&self) -> Spawn {
        let tasks = self.clone();
        Arc::new(move |task| tasks.spawn(task))
    }

    /// Ends every task where it stands.
    pub fn abort(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }

    /// Aborts and waits until every task is gone (bounded), so that what they held is dropped.
    pub async fn end(&self) {
        self.abort();
        let mut set = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let gone = async { while set.join_next().await.is_some() {} };
        let _in_time = tokio::time::timeout(Duration::from_secs(10), gone).await;
    }
}
