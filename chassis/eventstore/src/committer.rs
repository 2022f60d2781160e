//! The committer: takes the commands that queued while the last commit ran, decides them one after the other on staged
//! state, stores everything in one transaction, and only then replies.
//!
//! There is no timer: back-pressure makes the batch. On any store fault the staged state and the cache are dropped, a
//! definite failure tells everybody to try again, and an unknown commit makes the whole batch unknown.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::decide::Past;
use kernel::id::Ids;
use kernel::{Busy, Clock, Ctx, Emit, Lane, Outcome, Protocol, RefusalKind, Refused, Staged, Stop, Verdict};
use tokio::sync::{mpsc, oneshot, watch};

use crate::BoxFuture;
use crate::chain;
use crate::port::{Batch, Entry, EventStore, Head, Open, Opened, StoreFault, Txn};
use crate::record::{Record, Recorded};
use crate::work::Work;

/// Commands decided in one commit at most.
const BATCH_COMMANDS_MAX: usize = 256;
/// Bytes of records and events in one commit; the batch is closed by the command that passes it.
const BATCH_BYTES_MAX: usize = 1 << 20;
/// Commands that may wait for a committer.
const QUEUE_MAX: usize = 4_096;
/// Aggregates a committer keeps in its cache.
const CACHE_STREAMS_MAX: usize = 8_192;
/// Bytes of a stored reply.
pub const REPLY_BYTES_MAX: usize = 512;
/// Streams one decision may ask for before it is taken for a bug.
const LOADS_MAX: usize = 4_096;

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

struct Job {
    envelope: Envelope,
    lane: Lane,
    work: Box<dyn Work>,
    reply: Option<oneshot::Sender<Answer>>,
}

impl Job {
    /// Answers once; a caller that has gone away is no error.
    fn answer(&mut self, answer: Answer) {
        if let Some(reply) = self.reply.take() {
            let _gone = reply.send(answer);
        }
    }
}

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
    queue: mpsc::Sender<Job>,
    /// The lanes' ends after every commit of this process: followers wait on it.
    pub commits: watch::Receiver<BTreeMap<Lane, u64>>,
    /// Counters.
    pub stats: Arc<Stats>,
}

impl Committer {
    /// A committer over all lanes of `store`, and the loop that `host` has to run.
    pub fn new(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>, protocol: Protocol) -> (Self, impl Future<Output = ()> + Send) {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let (tick, commits) = watch::channel(BTreeMap::new());
        let stats = Arc::new(Stats::default());
        let run = Run { store, clock, protocol, tick, stats: stats.clone(), see: BTreeMap::new(), folded: BTreeMap::new() };
        (Self { queue, commits, stats }, run.forever(jobs))
    }

    /// Queues a command and waits for its answer. A lost committer is an unknown outcome.
    pub async fn submit(&self, envelope: Envelope, lane: Lane, work: Box<dyn Work>) -> Answer {
        let (reply, answer) = oneshot::channel();
        match self.queue.try_send(Job { envelope, lane, work, reply: Some(reply) }) {
            Ok(()) => answer.await.unwrap_or(Answer { outcome: Outcome::Unknown, at: None }),
            Err(_) => Answer::retry("queue-full"),
        }
    }
}

struct Run {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    protocol: Protocol,
    tick: watch::Sender<BTreeMap<Lane, u64>>,
    stats: Arc<Stats>,
    see: BTreeMap<Lane, Staged>,
    folded: BTreeMap<Lane, u64>,
}

