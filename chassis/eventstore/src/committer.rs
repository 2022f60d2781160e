//! The committer: takes the commands that queued while the last commit ran, decides them one after the other on staged
//! state, stores everything in one transaction, and only then replies.
//!
//! There is no timer: back-pressure makes the batch. On any store fault the staged state and the cache are dropped, a
//! definite failure tells everybody to try again, and an unknown commit makes the whole batch unknown.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use kernel::decide::Past;
use kernel::{Clock, Lane, Outcome, Protocol, Staged};
use tokio::sync::{mpsc, oneshot};

use crate::BoxFuture;
use crate::batch::Deciding;
use crate::envelope::{Answer, Envelope, Job};
use crate::port::{Batch, EventStore, Head, Open, Opened, StoreFault};
use crate::watch;
use crate::work::Work;

/// Commands decided in one commit at most.
const BATCH_COMMANDS_MAX: usize = 256;
/// Bytes of records and events in one commit; the batch is closed by the command that passes it.
const BATCH_BYTES_MAX: usize = 1 << 20;
/// Commands that may wait for a committer.
const QUEUE_MAX: usize = 4_096;
/// Aggregates a committer keeps in its cache.
const CACHE_STREAMS_MAX: usize = 8_192;

/// What a committer has done since it started.
#[derive(Debug, Default)]
pub struct Stats {
    /// Transactions committed.
    pub commits: AtomicU64,
    /// Commands recorded.
    pub commands: AtomicU64,
    /// Events stored.
    pub events: AtomicU64,
}

/// The way to a committer; cheap to clone.
#[derive(Clone)]
pub struct Committer {
    /// One queue a committer; a lane's is its number modulo theirs.
    queues: Arc<[mpsc::Sender<Job>]>,
    /// The lanes' ends after every commit of this process: followers wait on it.
    pub commits: watch::Receiver<BTreeMap<Lane, u64>>,
    /// Counters.
    pub stats: Arc<Stats>,
}

impl Committer {
    /// A committer over all lanes of `store`, and the loop that `host` has to run.
    pub fn new(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>, protocol: Protocol) -> (Self, impl Future<Output = ()> + Send) {
        let (tick, commits) = watch::channel(BTreeMap::new());
        let (tick, stats) = (Arc::new(tick), Arc::new(Stats::default()));
        let sharing = store.sharing();
        let (mut queues, mut loops) = (Vec::new(), Vec::new());
        for _ in 0..sharing.committers.max(1) {
            let (queue, jobs) = mpsc::channel(QUEUE_MAX);
            let (see, folded) = (BTreeMap::new(), BTreeMap::new());
            let (store, clock, tick, stats) = (store.clone(), clock.clone(), tick.clone(), stats.clone());
            loops.push(Run { store, clock, protocol, tick, stats, see, folded }.forever(jobs));
            queues.push(queue);
        }
        let ends = Ends { store, tick, poll: sharing.poll };
        let all = async move {
            ends.tell().await;
            // The poll never ends; the committers do, with the last way to them.
            let committers = join_all(loops);
            tokio::pin!(committers);
            tokio::select! { biased; _ = committers => {}, () = ends.follow() => {} }
        };
        (Self { queues: queues.into(), commits, stats }, all)
    }

    /// Queues a command and waits for its answer. A lost committer is an unknown outcome.
    pub async fn submit(&self, envelope: Envelope, lane: Lane, work: Box<dyn Work>) -> Answer {
        let (reply, answer) = oneshot::channel();
        match self.queues[usize::from(lane) % self.queues.len()].try_send(Job { envelope, lane, work, reply: Some(reply) }) {
            Ok(()) => answer.await.unwrap_or(Answer { outcome: Outcome::Unknown, at: None }),
            Err(_) => Answer::retry("queue-full"),
        }
    }
}

/// Pause before a store that does not answer is asked again.
const HEADS_RETRY: std::time::Duration = std::time::Duration::from_millis(200);

/// Where the lanes end, as far as others write them.
struct Ends {
    store: Arc<dyn EventStore>,
    tick: Arc<watch::Sender<BTreeMap<Lane, u64>>>,
    poll: Option<std::time::Duration>,
}

