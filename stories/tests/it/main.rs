//! The whole house in front of a real browser: one test a scenario.
#![allow(clippy::disallowed_methods, reason = "tests start real processes and wait for them")]

mod browser;
mod house;
mod watch;
mod pages;
