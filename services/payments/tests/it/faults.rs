//! The dice of the provider in memory: every fault fires, a seed replays, and a late duplicate changes nothing.

use std::sync::Arc;

use eventstore::simulated::Disk;
use kernel::chance::Seeded;
use payments::provider::simulated::{Faults, Fired, MemoryProvider};
use serde_json::json;

use crate::house::{Desk, PAYMENTS, authorise};

const ROUGH: Faults = Faults { lost_permille: 300, duplicate_permille: 300, slow_permille: 300, slow_ms_max: 4_000 };

async fn campaign(seed: u64) -> (Fired, Vec<String>) {
    let provider = Arc::new(MemoryProvider::new(ROUGH, Arc::new(Seeded::new(seed))));
    let desk = Desk::on_disk(&Disk::default(), seed, provider.clone());
    desk.never_spares_the_provider();
    let mut answers = Vec::new();
    for n in 0..20 {
        let (id, token) = (format!("pay_{n}"), if n % 5 == 4 { "tok_declined" } else { "tok_ok" });
        let answer = desk.settle(PAYMENTS, &format!("a{n}"), &authorise(&id, token)).await;
        answers.push(format!("{} {}", answer.status, answer.body["state"].as_str().unwrap_or(answer.code())));
        if n % 2 == 0 {
            let answer = desk.settle(&format!("{PAYMENTS}/{id}/void"), &format!("v{n}"), &json!({})).await;
            answers.push(format!("{} {}", answer.status, answer.body["state"]));
        }
    }
    // Eight of the even ones were authorised and voided, two declined; eight of the odd ones stay authorised.
    assert_eq!(desk.open().await, (8, 0), "seed {seed}: {answers:?}");
    (provider.fired(), answers)
}

#[tokio::test(start_paused = true)]
async fn lost_repeated_and_slow_requests_leave_the_books_agreeing() {
    let (mut lost, mut duplicate, mut slow) = (0, 0, 0);
    for seed in 1..=20 {
        let (fired, _) = campaign(seed).await;
        lost += fired.lost;
        duplicate += fired.duplicate;
        slow += fired.slow;
    }
    assert!(lost > 100 && duplicate > 100 && slow > 100, "{lost} {duplicate} {slow}");
}

#[tokio::test(start_paused = true)]
async fn a_healed_provider_loses_nothing_more() {
    let provider = Arc::new(MemoryProvider::new(Faults { lost_permille: 1_000, ..Faults::NONE }, Arc::new(Seeded::new(3))));
    let desk = Desk::on_disk(&Disk::default(), 3, provider.clone());
    let headers = [(peer::KEY, "k"), (peer::DEADLINE, "5000")];
    let body = authorise("pay_1", "tok_ok");
    let first = desk.send(http::Method::POST, PAYMENTS, &headers, &body).await.expect("an answer");
    assert_eq!(first.status, 202);
    provider.set(Faults::NONE);
    assert_eq!(desk.settle(PAYMENTS, "k", &body).await.status, 201);
    assert_eq!((desk.open().await, provider.open()), ((1, 0), 1));
}
