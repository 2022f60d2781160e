//! What the tests of every crate stand on: decisions as given/when/then, one suite for every event store, faults that
//! come when a script says so, and peers that keep a real ledger of what was done to them.
//!
//! Reading order: `given` (a pure decision as three lines), `clock` (time as tokio's), `bank` (two small aggregates with
//! every awkward command), `committing` (a committer beside a test), `history` (seeded random commands and what each must
//! answer), `conformance` (the suite), `faulty` (a store that fails by script), `scripted` (a wire that loses, delays and
//! repeats by script), `wires` (one suite for every wire), `participant` (a peer with a real committer, for sagas),
//! `mutants` (protocols that a test must notice), `postgres` (a real server for one test), `clouds` (blob stores of clouds),
//! `tools` (where what no system package has is installed).

pub mod given;
pub mod clock;
pub mod bank;
pub mod committing;
pub mod history;
pub mod conformance;
pub mod faulty;
pub mod scripted;
pub mod wires;
pub mod participant;
pub mod mutants;
pub mod postgres;
pub mod clouds;
pub mod tools;

pub use clock::TokioClock;
pub use committing::{asked, beside, beside_mutant};
pub use conformance::{Digest, Place, conformance};
pub use faulty::{Faulty, StoreTrouble};
pub use given::{Given, Said, Then, said};
pub use host::Tasks;
pub use participant::Participant;
pub use scripted::{Act, Scripted};
