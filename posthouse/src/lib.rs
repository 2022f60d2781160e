//! Posthouse: the whole house in one program, and the clients that put it to the test.
//!
//! Reading order: [`roster`] is the system on one page; [`house`] starts it in this process, [`settings`]
//! says which part of it; [`up`], [`run`], [`demo`], [`pages`] [`ops`] [`faults`] and [`backup`] are what a newcomer meets. [`cli`] says what can be typed, [`start`] does it. [`client`] talks to any running house over HTTP
//! and knows what its answers mean; [`replay`] feeds two real hotels through it and compares where everything ended;
//! [`race`] lets many guests want the last room at the same moment; [`lab`] kills real processes and looks what is left.
//!
//! The replay and the race are callers like any other: they hold no state of the house, import no service, and
//! compute every result from answers to queries. So they judge a house in another process, or on another
//! machine, exactly as the one they start themselves.

pub mod roster;
pub mod settings;
pub mod house;
pub mod up;
pub mod run;
pub mod demo;
pub mod pages;
pub mod fronts;
pub mod ops;
pub mod faults;
pub mod archive;
pub mod backup;
pub mod start;
pub mod cli;
pub mod client;
pub mod race;
pub mod replay;
pub mod lab;

#[cfg(test)]
mod fake;
