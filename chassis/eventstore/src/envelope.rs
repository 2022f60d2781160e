//! A command on its way to the committer, and the answer on its way back.

use kernel::{Lane, Outcome};
use tokio::sync::oneshot;

use crate::work::Work;

/// Everything about a command but its decision.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Who sends it.
    pub caller: String,
    /// Its idempotency key.
    pub key: String,
    /// Hex fingerprint of route and body.
    pub fingerprint: String,
    /// The version the caller saw, if it says.
    pub if_match: Option<u64>,
    /// The key of the command this one undoes: unknown ones get a tombstone, refused ones need nothing.
    pub undoes: Option<String>,
    /// After this instant the command is not started any more.
    pub deadline: tokio::time::Instant,
    /// On whose behalf.
    pub actor: String,
    /// What made it happen.
    pub causation: String,
    /// Trace context.
    pub traceparent: String,
}

/// What a submitter gets back.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The outcome.
    pub outcome: Outcome,
    /// The lane and the last position the command wrote (or the lane's end when it was replayed).
    pub at: Option<(Lane, u64)>,
}

impl Answer {
    /// An answer that says "nothing yet".
    pub fn retry(code: &'static str) -> Self {
        Self { outcome: Outcome::retry(code), at: None }
    }
}

/// A command in the queue.
pub(crate) struct Job {
    pub envelope: Envelope,
    pub lane: Lane,
    pub work: Box<dyn Work>,
    pub reply: Option<oneshot::Sender<Answer>>,
}

impl Job {
    /// Answers once; a caller that has gone away is no error.
    pub fn answer(&mut self, answer: Answer) {
        if let Some(reply) = self.reply.take() {
            let _gone = reply.send(answer);
        }
    }
}
