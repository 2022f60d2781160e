//! Decisions: pure functions from the staged state of one lane and a command to events and a verdict.
//!
//! The committer runs them one after the other on the *staged* state, so each sees the effects of the commands before it
//! in the same batch. A stream that is not in the cache stops a decision with [`Missing`]; the committer loads it and the
//! decision runs again from its start. Its events count only when it ends well.

use std::any::Any;
use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aggregate::{Aggregate, Corrupt, Event, name_of};
use crate::id::Ids;
use crate::outcome::Refused;
use crate::stream::Stream;
use crate::time::Timestamp;

/// What a decision may know besides the state: time, who asks, and ids derived from the command's key.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// The committer's clock; only for TTLs and stamps.
    pub now: Timestamp,
    /// Who asked (principal), for the record and the history.
    pub actor: String,
    /// The command's key.
    pub key: String,
    /// Ids derived from (caller, key).
    pub ids: Ids,
}

/// Which HTTP family a refusal belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The state says no (409).
    Conflict,
    /// The thing does not exist (404).
    NotFound,
    /// The caller saw an older version (412).
    Stale,
    /// The request itself cannot be meant (422).
    Unprocessable,
}

/// A reason for which the domain says no.
pub trait Refusal {
    /// Stable kebab-case code.
    fn code(&self) -> &'static str;
    /// The family; a conflict unless said otherwise.
    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
    /// What the caller needs to act, a JSON object; `Null` for nothing.
    fn detail(&self) -> Value {
        Value::Null
    }
}

/// A definite *nothing yet*: not recorded, the same key may come again. The code says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy(pub &'static str);

/// Why a decision stopped.
#[derive(Debug)]
pub enum Stop {
    /// The domain says no: recorded, final.
    Refused(Refused),
    /// Not now: not recorded.
    Busy(Busy),
    /// A stream has to be loaded first.
    Missing(Missing),
}

impl<R: Refusal> From<R> for Stop {
    fn from(r: R) -> Self {
        Self::Refused(Refused { code: r.code().to_owned(), kind: r.kind(), detail: r.detail() })
    }
}

impl From<Missing> for Stop {
    fn from(m: Missing) -> Self {
        Self::Missing(m)
    }
}

/// What a handled command's record says.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Done; the reply as JSON (≤ 512 bytes).
    Applied(String),
    /// Refused for ever.
    Refused(Refused),
    /// A saga was started; its end holds the answer.
    Saga(String),
    /// Undone before it arrived: the late command is refused.
    Tombstone,
}

/// A command's decision. One lane, one pure function, under a millisecond.
pub trait Decide: Send + Sync + 'static {
    /// What the caller gets when it is applied.
    type Reply: Serialize;

    /// Chooses the lane: the hotel (for guests, the guest).
    fn partition(&self) -> &str;

    /// The stream `If-Match` speaks of.
    fn guarded(&self) -> Option<Guard> {
        None
    }

    /// Looks at the staged state, emits events, returns the reply.
    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Self::Reply, Stop>;
}

/// A stream with the function that folds it, for checking `If-Match`.
#[derive(Debug)]
pub struct Guard(Missing);

impl Guard {
    /// Guards the aggregate with this id.
    pub fn on<A: Aggregate>(id: &str) -> Self {
        Self(Missing::of::<A>(id))
    }

    /// The guarded stream's staged version, or what has to be loaded to know it.
    pub fn version(&self, see: &Staged) -> Result<u64, Missing> {
        see.version(&self.0.stream).ok_or_else(|| self.0.clone())
    }
}

/// One stored event as it is folded: schema version and JSON.
#[derive(Clone, Debug)]
pub struct Past<'a> {
    /// The version inside the stream, from 1.
    pub version: u64,
    /// The schema it was written with.
    pub schema: u16,
    /// Its JSON.
    pub json: &'a str,
}

/// A stored snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The stream version it stands for.
    pub version: u64,
    /// [`Aggregate::SNAPSHOT_SHAPE`] when it was written.
    pub shape: u16,
    /// The aggregate's JSON.
    pub json: String,
}

