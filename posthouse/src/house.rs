//! A house in this process: stores in a directory, services on them, HTTP in front.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use host::listen::{Front, Gateway, serve};
use host::ports::{OsChance, WallClock};
use host::storage::{PerService, PostgresServer, SqliteFiles, Storage};
use host::{Platform, Tasks};
use kernel::{Chance, Clock, Protocol};
use peer::{Faults, Handicapped, Http2, Peers, Ways, Wire};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::archive::again;
use crate::archive::keeping::Behind;
use crate::settings::Plan;
use crate::{fronts, pages, roster};

/// What is under way when the house stops may take so long to end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// A running house with its address.
pub struct House {
    /// `http://<address>` of its listener.
    pub url: String,
    /// Its services.
    pub inner: Arc<host::House>,
    /// The hand on the wire between them; in a demonstration only.
    pub faults: Option<Faults>,
    drain_wait: Duration,
    stop: CancellationToken,
    served: tokio::sync::watch::Receiver<bool>,
    /// Held so that nobody else opens the same directory.
    _lock: std::fs::File,
}

impl House {
    /// Starts a house on a free loopback port, with its stores in `data` (SQLite) or at `store`.
    pub async fn start(data: &Path, store: Option<&str>) -> Result<Self, String> {
        Self::open(&Plan::whole(data, store, ([127, 0, 0, 1], 0).into())).await
    }

    /// Starts what a plan says.
    pub async fn open(plan: &Plan) -> Result<Self, String> {
        let outside = bind(plan.listen).await?;
        let inside = match plan.peer_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let chance: Arc<dyn Chance> = Arc::new(OsChance);
        let mut storage = stores(plan, &chance)?;
        let lock = lock(&plan.data)?;
        again::is_whole(&plan.data)?;
        let keeping = plan.archive.open(&plan.data)?;
        if let Some(keeping) = keeping.clone() {
            storage = Arc::new(Behind { storage, keeping });
        }
        let mut services = Vec::new();
        for role in &plan.roles {
            let service = roster::service(role, &plan.shared, &chance)?;
            plan.check_reach(role, service.follows.iter().map(|follow| follow.source))?;
            services.push(service);
        }
        let tasks = Tasks::default();
        let clock: Arc<dyn Clock> = Arc::new(WallClock);
        let key = fronts::key(&plan.shared, chance.as_ref())?;
        let platform = Platform { storage, clock: clock.clone(), chance: chance.clone(), protocol: Protocol::SOUND, tasks: tasks.clone() };
        let away: Arc<dyn Wire> = Arc::new(Http2::new(plan.directory.clone(), tasks.spawner()));
        let faults = plan.demo.then(Faults::default);
        let wire = |door| -> Arc<dyn Wire> {
            let ways = Arc::new(Ways::new(door, away.clone()));
            match &faults {
                Some(faults) => Arc::new(Handicapped::new(ways, faults.clone(), platform.chance.clone())),
                None => ways,
            }
        };
        let inner = Arc::new(host::House::start(&platform, services, wire)?);
        inner.share(plan.share);
        if let Some(keeping) = &keeping {
            for (turn, core) in (0..).zip(inner.cores.values()) {
                inner.tasks.spawn(keeping.run(core, turn)?);
            }
        }
        let url = format!("http://{}", outside.local_addr().map_err(|e| e.to_string())?);
        let stop = CancellationToken::new();
        let mut front = Front::outside(inner.door.clone());
        if plan.gateway {
            let peers = Peers::new("gateway", away).with_guards(inner.guards.clone());
            front = front.with_gateway(Gateway { peers, directory: Arc::new(plan.directory.clone()) });
        }
        let pages = pages::routes(inner.clone(), faults.clone()).merge(fronts::pages(plan, &inner, &clock, &chance, &key, faults.clone()));
        let outside = serve(outside, front, pages, tasks.clone(), stop.clone());
        let (peers, in_peers) = (Front::inside(inner.door.clone()), (tasks.clone(), stop.clone()));
        let inside = async move {
            if let Some(listener) = inside {
                serve(listener, peers, axum::Router::new(), in_peers.0, in_peers.1).await;
            }
        };
        let (done, served) = tokio::sync::watch::channel(false);
        tasks.spawn(async move {
            futures::join!(outside, inside);
            let _nobody_waits = done.send(true);
        });
        Ok(Self { url, inner, faults, drain_wait: plan.drain_wait, stop, served, _lock: lock })
    }

    /// Says that it is not ready any more, waits until that is known, stops taking requests, lets those in flight end
    /// (bounded), then ends every loop.
    pub async fn stop(mut self) {
        self.inner.closing.begin();
        tokio::time::sleep(self.drain_wait).await;
        self.stop.cancel();
        let drained = self.served.wait_for(|done| *done);
        let _in_time = tokio::time::timeout(DRAIN_TIMEOUT, drained).await;
        self.inner.tasks.end().await;
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|e| format!("cannot listen on {address}: {e}"))
}

/// Where the services of a plan keep what they have.
fn stores(plan: &Plan, chance: &Arc<dyn Chance>) -> Result<Arc<dyn Storage>, String> {
    let rest = storage(&plan.data, plan.store.as_deref(), chance)?;
    let place = |(service, url): (&&str, &String)| Ok(((*service).to_owned(), storage(&plan.data, Some(url), chance)?));
    let own = plan.stores.iter().map(place).collect::<Result<_, String>>()?;
    Ok(Arc::new(PerService { own, rest }))
}

fn storage(data: &Path, store: Option<&str>, chance: &Arc<dyn Chance>) -> Result<Arc<dyn Storage>, String> {
    match store {
        None => Ok(Arc::new(SqliteFiles::new(data.to_owned(), chance.clone())?)),
        Some(url) if url.starts_with("postgres") => {
            std::fs::create_dir_all(data).map_err(|e| format!("cannot make the data directory {}: {e}", data.display()))?;
            Ok(Arc::new(PostgresServer::new(url, chance.clone())))
        }
        Some(url) => Err(format!("a store is postgres://user@host:5432/database; '{}' is not known", scheme(url))),
    }
}

/// The part of a store URL that is no secret.
fn scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(scheme, _)| scheme)
}

/// One house a directory: two would each believe that they alone write.
pub(crate) fn lock(data: &Path) -> Result<std::fs::File, String> {
    let path = data.join("house.lock");
    let file = std::fs::File::create(&path).map_err(|e| format!("cannot make {}: {e}", path.display()))?;
    file.try_lock().map_err(|_| format!("another house is running on {}; stop it or choose another --data", data.display()))?;
    Ok(file)
}
