//! Orchestrated sagas: what must be undone when it does not end well.
//!
//! A saga is data plus pure functions: compensatable steps, one pivot, then retriable steps. It is event-sourced in the
//! orchestrating service's own store and appends at three moments: started, pivot intent (with all step results), end;
//! and at a fourth when it has to undo something: that it has turned back.
//! A lost step result is asked for again by its key; an undo leaves a tombstone for a command that never arrived; a
//! pivot whose answer is unknown is asked again for as long as it takes. Open sagas are claims in the store, so they are
//! found at start and not at next traffic.
//!
//! Reading order: `definition` (what a saga's author writes), `log` (the stream), `start` (the first append), `end` (the
//! decisions of the later appends), `drive` (from the log to the next step), `unwind` (the way back), `append` (what a
//! driven saga writes), `nudge` (an operator's verbs), `board` (where each driven saga is), `runner` (all open sagas of a
//! service, and who waits for them), `sight` (a saga as those who look on see it).

pub mod definition;
pub mod log;
pub mod start;
pub mod end;
pub mod drive;
mod append;
mod unwind;
pub mod nudge;
pub mod board;
pub mod runner;
pub mod sight;

pub use board::Board;
pub use definition::{Ending, Kind, Saga, Step};
pub use log::{SagaEvent, SagaLog, Verb};
pub use runner::{Registry, SagaRunner, Sagas};
pub use start::{Begin, Starting, id_of, lane_of_id};
