//! A pure decision as three lines: given these events, when this is decided, then these events (or this refusal).
//!
//! ```text
//! Given::<Account>::events("ann", [opened(), paid_in(5)]).when(&Transfer { .. }, &ctx).then_events([paid_out(5)]);
//! ```

use std::marker::PhantomData;

use kernel::decide::Past;
use kernel::id::Ids;
use kernel::{Aggregate, Ctx, Decide, Emit, Event, Missing, Refused, Staged, Stop, Timestamp};
use serde_json::Value;

/// Streams a decision may ask for; more is a loop.
const LOADS_MAX: usize = 1_000;

/// What happened before. `A` is the aggregate the test is about; more of any type are added with [`Given::and`].
pub struct Given<A> {
    see: Staged,
    id: String,
    about: PhantomData<A>,
}

/// An event of any aggregate, as it is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The stream.
    pub stream: String,
    /// The event's JSON.
    pub json: Value,
}

/// An event of the aggregate `A` with this id.
pub fn said<A: Aggregate>(id: &str, event: &A::Event) -> Said {
    Said { stream: A::stream(id).to_string(), json: json(&event.encode()) }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("an event that is not JSON ({e}): {text}"))
}

impl<A: Aggregate> Given<A> {
    /// These events of the aggregate with this id.
    pub fn events(id: &str, events: impl IntoIterator<Item = A::Event>) -> Self {
        Self { see: Staged::default(), id: id.to_owned(), about: PhantomData }.and::<A>(id, events)
    }

    /// Nothing has happened to the aggregate with this id.
    pub fn nothing(id: &str) -> Self {
        Self::events(id, [])
    }

    /// And these events of another aggregate of the same lane. They go through their JSON, as stored ones do.
    pub fn and<B: Aggregate>(mut self, id: &str, events: impl IntoIterator<Item = B::Event>) -> Self {
        let missing = Missing::of::<B>(id);
        let mut slot = missing.start(None);
        for (i, event) in events.into_iter().enumerate() {
            let stored = event.encode();
            let past = Past { version: i as u64 + 1, schema: B::Event::SCHEMA, json: &stored };
            slot.fold(&past).unwrap_or_else(|e| panic!("a given event cannot be read back: {e}"));
        }
        self.see.insert(missing.stream, slot);
        self
    }

    /// Decides. Streams nobody spoke of are empty, as a new store's are.
    pub fn when<D: Decide>(mut self, decision: &D, ctx: &Ctx) -> Then<A> {
        for _ in 0..LOADS_MAX {
            let mut out = Emit::default();
            match decision.decide(&self.see, ctx, &mut out) {
                Err(Stop::Missing(missing)) => self.see.insert(missing.stream.clone(), missing.start(None)),
                Err(Stop::Refused(refused)) => return Then { given: self, out: Emit::default(), verdict: Err(refused) },
                Err(Stop::Busy(busy)) => {
                    let refused = Refused::new(busy.0, kernel::RefusalKind::Conflict);
                    return Then { given: self, out: Emit::default(), verdict: Err(refused) };
                }
                Ok(reply) => {
                    let reply = serde_json::to_value(&reply).unwrap_or_else(|e| panic!("a reply that is not JSON: {e}"));
                    return Then { given: self, out, verdict: Ok(reply) };
                }
            }
        }
        panic!("the decision asks for more than {LOADS_MAX} streams")
    }
}

/// What a test's decision knows besides the state.
pub fn ctx(now: Timestamp, actor: &str, key: &str) -> Ctx {
    Ctx { now, actor: actor.to_owned(), key: key.to_owned(), ids: Ids::of(actor, key) }
}

/// What came of it.
pub struct Then<A> {
    given: Given<A>,
    out: Emit,
    verdict: Result<Value, Refused>,
}

impl<A: Aggregate> Then<A> {
    fn said(&self) -> Vec<Said> {
        self.out.events().iter().map(|raw| Said { stream: raw.stream.to_string(), json: json(&raw.json) }).collect()
    }

    /// Exactly these events of the aggregate the test is about, and of no other.
    #[track_caller]
    pub fn then_events(self, events: impl IntoIterator<Item = A::Event>) -> Self {
        let id = self.given.id.clone();
        self.then_emits(events.into_iter().map(|event| said::<A>(&id, &event)))
    }

    /// Exactly these events, of any aggregates, in this order.
    #[track_caller]
    pub fn then_emits(self, expected: impl IntoIterator<Item = Said>) -> Self {
        assert!(self.verdict.is_ok(), "expected events, got {:?}", self.verdict);
        assert_eq!(self.said(), expected.into_iter().collect::<Vec<_>>());
        self
    }

    /// Refused (or busy) with this code, and nothing was said.
    #[track_caller]
    pub fn then_refused(self, code: &str) -> Self {
        match &self.verdict {
            Err(refused) => assert_eq!(refused.code, code, "detail: {}", refused.detail),
            other => panic!("expected the refusal {code}, got {other:?} and {:?}", self.said()),
        }
        self
    }

    /// Applied with this reply.
    #[track_caller]
    pub fn then_reply(self, expected: Value) -> Self {
        assert_eq!(self.verdict.as_ref().ok(), Some(&expected), "got {:?}", self.verdict);
        self
    }

    /// The reply, for a closer look.
    #[track_caller]
    pub fn reply(&self) -> &Value {
        self.verdict.as_ref().unwrap_or_else(|refused| panic!("expected a reply, got {refused:?}"))
    }

    /// Took (`true`) and gave back (`false`) exactly these things.
    #[track_caller]
    pub fn then_claims(mut self, expected: &[(&str, bool)]) -> Self {
        let claims = self.out.take_claims();
        assert_eq!(claims.iter().map(|(thing, take)| (thing.as_str(), *take)).collect::<Vec<_>>(), expected);
        self
    }

    /// The aggregate of any type with this id, after the events.
    #[track_caller]
    pub fn then_state<B: Aggregate>(mut self, id: &str, check: impl FnOnce(&B)) -> Given<A> {
        for raw in self.out.take() {
            if self.given.see.version(&raw.stream).is_none() {
                self.given.see.insert(raw.stream.clone(), raw.missing().start(None));
            }
            self.given.see.stage(&raw, 1);
        }
        let fresh = B::default();
        check(self.given.see.get::<B>(id).unwrap_or(&fresh));
        self.given
    }

    /// Goes on with what is the case now: another decision after this one.
    #[track_caller]
    pub fn and_then(self) -> Given<A> {
        let id = self.given.id.clone();
        self.then_state::<A>(&id, |_| {})
    }
}
