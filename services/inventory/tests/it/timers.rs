//! A timer that fires by a clock that is ahead: it comes again under its key until the decision's own clock agrees.

use std::sync::Arc;
use std::time::Duration;

use contracts::inventory as contract;
use eventstore::simulated::{Disk, Simulated};
use eventstore::{Committer, Deciding, EventStore, Work};
use inventory::domain::expire_holds::ExpireHolds;
use inventory::domain::hold::Hold;
use inventory::domain::open::{AddType, Open};
use inventory::domain::set_limits::SetLimits;
use jiff::civil::{Date, date};
use kernel::chance::Seeded;
use kernel::{Outcome, lane_of};
use testkit::{TokioClock, asked, beside};

const FIRST: Date = date(2031, 6, 1);

async fn submit(committer: &Committer, key: &str, work: Box<dyn Work>) -> Outcome {
    committer.submit(asked("timer", key, ""), lane_of("H"), work).await.outcome
}

async fn events(store: &dyn EventStore) -> Vec<String> {
    let rows = store.read(lane_of("H"), 0, 99).await.expect("a lane");
    rows.iter().filter_map(|s| s.event()).map(|e| e.name.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_was_early_ends_the_hold_when_it_comes_again() {
    let store = Arc::new(Simulated::new(Disk::default(), Arc::new(Seeded::new(1)), 0));
    let looked = store.clone();
    beside(store, Arc::new(TokioClock::start()), async |committer| {
        let limit = |room_type: &str| contract::Limit { room_type: room_type.into(), limit: 1, from: None, to: None };
        let limits = contract::SetLimits { hotel: "H".into(), limits: vec![limit("*"), limit("A")], reason: "test".into() };
        let (reservation, departure) = ("r1".to_owned(), FIRST.tomorrow().expect("a day"));
        let hold =
            contract::Hold { hotel: "H".into(), reservation, room_type: "A".into(), arrival: FIRST, departure, ttl_s: 60, takes: None };
        let works: [Box<dyn Work>; 4] = [
            Box::new(Deciding(Open { hotel: "H".into(), on: FIRST })),
            Box::new(Deciding(AddType { hotel: "H".into(), room_type: "A".into() })),
            Box::new(Deciding(SetLimits::try_from(limits).expect("sound"))),
            Box::new(Deciding(Hold::try_from(hold).expect("sound"))),
        ];
        for (n, work) in works.into_iter().enumerate() {
            assert!(matches!(submit(&committer, &format!("k{n}"), work).await, Outcome::Applied { .. }), "{n}");
        }
        let fire = || submit(&committer, "timer/ledger/H/1", Box::new(Deciding(ExpireHolds { hotel: "H".into() })));
        assert_eq!(fire().await, Outcome::retry("not-due"), "its clock is a minute ahead");
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert!(matches!(fire().await, Outcome::Applied { replayed: false, .. }));
        assert_eq!(events(looked.as_ref()).await.last().map(String::as_str), Some("HoldExpired"));
        assert!(matches!(fire().await, Outcome::Applied { replayed: true, .. }), "once it has done something, it has");
    })
    .await;
}
