//! A saga's stream: what it was started with, what it knew at its pivot or when it turned back, how it ended.

use kernel::{Aggregate, Event, Refused, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What happens to a saga.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SagaEvent {
    /// First append.
    Started {
        /// The definition's name.
        def: String,
        /// The definition's version.
        v: u16,
        /// The partition it lives in.
        partition: String,
        /// Its first state.
        state: Value,
        /// When, for patience.
        at: Timestamp,
    },
    /// Second append: everything learnt so far; the pivot is about to be sent.
    PivotIntended {
        /// The state with all step results.
        state: Value,
        /// The round it belongs to.
        #[serde(default)]
        round: u32,
    },
    /// The pivot was refused and the steps are made once more.
    TriedAgain {
        /// The new round, from 1.
        round: u32,
        /// When, for patience.
        at: Timestamp,
    },
    /// It will not end well. Written before the first undo: from here on it only unwinds, because a step that was asked
    /// again would give its old answer although it has been undone.
    TurnedBack {
        /// The state with everything learnt.
        state: Value,
        /// How many steps may have had an effect.
        reached: usize,
        /// Why.
        refused: Refused,
    },
    /// Nobody has been able to finish it for too long; it goes on trying, and an operator sees it.
    Stuck {
        /// The step it hangs on.
        step: String,
        /// The last thing heard.
        reason: String,
    },
    /// An operator has said something to it.
    Nudged {
        /// What.
        verb: Verb,
        /// Who.
        actor: String,
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// Last append: everything applied.
    Done {
        /// The answer.
        reply: Value,
    },
    /// Last append: everything undone.
    Undone {
        /// Why.
        refused: Refused,
    },
}

impl Event for SagaEvent {}

/// What an operator can say to a saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Ask again now.
    Retry,
    /// Turn back; before the pivot only.
    Abandon,
    /// Go on asking now; behind the pivot only.
    Force,
}

/// What an operator has said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nudged {
    /// What.
    pub verb: Verb,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Where a saga is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Phase {
    /// Not started (no such saga).
    #[default]
    None,
    /// Before the pivot.
    Running,
    /// The pivot may have been sent.
    Pivoting,
    /// Only undoing: so many steps, for this reason.
    Unwinding(usize, Refused),
    /// Over, with this reply.
    Done(Value),
    /// Over and undone, for this reason.
    Undone(Refused),
}

/// The fold of a saga's stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SagaLog {
    /// Definition.
    pub def: String,
    /// Version of the definition.
    pub v: u16,
    /// Partition.
    pub partition: String,
    /// State as of the last append.
    pub state: Value,
    /// When the current round started.
    pub since: Timestamp,
    /// The round, 0 at first.
    pub round: u32,
    /// The phase.
    pub phase: Phase,
    /// The step and reason it is stuck on.
    pub stuck: Option<(String, String)>,
    /// How often an operator has said something to it.
    #[serde(default)]
    pub nudges: u32,
    /// The last of that.
    #[serde(default)]
    pub nudged: Option<Nudged>,
}

impl Aggregate for SagaLog {
    const KIND: &'static str = "saga";
    type Event = SagaEvent;

    fn evolve(&mut self, event: &SagaEvent) {
        match event.clone() {
            SagaEvent::Started { def, v, partition, state, at } => {
                *self = Self { def, v, partition, state, since: at, phase: Phase::Running, ..Self::default() };
            }
            SagaEvent::PivotIntended { state, round } => {
                self.state = state;
                self.round = round;
                self.phase = Phase::Pivoting;
            }
            SagaEvent::TriedAgain { round, at } => {
                self.round = round;
                self.since = at;
                self.phase = Phase::Running;
            }
            SagaEvent::TurnedBack { state, reached, refused } => {
                self.state = state;
                self.phase = Phase::Unwinding(reached, refused);
            }
            SagaEvent::Stuck { step, reason } => self.stuck = Some((step, reason)),
            SagaEvent::Nudged { verb, actor, reason, at } => {
                self.nudges += 1;
                self.nudged = Some(Nudged { verb, actor, reason, at });
            }
            // The state has served: an ended saga keeps its answer only.
            SagaEvent::Done { reply } => {
                self.phase = Phase::Done(reply);
                self.state = Value::Null;
                self.stuck = None;
            }
            SagaEvent::Undone { refused } => {
                self.phase = Phase::Undone(refused);
                self.state = Value::Null;
                self.stuck = None;
            }
        }
    }
}
