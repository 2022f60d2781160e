//! Decisions: pure functions from the staged state of one lane and a command to events and a verdict.
//!
//! The committer runs them one after the other on the *staged* state, so each sees the effects of the commands before it
//! in the same batch. A stream that is not in the cache stops a decision with [`Missing`]; the committer loads it and the
//! decision runs again from its start. Its events count only when it ends well.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aggregate::Aggregate;
use crate::emit::Emit;
use crate::id::Ids;
use crate::outcome::Refused;
use crate::staged::{Missing, Staged};
use crate::time::Timestamp;

pub use crate::staged::{Past, Snapshot};

/// What a decision may know besides the state: time, who asks, and ids derived from the command's key.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// The committer's clock; only for TTLs and stamps.
    pub now: Timestamp,
    /// Who asked (principal), for the record and the history.
    pub actor: String,
    /// The command's key.
    pub key: String,
    /// Ids derived from (caller, key).
    pub ids: Ids,
}

/// Which HTTP family a refusal belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The state says no (409).
    Conflict,
    /// The thing does not exist (404).
    NotFound,
    /// The caller saw an older version (412).
    Stale,
    /// The request itself cannot be meant (422).
    Unprocessable,
}

/// A reason for which the domain says no.
pub trait Refusal {
    /// Stable kebab-case code.
    fn code(&self) -> &'static str;
    /// The family; a conflict unless said otherwise.
    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
    /// What the caller needs to act, a JSON object; `Null` for nothing.
    fn detail(&self) -> Value {
        Value::Null
    }
}

/// A definite *nothing yet*: not recorded, the same key may come again. The code says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy(pub &'static str);

/// Why a decision stopped.
#[derive(Debug)]
pub enum Stop {
    /// The domain says no: recorded, final.
    Refused(Refused),
    /// Not now: not recorded.
    Busy(Busy),
    /// A stream has to be loaded first.
    Missing(Missing),
}

impl<R: Refusal> From<R> for Stop {
    fn from(r: R) -> Self {
        Self::Refused(Refused { code: r.code().to_owned(), kind: r.kind(), detail: r.detail() })
    }
}

impl From<Missing> for Stop {
    fn from(m: Missing) -> Self {
        Self::Missing(m)
    }
}

/// What a handled command's record says.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Done; the reply as JSON (≤ 512 bytes).
    Applied(String),
    /// Refused for ever.
    Refused(Refused),
    /// A saga was started; its end holds the answer.
    Saga(String),
    /// Undone before it arrived: the late command is refused.
    Tombstone,
}

/// A command's decision. One lane, one pure function, under a millisecond.
pub trait Decide: Send + Sync + 'static {
    /// What the caller gets when it is applied.
    type Reply: Serialize;

    /// Chooses the lane: the hotel (for guests, the guest).
    fn partition(&self) -> &str;

    /// The stream `If-Match` speaks of.
    fn guarded(&self) -> Option<Guard> {
        None
    }

    /// Looks at the staged state, emits events, returns the reply.
    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Self::Reply, Stop>;
}

/// A stream with the function that folds it, for checking `If-Match`.
#[derive(Debug)]
pub struct Guard(Missing);

impl Guard {
    /// Guards the aggregate with this id.
    pub fn on<A: Aggregate>(id: &str) -> Self {
        Self(Missing::of::<A>(id))
    }

    /// The guarded stream's staged version, or what has to be loaded to know it.
    pub fn version(&self, see: &Staged) -> Result<u64, Missing> {
        see.version(&self.0.stream).ok_or_else(|| self.0.clone())
    }
}
