//! The appends after the first: pivot intent, another round, stuck, and the end with its local decision.

use std::marker::PhantomData;

use eventstore::Work;
use kernel::{Ctx, Emit, Staged, Stop, Verdict};

use crate::definition::{Ending, Saga};
use crate::log::{Phase, SagaEvent, SagaLog};
use crate::start::claim;

/// Appends one event to a saga's stream, unless the saga has ended meanwhile.
pub struct Note {
    /// The saga.
    pub id: String,
    /// The event.
    pub event: SagaEvent,
}

impl Work for Note {
    fn run(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Verdict, Stop> {
        let log = see.get::<SagaLog>(&self.id)?;
        if matches!(log.phase, Phase::Running | Phase::Pivoting) {
            out.event::<SagaLog>(&self.id, self.event.clone());
        }
        Ok(Verdict::Applied("null".into()))
    }
}

/// The last append. A refusal of a done saga is its local pivot saying no: nothing is recorded under this key for it, so
/// that the unwound saga can end under another.
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
        match &log.phase {
            Phase::Running | Phase::Pivoting => {}
            Phase::Done(reply) => return Ok(Verdict::Applied(reply.to_string())),
            Phase::Undone(_) | Phase::None => return Ok(Verdict::Applied("null".into())),
        }
        let reply = S::end(&self.id, &self.state, &self.ending, see, ctx, out)?;
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
