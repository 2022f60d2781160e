//! payments, tested through its door: the provider's conformance suite, stories, and every step of every saga failed,
//! repeated, left without an answer and crashed around.

mod house;
mod scripted;
mod provider;
mod stories;
mod overtaken;
mod steps;
mod faults;
