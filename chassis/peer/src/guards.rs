//! The guards of all peers of a process, as its callers share them and operators see them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use crate::breaker::{Knobs, Switch};
use crate::guard::{Guard, Shown};
use crate::hand::Hand;

/// Guards by peer, made at the first call; cheap to clone.
#[derive(Clone, Default)]
pub struct Guards {
    knobs: Knobs,
    peers: Arc<Mutex<BTreeMap<String, Arc<Guard>>>>,
}

impl Guards {
    /// Guards with other knobs.
    pub fn new(knobs: Knobs) -> Self {
        Self { knobs, peers: Arc::default() }
    }

    /// The guard of a peer.
    pub fn of(&self, peer: &str) -> Arc<Guard> {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        match peers.get(peer) {
            Some(guard) => guard.clone(),
            None => peers.entry(peer.to_owned()).or_insert_with(|| Arc::new(Guard::new(self.knobs))).clone(),
        }
    }

    /// Puts an operator's hand on a peer's breaker for good; false when nobody here has called such a peer.
    pub fn turn(&self, peer: &str, switch: Switch) -> bool {
        self.known(peer).inspect(|guard| guard.turn(switch)).is_some()
    }

    /// The same until the hand lets go; how the peer looks then. `None` when nobody here has called such a peer.
    pub fn hold(&self, peer: &str, switch: Switch, hand: Hand) -> Option<Shown> {
        let guard = self.known(peer)?;
        guard.hold(switch, hand);
        Some(guard.show(peer))
    }

    fn known(&self, peer: &str) -> Option<Arc<Guard>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner).get(peer).cloned()
    }

    /// Tells these guards from those of another process, for somebody who has asked several services and wants to see each
    /// peer once: where they lie in memory, and nothing else.
    pub fn id(&self) -> String {
        format!("{:x}", Arc::as_ptr(&self.peers).addr())
    }

    /// Every peer, as operators see it.
    pub fn show(&self) -> Vec<Shown> {
        let peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        peers.iter().map(|(peer, guard)| guard.show(peer)).collect()
    }

    /// Every peer, for Prometheus.
    pub fn metrics(&self) -> String {
        let (shown, mut out) = (self.show(), String::new());
        type Pick = fn(&Shown) -> f64;
        let gauges: [(&str, &str, Pick); 5] = [
            ("posthouse_peer_breaker", "State of a peer's breaker: 0 closed, 1 ramping, 2 half open, 3 open.", |s| match s.breaker {
                "closed" => 0.0,
                "ramping" => 1.0,
                "half-open" => 2.0,
                _ => 3.0,
            }),
            ("posthouse_peer_switched", "Whether an operator's hand is on a peer's breaker.", |s| {
                f64::from(u8::from(s.switch != Switch::Automatic))
            }),
            ("posthouse_peer_retries_saved", "Retries the budget of a peer has saved up.", |s| s.retries_saved),
            ("posthouse_peer_calls_in_use", "Calls under way to a peer.", |s| f64::from(s.calls)),
            ("posthouse_peer_polls_in_use", "Long polls under way at a peer.", |s| f64::from(s.polls)),
        ];
        for (name, help, pick) in gauges {
            let _infallible = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
            for peer in &shown {
                let _infallible = writeln!(out, "{name}{{peer=\"{}\"}} {}", peer.peer, pick(peer));
            }
        }
        let name = "posthouse_peer_calls_total";
        let _infallible = writeln!(out, "# HELP {name} Calls to a peer, by what came of them.\n# TYPE {name} counter");
        for peer in &shown {
            for (what, count) in &peer.counts {
                let _infallible = writeln!(out, "{name}{{peer=\"{}\",what=\"{what}\"}} {count}", peer.peer);
            }
        }
        out
    }
}
