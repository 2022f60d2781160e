//! How far this service's followers have come, and waiting for it: `Posthouse-At` on the receiving side.

use std::collections::BTreeMap;
use std::time::Duration;

use eventstore::watch;
use kernel::Lane;
use peer::At;

/// How long a request may wait for its position before it is told to come again.
pub const WAIT_MAX: Duration = Duration::from_millis(200);

/// Positions by (source service, lane).
pub struct Positions {
    sources: Vec<String>,
    passed: watch::Sender<BTreeMap<(String, Lane), u64>>,
}

impl Positions {
    /// Positions of the followers of these sources; positions of other services are nobody's business here.
    pub fn new(sources: Vec<String>) -> Self {
        Self { sources, passed: watch::channel(BTreeMap::new()).0 }
    }

    /// A follower has passed this position.
    pub fn pass(&self, source: &str, lane: Lane, pos: u64) {
        self.passed.send_modify(|passed| {
            passed.insert((source.to_owned(), lane), pos);
        });
    }

    /// Waits until everything followed here has passed `at`; `false` when it has not in time.
    pub async fn reach(&self, at: &At) -> bool {
        let wanted: Vec<_> = at.0.iter().filter(|((source, _), _)| self.sources.contains(source)).collect();
        if wanted.is_empty() {
            return true;
        }
        let mut seen = self.passed.subscribe();
        let there = seen.wait_for(|passed| wanted.iter().all(|(place, pos)| passed.get(*place).is_some_and(|p| p >= pos)));
        tokio::time::timeout(WAIT_MAX, there).await.is_ok_and(|r| r.is_ok())
    }

    /// Where every follower is, for operators.
    pub fn all(&self) -> BTreeMap<(String, Lane), u64> {
        self.passed.borrow().clone()
    }
}
