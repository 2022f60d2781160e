//! PostgreSQL itself: roles, schemas, replicas that start together, and a server that is killed under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eventstore::postgres::{Place, Postgres, Scratch};
use eventstore::{Batch, EventStore};
use futures::future::{join, join_all};
use kernel::Aggregate;
use kernel::Outcome;
use testkit::bank::{Account, Doing};
use testkit::clock::Standing;
use testkit::committing::order;
use testkit::conformance::{entry, gapless_and_chained};
use testkit::postgres::{Care, Postgres as Server};

use crate::{north, open};

fn store(url: &str, service: &str) -> Result<Postgres, String> {
    Postgres::open(&Place::new(url, service)?, "here").map_err(|fault| fault.to_string())
}

#[test]
fn a_services_role_reads_its_own_schema_and_no_other() {
    let server = Server::start(Care::None);
    let url = server.database("roles");
    let _open = (store(&url, "one").expect("a store"), store(&url, "two").expect("a store"));
    assert_eq!(server.sql("roles", "SET ROLE ph_one; SELECT count(*) FROM ph_one.log").as_deref(), Ok("0"));
    for reading in ["ph_two.log", "ph_two.command", "ph_two.meta"] {
        let refused = server.sql("roles", &format!("SET ROLE ph_one; SELECT * FROM {reading}"));
        assert!(refused.as_ref().is_err_and(|why| why.contains("permission denied for schema ph_two")), "{refused:?}");
    }
    let writing = server.sql("roles", "SET ROLE ph_one; INSERT INTO ph_two.claim VALUES('x', 0, 1)");
    assert!(writing.is_err_and(|why| why.contains("permission denied")));
}

#[test]
fn a_user_without_the_right_to_make_roles_uses_the_schema_it_was_given() {
    let server = Server::start(Care::None);
    let url = server.database("given");
    server.sql("given", "CREATE ROLE plain LOGIN; CREATE SCHEMA ph_bank AUTHORIZATION plain").expect("what an administrator prepares");
    let plain = url.replace("posthouse@", "plain@");
    assert_eq!(store(&plain, "bank").expect("a store").incarnation(), "here");
    let elsewhere = store(&plain, "stays").err().expect("no right to make a schema");
    assert!(elsewhere.contains("permission denied"), "{elsewhere}");
}

#[test]
fn replicas_that_start_together_make_one_schema_with_one_incarnation() {
    let server = Server::start(Care::None);
    let url = server.database("together");
    let opened: Vec<_> = std::thread::scope(|scope| {
        let start = |n: usize| {
            let url = &url;
            scope.spawn(move || Postgres::open(&Place::new(url, "bank").expect("a URL"), &format!("replica-{n}")).map(|s| s.incarnation()))
        };
        let started: Vec<_> = (0..6).map(start).collect();
        started.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let first = opened[0].clone().expect("a store");
    assert!(opened.iter().all(|incarnation| incarnation.as_ref() == Ok(&first)), "{opened:?}");
    assert_eq!(server.sql("together", "SELECT count(*) FROM ph_bank.migration").as_deref(), Ok("2"));
}

#[test]
fn a_store_another_program_has_changed_is_not_opened() {
    let server = Server::start(Care::None);
    let url = server.database("changed");
    drop(store(&url, "bank").expect("a store"));
    server.sql("changed", "UPDATE ph_bank.migration SET checksum = 'other'").expect("a change");
    assert!(store(&url, "bank").err().is_some_and(|why| why.contains("the checksums differ")));
    server.sql("changed", "INSERT INTO ph_bank.migration SELECT 99, 'later', 'x'").expect("a change");
    assert!(store(&url, "bank").err().is_some_and(|why| why.contains("a newer program has been here")));
}

#[test]
fn a_url_that_is_none_is_told_without_being_repeated() {
    let told = Place::new("postgres://someone:secret@[bad", "bank").err().expect("no URL");
    assert!(told.contains("postgres://user@host") && !told.contains("secret"), "{told}");
}

#[test]
fn a_server_that_is_away_is_waited_for_and_a_refusal_is_told_at_once() {
    let server = Server::start(Care::Durable);
    let url = server.database("away");
    assert!(store(&server.url("nowhere"), "bank").err().is_some_and(|why| why.contains("does not exist")));
    server.kill();
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| store(&url, "bank").map(|store| store.incarnation()));
        server.up();
        assert_eq!(opening.join().expect("no panic"), Ok("here".to_owned()));
    });
}

