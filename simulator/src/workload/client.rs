//! A client: sends a wish under one key until it knows, as often as its patience lasts, and remembers every answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use kernel::{Chance, Clock, Outcome, Timestamp};
use peer::{At, PeerAnswer};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::town::Town;
use super::want::Want;
use crate::dice::{hits, split};
use crate::world::World;

/// How often a client asks before it gives up.
const TRIES: u32 = 14;
/// The longest pause between two of them.
const PAUSE_MS_MAX: u64 = 8_000;
/// What it tells the house about its patience with one request.
const DEADLINE_MS: &str = "6000";
/// Its patience.
const PATIENCE: Duration = Duration::from_secs(8);

/// What a client was told in the end.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// It is done.
    Ok(Value),
    /// It will not be done: code and detail.
    Refused(String, Value),
    /// Nothing that could be relied on.
    Info,
}

/// One wish and what became of it.
#[derive(Clone, Debug)]
pub struct Op {
    /// The principal who asked.
    pub caller: String,
    /// The key.
    pub key: String,
    /// What was wanted.
    pub want: Want,
    /// When it was first sent.
    pub began: Timestamp,
    /// When the client knew, or gave up.
    pub ended: Timestamp,
    /// How often it was sent.
    pub sent: u32,
    /// What the client was told.
    pub said: Said,
    /// The positions that rests on.
    pub at: At,
    /// Answers that must never be given: another one than before, the word `bug`, a second body taken.
    pub wrong: Vec<String>,
}

impl Op {
    /// Takes an answer in.
    pub fn hear(&mut self, outcome: Outcome) {
        let said = match outcome {
            Outcome::Applied { reply, .. } => Said::Ok(serde_json::from_str(&reply).unwrap_or_default()),
            Outcome::Rejected(refused) => Said::Refused(refused.code, refused.detail),
            Outcome::Retry(code) if code == "bug" => return self.wrong.push("was answered 'bug'".into()),
            Outcome::Retry(_) | Outcome::Unknown | Outcome::Pending { .. } => return,
        };
        if self.said == Said::Info {
            self.said = said;
        } else if self.said != said {
            self.wrong.push(format!("was told {:?}, then {said:?}", self.said));
        }
    }
}

impl std::fmt::Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let said = match &self.said {
            Said::Ok(reply) => format!("ok {reply}"),
            Said::Refused(code, _) => format!("refused {code}"),
            Said::Info => "info".into(),
        };
        write!(f, "{} {} asks {:?} ({} times) = {said} at {}", self.caller, self.key, self.want, self.sent, self.ended)
    }
}

/// Somebody with wishes.
pub struct Client {
    /// The world it lives in.
    pub world: Arc<World>,
    /// What it shares with everybody.
    pub town: Arc<Town>,
    /// Its dice.
    pub chance: Arc<dyn Chance>,
    name: String,
    wishes: AtomicU64,
}

impl Client {
    /// A client with this name.
    pub fn new(world: &Arc<World>, town: &Arc<Town>, name: &str) -> Self {
        let chance = split(world.seed, &format!("client {name}"));
        Self { world: world.clone(), town: town.clone(), chance, name: name.to_owned(), wishes: AtomicU64::new(0) }
    }

    /// A pause of some milliseconds.
    pub async fn think(&self, from_ms: u64, to_ms: u64) {
        sleep(Duration::from_millis(from_ms + self.chance.below(to_ms - from_ms))).await;
    }

    /// Sends a wish until the answer is final or patience is over.
    pub async fn get_done(&self, want: Want) -> Said {
        let key = format!("{}-{}", self.name, self.wishes.fetch_add(1, Ordering::Relaxed));
        let now = || self.world.clock.now();
        let caller = format!("dev:{}", self.name);
        let mut op = Op { caller, key, want, began: now(), ended: now(), sent: 0, said: Said::Info, at: At::default(), wrong: Vec::new() };
        let body = op.want.body();
        while op.said == Said::Info && op.sent < TRIES {
            if op.sent > 0 {
                self.think(200, PAUSE_MS_MAX).await;
            }
            self.send(&mut op, &body).await;
        }
        op.ended = now();
        if op.said != Said::Info && hits(self.chance.as_ref(), 150) {
            self.insist(&mut op, &body).await;
        }
        if hits(self.chance.as_ref(), 300) {
            self.read_back(&mut op).await;
        }
        let said = op.said.clone();
        self.town.remember(op);
        said
    }

