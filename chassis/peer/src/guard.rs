//! What stands between a caller and one peer: breaker, bulkhead, retry budget, and the counters of all three.
//!
//! A call that is not let through was not sent: it is *retry*, never unknown, and decides nothing. Long polls of feeds are
//! a class of their own: they neither open the breaker nor take places from commands, nor are they stopped by it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::time::Instant;

use crate::breaker::{Breaker, Knobs, Pass, State, Switch};
use crate::budget::Budget;
use crate::hand::Hand;

/// Calls under way to one peer at most.
pub const CALLS_MAX: u32 = 256;
/// Long polls under way at one peer at most.
pub const POLLS_MAX: u32 = 64;

/// What kind of call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// May have an effect.
    Command,
    /// Has none.
    Query,
    /// Waits for news: a feed's long poll.
    Poll,
}

/// What came of a call that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heard {
    /// A good answer.
    Done,
    /// A definite no.
    Refused,
    /// A definite not yet.
    Retry,
    /// It has begun.
    Pending,
    /// An answer that says nothing about the effect, from a peer that lives.
    Strange,
    /// A server error that says nothing about the effect.
    Broken,
    /// No answer.
    Lost,
    /// No answer in time.
    Late,
}

impl Heard {
    /// Whether the peer is well: a refusal is a good answer.
    fn is_good(self) -> bool {
        !matches!(self, Self::Broken | Self::Lost | Self::Late)
    }

    /// Whether it earns a part of a retry.
    fn earns(self) -> bool {
        matches!(self, Self::Done | Self::Refused | Self::Pending)
    }

    fn label(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Retry => "retry",
            Self::Pending => "pending",
            Self::Strange => "strange",
            Self::Broken => "broken",
            Self::Lost => "lost",
            Self::Late => "late",
        }
    }
}

/// Why a call was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// The breaker is open.
    Unavailable,
    /// Too many calls to this peer are under way.
    Busy,
    /// It is a retry, and the budget has none.
    Budget,
    /// The request it belongs to has no time left.
    DeadlinePassed,
}

impl NotSent {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => "peer-unavailable",
            Self::Busy => "peer-busy",
            Self::Budget => "budget",
            Self::DeadlinePassed => "deadline-passed",
        }
    }

    /// Whether an attempt that was answered with this code was not sent by this process.
    pub fn is(code: &str) -> bool {
        [Self::Unavailable, Self::Busy, Self::Budget].iter().any(|not_sent| not_sent.code() == code)
    }
}

struct Inner {
    breaker: Breaker,
    hand: Option<Hand>,
    budget: Budget,
    calls: u32,
    polls: u32,
    counts: BTreeMap<&'static str, u64>,
}

/// The guard of one peer.
pub struct Guard(Mutex<Inner>);

