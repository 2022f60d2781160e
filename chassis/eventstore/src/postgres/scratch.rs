//! A database for the time of one run, on a server somebody else runs.

use super::session::{Fault, Session, Target, name};
use super::{beside, nothing_of};
use crate::port::StoreFault;

/// A database that is dropped with this value.
pub struct Scratch {
    server: Target,
    database: String,
    url: String,
}

impl Scratch {
    /// Makes a database called `database` on the server of `url`, whose user must be allowed to.
    pub fn new(url: &str, database: &str) -> Result<Self, StoreFault> {
        let unreadable = || StoreFault::Nothing("the store's URL is none of PostgreSQL (postgres://user@host:5432/database)".into());
        let config = url.parse().map_err(|_| unreadable())?;
        let (scheme, rest) = url.split_once("://").ok_or_else(unreadable)?;
        let (place, query) = rest.split_once('?').map_or((rest, String::new()), |(place, query)| (place, format!("?{query}")));
        let host = place.split('/').next().unwrap_or_default();
        let scratch = Self {
            server: Target { config, role: None, schema: "public".into() },
            database: database.to_owned(),
            url: format!("{scheme}://{host}/{database}{query}"),
        };
        scratch.say(&format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name(database)))?;
        Ok(scratch)
    }

    /// The URL of the database.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn say(&self, sql: &str) -> Result<(), StoreFault> {
        beside(|| {
            Session::new(self.server.clone())
                .and_then(|mut s| s.run(async |c| c.batch_execute(sql).await))
                .map_err(|f: Fault| nothing_of(f))
        })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(fault) = self.say(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name(&self.database))) {
            tracing::warn!(%fault, database = self.database, "a temporary database is left behind");
        }
    }
}
