//! A saga as those who look on see it: its log, what its definition says of it, and where the driver is.

use eventstore::Stored;
use kernel::{Aggregate, Event, Lane, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::board::{Place, Way};
use crate::definition::{Kind, Saga};
use crate::drive::Desk;
use crate::log::{Phase, SagaEvent, SagaLog};

/// A saga's log, and what its fold forgets.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The log.
    pub log: SagaLog,
    /// The last state that was stored; the log of an ended saga has none.
    pub state: Value,
    /// How many steps were to be undone, once it has turned back.
    pub reached: Option<usize>,
    /// When it was started.
    pub since: Timestamp,
    /// When the last thing was stored of it.
    pub last: Timestamp,
}

/// What a definition says of one saga.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// All steps of its version: the name, whether it can be undone, whether it is the pivot, whether it is needed here.
    pub steps: Vec<StepSight>,
    /// What it is about, an id.
    pub subject: Option<String>,
}

/// What a definition says of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepSight {
    /// Its name.
    pub name: &'static str,
    /// Whether it can be undone.
    pub is_undoable: bool,
    /// Whether it is the pivot.
    pub is_pivot: bool,
    /// Whether this saga needs it.
    pub is_needed: bool,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Made.
    Done,
    /// Being made; while the saga unwinds: being undone.
    Running,
    /// Still to come; while the saga unwinds: its undo is.
    Waiting,
    /// Undone.
    Undone,
}

/// Looks at a saga with its definition; `None` when its state cannot be read.
pub(crate) fn sight<S: Saga>(version: u16, state: &Value) -> Option<Sight> {
    let state: S::State = serde_json::from_value(state.clone()).ok()?;
    let step = |step: &crate::definition::Step<S::State>| StepSight {
        name: step.name,
        is_undoable: matches!(step.kind, Kind::Undoable(_)),
        is_pivot: matches!(step.kind, Kind::Pivot),
        is_needed: (step.when)(&state),
    };
    Some(Sight { steps: S::steps(version).iter().map(step).collect(), subject: S::subject(&state).map(str::to_owned) })
}

impl Sight {
    /// The needed steps in order, as far as the log knows, and the driver if it is in this process.
    pub fn progress(&self, told: &Told, place: Option<&Place>) -> Vec<(&'static str, StepState)> {
        let needed = self.steps.iter().enumerate().filter(|(_, step)| step.is_needed);
        needed.map(|(i, step)| (step.name, self.state_of(i, told, place))).collect()
    }

    fn state_of(&self, i: usize, told: &Told, place: Option<&Place>) -> StepState {
        let is_turned = |reached: usize| i < reached && self.steps[i].is_undoable;
        let forward = |now: usize| match i.cmp(&now) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Equal => StepState::Running,
            std::cmp::Ordering::Greater => StepState::Waiting,
        };
        match (&told.log.phase, place.map(|place| (place.way, place.step))) {
            (Phase::Done(_), _) | (Phase::Running | Phase::Pivoting, Some((Way::End, _))) => StepState::Done,
            (Phase::Undone(_), _) => {
                if told.reached.is_some_and(is_turned) {
                    StepState::Undone
                } else {
                    StepState::Waiting
                }
            }
            (Phase::Unwinding(reached, _), Some((Way::End, _))) if is_turned(*reached) => StepState::Undone,
            (Phase::Unwinding(reached, _), Some((Way::Back, now))) if is_turned(*reached) => match i.cmp(&now) {
                std::cmp::Ordering::Less => StepState::Waiting,
                std::cmp::Ordering::Equal => StepState::Running,
                std::cmp::Ordering::Greater => StepState::Undone,
            },
            (Phase::Unwinding(..) | Phase::None, _) => StepState::Waiting,
            (Phase::Running | Phase::Pivoting, Some((_, now))) => forward(now),
            // Another process drives it: the log knows its moments only.
            (Phase::Pivoting, None) => forward(self.steps.iter().position(|step| step.is_pivot).unwrap_or(0)),
            (Phase::Running, None) => forward(self.steps.iter().position(|step| step.is_needed).unwrap_or(0)),
        }
    }
}

impl Desk {
    /// A saga as it is stored, for those who look on. `None` when there is no such saga.
    pub async fn told(&self, id: &str, lane: Lane) -> Result<Option<Told>, eventstore::StoreFault> {
        let stored = self.store.stream(lane, SagaLog::stream(id), 0).await?;
        Ok(tell(&stored))
    }
}

fn tell(stored: &[Stored]) -> Option<Told> {
    let mut told: Option<Told> = None;
    for e in stored.iter().filter_map(Stored::event) {
        let event = SagaEvent::decode(e.schema, &e.json).ok()?;
        let at = e.by.at;
        let told = told.get_or_insert_with(|| Told { log: SagaLog::default(), state: Value::Null, reached: None, since: at, last: at });
        match &event {
            SagaEvent::Started { state, .. } | SagaEvent::PivotIntended { state, .. } => told.state = state.clone(),
            SagaEvent::TurnedBack { state, reached, .. } => {
                told.state = state.clone();
                told.reached = Some(*reached);
            }
            _ => {}
        }
        told.last = at;
        told.log.evolve(&event);
    }
    told
}
