//! A house with nothing but payments in it, on files or on a simulated disk with paused time.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use eventstore::EventStore;
use eventstore::simulated::{Disk, Simulated};
use feed::Db;
use host::ports::{OsChance, WallClock};
use host::storage::SqliteFiles;
use host::{House, Platform, Storage, Tasks};
use http::{Method, Request, StatusCode};
use kernel::chance::Seeded;
use kernel::{Chance, Clock, Protocol, Timestamp};
use payments::provider::PaymentProvider;
use peer::{Lost, Wire};
use serde_json::{Value, json};

/// An answer that has arrived.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub effect: Option<String>,
    pub location: Option<String>,
    pub replayed: bool,
    pub body: Value,
}

impl Answer {
    /// The problem's code.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Whether asking again cannot give another answer.
    fn is_final(&self) -> bool {
        self.effect.is_some() && self.status != StatusCode::ACCEPTED && !self.status.is_server_error()
    }
}

/// A running house.
pub struct Desk(pub House);

impl Desk {
    /// The provider is called however badly it answers: it is its faults that are looked at.
    pub fn never_spares_the_provider(&self) {
        self.0.guards.of("provider").turn(peer::breaker::Switch::Closed);
    }

    fn start(platform: Platform, provider: Arc<dyn PaymentProvider>) -> Self {
        Self(House::start(&platform, vec![payments::service(provider)], |door| Arc::new(door)).expect("the house starts"))
    }

    /// On SQLite files.
    pub fn on_files(dir: &Path, provider: Arc<dyn PaymentProvider>) -> Self {
        let chance = Arc::new(OsChance);
        let storage = Arc::new(SqliteFiles::new(dir.to_owned(), chance.clone()).expect("a data directory"));
        let platform = Platform { storage, clock: Arc::new(WallClock), chance, protocol: Protocol::SOUND, tasks: Tasks::default() };
        Self::start(platform, provider)
    }

    /// On a simulated disk, in tokio's time.
    pub fn on_disk(disk: &Disk, seed: u64, provider: Arc<dyn PaymentProvider>) -> Self {
        let chance: Arc<dyn Chance> = Arc::new(Seeded::new(seed));
        let storage = Arc::new(InMemory { disk: disk.clone(), chance: chance.clone() });
        let clock = Arc::new(TokioClock);
        Self::start(Platform { storage, clock, chance, protocol: Protocol::SOUND, tasks: Tasks::default() }, provider)
    }

    /// Ends every task where it stands.
    pub async fn crash(self) {
        self.0.tasks.end().await;
    }

    /// One request.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Result<Answer, Lost> {
        let mut request = Request::builder().method(method).uri(format!("/api/payments/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let response = self.0.door.send("payments", request.body(body).expect("a request")).await?;
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Ok(Answer {
            status: response.status(),
            effect: header(peer::EFFECT),
            location: header("location"),
            replayed: header("idempotent-replayed").is_some(),
            body: serde_json::from_slice(response.body()).unwrap_or_default(),
        })
    }

    /// A POST with a key.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[(peer::KEY, key)], body).await.expect("an answer")
    }

    /// A POST as another service, which gives an answer or none.
    pub async fn post_as(&self, service: &str, path: &str, key: &str, undoes: Option<&str>, body: &Value) -> Answer {
        let mut headers = vec![(peer::KEY, key), (peer::CALLER, service)];
        headers.extend(undoes.map(|key| (peer::UNDOES, key)));
        self.send(Method::POST, path, &headers, body).await.expect("an answer")
    }

    /// A POST that is sent again with its key until the answer is final.
    pub async fn settle(&self, path: &str, key: &str, body: &Value) -> Answer {
        for _ in 0..100 {
            let headers = [(peer::KEY, key), (peer::DEADLINE, "60000")];
            if let Ok(answer) = self.send(Method::POST, path, &headers, body).await
                && answer.is_final()
            {
                return answer;
            }
        }
        panic!("{path} under {key} has no final answer")
    }

    /// A GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], &Value::Null).await.expect("an answer")
    }

    /// The state of payment `id` of hotel H1.
    pub async fn state(&self, id: &str) -> String {
        self.get(&format!("/hotels/H1/payments/{id}")).await.body["state"].as_str().unwrap_or("unknown").to_owned()
    }

    /// How many authorisations are open at the provider, and how many sagas here.
    pub async fn open(&self) -> (u64, u64) {
        let (ledger, sagas) = (self.get("/provider/authorisations").await, self.get("/sagas").await);
        (ledger.body["open"].as_u64().expect("a ledger"), sagas.body["open"].as_u64().expect("sagas"))
    }
}

/// The body of an Authorise.
pub fn authorise(payment: &str, token: &str) -> Value {
    json!({"payment": payment, "reservation": "res_1", "amount": {"amount": 9800, "currency": "EUR"}, "token": token})
}

/// The path of payments of hotel H1.
pub const PAYMENTS: &str = "/hotels/H1/payments";

struct TokioClock;

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        // Any fixed instant: what counts is that it moves with tokio's time and with nothing else.
        static START: std::sync::OnceLock<tokio::time::Instant> = std::sync::OnceLock::new();
        let start = *START.get_or_init(tokio::time::Instant::now);
        Timestamp(1_700_000_000_000_000 + tokio::time::Instant::now().saturating_duration_since(start).as_micros() as i64)
    }
}

struct InMemory {
    disk: Disk,
    chance: Arc<dyn Chance>,
}

impl Storage for InMemory {
    fn store(&self, _: &str) -> Result<Arc<dyn EventStore>, String> {
        Ok(Arc::new(Simulated::new(self.disk.clone(), self.chance.clone(), 500)))
    }

    fn views(&self, _: &str, schema: &str) -> Result<Db, String> {
        Db::in_memory(schema).map_err(|e| e.to_string())
    }
}
