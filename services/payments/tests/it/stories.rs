//! Stories at the door, on SQLite files and with the provider's ledger file.

use std::sync::Arc;

use http::Method;
use payments::provider::simulated::FileProvider;
use serde_json::{Value, json};

use crate::house::{Desk, PAYMENTS, authorise};

struct Story {
    desk: Desk,
    dir: tempfile::TempDir,
}

impl Story {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Self { desk: desk(dir.path()), dir }
    }
}

fn desk(dir: &std::path::Path) -> Desk {
    Desk::on_files(dir, Arc::new(FileProvider::open(&dir.join("provider.db")).expect("a ledger")))
}

fn void(payment: &str) -> String {
    format!("{PAYMENTS}/{payment}/void")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_is_authorised_once_however_often_it_is_asked_for() {
    let Story { desk, .. } = &Story::new();
    let first = desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_ok")).await;
    assert_eq!((first.status.as_u16(), first.effect.as_deref(), first.replayed), (201, Some("applied"), false));
    assert_eq!(first.body, json!({"payment": "pay_1", "state": "authorised"}));
    let again = desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_ok")).await;
    assert_eq!((again.status.as_u16(), again.replayed, again.body), (201, true, first.body));
    let other_body = desk.post(PAYMENTS, "k1", &authorise("pay_2", "tok_ok")).await;
    assert_eq!((other_body.status.as_u16(), other_body.code()), (422, "key-reused"));
    let other_key = desk.post(PAYMENTS, "k2", &authorise("pay_1", "tok_ok")).await;
    assert_eq!((other_key.status.as_u16(), other_key.code()), (409, "payment-exists"));
    let ledger = desk.get("/provider/authorisations").await.body;
    assert_eq!((&ledger["open"], ledger["items"].as_array().map(Vec::len)), (&json!(1), Some(1)));
    assert_eq!(ledger["items"][0]["amount"], json!({"amount": 9800, "currency": "EUR"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_card_is_a_final_answer() {
    let Story { desk, .. } = &Story::new();
    for _ in 0..2 {
        let answer = desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_declined_card")).await;
        assert_eq!((answer.status.as_u16(), answer.code(), answer.effect.as_deref()), (409, "card-declined", Some("none")));
    }
    let shown = desk.get("/hotels/H1/payments/pay_1").await.body;
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("declined"), &json!("card-declined")));
    assert_eq!(desk.open().await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_is_asked_for_again_under_the_same_key() {
    let Story { desk, .. } = &Story::new();
    let answer = desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_lost")).await;
    assert_eq!((answer.status.as_u16(), answer.body["state"].as_str()), (201, Some("authorised")));
    assert_eq!(desk.open().await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_voided_is_given_back_once() {
    let Story { desk, .. } = &Story::new();
    desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_ok")).await;
    let gone = desk.post(&void("pay_1"), "v1", &json!({})).await;
    assert_eq!((gone.status.as_u16(), &gone.body), (200, &json!({"payment": "pay_1", "state": "voided"})));
    // Again with the key, with another key, and for a payment that never was.
    let again = desk.post(&void("pay_1"), "v1", &json!({})).await;
    assert_eq!((again.status.as_u16(), again.replayed), (200, true));
    assert_eq!(desk.post(&void("pay_1"), "v2", &json!({})).await.body["state"], "voided");
    assert_eq!(desk.post(&void("pay_9"), "v3", &json!({})).await.body["state"], "none");
    assert_eq!(desk.post("/hotels/H1/payments", "k1", &authorise("pay_1", "tok_ok")).await.body["state"], "authorised");
    assert_eq!((desk.open().await, desk.state("pay_1").await), ((0, 0), "voided".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hotel_in_the_same_lane_sees_and_touches_nothing() {
    let Story { desk, .. } = &Story::new();
    let neighbour = (2..).map(|n| format!("H{n}")).find(|hotel| kernel::lane_of(hotel) == kernel::lane_of("H1")).expect("a hotel");
    let path = format!("/hotels/{neighbour}/payments");
    desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_ok")).await;
    assert_eq!(desk.post(&path, "k2", &authorise("pay_1", "tok_ok")).await.code(), "payment-exists");
    assert_eq!(desk.post(&format!("{path}/pay_1/void"), "v1", &json!({})).await.body["state"], "none");
    assert_eq!(desk.get(&format!("{path}/pay_1")).await.code(), "payment-unknown");
    assert_eq!((desk.open().await, desk.state("pay_1").await), ((1, 0), "authorised".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_void_of_a_version_that_is_gone_is_refused() {
    let Story { desk, .. } = &Story::new();
    desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_ok")).await;
    let headers = [(peer::KEY, "v1"), ("if-match", "\"1\"")];
    let stale = desk.send(Method::POST, &void("pay_1"), &headers, &json!({})).await.expect("an answer");
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "stale-version"));
    let headers = [(peer::KEY, "v2"), ("if-match", "\"2\"")];
    let gone = desk.send(Method::POST, &void("pay_1"), &headers, &json!({})).await.expect("an answer");
    assert_eq!((gone.status.as_u16(), gone.body["state"].as_str()), (200, Some("voided")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_provider_is_answered_202_and_found_at_its_location() {
    let Story { desk, .. } = &Story::new();
    let headers = [(peer::KEY, "k1"), (peer::DEADLINE, "300")];
    let first = desk.send(Method::POST, PAYMENTS, &headers, &authorise("pay_1", "tok_slow")).await.expect("an answer");
    assert_eq!((first.status.as_u16(), first.effect.as_deref()), (202, None));
    let location = first.location.expect("a location").replace("/api/payments/v1", "");
    assert_eq!(desk.get(&location).await.body["state"], "running");
    assert_eq!(desk.state("pay_1").await, "authorising");
    let done = desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_slow")).await;
    assert_eq!((done.status.as_u16(), done.body["state"].as_str()), (201, Some("authorised")));
    let saga = desk.get(&location).await.body;
    assert_eq!((&saga["state"], &saga["answer"]["body"]["state"]), (&json!("done"), &json!("authorised")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_refused_and_not_recorded() {
    let Story { desk, .. } = &Story::new();
    let good = authorise("pay_1", "tok_ok");
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for bad in [
        with("token", json!("")),
        with("token", json!("tok ok")),
        with("token", json!("t".repeat(65))),
        with("amount", json!({"amount": -1, "currency": "EUR"})),
        with("amount", json!({"amount": 1, "currency": "eur"})),
        with("payment", json!("pay/1")),
        with("reservation", json!("")),
        with("surprise", json!(1)),
        json!([]),
    ] {
        let answer = desk.post(PAYMENTS, "k1", &bad).await;
        assert_eq!((answer.status.as_u16(), answer.code(), answer.effect.as_deref()), (400, "invalid-request", Some("none")), "{bad}");
    }
    let no_key = desk.send(Method::POST, PAYMENTS, &[], &good).await.expect("an answer");
    assert_eq!(no_key.status, 400);
    // The key is still free.
    assert_eq!(desk.post(PAYMENTS, "k1", &good).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_read_as_of_any_past_position() {
    let Story { desk, .. } = &Story::new();
    assert_eq!(desk.get("/hotels/H1/payments/pay_1").await.code(), "payment-unknown");
    desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_ok")).await;
    desk.post(&void("pay_1"), "v1", &json!({})).await;
    let lane = kernel::lane_of("H1");
    let mut seen = Vec::new();
    for pos in 0..20 {
        let answer = desk.get(&format!("/hotels/H1/payments/pay_1?as_of=pos:{lane}:{pos}")).await;
        let state = answer.body["state"].as_str().unwrap_or(answer.code()).to_owned();
        if seen.last() != Some(&state) {
            seen.push(state);
        }
    }
    assert_eq!(seen, ["payment-unknown", "authorising", "authorised", "voided"]);
    assert_eq!(desk.get("/hotels/H2/payments/pay_1").await.code(), "payment-unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_tells_what_is_reserved_and_given_back_and_no_token() {
    let Story { desk, .. } = &Story::new();
    desk.post(PAYMENTS, "k1", &authorise("pay_1", "tok_secret")).await;
    desk.post(PAYMENTS, "k2", &authorise("pay_2", "tok_declined")).await;
    desk.post(&void("pay_1"), "v1", &json!({})).await;
    let page = desk.get("/feed").await.body;
    let events: Vec<_> = page["events"].as_array().expect("events").iter().map(|e| (e["type"].clone(), e["data"].clone())).collect();
    let amount = json!({"amount": 9800, "currency": "EUR"});
    let authorised = json!({"Authorised": {"payment": "pay_1", "reservation": "res_1", "amount": amount}});
    let voided = json!({"Voided": {"payment": "pay_1"}});
    assert_eq!(events, [(json!("payments.Authorised"), authorised), (json!("payments.Voided"), voided)]);
    assert!(!page.to_string().contains("tok_secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_survive_a_crash() {
    let Story { desk: before, dir } = Story::new();
    before.post(PAYMENTS, "k1", &authorise("pay_1", "tok_ok")).await;
    let headers = [(peer::KEY, "k2"), (peer::DEADLINE, "200")];
    let pending = before.send(Method::POST, PAYMENTS, &headers, &authorise("pay_2", "tok_slow")).await.expect("an answer");
    assert_eq!(pending.status, 202);
    before.crash().await;
    let after = desk(dir.path());
    assert_eq!(after.settle(PAYMENTS, "k2", &authorise("pay_2", "tok_slow")).await.status, 201);
    let again = after.post(PAYMENTS, "k1", &authorise("pay_1", "tok_ok")).await;
    assert_eq!((again.status.as_u16(), again.replayed), (201, true));
    assert_eq!(after.open().await, (2, 0));
}
