//! A store with a bank's history, and sealers with small segments.

use std::collections::BTreeMap;
use std::sync::Arc;

use archive::manifest::Of;
use archive::seal::{Cut, Sealer, Stand};
use archive::{BlobStore, Signer, Trust};
use eventstore::simulated::{Disk, Simulated};
use eventstore::worker::Worker;
use eventstore::{EventStore, Row};
use kernel::Lane;
use kernel::chance::Seeded;
use testkit::bank::{Doing, Order};
use testkit::beside;
use testkit::clock::Standing;
use testkit::committing::order;

pub const BRANCHES: [&str; 3] = ["north", "south", "harbour"];

pub fn store_on(disk: &Disk) -> Simulated {
    Simulated::new(disk.clone(), Arc::new(Seeded::new(1)), 0)
}

/// A store that nothing has happened in.
pub fn empty() -> Arc<Simulated> {
    Arc::new(store_on(&Disk::default()))
}

/// Some more of a bank's life: accounts, payments, several events at once, refusals, seats that are taken.
pub async fn goes_on(store: Arc<dyn EventStore>, from: u64, to: u64) {
    beside(store, Arc::new(Standing), async |committer| {
        for n in from..to {
            for branch in BRANCHES {
                let doing = match n % 5 {
                    0 => Doing::Open(format!("a{}", n / 5)),
                    1 => Doing::Often(format!("a{}", n / 5), 1 + n as u32 % 4),
                    2 => Doing::Take(format!("s{n}"), true),
                    3 => Doing::Pay("nobody's".into(), 1),
                    _ => Doing::Pay(format!("a{}", n / 5), n as i64),
                };
                order(&committer, &format!("{branch}/{n}"), Order::at(branch, doing)).await;
            }
        }
    })
    .await;
}

/// A store of so many commands at each branch, which look the same whoever sends them.
pub async fn alike(who: &str, branches: &[&str]) -> Arc<Simulated> {
    let store = empty();
    beside(store.clone(), Arc::new(Standing), async |committer| {
        for (n, branch) in (0..30).flat_map(|n| branches.iter().map(move |branch| (n, *branch))) {
            order(&committer, &format!("{who}/{branch}/{n}"), Order::at(branch, Doing::Open(format!("a{n}")))).await;
        }
    })
    .await;
    store
}

pub async fn rows(store: &dyn EventStore) -> BTreeMap<Lane, Vec<Row>> {
    let mut all = BTreeMap::new();
    for (lane, head) in store.heads().await.expect("heads") {
        let rows: &mut Vec<Row> = all.entry(lane).or_default();
        while (rows.len() as u64) < head.pos {
            rows.extend(store.rows(lane, rows.len() as u64, 1_000).await.expect("rows"));
        }
    }
    all
}

pub fn of() -> Of {
    Of { cell: "local".into(), service: "bank".into() }
}

pub fn signer() -> Arc<Signer> {
    Arc::new(Signer::of(&[7; 32]).expect("a key"))
}

pub fn trust() -> Trust {
    Trust::Keys(vec![signer().public()])
}

pub fn sealer(target: Arc<dyn BlobStore>) -> Sealer {
    Sealer { of: of(), target, signer: signer(), clock: Arc::new(Standing), encoder: Worker::inline(()), full: 20 }
}

pub async fn sealed(target: &Arc<dyn BlobStore>, store: &dyn EventStore) -> Stand {
    sealer(target.clone()).pass(store, Cut::All, &mut |_, _| {}).await.expect("sealed")
}

pub fn memory() -> Arc<dyn BlobStore> {
    archive::open("memory:///").expect("a target")
}
