//! Views: whatever happens on the way, they are what the lanes add up to.

use std::sync::Arc;
use std::time::Duration;

use eventstore::simulated::{Disk, Simulated};
use eventstore::work::Deciding;
use eventstore::{EventStore, Recorded, watch};
use feed::sql::{Db, SqlFault, Tx};
use feed::views::schema_of;
use feed::{Positions, View, ViewFollower};
use kernel::Lane;
use kernel::chance::Seeded;
use testkit::history::history;
use testkit::{Faulty, StoreTrouble, asked};

use crate::source::{Bank, crash_after, dump, port, run_for};

/// Balances, and how often anything was applied: twice would show.
struct Balances;

impl View for Balances {
    fn schema(&self) -> &'static str {
        "CREATE TABLE balance(account TEXT PRIMARY KEY, balance INTEGER NOT NULL) WITHOUT ROWID;
         CREATE TABLE applied(n INTEGER NOT NULL);"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        let json: serde_json::Value = serde_json::from_str(&event.json).map_err(|e| SqlFault(e.to_string()))?;
        tx.exec("INSERT INTO applied VALUES(1)", &[])?;
        if let Some(by) = json["Paid"]["by"].as_i64() {
            let cells = [event.stream.id.as_str().into(), by.into()];
            tx.exec("INSERT INTO balance VALUES(?1, ?2) ON CONFLICT DO UPDATE SET balance = balance + excluded.balance", &cells)?;
        }
        if event.stream.id.starts_with("bad") && event.version > 2 {
            return Err(SqlFault("a bad account".into()));
        }
        assert!(!event.stream.id.starts_with("worse") || event.version <= 2, "a view with a bug");
        Ok(())
    }
}

fn database() -> Db {
    Db::in_memory(&schema_of(&[Arc::new(Balances)])).expect("a database")
}

fn follower(store: Arc<dyn EventStore>, commits: watch::Receiver<std::collections::BTreeMap<Lane, u64>>, db: &Db) -> ViewFollower {
    ViewFollower::new("bank", store, commits, db.clone(), vec![Arc::new(Balances)], Arc::new(Positions::new(vec!["bank".into()])))
}

const ALL: &str = "SELECT account, balance FROM balance UNION ALL SELECT 'applied', count(*) FROM applied ORDER BY 1";

/// The views of a disk, made from zero.
async fn rebuilt(disk: &Disk) -> Vec<String> {
    let db = database();
    Bank::on(disk, async |bank| {
        run_for(Duration::from_secs(9), follower(port(&bank), bank.committer.commits.clone(), &db).run()).await;
    })
    .await;
    dump(&db, ALL).await
}

