//! Whoever waits for a followed service's position also sees in the views here what came of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventstore::Recorded;
use eventstore::simulated::Disk;
use feed::follow::Follower;
use feed::sql::{Db, SqlFault, Tx};
use feed::views::schema_of;
use feed::{Follow, Positions, View, ViewFollower};
use kernel::Lane;
use peer::{At, Peers};

use crate::follow::react;
use crate::source::{Bank, FeedWire, dump};

/// Every event of the own lanes, one row each.
struct Seen;

impl View for Seen {
    fn schema(&self) -> &'static str {
        "CREATE TABLE seen(account TEXT NOT NULL)"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        tx.exec("INSERT INTO seen VALUES(?1)", &[event.stream.id.as_str().into()]).map(drop)
    }
}

/// Follower and views of one service, both running; the views have a slow start.
async fn running(source: &Arc<Bank>, here: &Bank, db: &Db, positions: &Arc<Positions>) {
    let follower = Follower {
        service: "here".into(),
        follow: Follow { source: "bank", react },
        peers: Peers::new("here", Arc::new(FeedWire(source.clone(), Arc::new(Mutex::new(Vec::new()))))),
        committer: here.committer.clone(),
        store: here.store.clone(),
        db: db.clone(),
        positions: positions.clone(),
    };
    let commits = here.committer.commits.clone();
    let views = ViewFollower::new("here", here.store.clone(), commits, db.clone(), vec![Arc::new(Seen)], positions.clone());
    let late = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        views.run().await;
    };
    futures::join!(follower.run(), late);
}

/// Waits for the end of the source, then counts what the view shows.
async fn shown(source: &Bank, db: &Db, positions: &Positions) -> Vec<String> {
    for (lane, pos) in source.heads() {
        for tries in 1.. {
            assert!(tries < 500, "{lane}:{pos} is not passed: {:?}", positions.all());
            if positions.reach(&At::of("bank", lane, pos)).await {
                break;
            }
        }
    }
    dump(db, "SELECT count(*) FROM seen").await
}

fn both() -> Arc<Positions> {
    Arc::new(Positions::new(vec!["here".into(), "bank".into()]))
}

#[tokio::test(start_paused = true)]
async fn a_fact_whose_position_is_passed_shows_in_the_views_also_after_a_restart_between_the_two() {
    let (there, home) = (Disk::default(), Disk::default());
    let db = Db::in_memory(&schema_of(&[Arc::new(Seen)])).expect("a database");
    Bank::on(&there, async |source| {
        for round in 1..=20i64 {
            source.pay(&format!("branch-{round}"), &format!("account-{round}"), 1).await;
            // Every second round a new process starts, with the fact taken in and the view behind.
            Bank::on(&home, async |here| {
                let (positions, wanted) = (both(), vec![round.to_string()]);
                if round % 2 == 0 {
                    let checkpoint = async {
                        let source_lanes = "SELECT count(*), sum(pos) FROM checkpoint WHERE source = 'bank'";
                        let before = dump(&db, source_lanes).await;
                        while dump(&db, source_lanes).await == before {
                            tokio::time::sleep(Duration::from_micros(100)).await;
                        }
                    };
                    tokio::select! { biased; () = checkpoint => {}, () = running(&source, &here, &db, &positions) => {} }
                    assert_ne!(dump(&db, "SELECT count(*) FROM seen").await, wanted, "the view is behind");
                }
                let positions = both();
                tokio::select! {
                    () = running(&source, &here, &db, &positions) => {},
                    seen = shown(&source, &db, &positions) => assert_eq!(seen, wanted),
                }
            })
            .await;
        }
    })
    .await;
}
