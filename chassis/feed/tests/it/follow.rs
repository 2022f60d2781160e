//! A follower of another service: each fact once, in order by subject, whatever comes between.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventstore::Work;
use eventstore::simulated::Disk;
use feed::follow::Follower;
use feed::sql::Db;
use feed::views::schema_of;
use feed::{Fact, Follow, Positions, PublicEvent};
use kernel::{Busy, Ctx, Emit, Staged, Stop, Verdict};
use peer::{At, Peers};
use testkit::bank::{Account, Doing, Entry, Order};
use testkit::committing::order;

use crate::source::{Bank, FeedWire, crash_after, dump, run_for};

/// Writes what was paid at the source into an account of the same name here.
struct Mirror {
    account: String,
    by: i64,
}

impl Work for Mirror {
    fn run(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Verdict, Stop> {
        let account = see.get::<Account>(&self.account)?;
        let gate = see.get::<Account>("gate")?;
        assert!(!self.account.ends_with("bug"), "a reaction with a bug");
        if self.account.ends_with("gated") && !gate.open {
            return Err(Stop::Busy(Busy("gate-shut")));
        }
        // The order in which they come shows in the reasons.
        let why = format!("{},{}", account.why, self.by);
        out.event::<Account>(&self.account, Entry::Paid { by: self.by, why });
        Ok(Verdict::Applied("null".into()))
    }
}

pub fn react(event: &PublicEvent) -> Option<Fact> {
    let account = event.subject.trim_start_matches("account/").to_owned();
    assert!(account != "account-panics", "a reaction that panics at once");
    let work = Box::new(Mirror { account, by: event.data.as_i64()? });
    Some(Fact { partition: "mirror".into(), work })
}

fn database() -> Db {
    Db::in_memory(&schema_of(&[])).expect("a database")
}

fn follower(source: &Arc<Bank>, here: &Bank, db: &Db) -> Follower {
    Follower {
        service: "here".into(),
        follow: Follow { source: "bank", react },
        peers: Peers::new("here", Arc::new(FeedWire(source.clone(), Arc::new(Mutex::new(Vec::new()))))),
        committer: here.committer.clone(),
        store: here.store.clone(),
        db: db.clone(),
        positions: Arc::new(Positions::new(vec!["bank".into()])),
    }
}

/// What has been mirrored: account and reasons, in order.
fn mirrored(disk: &Disk) -> Vec<String> {
    let mut last = std::collections::BTreeMap::new();
    for row in disk.all() {
        if let Some(e) = row.event().filter(|e| e.name == "Paid") {
            let json: serde_json::Value = serde_json::from_str(&e.json).expect("JSON");
            last.insert(e.stream.id.clone(), json["Paid"]["why"].as_str().unwrap_or_default().to_owned());
        }
    }
    last.into_iter().map(|(account, why)| format!("{account}{why}")).collect()
}

/// Pays 1, 2, 3 … so that order shows.
async fn counting(bank: &Bank, branch: &str, account: &str, from: i64, to: i64) {
    order(&bank.committer, &format!("open/{account}"), Order::at(branch, Doing::Open(account.into()))).await;
    for n in from..=to {
        order(&bank.committer, &format!("pay/{account}/{n}"), Order::at(branch, Doing::Pay(account.into(), n))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_fact_is_taken_in_once_and_in_order_and_its_position_is_passed() {
    let (there, home, db) = (Disk::default(), Disk::default(), database());
    Bank::on(&there, async |source| {
        counting(&source, "north", "a", 1, 4).await;
        Bank::on(&home, async |here| {
            let follower = follower(&source, &here, &db);
            let positions = follower.positions.clone();
            let more = async {
                tokio::time::sleep(Duration::from_secs(30)).await;
                counting(&source, "south", "b", 1, 2).await;
                counting(&source, "north", "a", 5, 5).await;
                tokio::time::sleep(Duration::from_secs(30)).await;
            };
            tokio::select! { () = follower.run() => {}, () = more => {} }
            for (lane, pos) in source.heads() {
                assert!(positions.reach(&At::of("bank", lane, pos)).await);
            }
        })
        .await;
    })
    .await;
    assert_eq!(mirrored(&home), ["a,1,2,3,4,5", "b,1,2"]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_await_also_between_facts_and_checkpoint_repeats_no_effect() {
    let there = Disk::default();
    Bank::on(&there, async |source| {
        counting(&source, "north", "a", 1, 3).await;
        counting(&source, "north", "b", 1, 3).await;
        let mut repeated = 0;
        for polls in 1..60 {
            let (home, db) = (Disk::default(), database());
            Bank::on(&home, async |here| {
                crash_after(polls, run_for(Duration::from_secs(5), follower(&source, &here, &db).run())).await;
                // What was under way at the committer when the follower died is still done.
                tokio::time::sleep(Duration::from_secs(1)).await;
                let taken = mirrored(&home).len();
                repeated += u32::from(taken > 0 && dump(&db, "SELECT pos FROM checkpoint").await.is_empty());
                run_for(Duration::from_secs(5), follower(&source, &here, &db).run()).await;
            })
            .await;
            assert_eq!(mirrored(&home), ["a,1,2,3", "b,1,2,3"], "{polls} polls");
        }
        assert!(repeated > 0, "some crash fell between the facts and the checkpoint");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn two_followers_of_one_source_have_one_effect() {
    let (there, home, db) = (Disk::default(), Disk::default(), database());
    Bank::on(&there, async |source| {
        counting(&source, "north", "a", 1, 9).await;
        Bank::on(&home, async |here| {
            let both = futures::future::join(follower(&source, &here, &db).run(), follower(&source, &here, &db).run());
            run_for(Duration::from_secs(30), async {
                let ((), ()) = both.await;
            })
            .await;
        })
        .await;
    })
    .await;
    assert_eq!(mirrored(&home), ["a,1,2,3,4,5,6,7,8,9"]);
}

#[tokio::test(start_paused = true)]
async fn a_fact_that_has_to_wait_keeps_its_subject_in_order_and_is_not_parked() {
    let (there, home, db) = (Disk::default(), Disk::default(), database());
    Bank::on(&there, async |source| {
        counting(&source, "north", "gated", 1, 3).await;
        counting(&source, "north", "free", 1, 2).await;
        Bank::on(&home, async |here| {
            let opened = async {
                tokio::time::sleep(Duration::from_secs(60)).await;
                assert_eq!(mirrored(&home), ["free,1,2"], "the others do not wait");
                order(&here.committer, "gate", Order::at("mirror", Doing::Open("gate".into()))).await;
                tokio::time::sleep(Duration::from_secs(10)).await;
            };
            tokio::select! { () = follower(&source, &here, &db).run() => {}, () = opened => {} }
        })
        .await;
    })
    .await;
    assert_eq!(mirrored(&home), ["free,1,2", "gated,1,2,3"]);
    assert!(dump(&db, "SELECT subject FROM parked").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_fact_with_a_bug_parks_its_subject_and_nothing_else() {
    let (there, home, db) = (Disk::default(), Disk::default(), database());
    Bank::on(&there, async |source| {
        for account in ["a-bug", "account-panics", "good"] {
            counting(&source, "north", account, 1, 2).await;
        }
        Bank::on(&home, async |here| {
            let later = async {
                tokio::time::sleep(Duration::from_secs(10)).await;
                counting(&source, "north", "a-bug", 3, 3).await;
                counting(&source, "north", "good", 3, 3).await;
                tokio::time::sleep(Duration::from_secs(10)).await;
            };
            tokio::select! { () = follower(&source, &here, &db).run() => {}, () = later => {} }
        })
        .await;
        assert_eq!(dump(&db, "SELECT pos FROM checkpoint").await, [source.heads()[&kernel::lane_of("north")].to_string()]);
    })
    .await;
    assert_eq!(mirrored(&home), ["good,1,2,3"]);
    let parked = dump(&db, "SELECT source, subject, from_pos, error FROM parked ORDER BY 2").await;
    assert_eq!(parked, ["bank account/a-bug 4 bug", "bank account/account-panics 10 bug"]);
}

#[tokio::test(start_paused = true)]
async fn a_source_on_another_history_is_not_followed() {
    let (there, restored, home, db) = (Disk::default(), Disk::default(), Disk::default(), database());
    for (disk, account) in [(&there, "a"), (&restored, "b")] {
        Bank::on(disk, async |source| {
            counting(&source, "north", account, 1, 3).await;
            Bank::on(&home, async |here| run_for(Duration::from_secs(30), follower(&source, &here, &db).run()).await).await;
        })
        .await;
    }
    assert_eq!(mirrored(&home), ["a,1,2,3"], "nothing of the other branch was taken in");
}
