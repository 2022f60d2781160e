//! A service that orchestrates, and a peer, on a wire that follows a script. The service can crash; the peer stays.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use eventstore::simulated::{Disk, Simulated};
use eventstore::work::Deciding;
use eventstore::{Committer, EventStore, Stored};
use kernel::chance::Seeded;
use kernel::{Event, Lane, Outcome, Protocol, lane_of};
use peer::Peers;
use saga::drive::{Desk, Ended};
use saga::sight::StepState;
use saga::{Begin, Board, Registry, Saga, SagaEvent, SagaLog, SagaRunner, Sagas, Starting, Verb};
use testkit::bank::{Doing, Order};
use testkit::participant::Left;
use testkit::{Participant, Scripted, Tasks, TokioClock, asked};

use crate::trip::{ALL, BRANCH, Stroll, Swap, Trip};

/// Everything that survives a crash of the service.
pub struct World {
    pub disk: Disk,
    pub peer: Participant,
    pub wire: Scripted,
    protocol: Protocol,
    clock: TokioClock,
    delay_us_max: u64,
    seed: u64,
    _tasks: Tasks,
}

/// One life of the service.
#[derive(Clone)]
pub struct Service {
    pub committer: Committer,
    pub sagas: Sagas,
    pub store: Arc<dyn EventStore>,
    desk: Arc<Desk>,
}

pub fn lane() -> Lane {
    lane_of(BRANCH)
}

impl World {
    pub fn new() -> Self {
        Self::with(Protocol::SOUND, 0, 1)
    }

    /// With another protocol, seeded store delays and seeded jitter.
    pub fn with(protocol: Protocol, delay_us_max: u64, seed: u64) -> Self {
        let tasks = Tasks::default();
        let (peer, run) = Participant::new(protocol);
        tasks.spawn(run);
        let wire = Scripted::new(Arc::new(peer.clone()), tasks.spawner());
        Self { disk: Disk::default(), peer, wire, protocol, clock: TokioClock::start(), delay_us_max, seed, _tasks: tasks }
    }

    /// Runs the service for as long as `body` takes.
    pub async fn live<F: Future>(&self, body: impl FnOnce(Service) -> F) -> F::Output {
        let chance = Arc::new(Seeded::new(self.seed));
        let store: Arc<dyn EventStore> = Arc::new(Simulated::new(self.disk.clone(), chance.clone(), self.delay_us_max));
        let (committer, committing) = Committer::new(store.clone(), Arc::new(self.clock), self.protocol);
        let board = Board::default();
        let desk = || Desk {
            service: "test".into(),
            store: store.clone(),
            committer: committer.clone(),
            peers: Peers::new("test", Arc::new(self.wire.clone())),
            clock: Arc::new(self.clock),
            chance: chance.clone(),
            protocol: self.protocol,
            board: board.clone(),
        };
        let (sagas, running) = SagaRunner::new(desk(), Registry::default().with::<Trip>().with::<Swap>().with::<Stroll>());
        let body = body(Service { committer: committer.clone(), sagas, store: store.clone(), desk: Arc::new(desk()) });
        tokio::select! {
            biased;
            () = committing => panic!("the committer has ended"),
            () = running.run() => panic!("the runner has ended"),
            out = body => out,
        }
    }

    /// The same, but the machine crashes when it has been polled so often: every await is reached with some number.
    /// `None`: it crashed.
    pub async fn live_for<F: Future>(&self, polls: u32, body: impl FnOnce(Service) -> F) -> Option<F::Output> {
        let ended = {
            let mut living = pin!(self.live(body));
            let mut left = polls;
            std::future::poll_fn(|cx| {
                if left == 0 {
                    return Poll::Ready(None);
                }
                left -= 1;
                living.as_mut().poll(cx).map(Some)
            })
            .await
        };
        if ended.is_none() {
            self.disk.crash(&Seeded::new(self.seed ^ u64::from(polls)));
        }
        ended
    }

    /// One saga from its start to its end.
    pub async fn run<B: Begin>(&self, begin: B) -> (Outcome, Left) {
        let outcome = self.live(async |service| service.run(begin).await).await;
        (outcome, self.peer.left().await)
    }

    /// The events of the one saga there is.
    pub async fn events<S: Saga>(&self) -> Vec<SagaEvent> {
        let rows = self.disk.all();
        let events = rows.iter().filter_map(Stored::event).filter(|e| e.stream.kind == "saga" && e.stream.id.starts_with(S::NAME));
        events.map(|e| SagaEvent::decode(e.schema, &e.json).expect("an event of a saga")).collect()
    }

