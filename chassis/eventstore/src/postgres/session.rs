//! One connection to PostgreSQL, owned by one thread: connects when needed, prepares each statement once, and gives up on
//! a server that does not answer. Nothing outside the thread can stop it in the middle of anything.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls, Statement};

/// A connection is made within so long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// One round trip takes so long at most, waiting for a lane's lock included; then the connection is given up.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements kept prepared on one connection.
const PREPARED_MAX: usize = 256;

/// Every table is read by key: a plan made while a table was empty must not scan it once it is full. A session that is
/// gone without a word (its machine has stopped) gives its lanes back after the idle timeout.
const SETTINGS: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;
  SET plan_cache_mode = force_generic_plan; SET lock_timeout = '5s'; SET statement_timeout = '8s';
  SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = warning";

/// Refusals that are over when the same is asked a little later.
const PASSING: [SqlState; 6] = [
    SqlState::LOCK_NOT_AVAILABLE,
    SqlState::QUERY_CANCELED,
    SqlState::T_R_DEADLOCK_DETECTED,
    SqlState::T_R_SERIALIZATION_FAILURE,
    SqlState::CANNOT_CONNECT_NOW,
    SqlState::TOO_MANY_CONNECTIONS,
];

/// A server that does not answer when a process starts is asked again after so long …
const REACH_PAUSE: Duration = Duration::from_millis(500);
/// … and so often, about a minute: a server that is restarted or fails over is back by then.
const REACH_TRIES: u32 = 120;

/// Why something asked of PostgreSQL was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server said no: nothing of the transaction stands.
    Refused {
        /// Is a unique or check constraint the reason?
        constraint: bool,
        /// Its words.
        why: String,
    },
    /// No answer: what had been sent may have been done.
    Silent(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { why, .. } | Self::Silent(why) => write!(f, "PostgreSQL: {why}"),
        }
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(e: tokio_postgres::Error) -> Self {
        match e.as_db_error() {
            // Trouble that passes, and no fault of what was asked: somebody else holds a lock, or is slow. The connection is
            // given up, so that nobody takes the next answer for a judgement on this one.
            Some(said) if PASSING.contains(said.code()) => Self::Silent(said.message().to_owned()),
            Some(said) => {
                let code = said.code();
                let constraint = *code == SqlState::UNIQUE_VIOLATION || *code == SqlState::CHECK_VIOLATION;
                Self::Refused { constraint, why: format!("{} ({})", said.message(), code.code()) }
            }
            None => Self::Silent(chain(&e)),
        }
    }
}

/// An error with its causes: the driver's own words are only "error connecting to server".
fn chain(e: &dyn std::error::Error) -> String {
    e.source().map_or_else(|| e.to_string(), |cause| format!("{e}: {}", chain(cause)))
}

/// Where to connect, and as what.
#[derive(Clone)]
pub struct Target {
    /// Address, user and database.
    pub config: tokio_postgres::Config,
    /// The role taken after connecting, when the user may take it.
    pub role: Option<String>,
    /// The schema all names are looked up in.
    pub schema: String,
}

type Driver = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;

struct Live {
    client: Client,
    driver: Driver,
    prepared: BTreeMap<(String, Vec<u32>), Statement>,
}

/// A connection that comes back.
pub struct Session {
    runtime: Runtime,
    target: Target,
    live: Option<Live>,
    in_transaction: bool,
}