trait Erased: Send {
    fn apply(&mut self, past: &Past<'_>) -> Result<(), Corrupt>;
    fn apply_typed(&mut self, event: &dyn Any);
    fn any(&self) -> &dyn Any;
    fn snapshot_every(&self) -> Option<u64>;
    fn snapshot(&self, version: u64) -> Snapshot;
}

struct Of<A>(A);

impl<A: Aggregate> Erased for Of<A> {
    fn apply(&mut self, past: &Past<'_>) -> Result<(), Corrupt> {
        self.0.evolve(&A::Event::decode(past.schema, past.json)?);
        Ok(())
    }
    fn apply_typed(&mut self, event: &dyn Any) {
        if let Some(event) = event.downcast_ref::<A::Event>() {
            self.0.evolve(event);
        }
    }
    fn any(&self) -> &dyn Any {
        &self.0
    }
    fn snapshot_every(&self) -> Option<u64> {
        A::SNAPSHOT_EVERY
    }
    fn snapshot(&self, version: u64) -> Snapshot {
        Snapshot { version, shape: A::SNAPSHOT_SHAPE, json: serde_json::to_string(&self.0).unwrap_or_default() }
    }
}

/// One aggregate in the cache.
pub struct Slot {
    version: u64,
    used: u64,
    state: Box<dyn Erased>,
}

/// What a decision is missing: the stream, and how to fold it (the committer does not know the type).
#[derive(Clone)]
pub struct Missing {
    /// The stream to load.
    pub stream: Stream,
    fold: fn(Option<&Snapshot>) -> Slot,
}

impl std::fmt::Debug for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Missing({})", self.stream)
    }
}

impl Missing {
    /// Asks for the aggregate with this id.
    pub fn of<A: Aggregate>(id: &str) -> Self {
        Self { stream: A::stream(id), fold: start::<A> }
    }

    /// An empty slot, or one that starts from the snapshot when its shape is today's.
    pub fn start(&self, snapshot: Option<&Snapshot>) -> Slot {
        (self.fold)(snapshot)
    }
}

fn start<A: Aggregate>(snapshot: Option<&Snapshot>) -> Slot {
    let usable = snapshot.filter(|s| s.shape == A::SNAPSHOT_SHAPE);
    let from = usable.and_then(|s| Some((s.version, serde_json::from_str::<A>(&s.json).ok()?)));
    let (version, state) = from.unwrap_or_default();
    Slot { version, used: 0, state: Box::new(Of(state)) }
}

impl Slot {
    /// The version folded so far.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Folds the next event; one that is already in is passed over.
    pub fn fold(&mut self, past: &Past<'_>) -> Result<(), Corrupt> {
        if past.version <= self.version {
            return Ok(());
        }
        self.state.apply(past)?;
        self.version = past.version;
        Ok(())
    }
}

/// The staged state of one lane: a cache of aggregates with the effects of the batch so far.
#[derive(Default)]
pub struct Staged {
    slots: BTreeMap<Stream, Slot>,
    tick: u64,
}

impl Staged {
    /// The aggregate with this id, or a request to load it.
    pub fn get<A: Aggregate>(&self, id: &str) -> Result<&A, Missing> {
        let stream = A::stream(id);
        match self.slots.get(&stream).and_then(|s| s.state.any().downcast_ref::<A>()) {
            Some(a) => Ok(a),
            None => Err(Missing { stream, fold: start::<A> }),
        }
    }

    /// The version of a stream when it is in the cache.
    pub fn version(&self, stream: &Stream) -> Option<u64> {
        self.slots.get(stream).map(|s| s.version)
    }

    /// Puts a loaded aggregate into the cache.
    pub fn insert(&mut self, stream: Stream, mut slot: Slot) {
        slot.used = self.tick;
        self.slots.insert(stream, slot);
    }

    /// Folds an event another writer stored, if its stream is cached.
    pub fn fold(&mut self, stream: &Stream, past: &Past<'_>) -> Result<(), Corrupt> {
        self.slots.get_mut(stream).map_or(Ok(()), |slot| slot.fold(past))
    }

    /// Applies an emitted event whose stream is cached; returns its version and a snapshot when one is due.
    pub fn stage(&mut self, raw: &Raw) -> Option<(u64, Option<Snapshot>)> {
        let slot = self.slots.get_mut(&raw.stream)?;
        slot.state.apply_typed(raw.typed.as_ref());
        slot.version += 1;
        slot.used = self.tick;
        let due = slot.state.snapshot_every().is_some_and(|n| slot.version % n == 0);
        Some((slot.version, due.then(|| slot.state.snapshot(slot.version))))
    }

