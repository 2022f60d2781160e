//! Sagas from outside: every step of a saga with two undoable steps, a pivot and two retriable ones is failed, repeated,
//! lost, overtaken and crashed over, on a real committer, with peers that keep a ledger.

mod trip;
mod world;
mod steps;
mod crash;
mod rounds;
mod stuck;
mod local;
mod replicas;
mod waiting;
mod verbs;
mod budget;
