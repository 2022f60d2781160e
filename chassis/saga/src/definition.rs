//! What a saga's author writes: steps as data, everything else pure functions of the saga's state.

use kernel::{Ctx, Emit, Refused, Staged, Stop};
use peer::Call;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What a step is to the whole.
pub enum Kind<S: 'static> {
    /// Before the pivot; changes nothing that would have to be undone, whatever becomes of the saga.
    Asking,
    /// Before the pivot; undone by this call when the saga does not end well.
    Undoable(fn(&S) -> Call),
    /// The point of no return: once applied, the saga ends done.
    Pivot,
    /// After the pivot (or after a pivot taken in the first append): asked until it is applied.
    Retriable,
}

/// One call to a peer.
pub struct Step<S: 'static> {
    /// Its name; the idempotency key is `<saga>/<name>`.
    pub name: &'static str,
    /// Whether it is needed in this state.
    pub when: fn(&S) -> bool,
    /// The call; the number counts from 0 up to `times`.
    pub call: fn(&S, u32) -> Call,
    /// How often it is made (chunks), each under its own key. 1 for almost all.
    pub times: fn(&S) -> u32,
    /// Whether another round (see [`Saga::again`]) makes it once more under a new key; what must happen once only says no.
    pub each_round: bool,
    /// What it is to the whole.
    pub kind: Kind<S>,
    /// Takes what is needed from the reply.
    pub learn: fn(&mut S, &Value),
}

/// How the steps went.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// All of them are applied.
    Done,
    /// One was refused (or stayed unknown too long) and everything before it is undone.
    Undone(Refused),
}

/// A saga definition.
pub trait Saga: Send + Sync + 'static {
    /// Its name; the prefix of its ids.
    const NAME: &'static str;
    /// The newest version of its steps. Written into the first event; a running saga keeps its version.
    const VERSION: u16 = 1;
    /// How long a step before the pivot may stay unknown before the saga unwinds, in milliseconds.
    const PATIENCE_MS: u64 = 60_000;
    /// The refusal's code when patience is over and everything is undone.
    const IMPATIENT: &'static str = "no-answer-in-time";
    /// Input and everything learnt. Never personal data.
    type State: Serialize + DeserializeOwned + Clone + Send + Sync;

    /// The steps of a version.
    fn steps(version: u16) -> &'static [Step<Self::State>];

    /// Whether a refused pivot is tried once more from the first step (an expired hold): keys get the new round's number.
    fn again(_state: &Self::State, _round: u32, _refused: &Refused) -> bool {
        false
    }

    /// What it is about, as those who look on know it: an id in its state, never personal data.
    fn subject(_state: &Self::State) -> Option<&str> {
        None
    }

    /// The last append's decision, in the saga's own lane: emits the domain's events and gives the answer everybody who
    /// waits will get. When it refuses a done saga whose steps are all undoable, the saga unwinds (a local pivot).
    fn end(id: &str, state: &Self::State, ending: &Ending, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Value, Stop>;
}

/// `times` of a step that is made once.
pub fn once<S>(_: &S) -> u32 {
    1
}

/// `when` of a step that is always needed.
pub fn always<S>(_: &S) -> bool {
    true
}

/// `learn` of a step whose reply is not needed.
pub fn nothing<S>(_: &mut S, _: &Value) {}
