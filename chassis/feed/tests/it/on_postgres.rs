//! Views on PostgreSQL: two followers of one schema, and an event whose statement fails only when it is sent.

use std::sync::Arc;
use std::time::Duration;

use eventstore::Recorded;
use eventstore::postgres::Place;
use eventstore::simulated::Disk;
use feed::sql::{Cell, Db, SqlFault, Tx};
use feed::views::schema_of;
use feed::{Positions, View, ViewFollower};
use kernel::Lane;
use testkit::postgres::{Care, Postgres as Server};

use crate::source::{Bank, dump};

/// Payments by account; the database itself refuses those of accounts called bad.
struct Paid;

impl View for Paid {
    fn schema(&self) -> &'static str {
        "CREATE TABLE paid(account TEXT PRIMARY KEY, n INTEGER NOT NULL CHECK(n > 0)) WITHOUT ROWID;"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        if event.name != "Paid" {
            return Ok(());
        }
        let n: i64 = if event.stream.id.starts_with("bad") { 0 } else { 1 };
        let row: Vec<Cell> = vec![event.stream.id.as_str().into(), n.into()];
        tx.run_all("INSERT INTO paid", &[row], "ON CONFLICT(account) DO UPDATE SET n = paid.n + excluded.n")
    }
}

#[test]
fn two_followers_take_each_event_in_once_and_a_statement_that_fails_late_parks_its_subject_only() {
    let server = Server::start(Care::None);
    let place = Place::new(&server.database("views"), "bank").expect("a URL");
    let schema = schema_of(&[Arc::new(Paid)]);
    let open = || Db::on_postgres(&place, &schema).expect("views");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let (disk, a, b) = (Disk::default(), open(), open());
        Bank::on(&disk, async |bank| {
            let follow = |db: &Db, positions: &Arc<Positions>| {
                let commits = bank.committer.commits.clone();
                ViewFollower::new("bank", bank.store.clone(), commits, db.clone(), vec![Arc::new(Paid)], positions.clone()).run()
            };
            let positions = [(); 2].map(|()| Arc::new(Positions::new(vec!["bank".into()])));
            let busy = async {
                for round in 0..12 {
                    for account in ["a", "bad", "b"] {
                        bank.pay("north", account, 1).await;
                        bank.pay("south", &format!("{account}-{round}"), 1).await;
                    }
                }
                for (lane, pos) in bank.heads() {
                    for positions in &positions {
                        let mut tries = 0;
                        while !positions.reach(&peer::At::of("bank", lane, pos)).await {
                            tries += 1;
                            assert!(tries < 100, "{lane}:{pos} is passed at last");
                        }
                    }
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            };
            tokio::select! { () = follow(&a, &positions[0]) => {}, () = follow(&b, &positions[1]) => {}, () = busy => {} }
        })
        .await;
        assert_eq!(dump(&a, "SELECT account, n FROM paid WHERE account IN ('a', 'b') ORDER BY account").await, ["a 12", "b 12"]);
        assert_eq!(dump(&b, "SELECT CAST(count(*) AS BIGINT) FROM paid").await, ["26"]);
        let parked = dump(&b, "SELECT subject FROM parked ORDER BY subject").await;
        assert_eq!(parked.len(), 13, "{parked:?}");
        assert!(parked.iter().all(|subject| subject.starts_with("account/bad")), "{parked:?}");
    });
}
