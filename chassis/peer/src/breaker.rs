//! The circuit breaker of one peer: too many bad answers open it, one probe tries again, then calls are let through as fast
//! as they succeed. A state machine without a clock: whoever asks says what time it is.
//!
//! ```text
//! closed ─(≥ 20 calls in 10 s, half of them bad)─▶ open ─(5 s, doubling to 60 s)─▶ half open: one probe
//!    ▲                                              ▲                                  │ bad │ good
//!    └──────(16 good ones)── ramping ──(a bad one)──┴──────────────────────────────────┘     ▼
//!                               ▲────────────────────────────────────────────────────────────┘
//! ```
//!
//! It never decides anything but whether a call is sent now.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Knobs {
    /// Calls are looked at for so long.
    pub window: Duration,
    /// Fewer calls than this say nothing.
    pub calls_min: u32,
    /// So many of a hundred calls are bad: open.
    pub bad_percent: u32,
    /// It stays open so long the first time.
    pub open_min: Duration,
    /// And at most so long, after doubling.
    pub open_max: Duration,
    /// Good answers in a row until everybody may call again.
    pub ramp: u32,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(10),
            calls_min: 20,
            bad_percent: 50,
            open_min: Duration::from_secs(5),
            open_max: Duration::from_secs(60),
            ramp: 16,
        }
    }
}

/// The operator's hand on the breaker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    /// It decides by itself.
    #[default]
    Automatic,
    /// No call is sent.
    Open,
    /// Every call is sent.
    Closed,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Calls go through and are counted.
    Closed,
    /// None goes through until then.
    Open(Instant),
    /// One may try; whether one is trying.
    HalfOpen(bool),
    /// As many at once as have succeeded, and one more.
    Ramping {
        /// Good answers since the probe.
        good: u32,
        /// Calls under way.
        calls: u32,
    },
}

/// A call that was let through. It belongs to one life of the breaker: what it says after a change is old news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    life: u64,
    /// Whether it is the one that tries an open breaker.
    pub probe: bool,
}

/// Calls of one tenth of the window.
#[derive(Clone, Copy, Debug)]
struct Slice {
    from: Instant,
    all: u32,
    bad: u32,
}

/// The breaker.
#[derive(Clone, Debug)]
pub struct Breaker {
    knobs: Knobs,
    switch: Switch,
    state: State,
    life: u64,
    open_for: Duration,
    slices: VecDeque<Slice>,
}

impl Breaker {
    /// A closed one.
    pub fn new(knobs: Knobs) -> Self {
        let (switch, state) = (Switch::Automatic, State::Closed);
        Self { knobs, switch, state, life: 0, open_for: knobs.open_min, slices: VecDeque::new() }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The operator's hand.
    pub fn switch(&self) -> Switch {
        self.switch
    }

    /// Changes hands; automatic begins anew, closed.
    pub fn turn(&mut self, switch: Switch) {
        self.switch = switch;
        self.open_for = self.knobs.open_min;
        self.become_now(State::Closed);
    }

    /// What a call would be let through as, without letting it through.
    pub fn would_pass(&self, now: Instant) -> Option<Pass> {
        let pass = |probe| Some(Pass { life: self.life, probe });
        match (self.switch, self.state) {
            (Switch::Open, _) => None,
            (Switch::Closed, _) | (_, State::Closed) => pass(false),
            (_, State::Open(until)) if now >= until => Some(Pass { life: self.life + 1, probe: true }),
            (_, State::Open(_) | State::HalfOpen(true)) => None,
            (_, State::HalfOpen(false)) => pass(true),
            (_, State::Ramping { good, calls }) => (calls <= good).then_some(Pass { life: self.life, probe: false }),
        }
    }

    /// Lets a call through, or not.
    pub fn pass(&mut self, now: Instant) -> Option<Pass> {
        let pass = self.would_pass(now)?;
        match &mut self.state {
            State::Open(_) => self.become_now(State::HalfOpen(true)),
            State::HalfOpen(trying) => *trying = true,
            State::Ramping { calls, .. } => *calls += 1,
            State::Closed => {}
        }
        Some(pass)
    }

    /// What became of a call; true when that has opened the breaker.
    pub fn answered(&mut self, pass: Pass, good: bool, now: Instant) -> bool {
        if pass.life != self.life || self.switch != Switch::Automatic {
            return false;
        }
        match self.state {
            State::Closed => {
                let full = self.count(good, now);
                if !good && full {
                    self.open(now);
                }
                !good && full
            }
            State::HalfOpen(_) if good => {
                self.become_now(State::Ramping { good: 1, calls: 0 });
                false
            }
            State::Ramping { good: so_far, .. } if good && so_far + 1 >= self.knobs.ramp => {
                self.open_for = self.knobs.open_min;
                self.become_now(State::Closed);
                false
            }
            State::Ramping { good: so_far, calls } if good => {
                self.state = State::Ramping { good: so_far + 1, calls: calls.saturating_sub(1) };
                false
            }
            State::HalfOpen(_) | State::Ramping { .. } => {
                self.open_for = (self.open_for * 2).min(self.knobs.open_max);
                self.open(now);
                true
            }
            State::Open(_) => false,
        }
    }

    /// A call whose caller has gone: nothing is known, and its place is free.
    pub fn abandoned(&mut self, pass: Pass) {
        if pass.life != self.life {
            return;
        }
        match &mut self.state {
            State::HalfOpen(trying) => *trying = false,
            State::Ramping { calls, .. } => *calls = calls.saturating_sub(1),
            State::Closed | State::Open(_) => {}
        }
    }

    fn open(&mut self, now: Instant) {
        self.become_now(State::Open(now + self.open_for));
    }

    fn become_now(&mut self, state: State) {
        self.state = state;
        self.life += 1;
        self.slices.clear();
    }

    /// Counts a call; true when enough of enough calls are bad.
    fn count(&mut self, good: bool, now: Instant) -> bool {
        while self.slices.front().is_some_and(|slice| now.saturating_duration_since(slice.from) >= self.knobs.window) {
            self.slices.pop_front();
        }
        if self.slices.back().is_none_or(|slice| now.saturating_duration_since(slice.from) >= self.knobs.window / 10) {
            self.slices.push_back(Slice { from: now, all: 0, bad: 0 });
        }
        if let Some(slice) = self.slices.back_mut() {
            slice.all += 1;
            slice.bad += u32::from(!good);
        }
        let all: u64 = self.slices.iter().map(|slice| u64::from(slice.all)).sum();
        let bad: u64 = self.slices.iter().map(|slice| u64::from(slice.bad)).sum();
        all >= u64::from(self.knobs.calls_min) && bad * 100 >= all * u64::from(self.knobs.bad_percent)
    }
}
