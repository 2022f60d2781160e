//! What a snapshot means: how each service is, the worst first; who is behind whom; the breakers of each process.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::services::{Peer, SERVICES};
use crate::watch::Snapshot;

/// Positions that a healthy follower may be behind for a moment.
const LAG_CALM: u64 = 200;
/// A queue that is older than this is noticed.
const QUEUE_CALM_MS: u64 = 250;
/// Rates are taken over so many seconds.
const RATE_S: i64 = 10;

/// One service in the overview.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub service: &'static str,
    /// What is wrong most: `silent`, `stuck`, `breaker`, `lag`, `queue`, `shed`, `closing`, or `well`.
    pub trouble: &'static str,
    /// `urgent`, `warn` or `ok`.
    pub tone: &'static str,
    pub ready: bool,
    /// When it was heard last, in milliseconds since the epoch.
    pub heard_ms: Option<i64>,
    pub p99_ms: Option<u64>,
    pub queue_age_ms: Option<u64>,
    pub commands_s: Option<f64>,
    pub turned_away_s: Option<f64>,
    pub lag: Option<u64>,
    pub parked: u64,
    /// The worst state of the breakers before it.
    pub breaker: &'static str,
    pub is_held: bool,
    pub open: Option<u64>,
    pub stuck: Option<u64>,
    pub uptime_s: Option<u64>,
}

/// The worst word of some breakers.
pub fn worst<'a>(states: impl Iterator<Item = &'a str>) -> &'static str {
    let order = ["closed", "ramping", "half-open", "open"];
    let at = states.filter_map(|state| order.iter().position(|word| *word == state)).max();
    at.map_or("closed", |at| order[at])
}

/// Every service, the most troubled first; those that are well stay in their order.
pub fn rows(snapshot: &Snapshot) -> Vec<Row> {
    let all = processes(snapshot);
    let lags = lags(snapshot);
    let mut rows: Vec<Row> = SERVICES.iter().map(|service| row(snapshot, service, &all, &lags)).collect();
    rows.sort_by_key(|row| {
        ["silent", "stuck", "breaker", "closing", "lag", "shed", "queue", "well"].iter().position(|word| *word == row.trouble)
    });
    rows
}

fn row(snapshot: &Snapshot, service: &'static str, all: &[Process], lags: &[Lag]) -> Row {
    let seen = snapshot.seen.get(service);
    let vitals = seen.and_then(|seen| seen.now.as_ref());
    let before: Vec<&Peer> = all.iter().flat_map(|process| &process.peers).filter(|peer| peer.peer == service).collect();
    let breaker = worst(before.iter().map(|peer| peer.breaker.as_str()));
    let own: Vec<&Lag> = lags.iter().filter(|lag| lag.follower == service).collect();
    let lag = vitals.and_then(|_| own.iter().filter_map(|lag| lag.behind).max());
    let parked = own.iter().map(|lag| lag.parked).sum();
    let turned_away_s = snapshot.rate(service, |p| p.turned_away, RATE_S);
    let (trouble, tone) = match vitals {
        None => ("silent", "urgent"),
        Some(v) if v.stuck_sagas > 0 => ("stuck", "urgent"),
        Some(_) if breaker == "open" || breaker == "half-open" => ("breaker", "urgent"),
        Some(v) if v.closing => ("closing", "warn"),
        Some(_) if parked > 0 || lag.is_some_and(|lag| lag > LAG_CALM) => ("lag", "warn"),
        Some(_) if turned_away_s.is_some_and(|n| n > 0.0) => ("shed", "warn"),
        Some(v) if v.queue_age_ms > QUEUE_CALM_MS => ("queue", "warn"),
        Some(_) if breaker == "ramping" => ("breaker", "warn"),
        Some(_) => ("well", "ok"),
    };
    Row {
        service,
        trouble,
        tone,
        ready: vitals.is_some_and(|v| !v.closing),
        heard_ms: seen.and_then(|seen| seen.heard_ms),
        p99_ms: vitals.and_then(|_| snapshot.p99_ms(service)),
        queue_age_ms: vitals.map(|v| v.queue_age_ms),
        commands_s: snapshot.rate(service, |p| p.commands, RATE_S),
        turned_away_s,
        lag,
        parked,
        breaker,
        is_held: before.iter().any(|peer| peer.switch != "automatic"),
        open: vitals.map(|v| v.open_sagas),
        stuck: vitals.map(|v| v.stuck_sagas),
        uptime_s: vitals.map(|v| v.uptime_s),
    }
}

