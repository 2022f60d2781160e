//! The website over a wire that is scripted: what guests see when services are silent, answers get lost, and buttons are
//! pressed twice.
#![allow(clippy::disallowed_methods, reason = "tests start tasks of their own")]

mod browser;
mod town;
mod paths;
