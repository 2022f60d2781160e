//! Where stores and views live. Sagas, views and services do not know which of these it is.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use eventstore::EventStore;
use eventstore::postgres::Place;
use feed::Db;
use kernel::Chance;

/// Opens a service's store and view database.
pub trait Storage: Send + Sync + 'static {
    /// The event store of a service.
    fn store(&self, service: &str) -> Result<Arc<dyn EventStore>, String>;

    /// The view database of a service, made with this schema.
    fn views(&self, service: &str, schema: &str) -> Result<Db, String>;

    /// The event store with what stands behind it: where its history is archived, what was pruned is read from there.
    fn deep(&self, _service: &str, store: Arc<dyn EventStore>) -> Arc<dyn EventStore> {
        store
    }
}

/// Files in a directory: `<service>.db` and `<service>-views.db`.
pub struct SqliteFiles {
    dir: PathBuf,
    chance: Arc<dyn Chance>,
}

impl SqliteFiles {
    /// Files in `dir`, which is made if it is missing.
    pub fn new(dir: PathBuf, chance: Arc<dyn Chance>) -> Result<Self, String> {
        std::fs::create_dir_all(&dir).map_err(|e| format!("cannot make the data directory {}: {e}", dir.display()))?;
        Ok(Self { dir, chance })
    }
}

impl Storage for SqliteFiles {
    fn store(&self, service: &str) -> Result<Arc<dyn EventStore>, String> {
        let incarnation = format!("{:016x}", self.chance.next());
        let store = eventstore::sqlite::Sqlite::open(&self.dir.join(format!("{service}.db")), &incarnation);
        Ok(Arc::new(store.map_err(|e| e.to_string())?))
    }

    fn views(&self, service: &str, schema: &str) -> Result<Db, String> {
        Db::open(&self.dir.join(format!("{service}-views.db")), schema).map_err(|e| e.to_string())
    }
}

/// A schema a service in a PostgreSQL database.
pub struct PostgresServer {
    url: String,
    chance: Arc<dyn Chance>,
}

impl PostgresServer {
    /// Every service in the database of this URL.
    pub fn new(url: &str, chance: Arc<dyn Chance>) -> Self {
        Self { url: url.to_owned(), chance }
    }
}

impl Storage for PostgresServer {
    fn store(&self, service: &str) -> Result<Arc<dyn EventStore>, String> {
        let incarnation = format!("{:016x}", self.chance.next());
        let store = eventstore::postgres::Postgres::open(&Place::new(&self.url, service)?, &incarnation);
        Ok(Arc::new(store.map_err(|e| e.to_string())?))
    }

    fn views(&self, service: &str, schema: &str) -> Result<Db, String> {
        Db::on_postgres(&Place::new(&self.url, service)?, schema).map_err(|e| e.to_string())
    }
}

/// Some services somewhere else than the rest.
pub struct PerService {
    /// Where a service is that has a place of its own.
    pub own: BTreeMap<String, Arc<dyn Storage>>,
    /// Where all others are.
    pub rest: Arc<dyn Storage>,
}

impl PerService {
    fn of(&self, service: &str) -> &dyn Storage {
        self.own.get(service).unwrap_or(&self.rest).as_ref()
    }
}

impl Storage for PerService {
    fn store(&self, service: &str) -> Result<Arc<dyn EventStore>, String> {
        self.of(service).store(service)
    }

    fn views(&self, service: &str, schema: &str) -> Result<Db, String> {
        self.of(service).views(service, schema)
    }
}
