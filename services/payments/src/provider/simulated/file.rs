//! The simulated provider with a ledger file of its own: committed before it answers, as somebody else's database would be.

use std::path::Path;
use std::time::Duration;

use eventstore::worker::Worker;
use kernel::Money;
use kernel::money::Currency;
use peer::Lost;
use peer::wire::BoxFuture;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{deliver, verdict};
use crate::provider::{Asked, Item, Ledger, Moved, Movement, PaymentProvider, State};

const SCHEMA: &str = "
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS authorisation(
  key TEXT PRIMARY KEY, token TEXT NOT NULL, amount INTEGER, currency TEXT, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS movement(
  key TEXT PRIMARY KEY, authorisation TEXT NOT NULL, is_refund INTEGER NOT NULL, amount INTEGER NOT NULL, done INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS movement_of ON movement(authorisation);
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

    async fn moves(&self, asked: Moved, is_refund: bool) -> Result<Movement, Lost> {
        let (token, first, movement) = self.run(move |c| move_money(c, &asked, is_refund)).await?;
        deliver(&token, first, movement).await
    }
}

/// One transaction decides and commits; a key that is known keeps its answer.
fn move_money(c: &Connection, asked: &Moved, is_refund: bool) -> rusqlite::Result<(String, bool, Movement)> {
    let tx = c.unchecked_transaction()?;
    let mut line = line_of(&tx, &asked.authorisation)?;
    let token = line.as_ref().map(|line| line.token.clone()).unwrap_or_default();
    let known = tx.query_row("SELECT done FROM movement WHERE key = ?1", [&asked.key], |r| r.get::<_, bool>(0)).optional()?;
    if let Some(done) = known {
        return Ok((token, false, if done { Movement::Done } else { Movement::Refused }));
    }
    let movement = line.as_mut().map_or(Movement::Refused, |line| line.move_money(is_refund, asked.amount));
    let cells = params![asked.key, asked.authorisation, is_refund, asked.amount.amount, movement == Movement::Done];
    tx.execute("INSERT INTO movement VALUES(?1, ?2, ?3, ?4, ?5)", cells)?;
    if let Some(line) = line {
        tx.execute("UPDATE authorisation SET state = ?2 WHERE key = ?1", params![line.key, name(line.state)])?;
    }
    tx.commit()?;
    Ok((token, true, movement))
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

    fn capture(&self, asked: Moved) -> BoxFuture<'_, Result<Movement, Lost>> {
        Box::pin(self.moves(asked, false))
    }

    fn refund(&self, asked: Moved) -> BoxFuture<'_, Result<Movement, Lost>> {
        Box::pin(self.moves(asked, true))
    }

    fn list(&self, after: String, limit: usize) -> BoxFuture<'_, Result<Ledger, Lost>> {
        Box::pin(self.run(move |c| {
            let open: i64 = c.query_row("SELECT count(*) FROM authorisation WHERE state = 'authorised'", [], |r| r.get(0))?;
            let mut q = c.prepare_cached(&format!("{LINES} WHERE key > ?1 ORDER BY key LIMIT ?2"))?;
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
        State::Captured => "captured",
    }
}

fn parse(state: &str) -> rusqlite::Result<State> {
    match state {
        "authorised" => Ok(State::Authorised),
        "declined" => Ok(State::Declined),
        "voided" => Ok(State::Voided),
        "captured" => Ok(State::Captured),
        other => Err(rusqlite::Error::InvalidColumnName(other.to_owned())),
    }
}

fn state_of(c: &Connection, key: &str) -> rusqlite::Result<State> {
    let mut q = c.prepare_cached("SELECT state FROM authorisation WHERE key = ?1")?;
    q.query_row([key], |r| r.get::<_, String>(0)).and_then(|state| parse(&state))
}

/// The lines with what was moved of each.
const LINES: &str = "SELECT key, token, amount, currency, state,
  (SELECT coalesce(sum(m.amount), 0) FROM movement m WHERE m.authorisation = authorisation.key AND m.done AND NOT m.is_refund),
  (SELECT coalesce(sum(m.amount), 0) FROM movement m WHERE m.authorisation = authorisation.key AND m.done AND m.is_refund)
  FROM authorisation";

fn line_of(c: &Connection, key: &str) -> rusqlite::Result<Option<Item>> {
    c.query_row(&format!("{LINES} WHERE key = ?1"), [key], item).optional()
}

fn item(r: &Row<'_>) -> rusqlite::Result<Item> {
    let currency = r.get::<_, Option<String>>(3)?.and_then(|c| Currency::parse(&c));
    let amount = r.get::<_, Option<i64>>(2)?.zip(currency).map(|(amount, currency)| Money { amount, currency });
    Ok(Item { key: r.get(0)?, token: r.get(1)?, amount, state: parse(&r.get::<_, String>(4)?)?, captured: r.get(5)?, refunded: r.get(6)? })
}
