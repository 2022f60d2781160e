//! How far this service's followers have come, and waiting for it: `Posthouse-At` on the receiving side.

use std::collections::BTreeMap;
use std::time::Duration;

use eventstore::watch;
use kernel::Lane;
use peer::At;

/// How long a request may wait for its position before it is told to come again.
pub const WAIT_MAX: Duration = Duration::from_millis(200);

/// Positions that are remembered one by one while the views have not passed their effects.
const OWED_MAX: usize = 256;

/// Positions by (follower, lane). A follower is called like the service it follows; beside it there may be
/// `<service>/views`, and then a position of the service has been passed when both have passed it.
pub struct Positions {
    sources: Vec<String>,
    known: watch::Sender<Known>,
}

#[derive(Default)]
struct Known {
    /// What has been passed, effects included.
    passed: BTreeMap<(String, Lane), u64>,
    /// What has been taken in, with the positions that its effects have here: passed when those are.
    owed: Vec<(At, At)>,
}

impl Known {
    fn covers(&self, at: &At, sources: &[String]) -> bool {
        let follows = |follower: &str, of: &str| follower.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        at.0.iter().all(|((of, lane), pos)| {
            let mut followers = sources.iter().filter(|follower| follows(follower, of));
            followers.all(|follower| self.passed.get(&(follower.clone(), *lane)).is_some_and(|p| p >= pos))
        })
    }

    fn pass(&mut self, at: &At) {
        for (place, pos) in &at.0 {
            let mine = self.passed.entry(place.clone()).or_default();
            *mine = (*mine).max(*pos);
        }
    }

    /// One more that is owed. Views that stand still for long would make a long list: then what came later stands for
    /// what came before it.
    fn owe(&mut self, at: At, effects: At) {
        if self.owed.len() >= OWED_MAX
            && let Some((of, all)) = self.owed.iter_mut().rev().find(|(of, _)| of.0.keys().eq(at.0.keys()))
        {
            of.merge(&at);
            all.merge(&effects);
            return;
        }
        self.owed.push((at, effects));
    }

    /// Passes what is owed no longer, until nothing more follows from that. In the order of each source's lane: a page
    /// without effects says nothing of the one before it, whose effects may still be on their way into the views.
    fn settle(&mut self, sources: &[String]) {
        while let Some(settled) = (0..self.owed.len()).find(|n| self.is_settled(*n, sources)) {
            let (at, _) = self.owed.remove(settled);
            self.pass(&at);
        }
    }

    fn is_settled(&self, n: usize, sources: &[String]) -> bool {
        let (at, effects) = &self.owed[n];
        let is_next = |(before, _): &(At, At)| !at.0.keys().any(|place| before.0.contains_key(place));
        self.covers(effects, sources) && self.owed[..n].iter().all(is_next)
    }
}

impl Positions {
    /// Positions of the followers of these sources; positions of other services are nobody's business here.
    pub fn new(sources: Vec<String>) -> Self {
        Self { sources, known: watch::channel(Known::default()).0 }
    }

    /// A follower has passed this position, and so have the effects it has here.
    pub fn pass(&self, source: &str, lane: Lane, pos: u64) {
        self.pass_with(At::of(source, lane, pos), At::default());
    }

    /// A follower has taken everything in up to `at`; whoever waits for `at` also waits until `effects`, the events that
    /// came of it in this service's own lanes, have been passed by the views. Otherwise a view could be read that
    /// does not show yet what its reader has been told.
    pub fn pass_with(&self, at: At, effects: At) {
        self.known.send_modify(|known| {
            known.owe(at, effects);
            known.settle(&self.sources);
        });
    }

    /// Waits until everything followed here has passed `at`; `false` when it has not in time.
    pub async fn reach(&self, at: &At) -> bool {
        let mut seen = self.known.subscribe();
        let there = seen.wait_for(|known| known.covers(at, &self.sources));
        tokio::time::timeout(WAIT_MAX, there).await.is_ok_and(|r| r.is_ok())
    }

    /// The services that are followed here, this one first.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// A watch on every follower's progress, for whoever waits for news of a view.
    pub fn moves(&self) -> Moves {
        Moves(self.known.subscribe())
    }

    /// Where every follower is, for operators.
    pub fn all(&self) -> BTreeMap<(String, Lane), u64> {
        self.known.borrow().passed.clone()
    }
}

/// Tells when a follower has passed something.
pub struct Moves(watch::Receiver<Known>);

impl Moves {
    /// Waits until a follower has passed something since this was made, or since it last said so. `false`: none will any
    /// more.
    pub async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_effects_does_not_overtake_the_one_before_it() {
        let positions = Positions::new(vec!["own".into(), "there".into()]);
        let passed = |service: &str| positions.all().get(&(service.to_owned(), 3)).copied();
        positions.pass_with(At::of("there", 3, 10), At::of("own", 3, 7));
        positions.pass("there", 3, 11);
        assert_eq!(passed("there"), None, "what came of position 10 is not in the views yet");
        positions.pass("there", 4, 5);
        assert_eq!(positions.all().get(&("there".to_owned(), 4)), Some(&5), "another lane waits for nobody");
        positions.pass("own", 3, 7);
        assert_eq!(passed("there"), Some(11));
    }

    #[test]
    fn a_source_that_two_follow_is_passed_when_both_have_passed_it() {
        let followers = ["own", "there", "there/views", "therefore"].map(str::to_owned).to_vec();
        let positions = Positions::new(followers.clone());
        let covers = || positions.known.borrow().covers(&At::of("there", 3, 10), &followers);
        positions.pass("there", 3, 10);
        assert!(!covers(), "the views are behind");
        positions.pass("there/views", 3, 10);
        assert!(covers());
    }
}
