//! Positions somebody waits for, and timers.

use std::sync::Arc;
use std::time::Duration;

use eventstore::simulated::Disk;
use eventstore::work::Deciding;
use feed::sql::Db;
use feed::timer::{self, Due, Timer};
use feed::{Fact, Positions};
use kernel::Clock;
use peer::At;
use testkit::TokioClock;
use testkit::bank::{Doing, Order};
use testkit::committing::order;

use crate::source::{Bank, run_for};

#[tokio::test(start_paused = true)]
async fn a_position_is_waited_for_two_tenths_of_a_second_at_most() {
    let positions = Positions::new(vec!["bank".into(), "desk".into()]);
    positions.pass("bank", 3, 10);
    assert!(positions.reach(&At::of("bank", 3, 10)).await);
    assert!(positions.reach(&At::of("nobody's", 3, 999)).await, "what is not followed here is not waited for");
    let began = tokio::time::Instant::now();
    assert!(!positions.reach(&At::of("bank", 3, 11)).await);
    assert!(!positions.reach(&At::of("bank", 4, 1)).await, "another lane is another order");
    assert_eq!(began.elapsed().as_millis() / 10, 40);
    let both = At::parse("bank/3:11, desk/1:2").expect("positions");
    let passing = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        positions.pass("bank", 3, 12);
        tokio::time::sleep(Duration::from_millis(50)).await;
        positions.pass("desk", 1, 2);
    };
    let (reached, ()) = futures::join!(positions.reach(&both), passing);
    assert!(reached);
}

#[tokio::test(start_paused = true)]
async fn what_is_due_is_fired_once_however_often_it_is_looked_at() {
    let disk = Disk::default();
    let db = Db::in_memory("CREATE TABLE due(at INTEGER NOT NULL, account TEXT NOT NULL);").expect("a database");
    let clock = TokioClock::start();
    let at = clock.now().plus_ms(3_000).0;
    db.write(move |tx| tx.exec("INSERT INTO due VALUES(?1, 'a')", &[at.into()])).await.expect("a row");
    let timer = Timer {
        due: "SELECT account FROM due WHERE at <= ?1",
        fire: |row| {
            let work = Box::new(Deciding(Order::at("north", Doing::Pay(row[0].text().into(), 1))));
            Due { key: "timer/a/1".into(), fact: Fact { partition: "north".into(), work } }
        },
    };
    Bank::on(&disk, async |bank| {
        order(&bank.committer, "open", Order::at("north", Doing::Open("a".into()))).await;
        let committer = bank.committer.clone();
        let looking = timer::run(vec![timer], db.clone(), committer, Arc::new(clock));
        let mut looking = std::pin::pin!(looking);
        run_for(Duration::from_millis(2_900), looking.as_mut()).await;
        assert_eq!(disk.all().len(), 2, "nothing is due yet");
        run_for(Duration::from_secs(60), looking.as_mut()).await;
        assert_eq!(disk.all().len(), 4, "one record and one event");
    })
    .await;
}