#[test]
fn a_scratch_database_is_gone_after_its_run() {
    let server = Server::start(Care::None);
    let scratch = Scratch::new(&server.url("postgres"), "for a run").expect("a database");
    drop(store(scratch.url().replace("for a run", "for%20a%20run").as_str(), "bank").expect("a store"));
    let count = || server.sql("postgres", "SELECT count(*) FROM pg_database WHERE datname = 'for a run'");
    assert_eq!(count().as_deref(), Ok("1"));
    drop(scratch);
    assert_eq!(count().as_deref(), Ok("0"));
}

#[test]
fn a_transaction_whose_connection_is_lost_writes_nothing_on_the_next_one() {
    let server = Server::start(Care::None);
    let kept = store(&server.database("lost"), "bank").expect("a store");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let mut opened = testkit::conformance::open(&kept, "north").await;
        let made = entry(&opened, "north", "k", &[(1, 2, r#""Opened""#)], Vec::new());
        let everybody =
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename IS NOT NULL AND pid <> pg_backend_pid()";
        server.sql("lost", everybody).expect("an administrator ends every connection");
        // One question notices, the next would find a new connection.
        opened.txn.load(kernel::lane_of("north"), Account::stream("a")).await.expect_err("the connection is gone");
        opened.txn.load(kernel::lane_of("north"), Account::stream("a")).await.expect_err("and the transaction with it");
        opened.txn.commit(Batch { entries: vec![made] }).await.expect_err("nothing is written outside of a transaction");
        let again = testkit::conformance::open(&kept, "north").await;
        assert_eq!(again.heads[&kernel::lane_of("north")].pos, 0);
    });
}

/// Under load the server is killed three times. Whatever was answered stands, whatever was not is asked for again under
/// its key, and at the end each key has counted once.
#[test]
fn a_killed_server_loses_nothing_that_was_answered_and_repeats_nothing() {
    let server = Server::start(Care::Durable);
    let url = server.database("killed");
    let kept: Arc<dyn EventStore> = Arc::new(store(&url, "bank").expect("a store"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().expect("a runtime");
    let (done, kills, mut trouble) = (AtomicBool::new(false), 3, 0);
    let (store_of_run, over) = (kept.clone(), &done);
    std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let count =
                || server.sql("killed", "SELECT count(*) FROM ph_bank.command").ok().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
            for _ in 0..kills {
                let before = count();
                while count() < before + 150 && !over.load(Ordering::Relaxed) {}
                server.kill();
                server.up();
            }
        });
        trouble = runtime.block_on(testkit::beside(store_of_run, Arc::new(Standing), async |committer| {
            order(&committer, "open", open()).await;
            // Eight clients, one order after the other each.
            let client = async |client: usize| {
                let mut trouble = 0;
                for n in 0..120 {
                    let key = format!("{client}/{n}");
                    for tries in 0.. {
                        assert!(tries < 2_000, "{key} is answered at last");
                        match order(&committer, &key, north(Doing::Pay("a".into(), 1))).await.outcome {
                            Outcome::Applied { .. } => break,
                            Outcome::Retry(_) | Outcome::Unknown => trouble += 1,
                            other => panic!("{key}: {other:?}"),
                        }
                        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    }
                }
                trouble
            };
            let (committer_done, ()) = join(join_all((0..8).map(client)), async {}).await;
            committer_done.into_iter().sum::<u64>()
        }));
        done.store(true, Ordering::Relaxed);
        killer.join().expect("the killer ends");
    });
    assert!(trouble > 0, "some request met a dead server");
    let (paid, lane) = (8 * 120, north(Doing::Look("a".into())).lane());
    let rows = runtime.block_on(kept.read(lane, 0, 1_000_000)).expect("the lane");
    gapless_and_chained(lane, &rows);
    assert_eq!(rows.iter().filter(|row| row.event().is_some_and(|e| e.name == "Paid")).count(), paid);
}
