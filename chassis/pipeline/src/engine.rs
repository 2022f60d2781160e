//! What every layer and handler of one service shares.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventstore::{Committer, EventStore};
use feed::positions::Moves;
use feed::{Db, Positions, Publish};
use kernel::{Chance, Clock, Timestamp};
use peer::Peers;
use saga::Sagas;
use saga::drive::Desk;

use tokio::time::Instant;

use crate::gates::Gates;
use crate::problem::Problem;
use crate::vitals::Archived;

/// News is gathered for so long: one command often makes several.
const GATHER: Duration = Duration::from_millis(20);

/// News of the views since this was made, until a time.
pub struct News {
    moves: Moves,
    until: Instant,
}

/// One service's store, committer, views, sagas and ports.
pub struct Core {
    /// The service's name.
    pub service: &'static str,
    /// Its events, with the archive behind them where there is one.
    pub store: Arc<dyn EventStore>,
    /// The same without the archive: what its feed shows to those who ask for no more.
    pub hot: Arc<dyn EventStore>,
    /// Where its decisions are taken.
    pub committer: Committer,
    /// Its read models.
    pub views: Db,
    /// What of them is a picture, see [`feed::View::pictures`].
    pub pictures: Vec<&'static str>,
    /// How far its followers are.
    pub positions: Arc<Positions>,
    /// Its open sagas.
    pub sagas: Sagas,
    /// What reads sagas from the store.
    pub desk: Arc<Desk>,
    /// The services it may ask.
    pub peers: Peers,
    /// What its feed shows.
    pub publish: Publish,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// Calls that entered the pipeline since the start.
    pub passes: AtomicU64,
    /// What keeps too much out.
    pub gates: Gates,
    /// When it was started.
    pub started_at: Timestamp,
    /// How its archive is, place by place; whoever seals tells it here.
    pub archived: Mutex<Vec<Archived>>,
}

impl Core {
    /// News of the views, for a query that waits for some.
    pub fn news(&self, wait: Duration) -> News {
        News { moves: self.positions.moves(), until: Instant::now() + wait }
    }

    /// Waits until a follower has passed something. `false`: the time is over, and nothing has come.
    pub async fn moved(&self, news: &mut News) -> Result<bool, Problem> {
        tokio::select! {
            biased;
            moved = news.moves.next() => {
                tokio::time::sleep(GATHER).await;
                Ok(moved)
            }
            // Whoever waits must not keep the process from going down; it asks the next one.
            () = self.gates.closing.begun() => Err(Problem::retry("closing")),
            () = tokio::time::sleep_until(news.until) => Ok(false),
        }
    }

    /// Counts one pass.
    pub fn count_pass(&self) {
        self.passes.fetch_add(1, Ordering::Relaxed);
    }
}
