//! A house in this process: stores in a directory, services on them, HTTP in front.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use host::ports::{OsChance, WallClock};
use host::storage::{PostgresServer, SqliteFiles, Storage};
use host::{Platform, Tasks};
use kernel::{Chance, Protocol};
use tokio_util::sync::CancellationToken;

use crate::{pages, roster};

/// A running house with its address.
pub struct House {
    /// `http://<address>` of its listener.
    pub url: String,
    /// Its services.
    pub inner: Arc<host::House>,
    stop: CancellationToken,
    served: tokio::sync::watch::Receiver<bool>,
    /// Held so that nobody else opens the same directory.
    _lock: std::fs::File,
}

impl House {
    /// Starts a house on a free loopback port, with its stores in `data` (SQLite) or at `store`.
    pub async fn start(data: &Path, store: Option<&str>) -> Result<Self, String> {
        Self::listen(data, store, ([127, 0, 0, 1], 0).into()).await
    }

    /// Starts a house at an address. It answers as soon as this returns.
    pub async fn listen(data: &Path, store: Option<&str>, address: SocketAddr) -> Result<Self, String> {
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|e| format!("cannot listen on {address}: {e}"))?;
        let chance: Arc<dyn Chance> = Arc::new(OsChance);
        let files = SqliteFiles::new(data.to_owned(), chance.clone())?;
        let storage: Arc<dyn Storage> = match store {
            None => Arc::new(files),
            Some(url) if url.starts_with("postgres") => Arc::new(PostgresServer::new(url, chance.clone())),
            Some(url) => return Err(format!("a store is postgres://user@host:5432/database; '{}' is not known", scheme(url))),
        };
        let lock = lock(data)?;
        let tasks = Tasks::default();
        let platform =
            Platform { storage, clock: Arc::new(WallClock), chance: chance.clone(), protocol: Protocol::SOUND, tasks: tasks.clone() };
        let inner = Arc::new(host::House::start(&platform, roster::services(data, &chance)?, |door| Arc::new(door))?);
        let url = format!("http://{}", listener.local_addr().map_err(|e| e.to_string())?);
        let (stop, (done, served)) = (CancellationToken::new(), tokio::sync::watch::channel(false));
        let serving = host::listen::serve(listener, inner.clone(), pages::routes(inner.clone()), stop.clone());
        tasks.spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the listener has failed");
            }
            let _nobody_waits = done.send(true);
        });
        Ok(Self { url, inner, stop, served, _lock: lock })
    }

    /// Stops taking requests, lets those in flight end (bounded), then ends every loop.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let drained = self.served.wait_for(|done| *done);
        let _in_time = tokio::time::timeout(std::time::Duration::from_secs(20), drained).await;
        self.inner.tasks.end().await;
    }
}

/// The part of a store URL that is no secret.
fn scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(scheme, _)| scheme)
}

/// One house a directory: two would each believe that they alone write.
fn lock(data: &Path) -> Result<std::fs::File, String> {
    let path = data.join("house.lock");
    let file = std::fs::File::create(&path).map_err(|e| format!("cannot make {}: {e}", path.display()))?;
    file.try_lock().map_err(|_| format!("another house is running on {}; stop it or choose another --data", data.display()))?;
    Ok(file)
}