/// One process: its services, and what stands between it and its peers.
#[derive(Clone, Debug, Serialize)]
pub struct Process {
    pub process: String,
    pub services: Vec<&'static str>,
    pub peers: Vec<Peer>,
}

/// The processes that were heard of, each once.
pub fn processes(snapshot: &Snapshot) -> Vec<Process> {
    let mut all: Vec<Process> = Vec::new();
    for service in SERVICES {
        let Some(vitals) = snapshot.seen.get(service).and_then(|seen| seen.now.as_ref()) else { continue };
        // A service that does not say is a process of its own.
        let id = if vitals.process.is_empty() { service.to_owned() } else { vitals.process.clone() };
        match all.iter_mut().find(|process| process.process == id) {
            Some(known) => known.services.push(service),
            None => all.push(Process { process: id, services: vec![service], peers: vitals.peers.clone() }),
        }
    }
    all
}

/// How far a follower is behind a source; its own views are a follower of itself.
#[derive(Clone, Debug, Serialize)]
pub struct Lag {
    pub follower: &'static str,
    pub source: String,
    /// Where it is, summed over the lanes; `None`: the follower is silent.
    pub at: Option<u64>,
    /// Where the source ends.
    pub head: Option<u64>,
    /// `None`: one of the two is silent.
    pub behind: Option<u64>,
    pub parked: u64,
    /// By lane: the lane, where it is, where the source ends.
    pub lanes: Vec<(String, u64, u64)>,
}

/// Every follower and source, the furthest behind first; what is not known comes before that.
pub fn lags(snapshot: &Snapshot) -> Vec<Lag> {
    let mut all = Vec::new();
    for follower in SERVICES {
        let Some(vitals) = snapshot.seen.get(follower).and_then(|seen| seen.now.as_ref()) else { continue };
        for follow in &vitals.follows {
            let source = snapshot.seen.get(follow.source.as_str()).and_then(|seen| seen.now.as_ref());
            let lanes = source.map_or_else(Vec::new, |source| lanes(&follow.at, &source.heads));
            all.push(Lag {
                follower,
                source: follow.source.clone(),
                at: Some(follow.at.values().sum()),
                head: source.map(|source| source.head),
                behind: source.map(|_| lanes.iter().map(|(_, at, head)| head.saturating_sub(*at)).sum()),
                parked: follow.parked,
                lanes,
            });
        }
        all.push(Lag {
            follower,
            source: String::new(),
            at: Some(vitals.head.saturating_sub(vitals.views.behind)),
            head: Some(vitals.head),
            behind: Some(vitals.views.behind),
            parked: vitals.views.parked,
            lanes: Vec::new(),
        });
    }
    all.sort_by_key(|lag| (lag.behind.is_some(), std::cmp::Reverse((lag.parked, lag.behind))));
    all
}

fn lanes(at: &BTreeMap<String, u64>, heads: &BTreeMap<String, u64>) -> Vec<(String, u64, u64)> {
    let mut names: Vec<&String> = at.keys().chain(heads.keys()).collect::<BTreeSet<_>>().into_iter().collect();
    names.sort_by_key(|lane| lane.parse::<u64>().unwrap_or(u64::MAX));
    names.into_iter().map(|lane| (lane.clone(), at.get(lane).copied().unwrap_or(0), heads.get(lane).copied().unwrap_or(0))).collect()
}

