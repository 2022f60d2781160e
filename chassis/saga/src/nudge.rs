//! An operator's verbs for a saga that does not end by itself. Each is an event on its stream, with who and why.
//!
//! *Retry* asks again now. *Abandon* turns it back, which only a saga before its pivot can do: what it has done is undone
//! with tombstones, as after a refusal. *Force* goes on asking now, which only makes sense behind the pivot: there is no
//! way back, so nothing is ever given up.

use std::marker::PhantomData;

use eventstore::Work;
use kernel::{Busy, Ctx, Emit, RefusalKind, Refused, Staged, Stop, Verdict};
use serde_json::json;

use crate::definition::{Kind, Saga};
use crate::log::{Phase, SagaEvent, SagaLog, Verb};

/// A verb as work for the committer.
pub struct Nudge<S: Saga> {
    /// The saga.
    pub id: String,
    /// The verb.
    pub verb: Verb,
    /// Why; typed by a person.
    pub reason: String,
    /// The definition.
    pub def: PhantomData<S>,
}

impl<S: Saga> Work for Nudge<S> {
    fn run(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Verdict, Stop> {
        let log = see.get::<SagaLog>(&self.id)?;
        match log.phase {
            Phase::None => return Err(Stop::Refused(Refused::new("saga-unknown", RefusalKind::NotFound))),
            Phase::Done(_) | Phase::Undone(_) => return Err(Stop::Refused(Refused::new("saga-ended", RefusalKind::Conflict))),
            Phase::Running | Phase::Pivoting | Phase::Unwinding(..) => {}
        }
        let is_past = is_past_pivot::<S>(log).ok_or(Stop::Busy(Busy("corrupt")))?;
        match self.verb {
            Verb::Abandon if is_past => return Err(Stop::Refused(Refused::new("saga-past-pivot", RefusalKind::Conflict))),
            Verb::Force if !is_past => return Err(Stop::Refused(Refused::new("saga-before-pivot", RefusalKind::Conflict))),
            Verb::Retry | Verb::Abandon | Verb::Force => {}
        }
        let (verb, actor, reason, at) = (self.verb, ctx.actor.clone(), self.reason.clone(), ctx.now);
        out.event::<SagaLog>(&self.id, SagaEvent::Nudged { verb, actor, reason, at });
        if verb == Verb::Abandon && log.phase == Phase::Running {
            // Whoever drives it may have come further than the log knows: everything before the pivot is undone, and every
            // undo is accepted for what never happened.
            let (state, reached) = (log.state.clone(), before_pivot::<S>(log.v));
            let refused = Refused::new("abandoned", RefusalKind::Conflict);
            out.event::<SagaLog>(&self.id, SagaEvent::TurnedBack { state, reached, refused });
        }
        Ok(Verdict::Applied(json!({"saga": self.id, "verb": verb}).to_string()))
    }
}

/// How many steps there are before the pivot; all of them when the end is the pivot.
pub(crate) fn before_pivot<S: Saga>(version: u16) -> usize {
    let steps = S::steps(version);
    steps.iter().position(|step| matches!(step.kind, Kind::Pivot)).unwrap_or(steps.len())
}

/// Whether there is no way back. A saga without a step that can be undone has none from its first append: that was its
/// pivot, or the intent of it. `None` when its state cannot be read.
fn is_past_pivot<S: Saga>(log: &SagaLog) -> Option<bool> {
    match log.phase {
        Phase::Unwinding(..) => Some(false),
        Phase::Running => {
            let state: S::State = serde_json::from_value(log.state.clone()).ok()?;
            Some(!S::steps(log.v).iter().any(|step| matches!(step.kind, Kind::Undoable(_)) && (step.when)(&state)))
        }
        Phase::None | Phase::Pivoting | Phase::Done(_) | Phase::Undone(_) => Some(true),
    }
}
