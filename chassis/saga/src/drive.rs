//! From the log to the next step: asks, learns, appends, unwinds. Everything here can be repeated after a crash at any
//! point, because every call has a key that was fixed before it was first sent.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use eventstore::{Answer, Committer, Envelope, EventStore, Work};
use kernel::decide::Past;
use kernel::{Aggregate, Chance, Clock, Event, Lane, Outcome, Protocol, RefusalKind, Refused, lane_of};
use peer::{At, Attempt, Peers};
use serde_json::Value;

use crate::definition::{Ending, Kind, Saga, Step};
use crate::end::{End, Note};
use crate::log::{Phase, SagaEvent, SagaLog};

/// One attempt of a step may take this long.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// The first pause between attempts; it doubles up to the last.
const PAUSE_MS_MIN: u64 = 10;
/// The longest pause between attempts.
const PAUSE_MS_MAX: u64 = 5_000;
/// A saga that hangs on one step for so long is stuck.
const STUCK_AFTER_MS: u64 = 15 * 60 * 1_000;

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
}

/// A saga while it is driven.
struct Drive<'a, S: Saga> {
    desk: &'a Desk,
    id: &'a str,
    lane: Lane,
    log: SagaLog,
    state: S::State,
    at: At,
    traceparent: String,
    def: PhantomData<S>,
}

/// Why a step has no good answer.
enum Failed {
    Refused(Refused),
    Impatient,
}

impl Desk {
    /// The saga's log as stored.
    pub async fn log(&self, id: &str, lane: Lane) -> Option<(SagaLog, String)> {
        loop {
            match self.store.stream(lane, SagaLog::stream(id)).await {
                Ok(stored) => return fold(&stored),
                Err(fault) => {
                    tracing::warn!(%fault, id, "a saga's log cannot be read yet");
                    self.pause(3).await;
                }
            }
        }
    }

    /// Drives a saga to its end and gives its answer. `None` when there is no such saga.
    pub async fn drive<S: Saga>(&self, id: &str, lane: Lane) -> Option<Ended> {
        let (log, traceparent) = self.log(id, lane).await?;
        if let Some(outcome) = ended(&log) {
            return Some(Ended { outcome, at: At::default() });
        }
        let state = match serde_json::from_value(log.state.clone()) {
            Ok(state) => state,
            Err(error) => {
                tracing::error!(id, %error, "a saga's state cannot be read");
                return None;
            }
        };
        let mut drive = Drive::<S> { desk: self, id, lane, log, state, at: At::default(), traceparent, def: PhantomData };
        Some(drive.to_the_end().await)
    }