impl Session {
    /// A session that connects with its first use.
    pub fn new(target: Target) -> Result<Self, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self { runtime: runtime.map_err(|e| Fault::Silent(e.to_string()))?, target, live: None, in_transaction: false })
    }

    /// Waits until the server answers. What it refuses (a password, a database that is not there) is told at once.
    pub fn reach(&mut self) -> Result<(), Fault> {
        for n in 0..REACH_TRIES {
            match self.run(async |c| c.batch_execute("SELECT 1").await) {
                Err(Fault::Silent(why)) => {
                    if n % 10 == 0 {
                        tracing::warn!(why, "PostgreSQL does not answer yet; it is asked again for a minute");
                    }
                    self.runtime.block_on(async { tokio::time::sleep(REACH_PAUSE).await });
                }
                done => return done,
            }
        }
        self.run(async |c| c.batch_execute("SELECT 1").await)
    }

    /// Runs statements: all futures made of the client in `work` share one round trip when they are polled together.
    pub fn run<T>(&mut self, work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>) -> Result<T, Fault> {
        self.connect()?;
        let Some(live) = &mut self.live else { return Err(Fault::Silent("not connected".into())) };
        let done = self.runtime.block_on(driven(&mut live.driver, ANSWER_TIMEOUT, work(&live.client)));
        self.judge(done)
    }

    /// A prepared statement, from the cache or the server. `types` are those of the parameters the server shall not guess.
    pub fn prepare(&mut self, sql: &str, types: &[Type]) -> Result<Statement, Fault> {
        self.connect()?;
        let Some(live) = &mut self.live else { return Err(Fault::Silent("not connected".into())) };
        let key = (sql.to_owned(), types.iter().map(Type::oid).collect());
        if let Some(known) = live.prepared.get(&key) {
            return Ok(known.clone());
        }
        let made = self.runtime.block_on(driven(&mut live.driver, ANSWER_TIMEOUT, live.client.prepare_typed(sql, types)));
        if let Ok(statement) = &made {
            if live.prepared.len() >= PREPARED_MAX {
                live.prepared.clear();
            }
            live.prepared.insert(key, statement.clone());
        }
        self.judge(made)
    }

    /// Connects, and from now on refuses to connect anew: what follows belongs to a transaction of this connection, and on
    /// another one it would be done outside of any.
    pub fn enter(&mut self) -> Result<(), Fault> {
        self.in_transaction = false;
        self.connect()?;
        self.in_transaction = true;
        Ok(())
    }

    /// The transaction is over: a lost connection may be replaced.
    pub fn leave(&mut self) {
        self.in_transaction = false;
    }

    /// Ends what is open.
    pub fn roll_back(&mut self) {
        if self.live.is_some() && self.run(async |c| c.batch_execute("ROLLBACK").await).is_err() {
            self.hang_up();
        }
        self.leave();
    }

    /// Gives the connection up. The server rolls back what is open.
    pub fn hang_up(&mut self) {
        self.live = None;
    }

    fn judge<T>(&mut self, done: Result<T, Fault>) -> Result<T, Fault> {
        if let Err(Fault::Silent(why)) = &done {
            tracing::warn!(why, "a connection to PostgreSQL is lost");
            self.hang_up();
        }
        done
    }

    fn connect(&mut self) -> Result<(), Fault> {
        if self.live.as_ref().is_some_and(|live| !live.client.is_closed()) {
            return Ok(());
        }
        if self.in_transaction {
            return Err(Fault::Silent("the connection was lost in a transaction".into()));
        }
        let connecting = async {
            let connected = tokio::time::timeout(CONNECT_TIMEOUT, self.target.config.connect(NoTls)).await;
            let (client, connection) = connected.map_err(|_| Fault::Silent("no connection in time".into()))??;
            let mut driver: Driver = Box::pin(connection);
            let role = self.target.role.as_ref().map(|role| format!("; SET ROLE {}", name(role))).unwrap_or_default();
            let first = format!("{SETTINGS}; SET search_path = {}{role}", name(&self.target.schema));
            driven(&mut driver, CONNECT_TIMEOUT, client.batch_execute(&first)).await?;
            Ok::<_, Fault>(Live { client, driver, prepared: BTreeMap::new() })
        };
        self.live = Some(self.runtime.block_on(connecting)?);
        Ok(())
    }
}

/// Work over a connection that moves only while somebody works: no task of its own.
async fn driven<T>(driver: &mut Driver, limit: Duration, work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Fault> {
    let both = async {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => done.map_err(Fault::from),
            over = driver => match over {
                // What has been answered before the connection ended is still there to be read.
                Ok(()) => work.await.map_err(Fault::from),
                Err(e) => Err(Fault::Silent(chain(&e))),
            },
        }
    };
    tokio::time::timeout(limit, both).await.unwrap_or_else(|_| Err(Fault::Silent("no answer in time".into())))
}

/// A name quoted for SQL.
pub fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