    /// Once, or twice at the same moment.
    async fn send(&self, op: &mut Op, body: &Value) {
        op.sent += 1;
        if hits(self.chance.as_ref(), 120) {
            op.sent += 1;
            let (first, second) = futures::join!(self.ask(op, body), self.ask(op, body));
            op.at.merge(&first.at);
            op.at.merge(&second.at);
            op.hear(first.outcome);
            op.hear(second.outcome);
        } else {
            let heard = self.ask(op, body).await;
            op.at.merge(&heard.at);
            op.hear(heard.outcome);
        }
    }

    /// Asks once more, and then for something else under the same key.
    async fn insist(&self, op: &mut Op, body: &Value) {
        self.send(op, body).await;
        let Some(other) = op.want.other_body() else { return };
        match self.ask(op, &other).await.outcome {
            Outcome::Applied { .. } => op.wrong.push("its key was taken for another body".into()),
            // That the key is another request's is no decision about this one; anything decided is.
            Outcome::Rejected(refused) => {
                op.wrong.push(format!("another body was refused with {}", refused.code));
            }
            _ => {}
        }
    }

    /// Who sends along what a booking's answer rests on reads a list in which the booking is.
    async fn read_back(&self, op: &mut Op) {
        let (Want::Book { hotel, .. }, Said::Ok(reply)) = (&op.want, &op.said) else { return };
        let path = format!("/hotels/{hotel}/reservations?limit=1000");
        let at = op.at.clone();
        let Some(list) = self.look("reservations", &path, &at).await else { return };
        if !list["items"].as_array().is_some_and(|items| items.iter().any(|item| item["reservation"] == reply["reservation"])) {
            op.wrong.push(format!("is not in the list that has passed {at}"));
        }
    }

    async fn ask(&self, op: &Op, body: &Value) -> PeerAnswer {
        let request = Request::post(op.want.path())
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", op.caller))
            .header(peer::DEADLINE, DEADLINE_MS)
            .header(peer::KEY, &op.key)
            .body(Bytes::from(body.to_string()));
        let nobody_knows = PeerAnswer { outcome: Outcome::Unknown, at: At::default() };
        let Ok(request) = request else { return nobody_knows };
        match timeout(PATIENCE, self.world.ground.send(op.want.service(), request)).await {
            Ok(Ok(response)) => peer::client::read(&response),
            Ok(Err(peer::Lost)) | Err(_) => nobody_knows,
        }
    }

    /// An id nobody else mints.
    pub fn mint(&self, kind: &str) -> String {
        format!("{kind}_{}-{}", self.name, self.wishes.fetch_add(1, Ordering::Relaxed))
    }

    /// Tells inventory something as the website does for its guests: once, and whatever comes of it. Where outsiders cannot
    /// pass for a service it is refused.
    pub async fn shop(&self, path: &str, body: &Value) {
        let request = Request::post(format!("/api/inventory/v1{path}"))
            .header("content-type", "application/json")
            .header(peer::CALLER, "website")
            .header(peer::DEADLINE, DEADLINE_MS)
            .header(peer::KEY, self.mint("shop"))
            .body(Bytes::from(body.to_string()));
        if let Ok(request) = request {
            let _nobody_minds = timeout(PATIENCE, self.world.ground.send("inventory", request)).await;
        }
    }

    /// A query that waits for positions; `None` when there is no good answer in time.
    pub async fn look(&self, service: &str, path: &str, at: &At) -> Option<Value> {
        let mut request = Request::get(format!("/api/{service}/v1{path}")).header("authorization", format!("Bearer dev:{}", self.name));
        if !at.0.is_empty() {
            request = request.header(peer::AT, at.to_string());
        }
        let request = request.body(Bytes::new()).ok()?;
        let response = timeout(PATIENCE, self.world.ground.send(service, request)).await.ok()?.ok()?;
        response.status().is_success().then(|| serde_json::from_slice(response.body()).unwrap_or_default())
    }
}
