//! All open sagas of a service in one loop, and everybody who waits for one of them.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventstore::{Work, watch};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use kernel::{Lane, Outcome};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::board::Board;
use crate::definition::Saga;
use crate::drive::{Desk, Driver, Ended};
use crate::log::Verb;
use crate::nudge::Nudge;
use crate::sight::{Sight, Told, sight};
use crate::start::{CLAIM, lane_of_id};

type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type DriveFn = for<'a> fn(&'a Desk, &'a str, Lane, Driver) -> BoxFuture<'a, Option<Ended>>;

/// What can be done with a saga without knowing its type.
#[derive(Clone, Copy)]
struct Def {
    drive: DriveFn,
    sight: fn(u16, &Value) -> Option<Sight>,
    nudge: fn(String, Verb, String) -> Box<dyn Work>,
}

/// A saga that nobody has woken for so long is driven anyway.
const UNATTENDED_AFTER: Duration = Duration::from_secs(5);

/// The saga definitions of a service by name.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<&'static str, Def>);

impl Registry {
    /// Adds a definition.
    pub fn with<S: Saga>(mut self) -> Self {
        let def = Def {
            drive: |desk, id, lane, driver| Box::pin(desk.drive::<S>(id, lane, driver)),
            sight: sight::<S>,
            nudge: |id, verb, reason| Box::new(Nudge::<S> { id, verb, reason, def: PhantomData }),
        };
        self.0.insert(S::NAME, def);
        self
    }

    /// The definition an id belongs to: ids are `<name>_<letters>-<lane>`.
    fn of(&self, id: &str) -> Option<Def> {
        self.0.get(id.split_once('_')?.0).copied()
    }
}

type Commits = watch::Receiver<BTreeMap<Lane, u64>>;
type Waiters = Arc<Mutex<BTreeMap<String, Vec<oneshot::Sender<Ended>>>>>;

/// The way to a service's sagas: wake one, wait for one.
#[derive(Clone)]
pub struct Sagas {
    /// Where each of them is, as far as this process drives them.
    pub board: Board,
    registry: Registry,
    wake: mpsc::UnboundedSender<(String, Driver)>,
    waiters: Waiters,
}

impl Sagas {
    /// What its definition says of a saga; `None` when this process does not know it.
    pub fn sight(&self, id: &str, told: &Told) -> Option<Sight> {
        (self.registry.of(id)?.sight)(told.log.v, &told.state)
    }

    /// An operator's verb as work for the committer, and its lane; `None` when there can be no such saga here.
    pub fn nudge(&self, id: &str, verb: Verb, reason: &str) -> Option<(Lane, Box<dyn Work>)> {
        let (def, lane) = self.registry.of(id).zip(lane_of_id(id))?;
        Some((lane, (def.nudge)(id.to_owned(), verb, reason.to_owned())))
    }

    /// Something has been said to it, which is stored: whoever drives it listens now, and if nobody does, somebody begins.
    pub fn nudged(&self, id: &str) {
        self.board.wake(id);
        // A runner that has gone leaves it to its next life.
        let _gone = self.wake.send((id.to_owned(), Driver::Later));
    }

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
        let sagas = Sagas { board: desk.board.clone(), registry: registry.clone(), wake, waiters: waiters.clone() };
        (sagas, Self { desk: Arc::new(desk), registry, woken, waiters })
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
                Some((def, lane)) => match AssertUnwindSafe((def.drive)(&desk, &id, lane, driver)).catch_unwind().await {
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