impl Guard {
    /// A guard that lets everything through so far.
    pub fn new(knobs: Knobs) -> Self {
        let (breaker, budget) = (Breaker::new(knobs), Budget::default());
        Self(Mutex::new(Inner { breaker, hand: None, budget, calls: 0, polls: 0, counts: BTreeMap::new() }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a place; `again`: this call was sent before. The probe of an open breaker costs no retry: without it the
    /// peer's recovery would not be seen.
    pub fn admit(self: &Arc<Self>, kind: Kind, again: bool) -> Result<Permit, NotSent> {
        let now = Instant::now();
        let mut inner = self.inner();
        let passed = inner.admit(kind, again, now);
        *inner.counts.entry(passed.as_ref().err().map_or("sent", NotSent::code)).or_default() += 1;
        if again && passed.is_ok() {
            *inner.counts.entry("sent-again").or_default() += 1;
        }
        passed.map(|pass| Permit { guard: self.clone(), kind, pass, again, heard: false })
    }

    /// Changes the operator's hand, for good.
    pub fn turn(&self, switch: Switch) {
        let mut inner = self.inner();
        inner.breaker.turn(switch);
        inner.hand = None;
    }

    /// Puts somebody's hand on the breaker until it lets go by itself.
    pub fn hold(&self, switch: Switch, hand: Hand) {
        let mut inner = self.inner();
        inner.breaker.turn(switch);
        inner.hand = Some(hand).filter(|_| switch != Switch::Automatic);
    }

    /// As operators see it.
    pub fn show(&self, peer: &str) -> Shown {
        let mut inner = self.inner();
        inner.let_go(Instant::now());
        let left = |until: Instant| u64::try_from(until.saturating_duration_since(Instant::now()).as_millis()).unwrap_or(u64::MAX);
        let (breaker, probe_in_ms) = match (inner.breaker.switch(), inner.breaker.state()) {
            (Switch::Open, _) => ("open", None),
            (Switch::Closed, _) | (_, State::Closed) => ("closed", None),
            (_, State::Open(until)) => ("open", Some(left(until))),
            (_, State::HalfOpen(_)) => ("half-open", None),
            (_, State::Ramping { .. }) => ("ramping", None),
        };
        Shown {
            peer: peer.to_owned(),
            breaker,
            switch: inner.breaker.switch(),
            hand: inner.hand.clone(),
            probe_in_ms,
            retries_saved: inner.budget.retries(),
            calls: inner.calls,
            calls_max: CALLS_MAX,
            polls: inner.polls,
            polls_max: POLLS_MAX,
            counts: inner.counts.clone(),
        }
    }
}

impl Inner {
    /// The breaker decides by itself again once the hand's time is over.
    fn let_go(&mut self, now: Instant) {
        if self.hand.take_if(|hand| hand.ends <= now).is_some() {
            self.breaker.turn(Switch::Automatic);
        }
    }

    fn admit(&mut self, kind: Kind, again: bool, now: Instant) -> Result<Option<Pass>, NotSent> {
        self.let_go(now);
        if kind == Kind::Poll {
            if self.polls >= POLLS_MAX {
                return Err(NotSent::Busy);
            }
            self.polls += 1;
            return Ok(None);
        }
        // Looked at first, taken last: whatever says no, nothing has been used up.
        let pass = self.breaker.would_pass(now).ok_or(NotSent::Unavailable)?;
        if self.calls >= CALLS_MAX {
            return Err(NotSent::Busy);
        }
        if again && !pass.probe && !self.budget.take(now) {
            return Err(NotSent::Budget);
        }
        self.calls += 1;
        Ok(self.breaker.pass(now))
    }
}

/// A guard's state, as operators see it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// The service.
    pub peer: String,
    /// `closed`, `open`, `half-open` or `ramping`.
    pub breaker: &'static str,
    /// The operator's hand.
    pub switch: Switch,
    /// Whose hand it is, why, and until when; none when it decides by itself.
    pub hand: Option<Hand>,
    /// Milliseconds until an open breaker tries again.
    pub probe_in_ms: Option<u64>,
    /// Retries that are saved up.
    pub retries_saved: f64,
    /// Calls under way.
    pub calls: u32,
    /// As many as there may be.
    pub calls_max: u32,
    /// Long polls under way.
    pub polls: u32,
    /// As many as there may be.
    pub polls_max: u32,
    /// How many calls were sent, sent again, not sent (by code), and what came of them.
    pub counts: BTreeMap<&'static str, u64>,
}

/// A place among the calls to a peer; dropping it gives the place back.
pub struct Permit {
    guard: Arc<Guard>,
    kind: Kind,
    pass: Option<Pass>,
    again: bool,
    heard: bool,
}

impl Permit {
    /// Says what came of the call; true when that has opened the breaker.
    pub fn settle(mut self, heard: Heard) -> bool {
        self.heard = true;
        let mut inner = self.guard.inner();
        *inner.counts.entry(heard.label()).or_default() += 1;
        if heard.earns() && self.kind != Kind::Poll {
            inner.budget.earn();
            // A peer that has only begun may be asked for ever: that keeps its price.
            if self.again && heard != Heard::Pending {
                inner.budget.give_back();
            }
        }
        let Some(pass) = self.pass else { return false };
        let opened = inner.breaker.answered(pass, heard.is_good(), Instant::now());
        *inner.counts.entry("opened").or_default() += u64::from(opened);
        opened
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut inner = self.guard.inner();
        match self.kind {
            Kind::Poll => inner.polls -= 1,
            Kind::Command | Kind::Query => inner.calls -= 1,
        }
        if let Some(pass) = self.pass.filter(|_| !self.heard) {
            inner.breaker.abandoned(pass);
        }
    }
}
