//! The first append: the command's own decision, the saga's first event and its claim, in one.

use eventstore::Work;
use kernel::decide::Guard;
use kernel::{Ctx, Emit, Lane, Staged, Stop, Verdict, lane_of};

use crate::definition::{Ending, Saga};
use crate::log::{SagaEvent, SagaLog};

/// A command whose answer is a saga's.
pub trait Begin: Send + Sync + 'static {
    /// The saga it starts.
    type Saga: Saga;

    /// Chooses the lane.
    fn partition(&self) -> &str;

    /// The stream `If-Match` speaks of.
    fn guarded(&self) -> Option<Guard> {
        None
    }

    /// Checks what can be checked here, emits what is decided here, and gives the saga's first state.
    fn begin(&self, saga: &str, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<<Self::Saga as Saga>::State, Stop>;
}

/// The id of the saga that this command starts: derived from its (caller, key), ending in its lane's number.
pub fn id_of<S: Saga>(ctx: &Ctx, partition: &str) -> String {
    format!("{}-{:02}", ctx.ids.derive(S::NAME), lane_of(partition))
}

/// The lane a saga's id names.
pub fn lane_of_id(id: &str) -> Option<Lane> {
    let lane = id.rsplit_once('-')?.1.parse().ok()?;
    (lane < kernel::stream::LANES).then_some(lane)
}

/// The claim that says a saga is open.
pub fn claim(id: &str) -> String {
    format!("{CLAIM}{id}")
}

/// Prefix of the claims of open sagas.
pub const CLAIM: &str = "saga/";

/// A beginning as work for the committer.
pub struct Starting<B>(pub B);

impl<B: Begin> Work for Starting<B> {
    fn run(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Verdict, Stop> {
        let id = id_of::<B::Saga>(ctx, self.0.partition());
        let state = self.0.begin(&id, see, ctx, out)?;
        let steps = <B::Saga as Saga>::steps(<B::Saga as Saga>::VERSION);
        if !steps.iter().any(|step| (step.when)(&state)) {
            // Nobody has to be asked: all moments coincide and it is a single decision.
            let reply = <B::Saga as Saga>::end(&id, &state, &Ending::Done, see, ctx, out)?;
            return Ok(Verdict::Applied(reply.to_string()));
        }
        let started = SagaEvent::Started {
            def: <B::Saga as Saga>::NAME.into(),
            v: <B::Saga as Saga>::VERSION,
            partition: self.0.partition().to_owned(),
            state: serde_json::to_value(&state).unwrap_or_default(),
            at: ctx.now,
        };
        out.event::<SagaLog>(&id, started);
        out.claim(claim(&id));
        Ok(Verdict::Saga(id))
    }

    fn guard(&self) -> Option<Guard> {
        self.0.guarded()
    }
}
