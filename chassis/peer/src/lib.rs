//! Calling a peer: one command over a wire, and the four outcomes it can have.
//!
//! Both wires (in-process here, HTTP/2 later) carry the same bytes to the same router. An answer counts only when it
//! carries `Posthouse-Effect`; a timeout, a reset or any other answer is *unknown*, which is asked again with the same
//! key and never taken for a failure.
//!
//! Reading order: `contract` (a command as two services agree on it), `at` (how far an answer has come), `wire` (the
//! port), `inprocess` (the wire of the all-in-one house), `client` (deadline, headers, outcomes).

pub mod contract;
pub mod at;
pub mod wire;
pub mod inprocess;
pub mod client;

pub use at::At;
pub use client::{Attempt, PeerAnswer, Peers};
pub use contract::{Call, Contract};
pub use inprocess::{InProcess, Spawn};
pub use wire::{Lost, Wire};

/// Header: `applied` or `none`; an answer without it is unknown.
pub const EFFECT: &str = "posthouse-effect";
/// Header: milliseconds the caller still waits.
pub const DEADLINE: &str = "posthouse-deadline-ms";
/// Header: how far the answering service (and those it asked) had come.
pub const AT: &str = "posthouse-at";
/// Header: the idempotency key.
pub const KEY: &str = "idempotency-key";
/// Header: the key of the command this one undoes.
pub const UNDOES: &str = "posthouse-undoes";
/// Header: which service calls; trusted on the in-process wire only.
pub const CALLER: &str = "posthouse-caller";
/// Header: what made this happen (a saga's id).
pub const CAUSATION: &str = "posthouse-causation";
