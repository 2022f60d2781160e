//! The caller's side of the house: one small HTTP client for replay and race.
//!
//! It keeps connections alive, remembers how far the house has come (`Posthouse-At`, merged by maximum) and
//! turns the five kinds of answer into two: a final [`Answer`], or an error after a bounded number of attempts.
//! Pending, retry and unknown all mean the same to the caller: the same command again, with the same key.

mod answer;
mod positions;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

pub use self::answer::Answer;
use self::answer::{Reply, Verdict, beginning, judge};
use self::positions::Positions;

/// One attempt may take this long; longer than the house's own default deadline of 10 s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long one command or query is repeated before the caller is told; a house may restart within it.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the first contact may take: a house that was never there is a wrong address, not a restart.
const FIRST_CONTACT: Duration = Duration::from_secs(10);
/// An answer without `Posthouse-Effect` that still looks definite (4xx) is repeated this often only.
const UNMARKED_MAX: u32 = 8;
/// Attempts in all; with the pauses below it is reached after the patience, never before.
const ATTEMPTS_MAX: u32 = 5_000;
/// First and longest pause between two attempts.
const PAUSE_FIRST: Duration = Duration::from_millis(4);
const PAUSE_LONGEST: Duration = Duration::from_millis(250);
/// `Retry-After` counts whole seconds, far longer than a busy reservation is busy: it is honoured up to this.
const RETRY_AFTER_LONGEST: Duration = Duration::from_millis(500);
/// A page, a night list or the provider's ledger of a whole run; nothing legitimate is larger.
const BODY_BYTES_MAX: usize = 64 << 20;
/// Idle connections kept per house: both hotels of a replay with room to spare.
const IDLE_MAX: usize = 512;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const AT: HeaderName = HeaderName::from_static("posthouse-at");
const DEADLINE: HeaderName = HeaderName::from_static("posthouse-deadline-ms");
const EFFECT: HeaderName = HeaderName::from_static("posthouse-effect");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The one place where this crate's clients read the wall clock: for patience, progress and reported seconds.
pub fn wall() -> Instant {
    Instant::now()
}

/// A keep-alive client of one house.
pub struct Client {
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    base: String,
    at: Mutex<Positions>,
    dice: AtomicU64,
    met: AtomicBool,
    repeats: AtomicU64,
}

impl Client {
    /// A client of the house at `url` (`http://host:port`).
    pub fn new(url: &str) -> Result<Self, String> {
        let base = url.trim_end_matches('/').to_owned();
        let uri: http::Uri = base.parse().map_err(|e| format!("{url}: not a URL: {e}"))?;
        if uri.scheme_str() != Some("http") || uri.authority().is_none() {
            return Err(format!("{url}: the house is reached by http://host:port"));
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(IDLE_MAX)
            .build(connector);
        Ok(Self {
            http,
            base,
            at: Mutex::default(),
            dice: AtomicU64::new(0x9e37_79b9_7f4a_7c15),
            met: AtomicBool::new(false),
            repeats: AtomicU64::new(0),
        })
    }

    /// Sends a command until its answer is final.
    pub async fn post(&self, path: &str, key: &str, body: Bytes) -> Result<Answer, String> {
        self.post_after(path, key, body, None).await
    }

    /// Like [`Client::post`], but the house first waits until it has passed `at`.
    pub async fn post_after(&self, path: &str, key: &str, body: Bytes, at: Option<&str>) -> Result<Answer, String> {
        self.until_final(Method::POST, path, Some(key), body, at).await
    }

    /// Asks a query, after everything this client has been told of (`Posthouse-At`).
    pub async fn get(&self, path: &str) -> Result<Answer, String> {
        let at = self.at();
        self.get_after(path, at.as_deref()).await
    }

    /// The same, after `at`.
    pub async fn get_after(&self, path: &str, at: Option<&str>) -> Result<Answer, String> {
        self.until_final(Method::GET, path, None, Bytes::new(), at).await
    }

    /// Asks a query and reads its answer; a refusal is an error here.
    pub async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, String> {
        let answer = self.get(path).await?;
        if !answer.applied() {
            return Err(format!("GET {path}: {}", answer.refusal()));
        }
        answer.json().map_err(|e| format!("GET {path}: {e}"))
    }

    /// One GET, sent once; its status, `None` without an answer.
    pub async fn once(&self, path: &str) -> Option<u16> {
        let reply = self.attempt(&Method::GET, path, None, Bytes::new(), None).await.ok()?;
        Some(reply.answer.status.as_u16())
    }

    /// One POST, sent once with a deadline for the house; the answer is the caller's to judge.
    pub async fn post_once(&self, path: &str, key: &str, body: Bytes, deadline: Duration) -> Result<Answer, String> {
        self.post_judged(path, key, body, deadline).await.map(|(answer, _)| answer)
    }

    /// The same, and whether the answer is final: it says what it did, and asking again would change nothing.
    pub async fn post_judged(&self, path: &str, key: &str, body: Bytes, deadline: Duration) -> Result<(Answer, bool), String> {
        let more = [(DEADLINE, HeaderValue::from(u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX)))];
        let reply = self.attempt_with(&Method::POST, path, Some(key), body, None, &more).await?;
        let is_final = matches!(judge(&Method::POST, &reply), Verdict::Final);
        Ok((reply.answer, is_final))
    }

