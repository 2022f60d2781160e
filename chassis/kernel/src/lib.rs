//! The words every other crate speaks: time, chance, money, ids, streams, aggregates, decisions and outcomes.
//!
//! Nothing in here does anything by itself: no tokio, no SQL, no sockets, no real clock and no real dice. A decision
//! written against this crate is a pure function, so it can be run by the committer, by a test and by the simulator alike.
//!
//! Reading order: `time` and `chance` (the two ports that make runs repeatable), `money`, `id`, `stream` (what a lane
//! and a stream are), `aggregate` (events and how they fold), `decide` (what a command's decision is given and
//! returns), `staged` (the state it sees), `emit` (what it says), `outcome` (the four answers a peer can give),
//! `protocol` (the one sound protocol, and the places where a mutant may differ).
#![warn(missing_docs)]

pub mod time;
pub mod chance;
pub mod money;
pub mod id;
pub mod stream;
pub mod aggregate;
pub mod decide;
pub mod staged;
pub mod emit;
pub mod outcome;
pub mod protocol;

pub use aggregate::{Aggregate, Corrupt, Event};
pub use chance::Chance;
pub use decide::{Busy, Ctx, Decide, Refusal, RefusalKind, Stop, Verdict};
pub use emit::Emit;
pub use money::Money;
pub use outcome::{Outcome, Refused};
pub use protocol::Protocol;
pub use staged::{Missing, Staged};
pub use stream::{Lane, Stream, lane_of};
pub use time::{Clock, Timestamp};
