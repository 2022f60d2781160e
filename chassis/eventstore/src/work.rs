//! A command as the committer sees it: erased, and runnable more than once.

use kernel::decide::Guard;
use kernel::{Ctx, Decide, Emit, Staged, Stop, Verdict};

/// Something that can be decided inside a lane.
pub trait Work: Send + Sync {
    /// Decides on the staged state.
    fn run(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Verdict, Stop>;

    /// The stream `If-Match` speaks of.
    fn guard(&self) -> Option<Guard> {
        None
    }
}

/// A typed decision as work.
pub struct Deciding<D>(pub D);

impl<D: Decide> Work for Deciding<D> {
    fn run(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Verdict, Stop> {
        let reply = self.0.decide(see, ctx, out)?;
        // A reply is plain data; serde_json cannot fail on it.
        Ok(Verdict::Applied(serde_json::to_string(&reply).unwrap_or_else(|_| "null".into())))
    }

    fn guard(&self) -> Option<Guard> {
        self.0.guarded()
    }
}
