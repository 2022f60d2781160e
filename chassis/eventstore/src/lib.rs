//! The event store: lanes, the committer that decides inside them, and the stores that keep them.
//!
//! A store has 16 lanes. A lane is a gapless, hash-chained list of records in commit order: a command's record first,
//! then its events. Decisions run inside the lane's committer, on staged state, so a hot hotel never conflicts with
//! itself and any number of waiting commands costs one commit.
//!
//! Reading order: `record` (what is stored), `port` (what a store must do), `work` and `envelope` (a command on its
//! way), `watch` (news of commits), `committer` and `batch` (how commands become records), `worker` (a database
//! connection on its own thread), `migration` (schema changes), `sqlite`, `postgres` and `simulated` (three stores, one conformance
//! suite in `testkit`), `tail` (the newest positions in memory), `cut` (copies of SQLite databases while they are written),
//! `chain` (the hash chain).

pub mod record;
pub mod chain;
pub mod port;
pub mod work;
pub mod envelope;
pub mod watch;
pub mod committer;
mod batch;
pub mod worker;
mod migration;
pub mod sqlite;
pub mod postgres;
pub mod simulated;
pub mod tail;
pub mod cut;

pub use batch::{KEY_REUSED, REPLY_BYTES_MAX};
pub use committer::{Committer, Stats};
pub use envelope::{Answer, Envelope};
pub use port::{Batch, Entry, EventStore, Head, Loaded, Open, Opened, Pruned, StoreFault, Txn, gapless};
pub use record::{Body, Place, Record, Recorded, Row, Stored};
pub use work::{Deciding, Work};

/// A boxed future that may cross threads.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
