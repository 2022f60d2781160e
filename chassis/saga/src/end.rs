//! The decisions of the appends after the first: one event, or the end with its local decision.

use std::marker::PhantomData;

use eventstore::Work;
use kernel::{Aggregate, Busy, Ctx, Emit, Staged, Stop, Verdict};

use crate::definition::{Ending, Kind, Saga};
use crate::log::{Phase, SagaEvent, SagaLog};
use crate::start::claim;

/// Code: another process has moved the saga.
pub const MOVED: &str = "saga-moved";
/// Code: the end was refused where it must not be. Not recorded, so that a mended program can end it.
pub const END_REFUSED: &str = "end-refused";

/// Appends one event to a saga's stream, if that is still at this version.
pub struct Note {
    /// The saga.
    pub id: String,
    /// The version the event builds on.
    pub version: u64,
    /// The event.
    pub event: SagaEvent,
}

impl Work for Note {
    fn run(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Verdict, Stop> {
        see.get::<SagaLog>(&self.id)?;
        let holds = see.version(&SagaLog::stream(&self.id)) == Some(self.version);
        if holds {
            out.event::<SagaLog>(&self.id, self.event.clone());
        }
        Ok(Verdict::Applied(holds.to_string()))
    }
}

/// The last append. A refusal of a saga that is done without a pivot is its local pivot saying no: recorded, so that it
/// stays no, and the unwound saga ends under another key. Every other refusal comes too late and is not listened to.
pub struct End<S: Saga> {
    /// The saga.
    pub id: String,
    /// Its state with everything learnt.
    pub state: S::State,
    /// How the steps went.
    pub ending: Ending,
    /// The definition.
    pub def: PhantomData<S>,
}

impl<S: Saga> Work for End<S> {
    fn run(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Verdict, Stop> {
        let log = see.get::<SagaLog>(&self.id)?;
        match (&log.phase, &self.ending) {
            (Phase::Running | Phase::Pivoting, _) | (Phase::Unwinding(..), Ending::Undone(_)) => {}
            (Phase::Done(reply), Ending::Done) => return Ok(Verdict::Applied(reply.to_string())),
            (Phase::Undone(_), Ending::Undone(_)) => return Ok(Verdict::Applied("null".into())),
            _ => return Err(Stop::Busy(Busy(MOVED))),
        }
        // A local pivot is the end of steps that can all be undone. A retriable one means that the pivot is behind it.
        let beyond = S::steps(log.v).iter().any(|step| matches!(step.kind, Kind::Pivot | Kind::Retriable) && (step.when)(&self.state));
        let local_pivot = self.ending == Ending::Done && !beyond;
        let reply = match S::end(&self.id, &self.state, &self.ending, see, ctx, out) {
            Err(Stop::Refused(refused)) if !local_pivot => {
                tracing::error!(saga = self.id, code = refused.code, "the end of a saga is refused where it must not be");
                return Err(Stop::Busy(Busy(END_REFUSED)));
            }
            reply => reply?,
        };
        let answer = reply.to_string();
        out.event::<SagaLog>(
            &self.id,
            match &self.ending {
                Ending::Done => SagaEvent::Done { reply },
                Ending::Undone(refused) => SagaEvent::Undone { refused: refused.clone() },
            },
        );
        out.unclaim(claim(&self.id));
        Ok(Verdict::Applied(answer))
    }
}
