//! The first and the last append of a saga as decisions.

use kernel::{Ctx, Decide, Emit, Staged, Stop, Timestamp};
use saga::{Begin, Ending, Saga};
use serde_json::Value;
use testkit::given::ctx;

/// The first append.
pub struct Begun<B>(pub B);

impl<B: Begin> Decide for Begun<B> {
    type Reply = Value;

    fn partition(&self) -> &str {
        self.0.partition()
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        self.0.begin("saga_1", see, ctx, out).map(|state| serde_json::to_value(state).expect("JSON"))
    }
}

/// The last append.
pub struct Ended<S: Saga>(pub S::State, pub Ending);

impl<S: Saga> Decide for Ended<S> {
    type Reply = Value;

    fn partition(&self) -> &str {
        "H"
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        S::end("saga_1", &self.0, &self.1, see, ctx, out)
    }
}

/// Nothing special about the moment.
pub fn now() -> Ctx {
    ctx(Timestamp(1), "desk", "k")
}

/// A checked command.
pub fn from<C, D: TryFrom<C>>(contract: C) -> D {
    D::try_from(contract).unwrap_or_else(|_| panic!("a command that cannot be meant"))
}
