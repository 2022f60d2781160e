//! Where the sagas are that this process drives: the step each is at, how often it was asked, what was heard last. In
//! memory only; the log decides, this is for those who look on. Also the way to wake one that pauses.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{Outcome, Timestamp};
use serde::Serialize;
use tokio::sync::Notify;

/// Ended sagas that are remembered.
pub const ENDED_MAX: usize = 100;

/// Which way a saga goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// It makes this step.
    #[default]
    Forward,
    /// It undoes this step.
    Back,
    /// All steps are behind it; its end is being stored.
    End,
}

/// Where a saga is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Which way it goes.
    pub way: Way,
    /// The step, counted from 0 in its definition's list.
    pub step: usize,
    /// How often it was asked without a final answer, sent or not.
    pub tries: u32,
    /// What was heard last: a code, or `unknown`; empty before the first answer.
    pub heard: String,
}

#[derive(Default)]
struct Driven {
    place: Place,
    is_stuck: bool,
    wake: Arc<Notify>,
}

#[derive(Default)]
struct Inner {
    driven: BTreeMap<String, Driven>,
    ended: VecDeque<(String, Timestamp)>,
    counts: BTreeMap<String, Ends>,
}

/// How many sagas of a kind have ended here since the process started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// With everything applied.
    pub done: u64,
    /// With everything undone.
    pub undone: u64,
}

/// The board; cheap to clone.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<Inner>>);

impl Board {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A saga is driven from now on; what wakes it from its pauses.
    pub(crate) fn enter(&self, id: &str, is_stuck: bool) -> Arc<Notify> {
        let mut inner = self.inner();
        let driven = inner.driven.entry(id.to_owned()).or_default();
        driven.is_stuck = is_stuck;
        driven.wake.clone()
    }

    /// It has come to a step.
    pub(crate) fn at(&self, id: &str, way: Way, step: usize) {
        if let Some(driven) = self.inner().driven.get_mut(id) {
            driven.place = Place { way, step, ..Place::default() };
        }
    }

    /// It has been answered so often at this step, and pauses.
    pub(crate) fn heard(&self, id: &str, tries: u32, heard: &str) {
        if let Some(driven) = self.inner().driven.get_mut(id) {
            driven.place.tries = tries;
            heard.clone_into(&mut driven.place.heard);
        }
    }

    /// It is stuck.
    pub(crate) fn stuck(&self, id: &str) {
        if let Some(driven) = self.inner().driven.get_mut(id) {
            driven.is_stuck = true;
        }
    }

    /// It has ended. One that nobody here has driven is another process's to remember.
    pub(crate) fn leave(&self, id: &str, now: Timestamp, outcome: &Outcome) {
        let mut inner = self.inner();
        if inner.driven.remove(id).is_some() {
            let kind = id.split_once('_').map_or(id, |(kind, _)| kind).to_owned();
            let ends = inner.counts.entry(kind).or_default();
            *if matches!(outcome, Outcome::Applied { .. }) { &mut ends.done } else { &mut ends.undone } += 1;
            inner.ended.truncate(ENDED_MAX - 1);
            inner.ended.push_front((id.to_owned(), now));
        }
    }

    /// Ends the pause of a saga, if it is in one; else its next one.
    pub(crate) fn wake(&self, id: &str) {
        if let Some(driven) = self.inner().driven.get(id) {
            driven.wake.notify_one();
        }
    }

    /// Where a saga is; `None` when this process does not drive it.
    pub fn place(&self, id: &str) -> Option<Place> {
        self.inner().driven.get(id).map(|driven| driven.place.clone())
    }

    /// Whether a saga may be stuck: it is, or this process does not drive it and cannot say.
    pub fn may_be_stuck(&self, id: &str) -> bool {
        self.inner().driven.get(id).is_none_or(|driven| driven.is_stuck)
    }

    /// How many sagas this process drives, and how many of them are stuck.
    pub fn counts(&self) -> (usize, usize) {
        let inner = self.inner();
        (inner.driven.len(), inner.driven.values().filter(|driven| driven.is_stuck).count())
    }

    /// How many have ended here since the process started, by kind.
    pub fn ends(&self) -> BTreeMap<String, Ends> {
        self.inner().counts.clone()
    }

    /// The last [`ENDED_MAX`] sagas that have ended here since the process started, and when; the newest first.
    pub fn ended(&self) -> Vec<(String, Timestamp)> {
        self.inner().ended.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_ended_ones_are_remembered_and_only_own_ones() {
        let board = Board::default();
        for n in 0..ENDED_MAX + 5 {
            board.enter(&n.to_string(), n == 0);
            board.leave(&n.to_string(), Timestamp(0), &Outcome::Unknown);
            board.leave("another's", Timestamp(0), &Outcome::Unknown);
        }
        let ended = board.ended();
        assert_eq!((ended.len(), ended[0].0.as_str(), ended[ENDED_MAX - 1].0.as_str()), (ENDED_MAX, "104", "5"));
        assert_eq!(board.counts(), (0, 0));
    }

    #[test]
    fn ends_are_counted_by_kind() {
        let board = Board::default();
        let done = Outcome::Applied { reply: "null".into(), replayed: false };
        for (id, outcome) in [("book_a-01", &done), ("book_b-01", &Outcome::retry("gone")), ("giveback_c-02", &done)] {
            board.enter(id, false);
            board.leave(id, Timestamp(0), outcome);
            board.leave(id, Timestamp(0), outcome);
        }
        let ends = board.ends();
        assert_eq!((ends["book"], ends["giveback"]), (Ends { done: 1, undone: 1 }, Ends { done: 1, undone: 0 }));
    }
}
