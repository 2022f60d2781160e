//! The vault: who the guests are. Each guest's data is encrypted under a key of its own, and that key under the master
//! key, so that one guest can be forgotten by forgetting one key, in backups too.
//!
//! A row is written before the event that speaks of it. A row without an event is a request that has not ended; the same
//! key ends it, and nobody can read it until then.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use eventstore::worker::{Gone, Worker};
use kernel::Chance;
use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::person::Person;

mod master;
mod seal;
mod sheets;
pub mod wire;

pub use sheets::Kept;

use seal::Key;

/// The database's name in the data directory.
const FILE: &str = "guests-vault.db";
/// Where the proof lies that vault and master key belong together.
const PROOF: &str = "vault/proof";

const SCHEMA: &str = "
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS person(
  guest TEXT PRIMARY KEY, wrapped_key BLOB NOT NULL, fingerprint TEXT NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sheet(
  guest TEXT NOT NULL, edit TEXT NOT NULL, fingerprint TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY(guest, edit)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS proof(sealed BLOB NOT NULL);
";

/// The vault did not do what was asked. The text says nothing personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultFault(pub String);

impl std::fmt::Display for VaultFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "vault: {}", self.0)
    }
}

impl From<rusqlite::Error> for VaultFault {
    fn from(e: rusqlite::Error) -> Self {
        Self(e.to_string())
    }
}

impl From<Gone> for VaultFault {
    fn from(_: Gone) -> Self {
        Self("closed".into())
    }
}

/// One row: everything but the reference means nothing without the master key.
struct Row {
    wrapped_key: Vec<u8>,
    fingerprint: String,
    sealed: Vec<u8>,
}

/// The vault.
pub struct Vault {
    rows: Worker,
    master: Key,
    chance: Arc<dyn Chance>,
}

impl Vault {
    /// Opens or makes the vault in a data directory: the database `guests-vault.db` and the master key `vault.key`.
    pub fn open(dir: &Path, chance: Arc<dyn Chance>) -> Result<Self, String> {
        let path = dir.join(FILE);
        let cannot = |e: rusqlite::Error| format!("cannot open {}: {e}", path.display());
        let connection = Connection::open(&path).map_err(cannot)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(cannot)?;
        connection.execute_batch(SCHEMA).map_err(cannot)?;
        // Replicas that start together make one key: what is looked at, made and proved is one transaction.
        connection.execute_batch("BEGIN IMMEDIATE").map_err(cannot)?;
        let proof = proof(&connection).map_err(cannot)?;
        let master = match (master::read(dir)?, proof) {
            (Some(key), Some(proof)) if key.open(PROOF, &proof).is_none() => {
                return Err(format!("vault.key is not the key of {}: bring back the one it was made with", path.display()));
            }
            (Some(key), Some(_)) => key,
            // A new key would open nothing of what is there.
            (None, Some(_)) => return Err(format!("vault.key is missing, and {} cannot be read without it", path.display())),
            (key, None) => {
                let key = key.map_or_else(|| master::make(dir, chance.as_ref()), Ok)?;
                prove(&connection, &key, chance.as_ref()).map_err(|fault| fault.to_string())?;
                key
            }
        };
        connection.execute_batch("COMMIT").map_err(cannot)?;
        let rows = Worker::on_thread("vault", connection).map_err(|e| format!("cannot open {}: {e}", path.display()))?;
        Ok(Self { rows, master, chance })
    }

    /// A vault in memory, for simulation: it stands outside of the house, so a simulated crash leaves it as it is.
    pub fn in_memory(chance: Arc<dyn Chance>) -> Result<Self, String> {
        let connection = Connection::open_in_memory().map_err(|e| e.to_string())?;
        connection.execute_batch(SCHEMA).map_err(|e| e.to_string())?;
        Ok(Self { rows: Worker::inline(connection), master: Key::random(chance.as_ref()), chance })
    }

    /// Keeps a person, unless the vault has somebody under this reference already. Gives the request's fingerprint when
    /// what is kept came with the very same request, and `None` when it came with another: the first one stays.
    pub async fn keep(&self, guest: &str, person: &Person, route: &str, body: &[u8]) -> Result<Option<String>, VaultFault> {
        let key = Key::random(self.chance.as_ref());
        let plain = serde_json::to_vec(person).map_err(|_| VaultFault("a person cannot be written down".into()))?;
        let sealed = |by: &Key, place, plain| by.seal(self.chance.as_ref(), place, plain).ok_or(VaultFault("cannot seal".into()));
        let new = Row {
            wrapped_key: sealed(&self.master, &place_of_key(guest), key.bytes())?,
            fingerprint: key.fingerprint(route, body),
            sealed: sealed(&key, &place_of_person(guest), &plain)?,
        };
        let id = guest.to_owned();
        let kept = self.rows.run(move |c| {
            // One statement decides and commits; whoever was first stays.
            c.prepare_cached("INSERT INTO person VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?.execute(params![
                id,
                new.wrapped_key,
                new.fingerprint,
                new.sealed
            ])?;
            row(c, &id)
        });
        let Some(kept) = kept.await?? else { return Err(VaultFault("a row has gone".into())) };
        let fingerprint = self.key_of(guest, &kept)?.fingerprint(route, body);
        Ok((fingerprint == kept.fingerprint).then_some(fingerprint))
    }

    /// Who a guest is; `None` when the vault does not know.
    pub async fn person(&self, guest: &str) -> Result<Option<Person>, VaultFault> {
        let id = guest.to_owned();
        let Some(kept) = self.rows.run(move |c| row(c, &id)).await?? else { return Ok(None) };
        let plain = self.key_of(guest, &kept)?.open(&place_of_person(guest), &kept.sealed);
        // What serde says about a plaintext may quote it.
        let person = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        person.map(Some).ok_or_else(|| VaultFault("a row does not open".into()))
    }
}

fn place_of_key(guest: &str) -> String {
    format!("{guest}/key")
}

fn place_of_person(guest: &str) -> String {
    format!("{guest}/person")
}

fn row(c: &Connection, guest: &str) -> rusqlite::Result<Option<Row>> {
    let mut q = c.prepare_cached("SELECT wrapped_key, fingerprint, sealed FROM person WHERE guest = ?1")?;
    q.query_row([guest], |r| Ok(Row { wrapped_key: r.get(0)?, fingerprint: r.get(1)?, sealed: r.get(2)? })).optional()
}

fn proof(c: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    c.query_row("SELECT sealed FROM proof", [], |r| r.get(0)).optional()
}

fn prove(c: &Connection, key: &Key, chance: &dyn Chance) -> Result<(), VaultFault> {
    let sealed = key.seal(chance, PROOF, PROOF.as_bytes()).ok_or(VaultFault("cannot seal".into()))?;
    c.execute("INSERT INTO proof VALUES(?1)", [sealed])?;
    Ok(())
}
