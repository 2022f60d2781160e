//! The sagas of these tests. A trip: hold ▸ authorise ▸ [pivot] confirm ▸ capture ▸ notes (two). A swap has a local pivot.

use kernel::decide::Guard;
use kernel::{Aggregate, Ctx, Emit, RefusalKind, Refused, Staged, Stop};
use peer::Call;
use saga::definition::{always, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use testkit::bank::{Account, Entry, paid};

/// The partition of all of them.
pub const BRANCH: &str = "north";
/// The steps of a trip, in order.
pub const STEPS: [&str; 5] = ["hold", "authorise", "confirm", "capture", "notes"];
/// What a peer holds after a trip that went well.
pub const ALL: [&str; 6] = ["authorise", "capture", "confirm", "hold", "note0", "note1"];

/// What a trip has learnt.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TripState {
    /// Whether a card is asked.
    pub card: bool,
    /// How `end` behaves: empty as it should, `panic`, or `closed`.
    pub mood: String,
    /// What was learnt, in order.
    pub learnt: Vec<String>,
}

fn call(verb: &str, thing: &str) -> Call {
    Call { service: "peer", name: "Act", path: format!("/api/peer/v1/{verb}/{thing}"), body: "{}".into(), key: None }
}

fn learn(state: &mut TripState, reply: &Value) {
    state.learnt.push(reply["learnt"].as_str().unwrap_or("?").to_owned());
}

/// A trip.
pub struct Trip;

static TRIP: [Step<TripState>; 5] = [
    Step {
        name: "hold",
        when: always,
        call: |_, _| call("do", "hold"),
        times: once,
        each_round: true,
        kind: Kind::Undoable(|_| call("undo", "hold")),
        learn,
    },
    Step {
        name: "authorise",
        when: |s| s.card,
        call: |_, _| call("do", "authorise"),
        times: once,
        each_round: false,
        kind: Kind::Undoable(|_| call("undo", "authorise")),
        learn,
    },
    Step { name: "confirm", when: always, call: |_, _| call("do", "confirm"), times: once, each_round: true, kind: Kind::Pivot, learn },
    Step {
        name: "capture",
        when: |s| s.card,
        call: |s, _| {
            assert!(s.mood != "panic-in-call", "a definition with a bug");
            call("do", "capture")
        },
        times: once,
        each_round: false,
        kind: Kind::Retriable,
        learn,
    },
    Step {
        name: "notes",
        when: always,
        call: |_, n| call("do", &format!("note{n}")),
        times: |_| 2,
        each_round: false,
        kind: Kind::Retriable,
        learn,
    },
];

impl Saga for Trip {
    const NAME: &'static str = "trip";
    type State = TripState;

    fn steps(_: u16) -> &'static [Step<TripState>] {
        &TRIP
    }

    fn again(_: &TripState, round: u32, refused: &Refused) -> bool {
        refused.code == "hold-expired" && round < 2
    }

    fn end(id: &str, state: &TripState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let open = see.get::<Account>("gate")?.open;
        match ending {
            Ending::Done if state.mood == "gate" && !open => Err(Stop::Refused(Refused::new("gate-shut", RefusalKind::Conflict))),
            Ending::Done if state.mood == "panic-in-end" && !open => panic!("an end with a bug"),
            Ending::Done => {
                out.event::<Account>(id, paid(1));
                Ok(json!({"trip": id, "learnt": state.learnt}))
            }
            Ending::Undone(_) => {
                out.event::<Account>(id, paid(-1));
                Ok(Value::Null)
            }
        }
    }
}

/// Starts a trip.
#[derive(Clone, Debug, Default)]
pub struct Travel {
    /// Without a card.
    pub cash: bool,
    /// See [`TripState::mood`].
    pub mood: &'static str,
}

impl Begin for Travel {
    type Saga = Trip;

    fn partition(&self) -> &str {
        BRANCH
    }

    fn guarded(&self) -> Option<Guard> {
        None
    }

    fn begin(&self, saga: &str, _: &Staged, _: &Ctx, out: &mut Emit) -> Result<TripState, Stop> {
        out.event::<Account>(saga, Entry::Opened);
        Ok(TripState { card: !self.cash, mood: self.mood.to_owned(), learnt: Vec::new() })
    }
}

/// A saga whose pivot is its own end: refused while the gate is shut.
pub struct Swap;

static SWAP: [Step<TripState>; 2] = [
    Step {
        name: "give",
        when: always,
        call: |_, _| call("do", "give").under("the/occasion".into()),
        times: once,
        each_round: false,
        kind: Kind::Undoable(|_| call("undo", "give")),
        learn,
    },
    Step {
        name: "take",
        when: always,
        call: |_, _| call("do", "take"),
        times: once,
        each_round: false,
        kind: Kind::Undoable(|_| call("undo", "take")),
        learn,
    },
];

impl Saga for Swap {
    const NAME: &'static str = "swap";
    type State = TripState;

    fn steps(_: u16) -> &'static [Step<TripState>] {
        &SWAP
    }

    fn end(id: &str, _: &TripState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let open = see.get::<Account>("gate")?.open;
        if *ending == Ending::Done && !open {
            return Err(Stop::Refused(Refused::new("gate-shut", RefusalKind::Conflict)));
        }
        out.event::<Account>(id, paid(if *ending == Ending::Done { 1 } else { -1 }));
        Ok(json!({"swap": id}))
    }
}

/// Starts a swap.
pub struct Trade;

impl Begin for Trade {
    type Saga = Swap;

    fn partition(&self) -> &str {
        BRANCH
    }

    fn begin(&self, saga: &str, _: &Staged, _: &Ctx, out: &mut Emit) -> Result<TripState, Stop> {
        out.event::<Account>(saga, Entry::Opened);
        Ok(TripState::default())
    }
}

/// The kind of the account that a saga's own decisions are written to.
pub fn ledger(id: &str) -> kernel::Stream {
    Account::stream(id)
}

/// A saga whose pivot is its first append: what follows is only retriable.
pub struct Stroll;

static STROLL: [Step<TripState>; 1] = [Step {
    name: "note",
    when: |s| s.card,
    call: |_, _| call("do", "note"),
    times: once,
    each_round: false,
    kind: Kind::Retriable,
    learn,
}];

impl Saga for Stroll {
    const NAME: &'static str = "stroll";
    type State = TripState;

    fn steps(_: u16) -> &'static [Step<TripState>] {
        &STROLL
    }

    fn end(_: &str, state: &TripState, _: &Ending, see: &Staged, _: &Ctx, _: &mut Emit) -> Result<Value, Stop> {
        if state.mood == "gate" && !see.get::<Account>("gate")?.open {
            return Err(Stop::Refused(Refused::new("gate-shut", RefusalKind::Conflict)));
        }
        Ok(json!({"walked": true}))
    }
}

/// Starts a stroll; a near one asks nobody.
pub struct Walk {
    pub far: bool,
    pub mood: &'static str,
}

impl Begin for Walk {
    type Saga = Stroll;

    fn partition(&self) -> &str {
        BRANCH
    }

    fn begin(&self, saga: &str, _: &Staged, _: &Ctx, out: &mut Emit) -> Result<TripState, Stop> {
        out.event::<Account>(saga, Entry::Opened);
        Ok(TripState { card: self.far, mood: self.mood.to_owned(), learnt: Vec::new() })
    }
}
