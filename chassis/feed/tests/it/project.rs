//! Views made of another service's facts: each once, whatever comes between, and from the beginning when they were cleared.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventstore::Recorded;
use eventstore::simulated::Disk;
use feed::sql::{Db, SqlFault, Tx};
use feed::views::schema_of;
use feed::{Positions, Project, Projector, PublicEvent, View, ViewFollower};
use kernel::Lane;
use peer::{At, Peers};

use crate::source::{Bank, FeedWire, crash_after, dump, run_for};

/// What came, in the order in which it came: own events by their account, facts by their subject and amount.
struct Diary;

impl View for Diary {
    fn schema(&self) -> &'static str {
        "CREATE TABLE diary(n INTEGER NOT NULL, what TEXT NOT NULL);"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        note(tx, &format!("own {}", event.stream.id))
    }
}

fn note(tx: &Tx<'_>, what: &str) -> Result<(), SqlFault> {
    tx.exec("INSERT INTO diary SELECT count(*), ?1 FROM diary", &[what.into()]).map(drop)
}

fn apply(tx: &Tx<'_>, _: Lane, event: &PublicEvent) -> Result<(), SqlFault> {
    note(tx, &format!("{} {}", event.subject, event.data))?;
    assert!(!event.subject.ends_with("bug"), "a projection with a bug");
    Ok(())
}

const PROJECT: Project = Project { source: "bank", apply };
const FACTS: &str = "SELECT what FROM diary WHERE what NOT LIKE 'own %' ORDER BY what, n";
const ALL: &str = "SELECT what FROM diary ORDER BY n";

fn database() -> Db {
    Db::in_memory(&schema_of(&[Arc::new(Diary)])).expect("a database")
}

fn positions() -> Arc<Positions> {
    Arc::new(Positions::new(vec!["here".into(), PROJECT.follower()]))
}

fn projector(source: &Arc<Bank>, here: &Bank, db: &Db, positions: &Arc<Positions>) -> Projector {
    Projector {
        service: "here".into(),
        project: PROJECT,
        peers: Peers::new("here", Arc::new(FeedWire(source.clone(), Arc::new(Mutex::new(Vec::new()))))),
        store: here.store.clone(),
        db: db.clone(),
        positions: positions.clone(),
    }
}

fn views(here: &Bank, db: &Db, positions: &Arc<Positions>) -> ViewFollower {
    let commits = here.committer.commits.clone();
    ViewFollower::new("here", here.store.clone(), commits, db.clone(), vec![Arc::new(Diary)], positions.clone())
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_await_loses_and_repeats_nothing() {
    let (there, home) = (Disk::default(), Disk::default());
    Bank::on(&there, async |source| {
        source.pay("north", "a", 3).await;
        source.pay("south", "b", 2).await;
        Bank::on(&home, async |here| {
            let whole = ["account/a 1", "account/a 1", "account/a 1", "account/b 1", "account/b 1"];
            for polls in 1..30 {
                let (db, positions) = (database(), positions());
                let first = projector(&source, &here, &db, &positions).run();
                crash_after(polls, async { run_for(Duration::from_secs(1), first).await }).await;
                run_for(Duration::from_secs(1), projector(&source, &here, &db, &positions).run()).await;
                assert_eq!(dump(&db, FACTS).await, whole, "{polls} polls");
            }
        })
        .await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn two_replicas_take_each_fact_in_once_and_a_position_is_passed_with_its_effect() {
    let (there, home, db) = (Disk::default(), Disk::default(), database());
    Bank::on(&there, async |source| {
        Bank::on(&home, async |here| {
            let (ones, others) = (positions(), positions());
            let one = projector(&source, &here, &db, &ones).run();
            let other = projector(&source, &here, &db, &others).run();
            let busy = async {
                for n in 0..20 {
                    source.pay(["north", "south"][n % 2], &format!("a{}", n % 4), 1).await;
                    let at = source.heads().iter().fold(At::default(), |mut at, (lane, pos)| {
                        at.merge(&At::of("bank", *lane, *pos));
                        at
                    });
                    for positions in [&ones, &others] {
                        let mut tries = 0;
                        while !positions.reach(&at).await {
                            tries += 1;
                            assert!(tries < 200, "a position is never passed");
                        }
                        assert_eq!(dump(&db, FACTS).await.len(), n + 1);
                    }
                }
            };
            tokio::select! { biased; () = one => {}, () = other => {}, () = busy => {} }
        })
        .await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_poison_fact_parks_its_subject_and_nothing_else() {
    let (there, home, db) = (Disk::default(), Disk::default(), database());
    Bank::on(&there, async |source| {
        source.pay("north", "fine", 1).await;
        source.pay("north", "bug", 2).await;
        source.pay("north", "good", 1).await;
        Bank::on(&home, async |here| {
            let positions = positions();
            run_for(Duration::from_secs(3), projector(&source, &here, &db, &positions).run()).await;
            assert_eq!(dump(&db, FACTS).await, ["account/fine 1", "account/good 1"]);
            let parked = dump(&db, "SELECT source, subject, error FROM parked").await;
            assert_eq!(parked, ["bank/views account/bug view database: a view panicked"]);
            assert!(positions.reach(&At::of("bank", kernel::lane_of("north"), 2)).await, "the lane flows");
        })
        .await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn cleared_views_are_made_anew_of_both_feeds_and_the_own_lanes_go_first() {
    let (there, home, db) = (Disk::default(), Disk::default(), database());
    Bank::on(&there, async |source| {
        Bank::on(&home, async |here| {
            let running = async |positions: &Arc<Positions>, more: &dyn Fn() -> bool| {
                let both = async { futures::join!(projector(&source, &here, &db, positions).run(), views(&here, &db, positions).run()) };
                let busy = async {
                    if more() {
                        source.pay("north", "theirs", 2).await;
                        here.pay("north", "ours", 1).await;
                        source.pay("north", "theirs", 1).await;
                    }
                    tokio::time::sleep(Duration::from_secs(2)).await;
                };
                tokio::select! { biased; _ = both => {}, () = busy => {} }
            };
            running(&positions(), &|| true).await;
            assert_eq!(dump(&db, FACTS).await, ["account/theirs 1"; 3]);
            // While both run on: what they remember of positions does not keep them from beginning again.
            db.clear().await.expect("cleared");
            running(&positions(), &|| false).await;
            let anew = ["own ours", "own ours", "account/theirs 1", "account/theirs 1", "account/theirs 1"];
            assert_eq!(dump(&db, ALL).await, anew);
            let still = positions();
            let both = async { futures::join!(projector(&source, &here, &db, &still).run(), views(&here, &db, &still).run()) };
            let cleared = async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                db.clear().await.expect("cleared");
                source.pay("north", "late", 1).await;
                here.pay("north", "late", 1).await;
                tokio::time::sleep(Duration::from_secs(2)).await;
            };
            tokio::select! { biased; _ = both => {}, () = cleared => {} }
            assert_eq!(dump(&db, FACTS).await, ["account/late 1", "account/theirs 1", "account/theirs 1", "account/theirs 1"]);
            assert_eq!(dump(&db, "SELECT count(*) FROM diary").await, ["8"]);
        })
        .await;
    })
    .await;
}
