//! The whole house on a simulated network, clock, disks and payment provider: one seed, one run, for ever the same.
//!
//! A run puts the six services on machines of their own, lets seeded guests and desks work with them while messages are
//! lost, repeated and delayed, links are cut and machines crash, then heals everything, waits until no saga is open, and
//! reads what is durable. The checker recomputes from the events alone what must hold; it shares no code with the
//! services. Known-bad protocols (mutants) must be noticed: a check that was never seen failing is not a check.
//!
//! A few runs of a hundred go over the real HTTP/2 client and server instead, on turmoil's connections: `wired`.
//!
//! Reading order: `options` (what can go wrong, and how often), `world` (machines, crashes), `ground` (what machines stand
//! on), `network` (the one in memory), `wired` (the one over HTTP/2),
//! `disks` (stores and views), `cellar` (what is archived), `clock`, `dice`, `trace` (what makes two runs equal), `workload` (what people want),
//! `nemesis` (who breaks things), `run` (one run from its first to its last instant), `checker`, `campaign` (many runs
//! and the mutants).

pub mod options;
pub mod world;
pub mod ground;
pub mod network;
pub mod wired;
pub mod disks;
pub mod cellar;
pub mod clock;
pub mod dice;
pub mod trace;
pub mod workload;
pub mod nemesis;
pub mod run;
pub mod checker;
pub mod campaign;

pub use campaign::{Report, Wires, campaign};
pub use checker::Violation;
pub use options::{Faults, Options};
pub use run::{Run, Simulation};
