//! A peer for saga tests: it does and undoes named things, keeps them in a real event store behind a real committer, and
//! answers as a service does. What it holds at the end is what a saga has left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use eventstore::simulated::{Disk, Simulated};
use eventstore::{Committer, Envelope, EventStore, Work};
use http::{Request, Response, StatusCode};
use kernel::chance::Seeded;
use kernel::{Aggregate, Busy, Ctx, Emit, Event, Outcome, Protocol, RefusalKind, Refused, Staged, Stop, Verdict, lane_of};
use peer::wire::BoxFuture;
use peer::{Lost, Wire};
use serde::{Deserialize, Serialize};

use crate::clock::Standing;
use crate::scripted::{answer, refusal};

/// What was done to one saga's things here.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Deed {
    Done { thing: String },
    Undone { thing: String },
}

impl Event for Deed {}

/// The things of one saga that are done and not undone, and how often each was done.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Things {
    standing: BTreeSet<String>,
    done: BTreeMap<String, u32>,
    undone: BTreeMap<String, u32>,
}

impl Aggregate for Things {
    const KIND: &'static str = "things";
    type Event = Deed;

    fn evolve(&mut self, event: &Deed) {
        match event {
            Deed::Done { thing } => {
                self.standing.insert(thing.clone());
                *self.done.entry(thing.clone()).or_default() += 1;
            }
            Deed::Undone { thing } => {
                self.standing.remove(thing);
                *self.undone.entry(thing.clone()).or_default() += 1;
            }
        }
    }
}

/// What the peer answers instead of doing what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Refuses with this code, on record.
    Refuse(&'static str),
    /// Says "not now".
    Busy,
}

type Moods = Arc<Mutex<BTreeMap<String, Mood>>>;

struct Act {
    undo: bool,
    thing: String,
    moods: Moods,
}

impl Work for Act {
    fn run(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Verdict, Stop> {
        let name = if self.undo { format!("undo/{}", self.thing) } else { self.thing.clone() };
        match self.moods.lock().unwrap_or_else(PoisonError::into_inner).get(&name) {
            Some(Mood::Refuse(code)) => return Err(Stop::Refused(Refused::new(code, RefusalKind::Conflict))),
            Some(Mood::Busy) => return Err(Stop::Busy(Busy("busy"))),
            None => {}
        }
        let standing = see.get::<Things>("all")?.standing.contains(&self.thing);
        let thing = self.thing.clone();
        match self.undo {
            false => out.event::<Things>("all", Deed::Done { thing }),
            true if standing => out.event::<Things>("all", Deed::Undone { thing }),
            true => {}
        }
        Ok(Verdict::Applied(format!("{{\"learnt\":\"{}\"}}", self.thing)))
    }
}

/// What a participant has seen, as a test asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Done and not undone.
    pub standing: BTreeSet<String>,
    /// How often each thing was done.
    pub done: BTreeMap<String, u32>,
    /// How often each thing was undone.
    pub undone: BTreeMap<String, u32>,
}

/// The peer. `POST /api/<service>/v1/do/<thing>` and `…/undo/<thing>`; clones share everything.
#[derive(Clone)]
pub struct Participant {
    store: Arc<Simulated>,
    committer: Committer,
    moods: Moods,
}

impl Participant {
    /// A participant and the loop of its committer.
    pub fn new(protocol: Protocol) -> (Self, impl Future<Output = ()> + Send) {
        let store = Arc::new(Simulated::new(Disk::default(), Arc::new(Seeded::new(1)), 0));
        let (committer, run) = Committer::new(store.clone(), Arc::new(Standing), protocol);
        (Self { store, committer, moods: Moods::default() }, run)
    }

    /// From now on it answers so to this thing (`undo/<thing>` for its undo); `None`: as it should.
    pub fn mood(&self, thing: &str, mood: Option<Mood>) {
        let mut moods = self.moods.lock().unwrap_or_else(PoisonError::into_inner);
        match mood {
            Some(mood) => moods.insert(thing.to_owned(), mood),
            None => moods.remove(thing),
        };
    }

    /// What is left.
    pub async fn left(&self) -> Left {
        let mut things = Things::default();
        let rows = self.store.stream(lane_of("here"), Things::stream("all"), 0).await.unwrap_or_default();
        for e in rows.iter().filter_map(eventstore::Stored::event) {
            things.evolve(&Deed::decode(e.schema, &e.json).unwrap_or_else(|e| panic!("{e}")));
        }
        Left { standing: things.standing, done: things.done, undone: things.undone }
    }

    async fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let parts: Vec<&str> = request.uri().path().split('/').collect();
        let [.., verb @ ("do" | "undo"), thing] = parts[..] else { return answer(StatusCode::NOT_FOUND, Some("none"), "{}") };
        let ms = header(peer::DEADLINE).parse().unwrap_or(1_000);
        let envelope = Envelope {
            caller: header(peer::CALLER),
            key: header(peer::KEY),
            fingerprint: request.uri().path().to_owned(),
            if_match: None,
            undoes: Some(header(peer::UNDOES)).filter(|key| !key.is_empty()),
            deadline: tokio::time::Instant::now() + std::time::Duration::from_millis(ms),
            actor: String::new(),
            causation: header(peer::CAUSATION),
            traceparent: header("traceparent"),
        };
        let act = Act { undo: verb == "undo", thing: thing.to_owned(), moods: self.moods.clone() };
        match self.committer.submit(envelope, lane_of("here"), Box::new(act)).await.outcome {
            Outcome::Applied { reply, .. } => answer(StatusCode::OK, Some("applied"), &reply),
            Outcome::Rejected(refused) => refusal(StatusCode::CONFLICT, &format!("{{\"code\":\"{}\"}}", refused.code)),
            Outcome::Retry(code) => answer(StatusCode::SERVICE_UNAVAILABLE, Some("none"), &format!("{{\"code\":\"{code}\"}}")),
            Outcome::Unknown | Outcome::Pending { .. } => answer(StatusCode::INTERNAL_SERVER_ERROR, None, ""),
        }
    }
}

impl Wire for Participant {
    fn send<'a>(&'a self, _: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move { Ok(self.serve(request).await) })
    }
}
