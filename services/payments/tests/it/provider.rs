//! The provider's conformance suite, run on both simulated ones.

use std::sync::Arc;
use std::time::Duration;

use kernel::Money;
use kernel::chance::Seeded;
use kernel::money::Currency;
use payments::provider::simulated::{Faults, FileProvider, MemoryProvider};
use payments::provider::{Asked, Moved, Movement, PaymentProvider, State};
use peer::Lost;
use tokio::time::Instant;

fn asked(key: &str, token: &str) -> Asked {
    let amount = Money { amount: 100, currency: Currency::parse("EUR").expect("a code") };
    Asked { key: key.into(), token: token.into(), amount }
}

fn moved(key: &str, authorisation: &str, amount: i64, currency: &str) -> Moved {
    let amount = Money { amount, currency: Currency::parse(currency).expect("a code") };
    Moved { key: key.into(), authorisation: authorisation.into(), amount }
}

/// How money moves at every provider; starts with an empty ledger.
async fn moves(provider: Arc<dyn PaymentProvider>) {
    for (key, token) in [("a", "tok_ok"), ("b", "tok_declined"), ("c", "tok_ok")] {
        provider.authorise(asked(key, token)).await.expect("an answer");
    }
    let refused = Ok(Movement::Refused);
    // Never more than was authorised, of what was not, or in another currency; and a key keeps its answer.
    assert_eq!(provider.capture(moved("1", "a", 101, "EUR")).await, refused);
    assert_eq!(provider.capture(moved("1", "a", 100, "EUR")).await, refused);
    assert_eq!(provider.capture(moved("2", "a", 100, "USD")).await, refused);
    assert_eq!(provider.capture(moved("3", "b", 1, "EUR")).await, refused);
    assert_eq!(provider.capture(moved("4", "nobody", 1, "EUR")).await, refused);
    assert_eq!(provider.refund(moved("5", "a", 1, "EUR")).await, refused);

    // A part is taken once, and the rest is free again.
    assert_eq!(provider.capture(moved("6", "a", 60, "EUR")).await, Ok(Movement::Done));
    assert_eq!(provider.capture(moved("6", "a", 60, "EUR")).await, Ok(Movement::Done));
    assert_eq!(provider.capture(moved("7", "a", 40, "EUR")).await, refused);
    assert_eq!(provider.void("a".into()).await, Ok(State::Captured));
    assert_eq!(provider.authorise(asked("a", "tok_ok")).await, Ok(State::Captured));
    assert_eq!(provider.list(String::new(), 10).await.map(|l| l.open), Ok(1));

    // It is given back piece by piece, and never more than there is.
    assert_eq!(provider.refund(moved("8", "a", 20, "EUR")).await, Ok(Movement::Done));
    assert_eq!(provider.refund(moved("8", "a", 20, "EUR")).await, Ok(Movement::Done));
    assert_eq!(provider.refund(moved("9", "a", 41, "EUR")).await, refused);
    assert_eq!(provider.refund(moved("10", "a", 40, "EUR")).await, Ok(Movement::Done));
    assert_eq!(provider.refund(moved("11", "a", 1, "EUR")).await, refused);
    provider.void("c".into()).await.expect("an answer");
    assert_eq!(provider.capture(moved("12", "c", 1, "EUR")).await, refused);
    let line = provider.list(String::new(), 1).await.expect("a page").items.remove(0);
    assert_eq!((line.state, line.captured, line.refunded), (State::Captured, 60, 60));

    // The first reply is lost, and what it would have said has happened.
    assert_eq!(provider.authorise(asked("d", "tok_lost")).await, Err(Lost));
    assert_eq!(provider.capture(moved("13", "d", 100, "EUR")).await, Err(Lost));
    assert_eq!(provider.capture(moved("13", "d", 100, "EUR")).await, Ok(Movement::Done));
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

#[tokio::test(start_paused = true)]
async fn money_moves_at_both_providers_as_it_must() {
    moves(Arc::new(MemoryProvider::new(Faults::NONE, Arc::new(Seeded::new(1))))).await;
    let dir = tempfile::tempdir().expect("a directory");
    moves(Arc::new(FileProvider::open(&dir.path().join("provider.db")).expect("a ledger"))).await;
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
