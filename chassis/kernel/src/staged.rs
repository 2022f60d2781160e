//! The staged state of one lane: a cache of aggregates of any type, with the effects of the batch so far.

use std::any::Any;
use std::collections::BTreeMap;

use crate::aggregate::{Aggregate, Corrupt, Event};
use crate::emit::Raw;
use crate::stream::Stream;

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
    pub(crate) fold: fn(Option<&Snapshot>) -> Slot,
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

pub(crate) fn start<A: Aggregate>(snapshot: Option<&Snapshot>) -> Slot {
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
        if past.version != self.version + 1 {
            // Folding over a hole would give a state that never was.
            return Err(Corrupt(format!("version {} comes after {}", past.version, self.version)));
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

    /// Applies an emitted event whose stream is cached; returns its version and a snapshot when one is due. Snapshots are `closer`
    /// times as frequent as the aggregate says.
    pub fn stage(&mut self, raw: &Raw, closer: u64) -> Option<(u64, Option<Snapshot>)> {
        let slot = self.slots.get_mut(&raw.stream)?;
        slot.state.apply_typed(raw.typed.as_ref());
        slot.version += 1;
        slot.used = self.tick;
        let due = slot.state.snapshot_every().is_some_and(|n| slot.version % (n / closer.max(1)).max(1) == 0);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::Emit;
    use serde::{Deserialize, Serialize};

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
        let staged: Vec<_> = out.take().iter().filter_map(|raw| see.stage(raw, 1)).collect();
        assert_eq!(staged[0], (1, None));
        assert_eq!(staged[1].1.as_ref().map(|s| (s.version, s.json.as_str())), Some((2, "2")));
        assert_eq!(see.get::<Count>("a").unwrap().0, 2);
        let again = missing.start(staged[1].1.as_ref());
        assert_eq!(again.version(), 2);
    }

    #[test]
    fn a_fold_passes_over_what_is_in_and_stops_at_a_hole() {
        let mut slot = Missing::of::<Count>("a").start(None);
        let past = |version| Past { version, schema: 1, json: "null" };
        assert_eq!(slot.fold(&past(1)), Ok(()));
        assert_eq!((slot.fold(&past(1)), slot.version()), (Ok(()), 1));
        assert!(slot.fold(&past(3)).is_err());
        assert_eq!(slot.version(), 1);
    }

    #[test]
    fn what_was_not_changed_lately_is_let_go_of_unless_it_is_dear_to_load() {
        #[derive(Default, Serialize, Deserialize)]
        struct Cheap;
        impl Aggregate for Cheap {
            const KIND: &'static str = "cheap";
            type Event = Counted;
            fn evolve(&mut self, _: &Counted) {}
        }
        let mut see = Staged::default();
        for n in 0..10 {
            let missing = Missing::of::<Cheap>(&n.to_string());
            see.insert(missing.stream.clone(), missing.start(None));
            see.trim(100);
        }
        let dear = Missing::of::<Count>("dear");
        see.insert(dear.stream.clone(), dear.start(None));
        see.trim(5);
        let kept = |id: &str| see.get::<Cheap>(id).is_ok();
        assert!(!kept("0") && !kept("3") && kept("9") && see.get::<Count>("dear").is_ok());
    }
}
