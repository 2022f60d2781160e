//! One batch while it is being decided: each command on the staged state, its record and events given their places.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kernel::decide::Past;
use kernel::id::Ids;
use kernel::staged::Slot;
use kernel::{Busy, Ctx, Emit, Lane, Outcome, RefusalKind, Refused, Stop, Verdict};

use crate::chain;
use crate::committer::Run;
use crate::envelope::{Answer, Envelope, Job};
use crate::port::{Batch, Entry, Head, Loaded, StoreFault, Txn};
use crate::record::{Body, Record, Recorded};

/// Bytes of a stored reply.
pub const REPLY_BYTES_MAX: usize = 512;
/// Code: the key was used before for another request. The one refusal that is no record of the command it answers.
pub const KEY_REUSED: &str = "key-reused";
/// Streams one decision may ask for before it is taken for a bug.
const LOADS_MAX: usize = 4_096;

/// A batch while it is being decided.
pub(crate) struct Deciding {
    pub txn: Box<dyn Txn>,
    pub heads: BTreeMap<Lane, Head>,
    pub known: BTreeMap<(String, String), Record>,
    pub batch: Batch,
    pub bytes: usize,
    pub answers: Vec<Answer>,
}

impl Run {
    pub(crate) async fn decide_one(&mut self, job: &Job, d: &mut Deciding) -> Result<Answer, StoreFault> {
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
            self.provide(job.lane, env, missing, d).await?;
        }
        Ok(Err(Busy("bug")))
    }

    /// Brings what a decision misses into the cache. A stream named by an id that only this command makes is new: had the
    /// command written it before, its key would have been found.
    async fn provide(&mut self, lane: Lane, env: &Envelope, missing: kernel::Missing, d: &mut Deciding) -> Result<(), StoreFault> {
        if Ids::of(&env.caller, &env.key).made(&missing.stream.id) {
            let slot = missing.start(None);
            self.see.entry(lane).or_default().insert(missing.stream, slot);
            return Ok(());
        }
        self.load(lane, missing, d).await
    }

    async fn load(&mut self, lane: Lane, missing: kernel::Missing, d: &mut Deciding) -> Result<(), StoreFault> {
        let mut loaded = d.txn.load(lane, missing.stream.clone()).await?;
        if loaded.snapshot.as_ref().is_some_and(|s| missing.start(Some(s)).version() != s.version) {
            // Another shape wrote this snapshot: the events after it are not enough. The lane is held, so what is stored
            // is all there is.
            let all = self.store.stream(lane, missing.stream.clone(), 0).await?;
            let all = all.into_iter().filter_map(|s| if let Body::Event(e) = s.body { Some((e.version, e.schema, e.json)) } else { None });
            loaded = Loaded { snapshot: None, events: all.collect(), ..loaded };
        }
        // Stored data that cannot be folded, or a fold that panics, is the trouble of those who need this stream.
        let slot = catch_unwind(AssertUnwindSafe(|| folded(&missing, &loaded)))
            .map_err(|_| StoreFault::Constraint(format!("folding {} panicked", missing.stream)))?
            .map_err(|corrupt| StoreFault::Constraint(corrupt.to_string()))?;
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
            claims: out.take_claims(),
        };
        let json = serde_json::to_string(&record).map_err(|e| StoreFault::Nothing(e.to_string()))?;
        head = Head { pos: head.pos + 1, hash: chain::of_command(&head.hash, lane, head.pos + 1, &json) };
        let (pos, hash, by) = (head.pos, head.hash, Arc::new(record.clone()));
        let (mut events, mut snapshots) = (Vec::new(), Vec::new());
        d.bytes += json.len() + 64;
        for raw in out.take() {
            if self.see.entry(lane).or_default().version(&raw.stream).is_none() {
                self.provide(lane, env, raw.missing(), d).await?;
            }
            let (see, closer) = (self.see.entry(lane).or_default(), self.protocol.closer_snapshots);
            let staged = catch_unwind(AssertUnwindSafe(|| see.stage(&raw, closer)));
            let Ok(Some((version, snapshot))) = staged else {
                return Err(StoreFault::Constraint(format!("folding {} into {} panicked", raw.name, raw.stream)));
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
        d.batch.entries.push(Entry { lane, pos, record, json, hash, events, snapshots });
        Ok(Answer { outcome, at: Some((lane, head.pos)) })
    }
}

fn folded(missing: &kernel::Missing, loaded: &Loaded) -> Result<Slot, kernel::Corrupt> {
    let mut slot = missing.start(loaded.snapshot.as_ref());
    for (version, schema, json) in &loaded.events {
        slot.fold(&Past { version: *version, schema: *schema, json })?;
    }
    Ok(slot)
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
        _ if record.fingerprint != env.fingerprint => Outcome::Rejected(Refused::new(KEY_REUSED, RefusalKind::Unprocessable)),
        verdict => outcome(verdict, true),
    }
}

fn outcome(verdict: &Verdict, replayed: bool) -> Outcome {
    match verdict {
        Verdict::Applied(reply) => Outcome::Applied { reply: reply.clone(), replayed },
        Verdict::Refused(refused) => Outcome::Rejected(refused.clone()),
        Verdict::Saga(id) => Outcome::Pending { saga: id.clone(), replayed },
        Verdict::Tombstone => Outcome::Rejected(Refused::new("overtaken", RefusalKind::Conflict)),
    }
}