/// The line at the top of every page.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Services that answer, of all.
    pub up: usize,
    pub of: usize,
    /// Of the services that answer.
    pub stuck: u64,
    pub open: u64,
    /// The worst that is known.
    pub lag: Option<u64>,
    /// Breakers that are not closed.
    pub breakers: usize,
}

/// The summary of a snapshot.
pub fn summary(snapshot: &Snapshot) -> Summary {
    let heard = || snapshot.seen.values().filter_map(|seen| seen.now.as_ref());
    let not_closed = processes(snapshot).iter().flat_map(|process| &process.peers).filter(|peer| peer.breaker != "closed").count();
    Summary {
        up: heard().count(),
        of: SERVICES.len(),
        stuck: heard().map(|v| v.stuck_sagas).sum(),
        open: heard().map(|v| v.open_sagas).sum(),
        lag: lags(snapshot).iter().filter_map(|lag| lag.behind).max(),
        breakers: not_closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::{Follow, Vitals};
    use crate::watch::Seen;

    fn snapshot(of: Vec<(&'static str, Option<Vitals>)>) -> Snapshot {
        let seen = of.into_iter().map(|(service, now)| (service, Seen { now, ..Seen::default() }));
        Snapshot { seen: seen.collect(), ..Snapshot::default() }
    }

    fn well() -> Vitals {
        Vitals { process: "p".into(), ..Vitals::default() }
    }

    #[test]
    fn trouble_comes_first_and_a_dead_service_is_a_row() {
        let all = SERVICES.map(|service| {
            let vitals = match service {
                "payments" => None,
                "stays" => Some(Vitals { stuck_sagas: 2, ..well() }),
                "guests" => Some(Vitals { queue_age_ms: 900, ..well() }),
                _ => Some(well()),
            };
            (service, vitals)
        });
        let snapshot = snapshot(all.to_vec());
        let rows = rows(&snapshot);
        let shown: Vec<_> = rows.iter().map(|row| (row.service, row.trouble)).collect();
        let well = |service| (service, "well");
        assert_eq!(
            shown,
            [("payments", "silent"), ("stays", "stuck"), ("guests", "queue"), well("hotels"), well("reservations"), well("inventory")]
        );
        assert_eq!((rows[0].open, rows[0].queue_age_ms), (None, None), "what is not known is not nought");
        let summary = summary(&snapshot);
        assert_eq!((summary.up, summary.of, summary.stuck), (5, 6, 2));
    }

    #[test]
    fn a_follower_is_behind_what_its_source_says_lane_by_lane() {
        let at = |pairs: &[(&str, u64)]| pairs.iter().map(|(lane, pos)| ((*lane).to_owned(), *pos)).collect::<BTreeMap<_, _>>();
        let follow = |source: &str| Follow { source: source.into(), at: at(&[("2", 10), ("11", 4)]), parked: 0 };
        let stays = Vitals { follows: vec![follow("inventory"), follow("hotels")], ..well() };
        let inventory = Vitals { heads: at(&[("2", 13), ("7", 2)]), head: 15, ..well() };
        let lags = lags(&snapshot(vec![("stays", Some(stays)), ("inventory", Some(inventory)), ("hotels", None)]));
        assert_eq!((lags[0].source.as_str(), lags[0].behind), ("hotels", None));
        assert_eq!((lags[1].source.as_str(), lags[1].behind), ("inventory", Some(5)));
        assert_eq!(lags[1].lanes, [("2".into(), 10, 13), ("7".into(), 0, 2), ("11".into(), 4, 0)]);
    }

    #[test]
    fn a_process_is_shown_once() {
        let two = Vitals { process: "q".into(), ..Vitals::default() };
        let all = processes(&snapshot(vec![("hotels", Some(well())), ("stays", Some(well())), ("payments", Some(two))]));
        assert_eq!(all.iter().map(|p| p.services.clone()).collect::<Vec<_>>(), [vec!["hotels", "stays"], vec!["payments"]]);
        assert_eq!(worst(["closed", "half-open", "ramping"].into_iter()), "half-open");
    }
}