#[tokio::test(start_paused = true)]
async fn views_made_from_zero_equal_the_live_ones() {
    for seed in 1..6 {
        let (disk, db) = (Disk::default(), database());
        Bank::on(&disk, async |bank| {
            let live = follower(port(&bank), bank.committer.commits.clone(), &db).run();
            let busy = async {
                for step in history(seed, 200).into_iter().flatten() {
                    let order = step.order;
                    let lane = order.lane();
                    bank.committer.submit(asked(&step.caller, &step.key, &step.fingerprint), lane, Box::new(Deciding(order))).await;
                    tokio::time::sleep(Duration::from_millis(seed)).await;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            };
            tokio::select! { () = live => panic!("a follower ended"), () = busy => {} }
        })
        .await;
        let lived = dump(&db, ALL).await;
        assert!(lived.len() > 5, "{lived:?}");
        assert_eq!(lived, rebuilt(&disk).await, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_poison_event_parks_its_subject_and_nothing_else() {
    let (disk, db) = (Disk::default(), database());
    Bank::on(&disk, async |bank| {
        for account in ["bad", "good", "worse", "fine"] {
            bank.pay("north", account, 3).await;
        }
        bank.pay("north", "good", 2).await;
        run_for(Duration::from_secs(5), follower(port(&bank), bank.committer.commits.clone(), &db).run()).await;
        let balances = dump(&db, "SELECT account, balance FROM balance ORDER BY 1").await;
        assert_eq!(balances, ["bad 1", "fine 3", "good 5", "worse 1"], "what came before the poison stays, what follows is left out");
        let parked = dump(&db, "SELECT subject, from_pos, error FROM parked ORDER BY 1").await;
        assert_eq!(parked, ["account/bad 6 view database: a bad account", "account/worse 22 view database: a view panicked"]);
        let checkpoint = dump(&db, "SELECT pos FROM checkpoint").await;
        assert_eq!(checkpoint, [bank.heads()[&kernel::lane_of("north")].to_string()], "the lane flows");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_await_loses_and_repeats_nothing() {
    let disk = Disk::default();
    Bank::on(&disk, async |bank| {
        for n in 0..4 {
            bank.pay(["north", "south"][n % 2], &format!("a{n}"), 5).await;
        }
    })
    .await;
    let whole = rebuilt(&disk).await;
    for polls in 1..30 {
        let db = database();
        Bank::on(&disk, async |bank| {
            let once = follower(port(&bank), bank.committer.commits.clone(), &db);
            crash_after(polls, async { run_for(Duration::from_secs(1), once.run()).await }).await;
            run_for(Duration::from_secs(1), follower(port(&bank), bank.committer.commits.clone(), &db).run()).await;
        })
        .await;
        assert_eq!(dump(&db, ALL).await, whole, "{polls} polls");
    }
}

#[tokio::test(start_paused = true)]
async fn two_followers_on_one_database_apply_each_event_once() {
    let (disk, db) = (Disk::default(), database());
    Bank::on(&disk, async |bank| {
        let one = follower(port(&bank), bank.committer.commits.clone(), &db).run();
        let other = follower(port(&bank), bank.committer.commits.clone(), &db).run();
        let busy = async {
            for n in 0..40 {
                bank.pay(["north", "south"][n % 2], &format!("a{}", n % 5), 2).await;
                // Longer than one that was beaten to the first page pauses, so that both follow at once later on.
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
            tokio::time::sleep(Duration::from_secs(20)).await;
        };
        tokio::select! { () = one => {}, () = other => {}, () = busy => {} }
    })
    .await;
    assert_eq!(dump(&db, ALL).await, rebuilt(&disk).await);
}

#[tokio::test(start_paused = true)]
async fn views_of_another_history_are_made_anew() {
    let (db, before, restored) = (database(), Disk::default(), Disk::default());
    Bank::on(&before, async |bank| {
        bank.pay("north", "a", 9).await;
        run_for(Duration::from_secs(1), follower(port(&bank), bank.committer.commits.clone(), &db).run()).await;
    })
    .await;
    // A backup that ends earlier, and went on in its own way.
    Bank::on(&restored, async |bank| {
        bank.pay("north", "a", 2).await;
        bank.pay("north", "b", 1).await;
        run_for(Duration::from_secs(1), follower(port(&bank), bank.committer.commits.clone(), &db).run()).await;
        assert_eq!(dump(&db, ALL).await, rebuilt(&restored).await, "shorter than the views");
        bank.pay("north", "b", 9).await;
    })
    .await;
    let db = database();
    for disk in [&before, &restored] {
        Bank::on(disk, async |bank| {
            run_for(Duration::from_secs(1), follower(port(&bank), bank.committer.commits.clone(), &db).run()).await;
        })
        .await;
    }
    assert_eq!(dump(&db, ALL).await, rebuilt(&restored).await, "longer than the views");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_read_is_read_later() {
    let (disk, db) = (Disk::default(), database());
    Bank::on(&disk, async |bank| {
        bank.pay("north", "a", 3).await;
        let store = Faulty::new(Simulated::new(disk.clone(), Arc::new(Seeded::new(1)), 0));
        (0..4).for_each(|_| store.next(StoreTrouble::Read, 0));
        run_for(Duration::from_secs(9), follower(Arc::new(store.clone()), bank.committer.commits.clone(), &db).run()).await;
        assert_eq!(store.fired(StoreTrouble::Read), 4);
    })
    .await;
    assert_eq!(dump(&db, ALL).await, rebuilt(&disk).await);
}
