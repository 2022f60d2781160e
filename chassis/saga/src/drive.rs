//! From the log to the next step: asks, learns, appends, unwinds. Everything here can be repeated after a crash at any
//! point, because every call has a key that was fixed before it was first sent.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use eventstore::{Committer, EventStore};
use kernel::{Aggregate, Chance, Clock, Event, Lane, Outcome, Protocol, RefusalKind, Refused, Timestamp};
use peer::guard::NotSent;
use peer::{At, Attempt, Call, PeerAnswer, Peers};
use serde_json::Value;
use tokio::sync::Notify;

use crate::append::Moved;
use crate::board::{Board, Way};
use crate::definition::{Ending, Kind, Saga, Step};
use crate::log::{Phase, SagaEvent, SagaLog};
use crate::nudge::before_pivot;

/// One attempt of a step may take this long.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// The first pause between attempts; it doubles up to the last.
const PAUSE_MS_MIN: u64 = 10;
/// The longest pause between attempts.
const PAUSE_MS_MAX: u64 = 5_000;
/// A saga that hangs on one step for so long is stuck.
const STUCK_AFTER_MS: i64 = 15 * 60 * 1_000;

/// What drives the sagas of one service.
pub struct Desk {
    /// The service's name, which is also its caller name.
    pub service: String,
    /// Its store.
    pub store: Arc<dyn EventStore>,
    /// Its committer.
    pub committer: Committer,
    /// Its peers.
    pub peers: Peers,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for jitter.
    pub chance: Arc<dyn Chance>,
    /// The protocol.
    pub protocol: Protocol,
    /// Where it says how far each saga is.
    pub board: Board,
}

/// Who drives a saga, as far as its peers are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// Who started it: the first try of each step is the first there is.
    Starter,
    /// Who found it open: after a crash, beside another replica, once more after another has moved it. Whatever it asks may have been
    /// asked before, so that each try needs a retry of the budget; else sagas that are taken up again and again would
    /// get around it.
    Later,
}

/// A saga while it is driven.
pub(crate) struct Drive<'a, S: Saga> {
    pub desk: &'a Desk,
    pub id: &'a str,
    pub lane: Lane,
    pub driver: Driver,
    pub log: SagaLog,
    /// The version of the stream that `log` is the fold of.
    pub version: u64,
    pub state: S::State,
    pub at: At,
    pub traceparent: String,
    /// What ends its pauses.
    pub wake: Arc<Notify>,
    pub def: PhantomData<S>,
}

/// The attempts of one call so far.
#[derive(Default)]
pub(crate) struct Tries {
    /// How many there were, sent or not.
    all: u32,
    /// The same since an operator last said something: the pauses grow with them.
    attempts: u32,
    /// Whether one of them was sent: the next one is a retry.
    sent: bool,
    /// Whether the next one is a person's wish: then it costs no retry, as a first one does not.
    is_wished: bool,
    /// What the peer said last; while none was sent, why not.
    heard: String,
}

impl Tries {
    fn hear(&mut self, heard: String) {
        let is_sent = !NotSent::is(&heard);
        // That nothing was sent just now says nothing new about the peer.
        if is_sent || !self.sent {
            self.heard = heard;
        }
        self.sent |= is_sent;
    }
}

/// Why a step has no good answer.
enum Failed {
    Refused(Refused),
    Impatient,
}

impl Desk {
    /// The saga's log as stored, and its trace context. `None` when there is no such saga.
    pub async fn log(&self, id: &str, lane: Lane) -> Option<(SagaLog, String)> {
        let (log, _, traceparent) = self.stored(id, lane).await?;
        Some((log, traceparent))
    }

    pub(crate) async fn stored(&self, id: &str, lane: Lane) -> Option<(SagaLog, u64, String)> {
        loop {
            match self.store.stream(lane, SagaLog::stream(id), 0).await {
                Ok(stored) => return fold(&stored),
                Err(fault) => {
                    tracing::warn!(%fault, id, "a saga's log cannot be read yet");
                    self.pause(3).await;
                }
            }
        }
    }

    /// Where a lane of this service ends.
    async fn end_of(&self, lane: Lane) -> At {
        match self.store.heads().await {
            Ok(heads) => heads.get(&lane).map(|head| At::of(&self.service, lane, head.pos)).unwrap_or_default(),
            // Positions are a courtesy to readers: the answer itself does not wait for them.
            Err(_) => At::default(),
        }
    }

