//! The event store from outside: one suite for all stores, the committer under every kind of trouble, and crashes.

mod cut;
mod conformance;
mod batching;
mod trouble;
mod crash;
mod postgres;
mod writers;

use std::sync::Arc;

use eventstore::simulated::{Disk, Simulated};
use eventstore::work::Deciding;
use eventstore::{Answer, Committer};
use futures::future::join_all;
use kernel::Outcome;
use kernel::chance::Seeded;
use testkit::asked;
use testkit::bank::{Doing, Order};

/// A simulated store whose writes and syncs take so long at most.
fn store_on(disk: &Disk, seed: u64, delay_us_max: u64) -> Arc<Simulated> {
    Arc::new(Simulated::new(disk.clone(), Arc::new(Seeded::new(seed)), delay_us_max))
}

/// Sends orders at once, under the keys `<prefix>0`, `<prefix>1` …
async fn all_at_once(committer: &Committer, prefix: &str, orders: impl IntoIterator<Item = Order>) -> Vec<Outcome> {
    let answers = orders.into_iter().enumerate().map(|(i, order)| {
        let lane = order.lane();
        committer.submit(asked("test", &format!("{prefix}{i}"), "f"), lane, Box::new(Deciding(order)))
    });
    join_all(answers).await.into_iter().map(|answer: Answer| answer.outcome).collect()
}

fn north(doing: Doing) -> Order {
    Order::at("north", doing)
}

fn pay(by: i64) -> Order {
    north(Doing::Pay("a".into(), by))
}

fn open() -> Order {
    north(Doing::Open("a".into()))
}

fn applied(reply: &str) -> Outcome {
    Outcome::Applied { reply: reply.into(), replayed: false }
}

fn again(reply: &str) -> Outcome {
    Outcome::Applied { reply: reply.into(), replayed: true }
}