/// A batch while it is being decided.
struct Deciding {
    txn: Box<dyn Txn>,
    heads: BTreeMap<Lane, Head>,
    known: BTreeMap<(String, String), Record>,
    batch: Batch,
    bytes: usize,
    answers: Vec<Answer>,
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
        if matches!(fault, StoreFault::Constraint(_)) && waiting.len() > 1 {
            // One decision is wrong; each is tried alone so that only that one suffers.
            for job in std::mem::take(waiting) {
                self.alone(job).await;
            }
            return;
        }
        tracing::error!(%fault, commands = waiting.len(), "the batch was not committed");
        let outcome = match fault {
            StoreFault::Nothing(_) => Outcome::retry("store"),
            StoreFault::Unknown(_) => Outcome::Unknown,
            StoreFault::Constraint(_) => Outcome::retry("bug"),
        };
        for mut job in waiting.drain(..) {
            job.answer(Answer { outcome: outcome.clone(), at: None });
        }
    }

    fn alone(&mut self, job: Job) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.batch(&mut vec![job]).await })
    }

    async fn decide_all(&mut self, waiting: &mut [Job]) -> Result<(usize, Vec<Answer>), StoreFault> {
        let opened = self.store.begin(self.question(waiting)).await?;
        let mut deciding = self.catch_up(opened, waiting)?;
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
            self.folded.extend(heads.into_iter().map(|(lane, head)| (lane, head.pos)));
            return Ok((taken, answers));
        }
        let (commands, events) = (batch.entries.len(), batch.entries.iter().map(|e| e.events.len()).sum::<usize>());
        if !self.protocol.reply_after_commit {
            // The mutant "reply before commit": what it acknowledges may be gone after a crash.
            waiting.iter_mut().zip(&answers).for_each(|(job, answer)| job.answer(answer.clone()));
        }
        txn.commit(batch).await?;
        self.tick.send_modify(|ends| ends.extend(heads.iter().map(|(lane, head)| (*lane, head.pos))));
        self.folded.extend(heads.into_iter().map(|(lane, head)| (lane, head.pos)));
        for see in self.see.values_mut() {
            see.trim(CACHE_STREAMS_MAX);
        }
        self.stats.commits.fetch_add(1, Ordering::Relaxed);
        self.stats.commands.fetch_add(commands as u64, Ordering::Relaxed);
        self.stats.events.fetch_add(events as u64, Ordering::Relaxed);
        Ok((taken, answers))
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

    fn catch_up(&mut self, opened: Opened, waiting: &[Job]) -> Result<Deciding, StoreFault> {
        for stored in &opened.behind {
            if let (Some(see), Some(e)) = (self.see.get_mut(&stored.lane), stored.event()) {
                let past = Past { version: e.version, schema: e.schema, json: &e.json };
                see.fold(&e.stream, &past).map_err(|c| StoreFault::Nothing(c.to_string()))?;
            }
        }
        let mut known = BTreeMap::new();
        for (asked, record) in self.question(waiting).keys.into_iter().zip(opened.records) {
            if let Some(record) = record {
                known.insert(asked, record);
            }
        }
        Ok(Deciding { txn: opened.txn, heads: opened.heads, known, batch: Batch::default(), bytes: 0, answers: Vec::new() })
    }

    async fn decide_one(&mut self, job: &Job, d: &mut Deciding) -> Result<Answer, StoreFault> {
        let env = &job.envelope;
        let head = d.heads.get(&job.lane).copied().unwrap_or_default();
        if let Some(record) = d.known.get(&(env.caller.clone(), env.key.clone())) {
            return Ok(Answer { outcome: replayed(record, env), at: Some((job.lane, head.pos)) });
        }
        if env.deadline <= tokio::time::Instant::now() {
            return Ok(Answer::retry("deadline-passed"));
        }
        if let Some(undone) = &env.undoes {
            let forward = (env.caller.clone(), undone.clone());
            match d.known.get(&forward).map(|r| &r.verdict) {
                None if self.protocol.tombstones => {
                    let tomb = Envelope { key: undone.clone(), fingerprint: String::new(), undoes: None, ..env.clone() };
                    self.append(job.lane, &tomb, Verdict::Tombstone, Emit::default(), d).await?;
                    return self.append(job.lane, env, nothing_to_undo(), Emit::default(), d).await;
                }
                None | Some(Verdict::Refused(_) | Verdict::Tombstone) => {
                    return self.append(job.lane, env, nothing_to_undo(), Emit::default(), d).await;
                }
                Some(Verdict::Applied(_) | Verdict::Saga(_)) => {}
            }
        }
        match self.run(job, d).await? {
            Ok((verdict, out)) => self.append(job.lane, env, verdict, out, d).await,
            Err(Busy(code)) => Ok(Answer::retry(code)),
        }
    }

    /// Runs the decision until nothing is missing. A panic stages nothing and is answered `bug`.
    async fn run(&mut self, job: &Job, d: &mut Deciding) -> Result<Result<(Verdict, Emit), Busy>, StoreFault> {
        let env = &job.envelope;
        let ctx = Ctx { now: self.clock.now(), actor: env.actor.clone(), key: env.key.clone(), ids: Ids::of(&env.caller, &env.key) };
        for _ in 0..LOADS_MAX {
            let see = self.see.entry(job.lane).or_default();
            let mut out = Emit::default();
            let ran = catch_unwind(AssertUnwindSafe(|| {
                if let (Some(want), Some(guard)) = (env.if_match, job.work.guard()) {
                    let is = guard.version(see)?;
                    if is != want {
                        let detail = serde_json::json!({"version": is, "if_match": want});
                        return Err(Stop::Refused(Refused { code: "stale-version".into(), kind: RefusalKind::Stale, detail }));
                    }
                }
                job.work.run(see, &ctx, &mut out)
            }));
            let missing = match ran {
                Ok(Ok(verdict)) => return Ok(fits(verdict).map(|v| (v, out))),
                Ok(Err(Stop::Refused(refused))) => return Ok(fits(Verdict::Refused(refused)).map(|v| (v, Emit::default()))),
                Ok(Err(Stop::Busy(busy))) => return Ok(Err(busy)),
                Ok(Err(Stop::Missing(missing))) => missing,
                Err(_) => {
                    tracing::error!(key = %env.key, "a decision panicked");
                    return Ok(Err(Busy("bug")));
                }
            };
            self.load(job.lane, missing, d).await?;
        }
        Ok(Err(Busy("bug")))
    }

    async fn load(&mut self, lane: Lane, missing: kernel::Missing, d: &mut Deciding) -> Result<(), StoreFault> {
        let loaded = d.txn.load(lane, missing.stream.clone()).await?;
        let mut slot = missing.start(loaded.snapshot.as_ref());
        for (version, schema, json) in &loaded.events {
            slot.fold(&Past { version: *version, schema: *schema, json }).map_err(|c| StoreFault::Nothing(c.to_string()))?;
        }
        // Events staged earlier in this batch are never lost here: staging loads the stream first.
        self.see.entry(lane).or_default().insert(missing.stream, slot);
        Ok(())
    }

    /// Gives the record and its events positions and hashes, and applies the events to the staged state.
    async fn append(
        &mut self,
        lane: Lane,
        env: &Envelope,
        verdict: Verdict,
        mut out: Emit,
        d: &mut Deciding,
    ) -> Result<Answer, StoreFault> {
        let mut head = d.heads.get(&lane).copied().unwrap_or_default();
        let record = Record {
            caller: env.caller.clone(),
            key: env.key.clone(),
            fingerprint: env.fingerprint.clone(),
            verdict,
            at: self.clock.now(),
            actor: if env.actor == env.caller { String::new() } else { env.actor.clone() },
            causation: env.causation.clone(),
            traceparent: env.traceparent.clone(),
            business_date: out.business_date(),
        };
        let json = serde_json::to_string(&record).map_err(|e| StoreFault::Nothing(e.to_string()))?;
        head = Head { pos: head.pos + 1, hash: chain::of_command(&head.hash, lane, head.pos + 1, &json) };
        let (pos, hash, by) = (head.pos, head.hash, Arc::new(record.clone()));
        let claims = out.take_claims();
        let (mut events, mut snapshots) = (Vec::new(), Vec::new());
        d.bytes += json.len() + 64;
        for raw in out.take() {
            if self.see.entry(lane).or_default().version(&raw.stream).is_none() {
                self.load(lane, raw.missing(), d).await?;
            }
            let see = self.see.entry(lane).or_default();
            let staged = catch_unwind(AssertUnwindSafe(|| see.stage(&raw)));
            let Ok(Some((version, snapshot))) = staged else {
                return Err(StoreFault::Nothing(format!("folding {} into {} panicked", raw.name, raw.stream)));
            };
            if let Some(snapshot) = snapshot {
                snapshots.push((raw.stream.clone(), snapshot));
            }
            let place = format!("{}@{version}#{}", raw.stream, raw.schema);
            head = Head { pos: head.pos + 1, hash: chain::of_event(&head.hash, lane, head.pos + 1, &place, &raw.json) };
            d.bytes += raw.json.len() + 64;
            let event = Recorded {
                stream: raw.stream,
                version,
                name: raw.name,
                schema: raw.schema,
                json: raw.json,
                command_pos: pos,
                by: by.clone(),
            };
            events.push((event, head.hash));
        }
        d.heads.insert(lane, head);
        let outcome = outcome(&record.verdict, false);
        d.known.insert((record.caller.clone(), record.key.clone()), record.clone());
        d.batch.entries.push(Entry { lane, pos, record, json, hash, events, snapshots, claims });
        Ok(Answer { outcome, at: Some((lane, head.pos)) })
    }
}