    /// Names of the calls that were sent, `do/hold` …, in order, each once per sending.
    pub fn sent(&self) -> Vec<String> {
        let log = self.wire.log();
        log.iter().map(|sent| sent.path.trim_start_matches("/api/peer/v1/").to_owned()).collect()
    }
}

impl Service {
    /// Starts (or asks again) under one key, and waits for the end for as long as it takes.
    pub async fn run<B: Begin>(&self, begin: B) -> Outcome {
        let id = self.start(begin).await;
        self.ended(&id).await.outcome
    }

    /// The saga's id.
    pub async fn start<B: Begin>(&self, begin: B) -> String {
        self.start_as("travel", begin).await
    }

    pub async fn start_as<B: Begin>(&self, key: &str, begin: B) -> String {
        match self.submit(key, begin).await {
            Outcome::Pending { saga, replayed } => {
                if !replayed {
                    self.sagas.begun(&saga);
                }
                saga
            }
            other => panic!("a saga's start is answered {other:?}"),
        }
    }

    pub async fn submit<B: Begin>(&self, key: &str, begin: B) -> Outcome {
        self.committer.submit(asked("guest", key, "f"), lane(), Box::new(Starting(begin))).await.outcome
    }

    /// An operator's verb, as its route does it.
    pub async fn say(&self, id: &str, verb: Verb) -> Outcome {
        let (lane, work) = self.sagas.nudge(id, verb, "because").expect("a saga of this service");
        let outcome = self.committer.submit(asked("ann", &format!("{verb:?}"), "f"), lane, work).await.outcome;
        self.sagas.nudged(id);
        outcome
    }

    /// The same until it is known what came of it.
    pub async fn say_surely(&self, id: &str, verb: Verb) -> Outcome {
        loop {
            match self.say(id, verb).await {
                Outcome::Retry(_) | Outcome::Unknown => tokio::time::sleep(Duration::from_millis(1)).await,
                outcome => return outcome,
            }
        }
    }

    /// How far each step is, as those who look on see it.
    pub async fn steps(&self, id: &str) -> Vec<(&'static str, StepState)> {
        let told = self.desk.told(id, lane()).await.expect("a store").expect("a saga");
        self.sagas.sight(id, &told).expect("a definition").progress(&told, self.sagas.board.place(id).as_ref())
    }

    /// Waits for the end for a month.
    pub async fn ended(&self, id: &str) -> Ended {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30 * 86_400);
        self.sagas.wait(id, deadline).await.expect("a saga that ends")
    }

    /// The saga's log now.
    pub async fn log(&self, id: &str) -> SagaLog {
        use kernel::Aggregate;
        let mut log = SagaLog::default();
        for e in self.store.stream(lane(), SagaLog::stream(id), 0).await.expect("a store").iter().filter_map(Stored::event) {
            log.evolve(&SagaEvent::decode(e.schema, &e.json).expect("an event of a saga"));
        }
        log
    }

    /// Opens the gate that the ends of some sagas look at.
    pub async fn open_gate(&self) {
        let order = Order::at(BRANCH, Doing::Open("gate".into()));
        self.committer.submit(asked("test", "gate", "f"), lane(), Box::new(Deciding(order))).await;
    }
}

/// What a trip must leave behind: all or nothing, each deed once, whatever happened on the way.
#[track_caller]
pub fn sound(outcome: &Outcome, left: &Left, what: &str) {
    if let Err(why) = soundness(outcome, left) {
        panic!("{what}: {why}: {outcome:?}, {left:?}");
    }
}

/// The same as an answer, for mutants.
pub fn soundness(outcome: &Outcome, left: &Left) -> Result<(), &'static str> {
    let standing: Vec<&str> = left.standing.iter().map(String::as_str).collect();
    match outcome {
        Outcome::Applied { .. } if standing != ALL => return Err("a trip that is done has all its things"),
        Outcome::Applied { .. } if !left.undone.is_empty() => return Err("a trip that is done has undone nothing"),
        Outcome::Rejected(_) if !standing.is_empty() => return Err("a trip that is undone has left nothing"),
        Outcome::Applied { .. } | Outcome::Rejected(_) => {}
        _ => return Err("a trip ends"),
    }
    if left.done.values().all(|times| *times == 1) { Ok(()) } else { Err("each thing is done once") }
}