    /// Drives a saga to its end and gives its answer. `None` when there is no such saga.
    pub async fn drive<S: Saga>(&self, id: &str, lane: Lane, mut driver: Driver) -> Option<Ended> {
        let mut at = At::default();
        loop {
            let (log, version, traceparent) = self.stored(id, lane).await?;
            if let Some(outcome) = ended(&log) {
                // Another process has ended it, somewhere before the end of the lane.
                self.board.leave(id, self.clock.now(), &outcome);
                at.merge(&self.end_of(lane).await);
                return Some(Ended { outcome, at });
            }
            let wake = self.board.enter(id, log.stuck.is_some());
            let state = match serde_json::from_value(log.state.clone()) {
                Ok(state) => state,
                Err(error) => {
                    tracing::error!(id, %error, "a saga's state cannot be read");
                    self.board.stuck(id);
                    return None;
                }
            };
            let (at_first, def) = (at.clone(), PhantomData);
            let mut drive = Drive::<S> { desk: self, id, lane, driver, log, version, state, at: at_first, traceparent, wake, def };
            match drive.finish().await {
                Ok(ended) => {
                    self.board.leave(id, self.clock.now(), &ended.outcome);
                    return Some(ended);
                }
                Err(Moved) => {
                    tracing::info!(id, "another process has moved this saga; reading its log again");
                    at = drive.at;
                    driver = Driver::Later;
                }
            }
        }
    }

    pub(crate) async fn pause(&self, attempt: u32) {
        let most = (PAUSE_MS_MIN << attempt.min(16)).min(PAUSE_MS_MAX);
        // Full jitter, but never zero: a peer that answers "not now" at once must not be hammered.
        tokio::time::sleep(Duration::from_millis(1 + self.chance.below(most))).await;
    }
}

/// A saga's answer and how far everybody involved had come.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The outcome.
    pub outcome: Outcome,
    /// Positions.
    pub at: At,
}

/// Folds a saga's stored stream; also its version and trace context.
fn fold(stored: &[eventstore::Stored]) -> Option<(SagaLog, u64, String)> {
    let mut log = SagaLog::default();
    let (mut version, mut traceparent) = (0, None);
    for e in stored.iter().filter_map(|s| s.event()) {
        log.evolve(&SagaEvent::decode(e.schema, &e.json).ok()?);
        version = e.version;
        traceparent.get_or_insert_with(|| e.by.traceparent.clone());
    }
    Some((log, version, traceparent?))
}

/// The answer of an ended saga.
pub fn ended(log: &SagaLog) -> Option<Outcome> {
    match &log.phase {
        Phase::Done(reply) => Some(Outcome::Applied { reply: reply.to_string(), replayed: true }),
        Phase::Undone(refused) => Some(Outcome::Rejected(refused.clone())),
        Phase::None | Phase::Running | Phase::Pivoting | Phase::Unwinding(..) => None,
    }
}

