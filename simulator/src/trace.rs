//! The trace of a run: one line for every message and every commit. Equal seeds must give equal traces, so whatever a run
//! finds can be looked at as often as one likes.

use std::sync::{Mutex, PoisonError};

use eventstore::chain;
use sha2::{Digest, Sha256};

/// The lines so far.
#[derive(Default)]
pub struct Trace(Mutex<Vec<String>>);

impl Trace {
    /// Adds a line.
    pub fn say(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// All lines, taken out.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// SHA-256 over lines, in hex.
pub fn hash_of(lines: &[String]) -> String {
    let mut h = Sha256::new();
    for line in lines {
        h.update(line);
        h.update("\n");
    }
    chain::hex(&h.finalize())
}
