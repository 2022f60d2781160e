//! What a driven saga writes after its first append: the pivot's intent, another round, turning back, stuck, the end.

use std::marker::PhantomData;

use eventstore::{Answer, Envelope, Work};
use kernel::{Aggregate, Lane, Outcome, Refused};
use peer::At;

use crate::board::Way;
use crate::definition::{Ending, Saga};
use crate::drive::{ATTEMPT_TIMEOUT, Desk, Drive, Ended, Tries};
use crate::end::{END_REFUSED, End, MOVED, Note};
use crate::log::{Phase, SagaEvent};

/// Somebody else has moved this saga meanwhile (an older process that was paused, another replica): what this one has in
/// hand is out of date.
pub(crate) struct Moved;

impl<S: Saga> Drive<'_, S> {
    /// Another round, when the definition wants one after this refusal of the pivot.
    pub async fn try_again(&mut self, refused: &Refused) -> Result<bool, Moved> {
        if self.log.phase != Phase::Pivoting || !S::again(&self.state, self.log.round, refused) {
            return Ok(false);
        }
        let (round, at) = (self.log.round + 1, self.desk.clock.now());
        self.note("again", SagaEvent::TriedAgain { round, at }).await?;
        Ok(true)
    }

    /// Says once that nobody has been able to finish this.
    pub async fn stuck(&mut self, step: &str, reason: &str) -> Result<(), Moved> {
        if self.log.stuck.is_some() {
            return Ok(());
        }
        tracing::error!(saga = self.id, step, reason, "a saga is stuck");
        self.desk.board.stuck(self.id);
        self.note("stuck", SagaEvent::Stuck { step: step.to_owned(), reason: reason.to_owned() }).await
    }

    /// Appends an event that holds only if the log is still what this process has read. The version is part of the key:
    /// an append that came too late leaves nothing in the way of a later one.
    pub async fn note(&mut self, name: &str, event: SagaEvent) -> Result<(), Moved> {
        let key = format!("{}/{name}/{}", self.id, self.version);
        let mut attempt = 0;
        loop {
            let note = Note { id: self.id.to_owned(), version: self.version, event: event.clone() };
            match self.submit(&key, Box::new(note)).await.outcome {
                Outcome::Applied { reply, replayed: false } if reply == "true" => break,
                // An answer of before may be another driver's, who wrote another event under this key: the log knows.
                Outcome::Applied { .. } | Outcome::Rejected(_) => return Err(Moved),
                Outcome::Retry(_) | Outcome::Unknown | Outcome::Pending { .. } => self.desk.pause(attempt).await,
            }
            attempt += 1;
        }
        self.log.evolve(&event);
        self.version += 1;
        Ok(())
    }

    /// The last append; a refusal is the local pivot's.
    pub async fn end(&mut self, ending: Ending) -> Result<Result<Ended, Refused>, Moved> {
        self.desk.board.at(self.id, Way::End, 0);
        let key = match &ending {
            Ending::Done => format!("{}/end", self.id),
            Ending::Undone(_) => format!("{}/end-undone", self.id),
        };
        let (began, mut tries) = (self.desk.clock.now(), Tries::default());
        loop {
            let work = End::<S> { id: self.id.to_owned(), state: self.state.clone(), ending: ending.clone(), def: PhantomData };
            let heard = match self.submit(&key, Box::new(work)).await.outcome {
                // Another driver may have ended it for another reason: the log knows which.
                Outcome::Applied { replayed: true, .. } if matches!(ending, Ending::Undone(_)) => return Err(Moved),
                Outcome::Applied { reply, .. } => {
                    let outcome = match ending {
                        Ending::Done => Outcome::Applied { reply, replayed: false },
                        Ending::Undone(refused) => Outcome::Rejected(refused),
                    };
                    return Ok(Ok(Ended { outcome, at: self.at.clone() }));
                }
                Outcome::Rejected(refused) => return Ok(Err(refused)),
                Outcome::Retry(code) if code == MOVED => return Err(Moved),
                Outcome::Retry(code) => code.into_owned(),
                Outcome::Unknown | Outcome::Pending { .. } => "unknown".into(),
            };
            if heard == END_REFUSED || heard == "bug" {
                // Waiting does not mend this; a new version of the program does.
                self.stuck("end", &heard).await?;
            }
            self.breathe("end", heard, began, &mut tries).await?;
        }
    }

    async fn submit(&mut self, key: &str, work: Box<dyn Work>) -> Answer {
        debug_assert_eq!(self.lane, kernel::lane_of(&self.log.partition));
        let answer = self.desk.append(self.id, self.lane, key, &self.traceparent, work).await;
        if let Some((lane, pos)) = answer.at {
            self.at.merge(&At::of(&self.desk.service, lane, pos));
        }
        answer
    }
}

impl Desk {
    /// A saga's own command, in its own lane.
    async fn append(&self, id: &str, lane: Lane, key: &str, traceparent: &str, work: Box<dyn Work>) -> Answer {
        let envelope = Envelope {
            caller: "saga".into(),
            key: key.to_owned(),
            fingerprint: String::new(),
            if_match: None,
            undoes: None,
            deadline: tokio::time::Instant::now() + ATTEMPT_TIMEOUT,
            actor: "saga".into(),
            causation: id.to_owned(),
            traceparent: traceparent.to_owned(),
        };
        self.committer.submit(envelope, lane, work).await
    }

    /// Driving this saga panicked: a bug nobody can wait out, so an operator sees it. Best effort; it is tried again with
    /// the next start.
    pub(crate) async fn broken(&self, id: &str, lane: Lane) {
        let Some((log, version, traceparent)) = self.stored(id, lane).await else { return };
        self.board.stuck(id);
        if log.stuck.is_some() {
            return;
        }
        let event = SagaEvent::Stuck { step: String::new(), reason: "bug".into() };
        let note = Note { id: id.to_owned(), version, event };
        self.append(id, lane, &format!("{id}/stuck/{version}"), &traceparent, Box::new(note)).await;
    }
}
