//! Calling a peer from outside: what each kind of answer, and no answer, is taken for.

mod outcomes;
mod inprocess;
mod wires;
mod pipes;
mod guards;
mod handicap;
mod outage;