impl Ends {
    /// Tells followers where the lanes ended before this process.
    async fn tell(&self) {
        loop {
            match self.store.heads().await {
                Ok(heads) => return tell(&self.tick, heads.iter().map(|(lane, head)| (*lane, head.pos)).collect()),
                Err(fault) => {
                    tracing::warn!(%fault, "the store does not answer yet");
                    tokio::time::sleep(HEADS_RETRY).await;
                }
            }
        }
    }

    /// Looks for what other processes have committed.
    async fn follow(&self) {
        let Some(every) = self.poll else { return std::future::pending().await };
        loop {
            tokio::time::sleep(every).await;
            self.tell().await;
        }
    }
}

/// Wakes followers when a lane has grown. Two committers and a poll tell: what is told may be old, and never moves an end back.
fn tell(tick: &watch::Sender<BTreeMap<Lane, u64>>, ends: BTreeMap<Lane, u64>) {
    tick.send_if_modified(|known| {
        let mut news = false;
        for (lane, pos) in ends {
            let end = known.entry(lane).or_default();
            news |= pos > *end;
            *end = pos.max(*end);
        }
        news
    });
}

/// The committer's loop.
pub(crate) struct Run {
    pub store: Arc<dyn EventStore>,
    pub clock: Arc<dyn Clock>,
    pub protocol: Protocol,
    tick: Arc<watch::Sender<BTreeMap<Lane, u64>>>,
    stats: Arc<Stats>,
    /// The cache, and during a batch the staged state.
    pub see: BTreeMap<Lane, Staged>,
    /// Up to where the cache has folded each lane.
    folded: BTreeMap<Lane, u64>,
}

impl Run {
    async fn forever(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut waiting = Vec::new();
        while jobs.recv_many(&mut waiting, BATCH_COMMANDS_MAX).await > 0 {
            while !waiting.is_empty() {
                self.batch(&mut waiting).await;
            }
        }
    }

    /// Decides and commits as many of the waiting jobs as fit, and answers them.
    async fn batch(&mut self, waiting: &mut Vec<Job>) {
        match self.decide_all(waiting).await {
            Ok((taken, answers)) => waiting.drain(..taken).zip(answers).for_each(|(mut job, answer)| job.answer(answer)),
            Err(fault) => self.fail(waiting, &fault).await,
        }
    }

    /// After a fault nothing staged may be believed: forget all of it and tell everybody what is known.
    async fn fail(&mut self, waiting: &mut Vec<Job>, fault: &StoreFault) {
        self.see.clear();
        self.folded.clear();
        if matches!(fault, StoreFault::Constraint(_) | StoreFault::Pruned) && waiting.len() > 1 {
            // One decision is wrong; each is tried alone so that only that one suffers.
            for job in std::mem::take(waiting) {
                self.alone(job).await;
            }
            return;
        }
        if *fault == StoreFault::Raced {
            // The batch stays in the queue. Each time a key was recorded that the next look finds, so this ends.
            return;
        }
        tracing::error!(%fault, commands = waiting.len(), "the batch was not committed");
        let outcome = match fault {
            StoreFault::Nothing(_) | StoreFault::Raced => Outcome::retry("store"),
            StoreFault::Unknown(_) => Outcome::Unknown,
            StoreFault::Constraint(_) => Outcome::retry("bug"),
            StoreFault::Pruned => Outcome::retry("archive-away"),
        };
        for mut job in waiting.drain(..) {
            job.answer(Answer { outcome: outcome.clone(), at: None });
        }
    }