    /// How far the house has come, as far as this client was told.
    pub fn at(&self) -> Option<String> {
        let seen = self.at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.render()
    }

    /// Requests sent again because an answer was pending, a retry or missing.
    pub fn repeats(&self) -> u64 {
        self.repeats.load(Ordering::Relaxed)
    }

    async fn until_final(&self, method: Method, path: &str, key: Option<&str>, body: Bytes, at: Option<&str>) -> Result<Answer, String> {
        let started = wall();
        let (mut attempts, mut unmarked) = (0u32, 0u32);
        loop {
            let (why, retry_after) = match self.attempt(&method, path, key, body.clone(), at).await {
                Ok(reply) => match judge(&method, &reply) {
                    Verdict::Final => return Ok(reply.answer),
                    Verdict::Again { unmarked: strange } => {
                        unmarked += u32::from(strange);
                        (format!("{} {}", reply.answer.status, beginning(&reply.answer.body)), reply.retry_after)
                    }
                },
                Err(why) => (why, None),
            };
            attempts += 1;
            let spent = wall().duration_since(started);
            let patience = if self.met.load(Ordering::Relaxed) { PATIENCE } else { FIRST_CONTACT };
            if attempts >= ATTEMPTS_MAX || spent > patience || unmarked >= UNMARKED_MAX {
                let key = key.map(|k| format!(" with key {k}")).unwrap_or_default();
                return Err(format!(
                    "{method} {path}{key}: no final answer after {attempts} attempts in {} s; the last: {why}",
                    spent.as_secs()
                ));
            }
            self.repeats.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(self.pause(attempts, retry_after)).await;
        }
    }

    /// One request and its whole answer; every failure here is *unknown*.
    async fn attempt(&self, method: &Method, path: &str, key: Option<&str>, body: Bytes, at: Option<&str>) -> Result<Reply, String> {
        self.attempt_with(method, path, key, body, at, &[]).await
    }

    async fn attempt_with(
        &self,
        method: &Method,
        path: &str,
        key: Option<&str>,
        body: Bytes,
        at: Option<&str>,
        more: &[(HeaderName, HeaderValue)],
    ) -> Result<Reply, String> {
        let mut uri = String::with_capacity(self.base.len() + path.len());
        uri.push_str(&self.base);
        uri.push_str(path);
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(key) = key {
            request = request.header(KEY, key).header(CONTENT_TYPE, JSON);
        }
        if let Some(at) = at {
            request = request.header(AT, at);
        }
        for (name, value) in more {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body)).map_err(|e| format!("not sendable: {e}"))?;
        let exchange = async {
            let response = self.http.request(request).await.map_err(|e| deepest(&e))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|e| format!("the answer broke off: {e}"))?;
            Ok::<_, String>((head, body.to_bytes()))
        };
        let (head, body) = match tokio::time::timeout(ATTEMPT_TIMEOUT, exchange).await {
            Ok(done) => done?,
            Err(_) => return Err(format!("no answer within {} s", ATTEMPT_TIMEOUT.as_secs())),
        };
        self.met.store(true, Ordering::Relaxed);
        self.learn(&head.headers);
        let retry_after = head.headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let replayed = head.headers.get(REPLAYED).is_some_and(|v| v == "true");
        Ok(Reply { answer: Answer { status: head.status, replayed, body }, effect: head.headers.get(EFFECT).cloned(), retry_after })
    }

    fn learn(&self, headers: &HeaderMap) {
        let Some(text) = headers.get(AT).and_then(|v| v.to_str().ok()) else { return };
        let mut seen = self.at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.merge(text);
    }

    /// Exponential with half of it jittered, so that those refused together do not return together.
    fn pause(&self, attempt: u32, retry_after: Option<Duration>) -> Duration {
        let grown = PAUSE_FIRST.saturating_mul(1 << attempt.min(7)).min(PAUSE_LONGEST);
        let full = match retry_after {
            Some(asked) => asked.min(RETRY_AFTER_LONGEST).min(grown.saturating_mul(2)),
            None => grown,
        };
        let mut z = self.dice.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let part = (z >> 48) as u32;
        full / 2 + full.saturating_mul(part) / (2 * 65_536)
    }
}

/// The innermost cause: hyper's outer errors say only that something failed.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_short_even_when_asked_for_more() {
        let client = Client::new("http://127.0.0.1:1/").expect("client");
        assert!(client.pause(1, None) < Duration::from_millis(10));
        for attempt in 1..40 {
            assert!(client.pause(attempt, None) <= PAUSE_LONGEST);
            assert!(client.pause(attempt, Some(Duration::from_secs(30))) <= RETRY_AFTER_LONGEST);
        }
    }

    #[test]
    fn a_url_that_is_not_plain_http_is_refused() {
        assert!(Client::new("https://127.0.0.1:1").is_err());
        assert!(Client::new("127.0.0.1").is_err());
    }
}
