//! A Void that overtakes its Authorise leaves a tombstone, here and at the provider.

use std::sync::Arc;

use eventstore::simulated::Disk;
use kernel::Outcome;
use payments::provider::Asked;
use payments::provider::wire::{self, PROVIDER, ProviderWire};
use peer::{Attempt, Peers};
use serde_json::json;

use crate::house::{Desk, PAYMENTS, authorise};
use crate::scripted::{Scripted, Turn};

const VOID: &str = "/hotels/H1/payments/pay_1/void";

#[tokio::test(start_paused = true)]
async fn a_void_before_its_authorise_leaves_a_tombstone_and_nothing_stays_open() {
    let desk = Desk::on_disk(&Disk::default(), 1, Scripted::new());
    let void = desk.post_as("reservations", VOID, "book_1/authorise/undo", Some("book_1/authorise"), &json!({})).await;
    assert_eq!((void.status.as_u16(), void.effect.as_deref()), (200, Some("applied")));
    for _ in 0..2 {
        let late = desk.post_as("reservations", PAYMENTS, "book_1/authorise", None, &authorise("pay_1", "tok_ok")).await;
        assert_eq!((late.status.as_u16(), late.code(), late.effect.as_deref()), (409, "overtaken", Some("none")));
    }
    assert_eq!((desk.open().await, desk.state("pay_1").await), ((0, 0), "unknown".into()));
    // The tombstone is that caller's: the same key of another is another command.
    assert_eq!(desk.post_as("stays", PAYMENTS, "book_1/authorise", None, &authorise("pay_1", "tok_ok")).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_void_while_the_provider_is_being_asked_waits_for_the_answer() {
    let provider = Scripted::new();
    provider.on_authorise(&[Turn::ReplyLost, Turn::Silence], None);
    let desk = Arc::new(Desk::on_disk(&Disk::default(), 2, provider.clone()));
    let headers = [(peer::KEY, "a"), (peer::CALLER, "reservations"), (peer::DEADLINE, "100")];
    let first = desk.send(http::Method::POST, PAYMENTS, &headers, &authorise("pay_1", "tok_ok")).await.expect("an answer");
    assert_eq!(first.status, 202);
    let busy = desk.post_as("reservations", VOID, "a/undo", Some("a"), &json!({})).await;
    assert_eq!((busy.status.as_u16(), busy.code(), busy.effect.as_deref()), (503, "payment-busy", Some("none")));
    assert_eq!(desk.state("pay_1").await, "authorising");
    // The same authorise, asked for again, waits for the saga; then the void, under the key that was busy, is applied.
    let done = desk.post_as("reservations", PAYMENTS, "a", None, &authorise("pay_1", "tok_ok")).await;
    assert_eq!((done.status.as_u16(), done.body["state"].as_str()), (201, Some("authorised")));
    let void = desk.post_as("reservations", VOID, "a/undo", Some("a"), &json!({})).await;
    assert_eq!((void.status.as_u16(), void.body["state"].as_str()), (200, Some("voided")));
    assert_eq!(desk.open().await, (0, 0));
}

#[tokio::test(start_paused = true)]
async fn undoing_a_declined_or_refused_authorise_needs_nothing() {
    let desk = Desk::on_disk(&Disk::default(), 3, Scripted::new());
    let declined = desk.post_as("reservations", PAYMENTS, "a", None, &authorise("pay_1", "tok_declined")).await;
    assert_eq!((declined.status.as_u16(), declined.code()), (409, "card-declined"));
    let void = desk.post_as("reservations", VOID, "a/undo", Some("a"), &json!({})).await;
    assert_eq!((void.status.as_u16(), void.body["state"].as_str()), (200, Some("declined")));
    let exists = desk.post_as("reservations", PAYMENTS, "b", None, &authorise("pay_1", "tok_ok")).await;
    assert_eq!(exists.code(), "payment-exists");
    assert_eq!(desk.post_as("reservations", VOID, "b/undo", Some("b"), &json!({})).await.status, 200);
    assert_eq!((desk.open().await, desk.state("pay_1").await), ((0, 0), "declined".into()));
}

#[tokio::test]
async fn an_authorise_that_reaches_the_provider_after_its_void_is_refused_by_the_wire() {
    let outside = Arc::new(ProviderWire::new(Scripted::new()));
    let peers = Peers::new("payments", outside.clone()).with_outside(PROVIDER, outside);
    let amount = serde_json::from_value(json!({"amount": 1, "currency": "EUR"})).expect("money");
    let asked = Asked { key: "saga/authorise".into(), token: "tok_ok".into(), amount };
    let timeout = std::time::Duration::from_secs(1);
    let attempt = |key| Attempt { key, undoes: None, again: false, timeout, causation: "saga", traceparent: "" };
    let void = peers.call(&wire::void(&asked.key), &attempt("saga/authorise/undo")).await;
    assert!(matches!(void.outcome, Outcome::Applied { .. }), "{void:?}");
    let late = peers.call(&wire::authorise(&asked), &attempt("saga/authorise")).await;
    assert!(matches!(&late.outcome, Outcome::Rejected(refused) if refused.code == "overtaken"), "{late:?}");
}
