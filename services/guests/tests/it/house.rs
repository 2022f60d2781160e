//! A house with nothing but guests in it.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use guests::vault::Vault;
use host::ports::{OsChance, WallClock};
use host::storage::SqliteFiles;
use host::{House, Platform, Tasks};
use http::{Method, Request, StatusCode};
use kernel::Protocol;
use peer::Wire;
use serde_json::Value;

/// An answer that has arrived.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub effect: Option<String>,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub replayed: bool,
    pub headers: String,
    pub body: Value,
}

impl Answer {
    /// The problem's code.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The reference of the guest.
    pub fn guest(&self) -> String {
        self.body["guest"].as_str().unwrap_or_default().to_owned()
    }
}

/// A running house.
pub struct Desk(pub House);

impl Desk {
    /// On SQLite files, vault included.
    pub fn on_files(dir: &Path) -> Self {
        Self::with(dir, Arc::new(Vault::open(dir, Arc::new(OsChance)).expect("a vault")))
    }

    /// On SQLite files, with this vault.
    pub fn with(dir: &Path, vault: Arc<Vault>) -> Self {
        let chance = Arc::new(OsChance);
        let storage = Arc::new(SqliteFiles::new(dir.to_owned(), chance.clone()).expect("a data directory"));
        let platform = Platform { storage, clock: Arc::new(WallClock), chance, protocol: Protocol::SOUND, tasks: Tasks::default() };
        Self(House::start(&platform, vec![guests::service(vault)], |door| Arc::new(door)).expect("the house starts"))
    }

    /// Ends every task where it stands.
    pub async fn crash(self) {
        self.0.tasks.end().await;
    }

    /// One request.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/guests/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body.to_owned())).expect("a request");
        let response = self.0.door.send("guests", request).await.expect("an answer");
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Answer {
            status: response.status(),
            effect: header(peer::EFFECT),
            location: header("location"),
            etag: header("etag"),
            replayed: header("idempotent-replayed").is_some(),
            headers: format!("{:?}", response.headers()),
            body: serde_json::from_slice(response.body()).unwrap_or_default(),
        }
    }

    /// A POST of a guest.
    pub async fn create(&self, key: &str, body: &Value) -> Answer {
        self.send(Method::POST, "/guests", &[(peer::KEY, key)], &body.to_string()).await
    }

    /// A GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }
}
