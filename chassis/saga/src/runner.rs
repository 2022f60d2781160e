//! All open sagas of a service in one loop, and everybody who waits for one of them.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventstore::watch;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use kernel::{Lane, Outcome};
use tokio::sync::{mpsc, oneshot};

use crate::definition::Saga;
use crate::drive::{Desk, Driver, Ended};
use crate::start::{CLAIM, lane_of_id};

type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type DriveFn = for<'a> fn(&'a Desk, &'a str, Lane, Driver) -> BoxFuture<'a, Option<Ended>>;

/// A saga that nobody has woken for so long is driven anyway.
const UNATTENDED_AFTER: Duration = Duration::from_secs(5);

/// The saga definitions of a service by name.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<&'static str, DriveFn>);

impl Registry {
    /// Adds a definition.
    pub fn with<S: Saga>(mut self) -> Self {
        self.0.insert(S::NAME, |desk, id, lane, driver| Box::pin(desk.drive::<S>(id, lane, driver)));
        self
    }

    /// The definition an id belongs to: ids are `<name>_<letters>-<lane>`.
    fn of(&self, id: &str) -> Option<DriveFn> {
        self.0.get(id.split_once('_')?.0).copied()
    }
}

type Commits = watch::Receiver<BTreeMap<Lane, u64>>;
type Waiters = Arc<Mutex<BTreeMap<String, Vec<oneshot::Sender<Ended>>>>>;

/// The way to a service's sagas: wake one, wait for one.
#[derive(Clone)]
pub struct Sagas {
    wake: mpsc::UnboundedSender<(String, Driver)>,
    waiters: Waiters,
}

impl Sagas {
    /// This process has just started it: wakes it for its first tries, which nobody can have made before.
    pub fn begun(&self, id: &str) {
        // A runner that has gone leaves it to its next life.
        let _gone = self.wake.send((id.to_owned(), Driver::Starter));
    }

    /// Waits for a saga's end; `None` when it has not ended by the deadline. Also wakes it, should nobody drive it.
    pub async fn wait(&self, id: &str, deadline: tokio::time::Instant) -> Option<Ended> {
        let (ended, end) = oneshot::channel();
        {
            let mut waiters = self.waiters.lock().unwrap_or_else(PoisonError::into_inner);
            let here = waiters.entry(id.to_owned()).or_default();
            // Those whose time was up have gone; a saga that hangs for days must not keep a list of them.
            here.retain(|waiter| !waiter.is_closed());
            here.push(ended);
        }
        self.wake.send((id.to_owned(), Driver::Later)).ok()?;
        tokio::time::timeout_at(deadline, end).await.ok()?.ok()
    }
}

/// Drives every open saga of a service. `host` runs it.
pub struct SagaRunner {
    desk: Arc<Desk>,
    registry: Registry,
    woken: mpsc::UnboundedReceiver<(String, Driver)>,
    waiters: Waiters,
}

impl SagaRunner {
    /// A runner and the way to it.
    pub fn new(desk: Desk, registry: Registry) -> (Sagas, Self) {
        let (wake, woken) = mpsc::unbounded_channel();
        let waiters = Waiters::default();
        (Sagas { wake, waiters: waiters.clone() }, Self { desk: Arc::new(desk), registry, woken, waiters })
    }

    /// Resumes what was open when the process ended, then drives what is woken, and what was started without anybody
    /// coming to wait for it.
    pub async fn run(mut self) {
        let mut driving = FuturesUnordered::new();
        let mut active = std::collections::BTreeSet::new();
        for id in open(&self.desk).await {
            if active.insert(id.clone()) {
                driving.push(self.drive(id, Driver::Later));
            }
        }
        let mut unattended = Box::pin(self::unattended(self.desk.clone(), self.desk.committer.commits.clone()));
        loop {
            tokio::select! {
                biased;
                Some((id, ended)) = driving.next() => {
                    active.remove(&id);
                    self.tell(&id, ended);
                }
                woken = self.woken.recv() => {
                    let Some((id, driver)) = woken else { return };
                    if active.insert(id.clone()) {
                        driving.push(self.drive(id, driver));
                    }
                }
                (commits, open) = &mut unattended => {
                    for id in open {
                        if active.insert(id.clone()) {
                            driving.push(self.drive(id, Driver::Later));
                        }
                    }
                    unattended.set(self::unattended(self.desk.clone(), commits));
                }
            }
        }
    }

    fn drive(&self, id: String, driver: Driver) -> impl Future<Output = (String, Option<Ended>)> + Send + use<> {
        let desk = self.desk.clone();
        let way = self.registry.of(&id).zip(lane_of_id(&id));
        async move {
            let ended = match way {
                // A panic in a definition is that saga's bug: it is stuck, the others go on.
                Some((drive, lane)) => match AssertUnwindSafe(drive(&desk, &id, lane, driver)).catch_unwind().await {
                    Ok(ended) => ended,
                    Err(_) => {
                        tracing::error!(saga = id, "driving a saga panicked");
                        desk.broken(&id, lane).await;
                        None
                    }
                },
                None => None,
            };
            (id, ended)
        }
    }

    fn tell(&self, id: &str, ended: Option<Ended>) {
        let waiting = self.waiters.lock().unwrap_or_else(PoisonError::into_inner).remove(id).unwrap_or_default();
        let ended = ended.unwrap_or(Ended { outcome: Outcome::Unknown, at: peer::At::default() });
        for waiter in waiting {
            let _gone = waiter.send(ended.clone());
        }
    }
}

/// What is open some time after a commit. A start whose answer was lost (the commit was unknown, its request has gone) is
/// nobody's to wake; without commits nothing can have been started, so nothing is looked for.
async fn unattended(desk: Arc<Desk>, mut commits: Commits) -> (Commits, Vec<String>) {
    if commits.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(UNATTENDED_AFTER).await;
    commits.mark_unchanged();
    (commits, open(&desk).await)
}

/// The sagas that have not ended.
async fn open(desk: &Desk) -> Vec<String> {
    loop {
        match desk.store.claims(CLAIM.into()).await {
            Ok(claims) => return claims.into_iter().filter_map(|(thing, _)| Some(thing.strip_prefix(CLAIM)?.to_owned())).collect(),
            Err(fault) => {
                tracing::warn!(%fault, "open sagas cannot be listed yet");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}
