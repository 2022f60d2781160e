//! Calling a peer: one command over a wire, and the four outcomes it can have.
//!
//! Both wires (in-process and HTTP/2) carry the same bytes to the same router. An answer counts only when it carries
//! `Posthouse-Effect`; a timeout, a reset or any other answer is *unknown*, which is asked again with the same key and
//! never taken for a failure. A refusal is a definite *no* only when it also carries `Posthouse-Decision: recorded`.
//!
//! Reading order: `contract` (a command as two services agree on it), `at` (how far an answer has come), `wire` (the
//! port), `inprocess` (the wire of the all-in-one house), `directory` and `http2` (the wire to other processes), `ways`
//! (both as one), `handicap` (a hand on the wire, for demonstrations), `deadline` (time only shrinks), `budget`,
//! `breaker`, `hand` (an operator's, on a breaker), `guard`, `guards` (a peer's failure stays the peer's), `client` (headers, guard, deadline, outcomes).

pub mod contract;
pub mod at;
pub mod wire;
pub mod inprocess;
pub mod directory;
pub mod http2;
pub mod ways;
pub mod handicap;
pub mod deadline;
pub mod budget;
pub mod breaker;
pub mod hand;
pub mod guard;
pub mod guards;
pub mod client;

pub use at::At;
pub use client::{Attempt, PeerAnswer, Peers, Silence};
pub use contract::{Call, Contract};
pub use directory::Directory;
pub use guards::Guards;
pub use hand::Hand;
pub use handicap::{Fault, Faults, Handicapped};
pub use http2::Http2;
pub use inprocess::{InProcess, Spawn};
pub use ways::Ways;
pub use wire::{Arrived, Lost, Wire};

/// Header: `applied` or `none`; an answer without it is unknown.
pub const EFFECT: &str = "posthouse-effect";
/// Header: [`RECORDED`] on a refusal that stands under the command's key for ever. Without it a refusal says only that
/// nothing has happened: the request met an older version, a limit, a wrong key, and decides no saga.
pub const DECISION: &str = "posthouse-decision";
/// The value of [`DECISION`].
pub const RECORDED: &str = "recorded";
/// Header: milliseconds the caller still waits.
pub const DEADLINE: &str = "posthouse-deadline-ms";
/// Header: how far the answering service (and those it asked) had come.
pub const AT: &str = "posthouse-at";
/// Header: the idempotency key.
pub const KEY: &str = "idempotency-key";
/// Header: the key of the command this one undoes.
pub const UNDOES: &str = "posthouse-undoes";
/// Header: which service calls; trusted on the wire between services only.
pub const CALLER: &str = "posthouse-caller";
/// Header: what made this happen (a saga's id).
pub const CAUSATION: &str = "posthouse-causation";