    async fn pause(&self, attempt: u32) {
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

/// Folds a saga's stored stream; also its trace context.
pub fn fold(stored: &[eventstore::Stored]) -> Option<(SagaLog, String)> {
    let mut log = SagaLog::default();
    let mut traceparent = None;
    for e in stored.iter().filter_map(|s| s.event()) {
        let past = Past { version: e.version, schema: e.schema, json: &e.json };
        log.evolve(&SagaEvent::decode(past.schema, past.json).ok()?);
        traceparent.get_or_insert_with(|| e.by.traceparent.clone());
    }
    Some((log, traceparent?))
}

/// The answer of an ended saga.
pub fn ended(log: &SagaLog) -> Option<Outcome> {
    match &log.phase {
        Phase::Done(reply) => Some(Outcome::Applied { reply: reply.to_string(), replayed: true }),
        Phase::Undone(refused) => Some(Outcome::Rejected(refused.clone())),
        Phase::None | Phase::Running | Phase::Pivoting => None,
    }
}

impl<S: Saga> Drive<'_, S> {
    async fn to_the_end(&mut self) -> Ended {
        loop {
            let ending = match self.forward().await {
                Ok(()) => Ending::Done,
                Err((reached, refused)) => {
                    if self.try_again(&refused).await {
                        continue;
                    }
                    self.unwind(reached).await;
                    Ending::Undone(refused)
                }
            };
            match self.end(ending).await {
                Ok(answer) => return answer,
                Err(refused) => {
                    // A local pivot said no: everything so far is undone.
                    self.unwind(S::steps(self.log.v).len()).await;
                    let ending = Ending::Undone(refused);
                    loop {
                        match self.end(ending.clone()).await {
                            Ok(answer) => return answer,
                            Err(refused) => self.stuck("end", &refused.code).await,
                        }
                    }
                }
            }
        }
    }

    /// Makes the steps in order. On failure says how many steps may have had an effect, and why.
    async fn forward(&mut self) -> Result<(), (usize, Refused)> {
        let steps = S::steps(self.log.v);
        let pivot = steps.iter().position(|s| matches!(s.kind, Kind::Pivot));
        // With the pivot intended, what came before it is known from the log.
        let first = if self.log.phase == Phase::Pivoting { pivot.unwrap_or(0) } else { 0 };
        for (i, step) in steps.iter().enumerate().skip(first) {
            if !(step.when)(&self.state) {
                continue;
            }
            if pivot == Some(i) && self.log.phase != Phase::Pivoting {
                let state = serde_json::to_value(&self.state).unwrap_or_default();
                let round = self.log.round;
                self.note(&format!("pivot/{round}"), SagaEvent::PivotIntended { state, round }).await;
                self.log.phase = Phase::Pivoting;
            }
            for n in 0..(step.times)(&self.state) {
                match self.ask(step, n).await {
                    Ok(reply) => (step.learn)(&mut self.state, &reply),
                    Err(Failed::Refused(refused)) => return Err((i, refused)),
                    Err(Failed::Impatient) => return Err((i + 1, Refused::new("no-answer-in-time", RefusalKind::Conflict))),
                }
            }
        }
        Ok(())
    }

    /// Asks one step until its answer is final (or, before the pivot, patience is over).
    async fn ask(&mut self, step: &Step<S::State>, n: u32) -> Result<Value, Failed> {
        let call = (step.call)(&self.state, n);
        let key = self.key(step, n);
        let mut attempt = 0;
        let began = self.desk.clock.now();
        loop {
            let asked = Attempt { key: &key, undoes: None, timeout: ATTEMPT_TIMEOUT, causation: self.id, traceparent: &self.traceparent };
            let answer = self.desk.peers.call(&call, &asked).await;
            self.at.merge(&answer.at);
            let heard = match answer.outcome {
                Outcome::Applied { reply, .. } => return Ok(serde_json::from_str(&reply).unwrap_or_default()),
                Outcome::Rejected(refused) if matches!(step.kind, Kind::Retriable) => {
                    // After the pivot a refusal is a defect somewhere: never undone, shown to an operator.
                    self.stuck(step.name, &refused.code).await;
                    refused.code
                }
                Outcome::Rejected(refused) => return Err(Failed::Refused(refused)),
                Outcome::Unknown if matches!(step.kind, Kind::Pivot) && !self.desk.protocol.unknown_pivot_waits => {
                    return Err(Failed::Refused(Refused::new("pivot-timeout", RefusalKind::Conflict)));
                }
                Outcome::Retry(code) => code.into_owned(),
                Outcome::Unknown | Outcome::Pending(_) => "unknown".into(),
            };
            let now = self.desk.clock.now();
            if matches!(step.kind, Kind::Undoable(_)) && now.ms_since(self.log.since) >= S::PATIENCE_MS as i64 {
                return Err(Failed::Impatient);
            }
            if now.ms_since(began) >= STUCK_AFTER_MS as i64 {
                self.stuck(step.name, &heard).await;
            }
            self.desk.pause(attempt).await;
            attempt += 1;
        }
    }

    /// Undoes the first `reached` steps, last first. Nothing here may fail; it is asked until it is applied.
    async fn unwind(&mut self, reached: usize) {
        let steps = S::steps(self.log.v);
        for step in steps[..reached.min(steps.len())].iter().rev() {
            let Kind::Undoable(undo) = step.kind else { continue };
            if !(step.when)(&self.state) {
                continue;
            }
            let (call, forward) = (undo(&self.state), self.key(step, 0));
            let key = format!("{forward}/undo");
            let (began, mut attempt) = (self.desk.clock.now(), 0);
            loop {
                let asked = Attempt {
                    key: &key,
                    undoes: Some(&forward),
                    timeout: ATTEMPT_TIMEOUT,
                    causation: self.id,
                    traceparent: &self.traceparent,
                };
                let answer = self.desk.peers.call(&call, &asked).await;
                self.at.merge(&answer.at);
                let heard = match answer.outcome {
                    Outcome::Applied { .. } => break,
                    Outcome::Rejected(refused) => {
                        self.stuck(step.name, &refused.code).await;
                        refused.code
                    }
                    Outcome::Retry(code) => code.into_owned(),
                    Outcome::Unknown | Outcome::Pending(_) => "unknown".into(),
                };
                if self.desk.clock.now().ms_since(began) >= STUCK_AFTER_MS as i64 {
                    self.stuck(step.name, &heard).await;
                }
                self.desk.pause(attempt).await;
                attempt += 1;
            }
        }
    }

    async fn try_again(&mut self, refused: &Refused) -> bool {
        if self.log.phase != Phase::Pivoting || !S::again(&self.state, self.log.round, refused) {
            return false;
        }
        let (round, at) = (self.log.round + 1, self.desk.clock.now());
        self.note(&format!("again/{round}"), SagaEvent::TriedAgain { round, at }).await;
        self.log.round = round;
        self.log.since = at;
        self.log.phase = Phase::Running;
        true
    }

    /// The last append; a refusal is the local pivot's.
    async fn end(&mut self, ending: Ending) -> Result<Ended, Refused> {
        let key = match &ending {
            Ending::Done => format!("{}/end", self.id),
            Ending::Undone(_) => format!("{}/end-undone", self.id),
        };
        let mut attempt = 0;
        loop {
            let work = End::<S> { id: self.id.to_owned(), state: self.state.clone(), ending: ending.clone(), def: PhantomData };
            let answer = self.submit(&key, Box::new(work)).await;
            match answer.outcome {
                Outcome::Applied { reply, .. } => {
                    let outcome = match ending {
                        Ending::Done => Outcome::Applied { reply, replayed: false },
                        Ending::Undone(refused) => Outcome::Rejected(refused),
                    };
                    return Ok(Ended { outcome, at: self.at.clone() });
                }
                Outcome::Rejected(refused) => return Err(refused),
                Outcome::Retry(_) | Outcome::Unknown | Outcome::Pending(_) => self.desk.pause(attempt).await,
            }
            attempt += 1;
        }
    }

    async fn stuck(&mut self, step: &str, reason: &str) {
        if self.log.stuck.is_none() {
            let event = SagaEvent::Stuck { step: step.to_owned(), reason: reason.to_owned() };
            tracing::error!(saga = self.id, step, reason, "a saga is stuck");
            self.note("stuck", event).await;
            self.log.stuck = Some((step.to_owned(), reason.to_owned()));
        }
    }

    async fn note(&mut self, name: &str, event: SagaEvent) {
        let key = format!("{}/{name}", self.id);
        let mut attempt = 0;
        while !self.submit(&key, Box::new(Note { id: self.id.to_owned(), event: event.clone() })).await.outcome.is_final() {
            self.desk.pause(attempt).await;
            attempt += 1;
        }
    }

    async fn submit(&mut self, key: &str, work: Box<dyn Work>) -> Answer {
        let envelope = Envelope {
            caller: "saga".into(),
            key: key.to_owned(),
            fingerprint: String::new(),
            if_match: None,
            undoes: None,
            deadline: tokio::time::Instant::now() + ATTEMPT_TIMEOUT,
            actor: "saga".into(),
            causation: self.id.to_owned(),
            traceparent: self.traceparent.clone(),
        };
        debug_assert_eq!(self.lane, lane_of(&self.log.partition));
        let answer = self.desk.committer.submit(envelope, self.lane, work).await;
        if let Some((lane, pos)) = answer.at {
            self.at.merge(&At::of(&self.desk.service, lane, pos));
        }
        answer
    }

    fn key(&self, step: &Step<S::State>, n: u32) -> String {
        let mut key = format!("{}/{}", self.id, step.name);
        if self.log.round > 0 && step.each_round {
            key = format!("{key}/again{}", self.log.round);
        }
        if n > 0 {
            key = format!("{key}/{n}");
        }
        key
    }
}