fn nothing_to_undo() -> Verdict {
    Verdict::Applied("{}".into())
}

/// A reply must fit into its record: a longer one is a bug of the decision, not of the caller.
fn fits(verdict: Verdict) -> Result<Verdict, Busy> {
    let bytes = match &verdict {
        Verdict::Applied(reply) => reply.len(),
        Verdict::Refused(refused) => refused.detail.to_string().len(),
        Verdict::Saga(_) | Verdict::Tombstone => 0,
    };
    if bytes > REPLY_BYTES_MAX {
        tracing::error!(bytes, "a reply is longer than a record may hold");
        return Err(Busy("bug"));
    }
    Ok(verdict)
}

fn replayed(record: &Record, env: &Envelope) -> Outcome {
    match &record.verdict {
        Verdict::Tombstone => outcome(&record.verdict, true),
        _ if record.fingerprint != env.fingerprint => Outcome::Rejected(Refused::new("key-reused", RefusalKind::Unprocessable)),
        verdict => outcome(verdict, true),
    }
}

fn outcome(verdict: &Verdict, replayed: bool) -> Outcome {
    match verdict {
        Verdict::Applied(reply) => Outcome::Applied { reply: reply.clone(), replayed },
        Verdict::Refused(refused) => Outcome::Rejected(refused.clone()),
        Verdict::Saga(id) => Outcome::Pending(id.clone()),
        Verdict::Tombstone => Outcome::Rejected(Refused::new("overtaken", RefusalKind::Conflict)),
    }
}
