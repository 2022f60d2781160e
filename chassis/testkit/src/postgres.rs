//! A real PostgreSQL server for one test: [`host::postgres`] in a temporary directory, ended with the value that stands
//! for it; what fails fails the test. `cargo xtask test` installs the server where it is missing.

pub use host::postgres::{Care, programs};

/// How often a starting server is asked whether it is ready; each time is a process.
const ASKED_MAX: u32 = 2_000;

/// A running server.
pub struct Postgres {
    server: host::postgres::Server,
    _dir: tempfile::TempDir,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub fn start(care: Care) -> Self {
        let dir = tempfile::Builder::new().prefix("ph-pg").tempdir().expect("a temporary directory");
        let server = host::postgres::Server::start(dir.path(), care).unwrap_or_else(|why| panic!("{why}"));
        let started = Self { server, _dir: dir };
        started.wait();
        started
    }

    /// Starts the server, also after it was killed.
    pub fn up(&self) {
        self.server.up().unwrap_or_else(|why| panic!("{why}"));
        self.wait();
    }

    fn wait(&self) {
        assert!((0..ASKED_MAX).any(|_| self.server.is_ready()), "the server is not ready: {}", self.server.said("postgres"));
    }

    /// Kills the server as a crash would: all of its processes, at once, without a goodbye.
    pub fn kill(&self) {
        self.server.kill().unwrap_or_else(|why| panic!("{why}"));
    }

    /// The first process's number, to stop and continue it by signals.
    pub fn pid(&self) -> Option<u32> {
        self.server.pid()
    }

    /// The URL of a database, with its administrator as the user.
    pub fn url(&self, database: &str) -> String {
        self.server.url(database)
    }

    /// Makes a database and gives its URL.
    pub fn database(&self, name: &str) -> String {
        self.server.database(name).unwrap_or_else(|why| panic!("{why}"))
    }

    /// Runs SQL as the administrator and gives what came back, unaligned, a row a line.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, String> {
        self.server.sql(database, sql)
    }
}