    fn alone(&mut self, job: Job) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut one = vec![job];
            while !one.is_empty() {
                self.batch(&mut one).await;
            }
        })
    }

    async fn decide_all(&mut self, waiting: &mut [Job]) -> Result<(usize, Vec<Answer>), StoreFault> {
        let question = self.question(waiting);
        let keys = question.keys.clone();
        let opened = self.store.begin(question).await?;
        let mut deciding = self.catch_up(opened, keys);
        for job in waiting.iter() {
            let answer = self.decide_one(job, &mut deciding).await?;
            deciding.answers.push(answer);
            if deciding.bytes > BATCH_BYTES_MAX {
                break;
            }
        }
        let Deciding { txn, heads, batch, answers, .. } = deciding;
        let taken = answers.len();
        if batch.entries.is_empty() {
            self.stands_at(&heads);
            return Ok((taken, answers));
        }
        let (commands, events) = (batch.entries.len(), batch.entries.iter().map(|e| e.events.len()).sum::<usize>());
        if !self.protocol.reply_after_commit {
            // The mutant "reply before commit": what it acknowledges may be gone after a crash.
            waiting.iter_mut().zip(&answers).for_each(|(job, answer)| job.answer(answer.clone()));
        }
        txn.commit(batch).await?;
        self.stands_at(&heads);
        for see in self.see.values_mut() {
            see.trim(CACHE_STREAMS_MAX);
        }
        self.stats.commits.fetch_add(1, Ordering::Relaxed);
        self.stats.commands.fetch_add(commands as u64, Ordering::Relaxed);
        self.stats.events.fetch_add(events as u64, Ordering::Relaxed);
        Ok((taken, answers))
    }

    /// The cache has folded these lanes to these ends; followers are woken when that is news (another replica's commits,
    /// seen on the way, are news too).
    fn stands_at(&mut self, heads: &BTreeMap<Lane, Head>) {
        let ends: BTreeMap<Lane, u64> = heads.iter().filter(|(_, head)| head.pos > 0).map(|(lane, head)| (*lane, head.pos)).collect();
        self.folded.extend(&ends);
        tell(&self.tick, ends);
    }

    fn question(&self, waiting: &[Job]) -> Open {
        let mut open = Open::default();
        for job in waiting {
            open.lanes.entry(job.lane).or_insert_with(|| self.folded.get(&job.lane).copied().unwrap_or(0));
            let caller = &job.envelope.caller;
            open.keys.push((caller.clone(), job.envelope.key.clone()));
            if let Some(undone) = &job.envelope.undoes {
                open.keys.push((caller.clone(), undone.clone()));
            }
        }
        for (lane, folded) in &mut open.lanes {
            if !self.see.contains_key(lane) {
                // Nothing is cached, so there is nothing to fold: whatever is loaded will be complete.
                *folded = u64::MAX;
            }
        }
        open
    }

    /// Folds what others have stored meanwhile. A lane that cannot be folded to its end loses its cache, which only costs
    /// loading again.
    fn catch_up(&mut self, opened: Opened, keys: Vec<(String, String)>) -> Deciding {
        let mut reached: BTreeMap<Lane, u64> = BTreeMap::new();
        for stored in &opened.behind {
            let before = reached.insert(stored.lane, stored.pos).or_else(|| self.folded.get(&stored.lane).copied());
            if before.is_some_and(|before| before + 1 != stored.pos) {
                // Some of it was pruned meanwhile: what is cached cannot be folded on.
                self.see.remove(&stored.lane);
            }
            let (Some(see), Some(e)) = (self.see.get_mut(&stored.lane), stored.event()) else { continue };
            let past = Past { version: e.version, schema: e.schema, json: &e.json };
            let folded = catch_unwind(AssertUnwindSafe(|| see.fold(&e.stream, &past)));
            if !matches!(folded, Ok(Ok(()))) {
                tracing::error!(stream = %e.stream, version = e.version, "an event of another replica cannot be folded");
                self.see.remove(&stored.lane);
            }
        }
        for (lane, head) in &opened.heads {
            let folded = reached.get(lane).or_else(|| self.folded.get(lane)).copied().unwrap_or(0);
            if folded != head.pos {
                self.see.remove(lane);
            }
        }
        let records = keys.into_iter().zip(opened.records);
        let known = records.filter_map(|(key, record)| Some((key, record?))).collect();
        Deciding { txn: opened.txn, heads: opened.heads, known, batch: Batch::default(), bytes: 0, answers: Vec::new() }
    }
}
