//! Slices of the chaos lab: a minute of the campaign, and a world in which it must not pass.

use std::collections::BTreeMap;
use std::time::Duration;

use posthouse::lab::chaos::{self, Options, Report};

use crate::support::program;

async fn play(options: Options) -> Report {
    let dir = tempfile::tempdir().expect("a directory");
    chaos::play(&options, program(), dir.path(), |_| {}).await.expect("the lab runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_whose_processes_and_database_are_killed_and_paused_loses_nothing_and_leaves_nothing_over() {
    let report = play(Options {
        seconds: 12,
        // Its trouble meets the gateway, and replicas of inventory, reservations and payments.
        seed: 356,
        postgres_kills: 1,
        replicas: BTreeMap::from([("inventory", 2), ("reservations", 2), ("payments", 2)]),
        clients: 12,
        patience: Duration::from_secs(120),
        careless: false,
    })
    .await;
    assert_eq!(report.differences, Vec::<String>::new(), "{report}");
    assert_eq!((report.processes, report.counts.postgres_kills), (10, 1));
    assert!(report.acknowledged > 20 && report.found == report.acknowledged && report.unknown > 0, "{report}");
    assert_eq!((report.oversold, report.orphan_authorisations, report.open_sagas, report.open_after_cancelling), (0, 0, 0, 0));
}

/// The mutant of the lab is a database that answers commits before they are written (`synchronous_commit` is turned off
/// under the running house, and the process that writes behind the answers is stopped): one kill takes with it what was
/// acknowledged before. A lab that finds nothing to say about that would find nothing anywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_answers_before_it_writes_is_noticed() {
    let report = play(Options {
        seconds: 8,
        seed: 2,
        postgres_kills: 1,
        replicas: BTreeMap::new(),
        clients: 12,
        patience: Duration::from_secs(5),
        careless: true,
    })
    .await;
    assert!(report.found < report.acknowledged, "{report}");
    assert!(report.differences.iter().any(|d| d.contains("was acknowledged and is not there")), "{report}");
    assert!(report.orphan_authorisations > 0, "the provider keeps books of its own: {report}");
}
