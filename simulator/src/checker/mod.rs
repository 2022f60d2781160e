//! The checker: reads what is durable, what the provider has in its ledger and what people were told, and says what must
//! not be and is. It folds the events itself, in its own way: a mistake of a service must not be repeated here.
//!
//! Reading order: `books` (what is durable), `ledger` and `lives` (folds of it), `story` (a violation told), then one file
//! a group of invariants: `oversale`, `acknowledged`, `halves`, `leftovers`, `ended`, `lanes`, `replay` (same key, same
//! answer), `views`, `archived`.

pub mod books;
pub mod ledger;
pub mod lives;
pub mod story;
pub mod oversale;
pub mod acknowledged;
pub mod halves;
pub mod leftovers;
pub mod ended;
pub mod lanes;
pub mod replay;
pub mod views;
pub mod archived;

use serde::Serialize;

use crate::workload::Op;
use books::Books;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The invariant.
    pub invariant: String,
    /// The run's seed.
    pub seed: u64,
    /// What happened, for people.
    pub story: String,
}

/// What is checked.
pub struct Case {
    /// The run's seed.
    pub seed: u64,
    /// What is durable.
    pub books: Books,
    /// What was asked and answered.
    pub ops: Vec<Op>,
    /// Sagas that had not ended when time was over.
    pub open: Vec<String>,
    /// What was found.
    pub violations: Vec<Violation>,
}

impl Case {
    /// Something was found. `about` is what the story is told of: a reservation's or a saga's id, or nothing.
    pub fn found(&mut self, invariant: &str, what: &str, about: &str) {
        let story = if about.is_empty() { what.to_owned() } else { format!("{what}\n{}", story::tell(self, about)) };
        self.violations.push(Violation { invariant: invariant.to_owned(), seed: self.seed, story });
    }
}

/// Checks everything that can be read from books and answers.
pub fn check(case: &mut Case) {
    oversale::check(case);
    acknowledged::check(case);
    halves::check(case);
    leftovers::check(case);
    ended::check(case);
    lanes::check(case);
}