    /// Lets go of aggregates that were not changed lately once there are more than `cap`; called between batches.
    pub fn trim(&mut self, cap: usize) {
        self.tick += 1;
        if self.slots.len() > cap {
            let mut ages: Vec<u64> = self.slots.values().map(|s| s.used).collect();
            let middle = ages.len() / 2;
            let (_, median, _) = ages.select_nth_unstable(middle);
            let median = *median;
            self.slots.retain(|_, s| s.used > median || s.state.snapshot_every().is_some());
        }
    }
}

/// An emitted event before it has a position.
pub struct Raw {
    /// The stream it belongs to.
    pub stream: Stream,
    /// Its name.
    pub name: String,
    /// Its schema version.
    pub schema: u16,
    /// Its JSON.
    pub json: String,
    typed: Box<dyn Any + Send>,
    missing: fn(Option<&Snapshot>) -> Slot,
}

impl Raw {
    /// How to load the event's stream, should it not be cached.
    pub fn missing(&self) -> Missing {
        Missing { stream: self.stream.clone(), fold: self.missing }
    }
}

/// Where a decision puts its events.
#[derive(Default)]
pub struct Emit {
    events: Vec<Raw>,
    claims: Vec<(String, bool)>,
    business_date: Option<Date>,
}

impl Emit {
    /// Adds an event of the aggregate with this id.
    pub fn event<A: Aggregate>(&mut self, id: &str, event: A::Event) {
        let json = event.encode();
        self.events.push(Raw {
            stream: A::stream(id),
            name: name_of(&json).to_owned(),
            schema: A::Event::SCHEMA,
            json,
            typed: Box::new(event),
            missing: start::<A>,
        });
    }

    /// Takes a thing nobody else may have (a room's bed for a night); the store refuses a second taker.
    /// The last line of defence: the decision has already looked, so a refusal here means a bug.
    pub fn claim(&mut self, thing: String) {
        self.claims.push((thing, true));
    }

    /// Gives a claimed thing back.
    pub fn unclaim(&mut self, thing: String) {
        self.claims.push((thing, false));
    }

    /// Takes the claims out.
    pub fn take_claims(&mut self) -> Vec<(String, bool)> {
        std::mem::take(&mut self.claims)
    }

    /// Says on which business date of the owner this happens; part of the envelope of every event of the command.
    pub fn on(&mut self, date: Date) {
        self.business_date = Some(date);
    }

    /// The business date said, if any.
    pub fn business_date(&self) -> Option<Date> {
        self.business_date
    }

    /// Takes the events out.
    pub fn take(self) -> Vec<Raw> {
        self.events
    }

    /// The events so far, for tests.
    pub fn events(&self) -> &[Raw] {
        &self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Serialize, Deserialize)]
    struct Count(u64);
    #[derive(Serialize, Deserialize)]
    struct Counted;
    impl Event for Counted {}
    impl Aggregate for Count {
        const KIND: &'static str = "count";
        const SNAPSHOT_EVERY: Option<u64> = Some(2);
        type Event = Counted;
        fn evolve(&mut self, _: &Counted) {
            self.0 += 1;
        }
    }

    #[test]
    fn a_missing_stream_is_asked_for_and_staged_events_are_seen() {
        let mut see = Staged::default();
        let missing = see.get::<Count>("a").err().expect("nothing is cached");
        see.insert(missing.stream.clone(), missing.start(None));
        let mut out = Emit::default();
        out.event::<Count>("a", Counted);
        out.event::<Count>("a", Counted);
        let staged: Vec<_> = out.take().iter().filter_map(|raw| see.stage(raw)).collect();
        assert_eq!(staged[0], (1, None));
        assert_eq!(staged[1].1.as_ref().map(|s| (s.version, s.json.as_str())), Some((2, "2")));
        assert_eq!(see.get::<Count>("a").unwrap().0, 2);
        let again = missing.start(staged[1].1.as_ref());
        assert_eq!(again.version(), 2);
    }
}
