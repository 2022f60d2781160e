//! The simulated provider with a ledger file of its own: committed before it answers, as somebody else's database would be.

use std::path::Path;
use std::time::Duration;

use eventstore::worker::Worker;
use kernel::Money;
use kernel::money::Currency;
use peer::Lost;
use peer::wire::BoxFuture;
use rusqlite::{Connection, Row, params};

use super::{deliver, verdict};
use crate::provider::{Asked, Item, Ledger, PaymentProvider, State};

const SCHEMA: &str = "
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS authorisation(
  key TEXT PRIMARY KEY, token TEXT NOT NULL, amount INTEGER, currency TEXT, state TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS authorisation_open ON authorisation(key) WHERE state = 'authorised';
";

/// A provider whose ledger is a SQLite file.
pub struct FileProvider {
    ledger: Worker,
    latency: Duration,
}

impl FileProvider {
    /// Opens or creates the ledger.
    pub fn open(path: &Path) -> Result<Self, String> {
        let cannot = |why: String| format!("cannot open the provider's ledger {}: {why}", path.display());
        let connection = Connection::open(path).map_err(|e| cannot(e.to_string()))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(|e| cannot(e.to_string()))?;
        connection.execute_batch(SCHEMA).map_err(|e| cannot(e.to_string()))?;
        let ledger = Worker::on_thread("provider", connection).map_err(|e| cannot(e.to_string()))?;
        Ok(Self { ledger, latency: Duration::ZERO })
    }

    /// Answers every request only after this time.
    pub fn with_latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// Runs a closure on the ledger. A ledger that fails is a provider that does not answer.
    async fn run<T: Send + 'static>(&self, f: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static) -> Result<T, Lost> {
        let done = self.ledger.run(|c| f(c)).await.map_err(|_| Lost)?;
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        done.map_err(|fault| {
            tracing::error!(%fault, "the provider's ledger fails");
            Lost
        })
    }
}

impl PaymentProvider for FileProvider {
    fn authorise(&self, asked: Asked) -> BoxFuture<'_, Result<State, Lost>> {
        Box::pin(async move {
            let Asked { key, token, amount } = asked;
            let card = token.clone();
            let (first, state) = self
                .run(move |c| {
                    // One statement decides and commits; a line that is there, a tombstone too, stays as it is.
                    let cells = params![key, card, amount.amount, amount.currency.as_str(), name(verdict(&card))];
                    let insert = "INSERT INTO authorisation VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
                    let first = c.prepare_cached(insert)?.execute(cells)? == 1;
                    Ok((first, state_of(c, &key)?))
                })
                .await?;
            deliver(&token, first, state).await
        })
    }

    fn void(&self, key: String) -> BoxFuture<'_, Result<State, Lost>> {
        Box::pin(self.run(move |c| {
            c.prepare_cached(
                "INSERT INTO authorisation VALUES(?1, '', NULL, NULL, 'voided')
                 ON CONFLICT DO UPDATE SET state = 'voided' WHERE state = 'authorised'",
            )?
            .execute([&key])?;
            state_of(c, &key)
        }))
    }

    fn list(&self, after: String, limit: usize) -> BoxFuture<'_, Result<Ledger, Lost>> {
        Box::pin(self.run(move |c| {
            let open: i64 = c.query_row("SELECT count(*) FROM authorisation WHERE state = 'authorised'", [], |r| r.get(0))?;
            let select = "SELECT key, token, amount, currency, state FROM authorisation WHERE key > ?1 ORDER BY key LIMIT ?2";
            let mut q = c.prepare_cached(select)?;
            let items = q.query_map(params![after, limit as i64], item)?.collect::<rusqlite::Result<Vec<Item>>>()?;
            let next = (items.len() == limit).then(|| items.last().map(|i| i.key.clone())).flatten();
            Ok(Ledger { open: open as u64, items, next })
        }))
    }
}

fn name(state: State) -> &'static str {
    match state {
        State::Authorised => "authorised",
        State::Declined => "declined",
        State::Voided => "voided",
    }
}

fn parse(state: &str) -> rusqlite::Result<State> {
    match state {
        "authorised" => Ok(State::Authorised),
        "declined" => Ok(State::Declined),
        "voided" => Ok(State::Voided),
        other => Err(rusqlite::Error::InvalidColumnName(other.to_owned())),
    }
}

fn state_of(c: &Connection, key: &str) -> rusqlite::Result<State> {
    let mut q = c.prepare_cached("SELECT state FROM authorisation WHERE key = ?1")?;
    q.query_row([key], |r| r.get::<_, String>(0)).and_then(|state| parse(&state))
}

fn item(r: &Row<'_>) -> rusqlite::Result<Item> {
    let currency = r.get::<_, Option<String>>(3)?.and_then(|c| Currency::parse(&c));
    let amount = r.get::<_, Option<i64>>(2)?.zip(currency).map(|(amount, currency)| Money { amount, currency });
    Ok(Item { key: r.get(0)?, token: r.get(1)?, amount, state: parse(&r.get::<_, String>(4)?)? })
}
