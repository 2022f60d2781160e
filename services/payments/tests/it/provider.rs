//! The provider's conformance suite, run on both simulated ones.

use std::sync::Arc;
use std::time::Duration;

use kernel::Money;
use kernel::chance::Seeded;
use kernel::money::Currency;
use payments::provider::simulated::{Faults, FileProvider, MemoryProvider};
use payments::provider::{Asked, PaymentProvider, State};
use peer::Lost;
use tokio::time::Instant;

fn asked(key: &str, token: &str) -> Asked {
    let amount = Money { amount: 100, currency: Currency::parse("EUR").expect("a code") };
    Asked { key: key.into(), token: token.into(), amount }
}

/// What every provider must do; starts with an empty ledger.
async fn conforms(provider: Arc<dyn PaymentProvider>) {
    // A key is decided once, whatever comes under it later.
    assert_eq!(provider.authorise(asked("a", "tok_ok")).await, Ok(State::Authorised));
    assert_eq!(provider.authorise(asked("a", "tok_ok")).await, Ok(State::Authorised));
    assert_eq!(provider.authorise(asked("a", "tok_declined")).await, Ok(State::Authorised));
    assert_eq!(provider.authorise(asked("b", "tok_declined_1")).await, Ok(State::Declined));
    assert_eq!(provider.list(String::new(), 10).await.map(|l| l.open), Ok(1));

    // A void is final and may be repeated; a declined card stays declined.
    assert_eq!(provider.void("a".into()).await, Ok(State::Voided));
    assert_eq!(provider.void("a".into()).await, Ok(State::Voided));
    assert_eq!(provider.authorise(asked("a", "tok_ok")).await, Ok(State::Voided));
    assert_eq!(provider.void("b".into()).await, Ok(State::Declined));

    // A void that comes first leaves a tombstone, and the late authorise is refused.
    assert_eq!(provider.void("c".into()).await, Ok(State::Voided));
    assert_eq!(provider.authorise(asked("c", "tok_ok")).await, Ok(State::Voided));
    assert_eq!(provider.authorise(asked("c", "tok_lost")).await, Ok(State::Voided));
    assert_eq!(provider.list(String::new(), 10).await.map(|l| l.open), Ok(0));

    // The first reply is lost, and what it would have said has happened.
    assert_eq!(provider.authorise(asked("d", "tok_lost")).await, Err(Lost));
    assert_eq!(provider.list(String::new(), 10).await.map(|l| l.open), Ok(1));
    assert_eq!(provider.authorise(asked("d", "tok_lost")).await, Ok(State::Authorised));

    let began = Instant::now();
    assert_eq!(provider.authorise(asked("e", "tok_slow")).await, Ok(State::Authorised));
    assert!(began.elapsed() >= Duration::from_secs(1));
    // Who does not wait for a slow answer finds it in the ledger.
    let given_up = tokio::time::timeout(Duration::from_millis(500), provider.authorise(asked("f", "tok_slow"))).await;
    assert!(given_up.is_err());
    assert_eq!(provider.list(String::new(), 10).await.map(|l| l.open), Ok(3));

    // The ledger is read page by page, and says everything.
    let first = provider.list(String::new(), 4).await.expect("a page");
    let second = provider.list(first.next.clone().expect("another page"), 4).await.expect("a page");
    let keys: Vec<&str> = first.items.iter().chain(&second.items).map(|i| i.key.as_str()).collect();
    assert_eq!((keys.join(""), second.next), ("abcdef".into(), None));
    let line = |n: usize| (first.items[n].token.as_str(), first.items[n].amount.map(|m| m.amount), first.items[n].state);
    assert_eq!(line(0), ("tok_ok", Some(100), State::Voided));
    assert_eq!(line(1), ("tok_declined_1", Some(100), State::Declined));
    assert_eq!(line(2), ("", None, State::Voided));
}

#[tokio::test(start_paused = true)]
async fn the_provider_in_memory_conforms() {
    conforms(Arc::new(MemoryProvider::new(Faults::NONE, Arc::new(Seeded::new(1))))).await;
}

#[tokio::test(start_paused = true)]
async fn the_provider_with_a_file_conforms() {
    let dir = tempfile::tempdir().expect("a directory");
    conforms(Arc::new(FileProvider::open(&dir.path().join("provider.db")).expect("a ledger"))).await;
}

#[tokio::test]
async fn what_the_file_provider_has_answered_is_in_its_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("provider.db");
    let before = FileProvider::open(&path).expect("a ledger");
    assert_eq!(before.authorise(asked("a", "tok_ok")).await, Ok(State::Authorised));
    assert_eq!(before.void("b".into()).await, Ok(State::Voided));
    let after = FileProvider::open(&path).expect("a ledger");
    let ledger = after.list(String::new(), 10).await.expect("a page");
    assert_eq!((ledger.open, ledger.items.len()), (1, 2));
    assert_eq!(after.authorise(asked("b", "tok_ok")).await, Ok(State::Voided));
}

#[tokio::test(start_paused = true)]
async fn latency_is_added_to_every_answer() {
    let dir = tempfile::tempdir().expect("a directory");
    let slow = FileProvider::open(&dir.path().join("provider.db")).expect("a ledger").with_latency(Duration::from_millis(300));
    let began = Instant::now();
    assert_eq!(slow.authorise(asked("a", "tok_ok")).await, Ok(State::Authorised));
    assert_eq!(slow.void("a".into()).await, Ok(State::Voided));
    assert!(began.elapsed() >= Duration::from_millis(600));
}
