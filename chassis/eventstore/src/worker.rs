//! A database connection on its own thread, fed by a channel: request futures never hold it, so none of them can leave
//! it in the middle of anything. In simulation and unit tests the same closures run inline.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::BoxFuture;

type Job<C> = Box<dyn FnOnce(&mut C) + Send>;

/// Where closures over a connection are run.
pub struct Worker<C = Connection>(Arc<Mode<C>>);

impl<C> Clone for Worker<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

enum Mode<C> {
    Thread(mpsc::Sender<Job<C>>),
    Inline(Mutex<C>),
}

/// The thread of a connection has ended, or the closure panicked.
#[derive(Debug)]
pub struct Gone;

impl<C: Send + 'static> Worker<C> {
    /// Runs the connection on a thread of its own; the thread ends with the last clone of the worker.
    pub fn on_thread(name: &str, mut connection: C) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job<C>>();
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            for job in queue {
                // A panic is the closure's own bug: its caller hears nothing, everybody else is served.
                if catch_unwind(AssertUnwindSafe(|| job(&mut connection))).is_err() {
                    tracing::error!("a database closure panicked");
                }
            }
        })?;
        Ok(Self(Arc::new(Mode::Thread(jobs))))
    }

    /// Runs closures where they are called: for simulation, where a thread would be a source of chance.
    pub fn inline(connection: C) -> Self {
        Self(Arc::new(Mode::Inline(Mutex::new(connection))))
    }

    /// Runs a closure with the connection. It is queued at once, also when the future is never polled.
    pub fn run<T: Send + 'static>(&self, f: impl FnOnce(&mut C) -> T + Send + 'static) -> BoxFuture<'static, Result<T, Gone>> {
        match self.0.as_ref() {
            Mode::Thread(jobs) => {
                let (done, result) = oneshot::channel();
                let sent = jobs.send(Box::new(move |connection| {
                    let _gone = done.send(f(connection));
                }));
                Box::pin(async move {
                    sent.map_err(|_| Gone)?;
                    result.await.map_err(|_| Gone)
                })
            }
            Mode::Inline(connection) => {
                let mut c = connection.lock().unwrap_or_else(PoisonError::into_inner);
                let result = catch_unwind(AssertUnwindSafe(|| f(&mut c))).map_err(|_| Gone);
                drop(c);
                Box::pin(async move { result })
            }
        }
    }
}

/// Does something that blocks on a thread of its own and waits for it: a connection may have a runtime inside, and one
/// runtime does not block inside another.
pub fn aside<T: Send>(name: &str, f: impl FnOnce() -> T + Send) -> Result<T, Gone> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, f).map_err(|_| Gone)?;
        thread.join().map_err(|_| Gone)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_one_closure_leaves_the_connection_to_the_others() {
        let connection = || Connection::open_in_memory().expect("a database");
        for worker in [Worker::on_thread("test", connection()).expect("a thread"), Worker::inline(connection())] {
            assert!(worker.run::<()>(|_| panic!("a closure with a bug")).await.is_err());
            assert_eq!(worker.run(|c| c.query_row("SELECT 7", [], |r| r.get::<_, i64>(0))).await.expect("an answer"), Ok(7));
        }
    }
}