impl<S: Saga> Drive<'_, S> {
    async fn finish(&mut self) -> Result<Ended, Moved> {
        loop {
            let (reached, refused) = match self.log.phase.clone() {
                Phase::Unwinding(reached, refused) => (reached, refused),
                _ => match self.forward().await? {
                    Ok(()) => match self.end(Ending::Done).await? {
                        Ok(ended) => return Ok(ended),
                        // A local pivot said no: everything so far is undone.
                        Err(refused) => (S::steps(self.log.v).len(), refused),
                    },
                    Err((_, refused)) if self.try_again(&refused).await? => continue,
                    Err(failed) => failed,
                },
            };
            self.unwind(reached, &refused).await?;
            // The end of an undone saga cannot be refused (see `End`): it is asked until it is stored.
            if let Ok(ended) = self.end(Ending::Undone(refused)).await? {
                return Ok(ended);
            }
        }
    }

    /// Makes the steps in order. On failure says how many steps may have had an effect, and why.
    async fn forward(&mut self) -> Result<Result<(), (usize, Refused)>, Moved> {
        let steps = S::steps(self.log.v);
        let pivot = steps.iter().position(|s| matches!(s.kind, Kind::Pivot));
        let before_pivot = before_pivot::<S>(self.log.v);
        // With the pivot intended, what came before it is known from the log.
        let first = if self.log.phase == Phase::Pivoting { pivot.unwrap_or(0) } else { 0 };
        for (i, step) in steps.iter().enumerate().skip(first) {
            if !(step.when)(&self.state) {
                continue;
            }
            if pivot == Some(i) && self.log.phase != Phase::Pivoting && !steps[..i].iter().any(|s| (s.when)(&self.state)) {
                // Nothing was learnt before the pivot: the first append is the intent as well.
                self.log.phase = Phase::Pivoting;
            }
            if pivot == Some(i) && self.log.phase != Phase::Pivoting {
                let (state, round) = (self.learnt(), self.log.round);
                self.note("pivot", SagaEvent::PivotIntended { state, round }).await?;
            }
            self.desk.board.at(self.id, Way::Forward, i);
            for n in 0..(step.times)(&self.state) {
                match self.ask(step, n).await? {
                    Ok(reply) => (step.learn)(&mut self.state, &reply),
                    // What was refused had no effect, but the calls of the same step before it had.
                    Err(Failed::Refused(refused)) if self.log.round == 0 => return Ok(Err((if n == 0 { i } else { i + 1 }, refused))),
                    // An earlier round has made later steps, some of them for good.
                    Err(Failed::Refused(refused)) => return Ok(Err((before_pivot, refused))),
                    // Before a crash this saga may have come further than now: results before the pivot are not logged.
                    Err(Failed::Impatient) => return Ok(Err((before_pivot, Refused::new(S::IMPATIENT, RefusalKind::Conflict)))),
                }
            }
        }
        Ok(Ok(()))
    }

    /// Asks one step until its answer is final (or, before the pivot, patience is over).
    async fn ask(&mut self, step: &Step<S::State>, n: u32) -> Result<Result<Value, Failed>, Moved> {
        let call = (step.call)(&self.state, n);
        let key = self.key(step, n, &call);
        let mut tries = Tries::default();
        let began = self.desk.clock.now();
        loop {
            let answer = self.attempt(&call, &key, None, &tries).await;
            let heard = match answer.outcome {
                Outcome::Applied { reply, .. } => return Ok(Ok(serde_json::from_str(&reply).unwrap_or_default())),
                Outcome::Rejected(refused) if matches!(step.kind, Kind::Retriable) => {
                    // After the pivot a refusal is a defect somewhere: never undone, shown to an operator.
                    self.stuck(step.name, &refused.code).await?;
                    refused.code
                }
                Outcome::Rejected(refused) => return Ok(Err(Failed::Refused(refused))),
                Outcome::Unknown if matches!(step.kind, Kind::Pivot) && !self.desk.protocol.unknown_pivot_waits => {
                    return Ok(Err(Failed::Refused(Refused::new("pivot-timeout", RefusalKind::Conflict))));
                }
                Outcome::Retry(code) => code.into_owned(),
                Outcome::Unknown | Outcome::Pending { .. } => "unknown".into(),
            };
            let patience = S::PATIENCE_MS as i64;
            if matches!(step.kind, Kind::Asking | Kind::Undoable(_)) && self.desk.clock.now().ms_since(self.log.since) >= patience {
                return Ok(Err(Failed::Impatient));
            }
            self.breathe(step.name, heard, began, &mut tries).await?;
        }
    }

    /// One attempt of a call.
    pub async fn attempt(&mut self, call: &Call, key: &str, undoes: Option<&str>, tries: &Tries) -> PeerAnswer {
        let (causation, traceparent) = (self.id, self.traceparent.as_str());
        let again = !tries.is_wished && (tries.sent || self.driver == Driver::Later);
        let asked = Attempt { key, undoes, again, timeout: ATTEMPT_TIMEOUT, causation, traceparent };
        let answer = self.desk.peers.call(call, &asked).await;
        self.at.merge(&answer.at);
        answer
    }

    /// A pause between two attempts, which an operator can end; says so when the step has been hanging for too long.
    pub async fn breathe(&mut self, step: &str, heard: String, began: Timestamp, tries: &mut Tries) -> Result<(), Moved> {
        tries.hear(heard);
        if self.desk.clock.now().ms_since(began) >= STUCK_AFTER_MS {
            self.stuck(step, &tries.heard).await?;
        }
        tries.all += 1;
        self.desk.board.heard(self.id, tries.all, &tries.heard);
        let is_woken = tokio::select! {
            biased;
            () = self.wake.notified() => true,
            () = self.desk.pause(tries.attempts) => false,
        };
        tries.attempts = if is_woken { 0 } else { tries.attempts + 1 };
        tries.is_wished = is_woken;
        if is_woken { self.listen().await } else { Ok(()) }
    }

    /// What operators have said to it since its log was read. Words alone change nothing of what this process knows; when
    /// more has happened, the log decides.
    async fn listen(&mut self) -> Result<(), Moved> {
        let (log, version, _) = self.desk.stored(self.id, self.lane).await.ok_or(Moved)?;
        if version - self.version != u64::from(log.nudges - self.log.nudges) {
            return Err(Moved);
        }
        self.version = version;
        (self.log.nudges, self.log.nudged) = (log.nudges, log.nudged);
        Ok(())
    }

    /// The key of a step's call, fixed before it is first sent: the occasion the call names, or the step's own.
    pub fn key(&self, step: &Step<S::State>, n: u32, call: &Call) -> String {
        if let Some(occasion) = &call.key {
            return occasion.clone();
        }
        let mut key = format!("{}/{}", self.id, step.name);
        if self.log.round > 0 && step.each_round {
            key = format!("{key}/again{}", self.log.round);
        }
        if n > 0 {
            key = format!("{key}/{n}");
        }
        key
    }

    /// The state with everything learnt, for the log.
    pub fn learnt(&self) -> Value {
        // A saga's state is plain data; serde_json cannot fail on it.
        serde_json::to_value(&self.state).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_sent_is_no_try_and_hides_nothing_that_was_heard() {
        let mut tries = Tries::default();
        tries.hear("peer-unavailable".into());
        assert_eq!((tries.sent, tries.heard.as_str()), (false, "peer-unavailable"));
        tries.hear("unknown".into());
        tries.hear("budget".into());
        assert_eq!((tries.sent, tries.heard.as_str()), (true, "unknown"));
        tries.hear("not-now".into());
        assert_eq!(tries.heard, "not-now");
    }
}
