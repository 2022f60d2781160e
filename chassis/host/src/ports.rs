//! The real clock and the real dice: the only place where the outside's time and chance come in.
#![allow(clippy::disallowed_methods, reason = "this file is the port")]

use kernel::{Chance, Clock, Timestamp};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }
}

/// The operating system's random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsChance;

impl Chance for OsChance {
    fn next(&self) -> u64 {
        let mut bytes = [0u8; 8];
        match getrandom::fill(&mut bytes) {
            Ok(()) => u64::from_le_bytes(bytes),
            // Without randomness there are no safe keys: better no process than a predictable one.
            Err(_) => std::process::abort(),
        }
    }
}
