//! The website over a wire that is scripted: what guests see when services are silent, answers get lost, and buttons are
//! pressed twice.
#![allow(clippy::expect_used, reason = "a test that cannot go on ends")]

mod browser;
mod town;
mod paths;
