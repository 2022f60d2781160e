//! Bad input and everything the house says no to: the code, the nights, and nothing changed.

use http::Request;
use serde_json::{Value, json};

use crate::support::{Guest, booking, header, json_of, refusal, status};

const RESERVATIONS: &str = "/api/reservations/v1/hotels/H/reservations";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_cannot_be_meant_is_refused_and_not_recorded() {
    let g = Guest::start().await;
    g.hotel().await;
    let good = booking("A", "2030-01-01", "2030-01-03", "tok_ok");
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let bad = [
        with("arrival", json!("2030-02-30")),
        with("arrival", json!("soon")),
        with("departure", json!("2029-12-31")),
        with("departure", json!("2040-01-01")),
        with("adults", json!(-1)),
        with("adults", json!(100_000)),
        with("price", json!({"amount": 1.5, "currency": "EUR"})),
        with("price", json!({"amount": 1, "currency": "euro"})),
        with("room_type", json!("a room with a view")),
        with("reference", json!("x".repeat(41))),
        with("price_reason", json!("x".repeat(201))),
        with("guarantee", json!({"kind": "card", "token": ""})),
        with("guarantee", json!({"kind": "a promise"})),
        with("hotel", json!("H2")),
        with("surprise", json!(true)),
        json!([1, 2]),
    ];
    for body in &bad {
        let answer = g.post(RESERVATIONS, "same-key", body).await;
        assert_eq!(refusal(&answer), (400, "invalid-request".into()), "{body}");
        assert_eq!(header(&answer, "content-type"), "application/problem+json");
        assert_eq!(header(&answer, "posthouse-effect"), "none");
    }
    // None of them has used the key up.
    assert_eq!(status(&g.post(RESERVATIONS, "same-key", &good).await), 201);
    let no_key = g.raw(Request::post(g.uri(RESERVATIONS)), good.to_string()).await;
    assert_eq!(refusal(&no_key), (400, "invalid-request".into()));
    let broken = g.raw(Request::post(g.uri(RESERVATIONS)).header("idempotency-key", "k"), "{\"room_type\":".into()).await;
    assert_eq!(refusal(&broken), (400, "invalid-request".into()));
    let huge = g.raw(Request::post(g.uri(RESERVATIONS)).header("idempotency-key", "k"), "x".repeat(70_000)).await;
    assert_eq!(refusal(&huge), (413, "body-too-large".into()));
    let limits = json!({"limits": [], "reason": "none"});
    assert_eq!(refusal(&g.post("/api/inventory/v1/hotels/H/limits", "k2", &limits).await), (400, "invalid-request".into()));
    let rooms = json!({"room_type": "A", "first": 3, "last": 2});
    assert_eq!(refusal(&g.post("/api/hotels/v1/hotels/H/rooms", "k3", &rooms).await), (400, "invalid-request".into()));
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_things_are_404_and_the_outside_may_not_use_the_inside() {
    let g = Guest::start().await;
    g.hotel().await;
    let gets = [
        ("/api/hotels/v1/hotels/NONE", "hotel-unknown"),
        ("/api/reservations/v1/hotels/H/reservations/res_none", "reservation-unknown"),
        ("/api/stays/v1/hotels/H/stays/res_none", "stay-unknown"),
        ("/api/inventory/v1/hotels/NONE/availability?from=2030-01-01&to=2030-01-02", "hotel-unknown"),
        ("/api/inventory/v1/hotels/NONE/on-the-books", "hotel-unknown"),
        ("/api/nothing/v1/x", "not-found"),
        ("/api/hotels/v1/nothing", "not-found"),
        ("/api/reservations/v1/sagas/book_x-99", "saga-unknown"),
    ];
    for (path, code) in gets {
        assert_eq!(refusal(&g.get(path).await), (404, code.into()), "{path}");
    }
    let here = booking("A", "2030-01-01", "2030-01-02", "tok_ok");
    let there = g.post("/api/reservations/v1/hotels/NONE/reservations", "k1", &here).await;
    assert_eq!(refusal(&there), (404, "hotel-unknown".into()));
    let other = g.post(RESERVATIONS, "k2", &booking("Z", "2030-01-01", "2030-01-02", "tok_ok")).await;
    assert_eq!(refusal(&other), (404, "room-type-unknown".into()));
    let nobody = g.post(&format!("{RESERVATIONS}/res_none/cancellation"), "k3", &json!({})).await;
    assert_eq!(refusal(&nobody), (404, "reservation-unknown".into()));
    let hold = json!({"reservation": "r", "room_type": "A", "arrival": "2030-01-01", "departure": "2030-01-02", "ttl_s": 60});
    let request = || Request::post(g.uri("/api/inventory/v1/hotels/H/holds")).header("idempotency-key", "k4");
    assert_eq!(refusal(&g.raw(request(), hold.to_string()).await), (403, "not-allowed".into()));
    let forged = g.raw(request().header("posthouse-caller", "reservations"), hold.to_string()).await;
    assert_eq!(refusal(&forged), (403, "not-allowed".into()), "the header of services is not taken from outside");
    assert_eq!(refusal(&g.raw(Request::put(g.uri(RESERVATIONS)), String::new()).await).0, 405);
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sold_out_night_is_named_and_a_declined_card_leaves_nothing_behind() {
    let g = Guest::start().await;
    g.hotel().await;
    g.book("b1", "A", "2030-01-02", "2030-01-03").await;
    g.book("b2", "A", "2030-01-02", "2030-01-04").await;
    let full = g.post(RESERVATIONS, "b3", &booking("A", "2030-01-01", "2030-01-04", "tok_ok")).await;
    assert_eq!(refusal(&full), (409, "night-sold-out".into()));
    assert_eq!(json_of(&full)["nights"], json!(["2030-01-02"]));
    let declined = g.post(RESERVATIONS, "b4", &booking("B", "2030-01-02", "2030-01-03", "tok_declined")).await;
    assert_eq!(refusal(&declined), (409, "card-declined".into()));
    // The room the declined guest held is free again: the next one gets it.
    g.book("b5", "B", "2030-01-02", "2030-01-03").await;
    let lost = g.post(RESERVATIONS, "b6", &booking("A", "2030-01-05", "2030-01-06", "tok_lost")).await;
    assert_eq!(status(&lost), 201, "a lost provider reply is asked for again");
    let night = json_of(&g.get("/api/inventory/v1/hotels/H/availability?from=2030-01-02&to=2030-01-03").await)["nights"][0].clone();
    assert_eq!(night["house"], json!({"limit": 3, "sold": 3, "held": 0, "available": 0, "oversold": 0}));
    assert_eq!(json_of(&g.get("/api/payments/v1/provider/authorisations").await)["open"], 4);
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_keeps_its_answer_and_refuses_another_body() {
    let g = Guest::start().await;
    g.hotel().await;
    let body = booking("A", "2030-01-01", "2030-01-02", "tok_ok");
    let first = g.post(RESERVATIONS, "k", &body).await;
    let again = g.post(RESERVATIONS, "k", &body).await;
    assert_eq!((status(&first), first.body()), (201, again.body()));
    assert_eq!((header(&first, "idempotent-replayed"), header(&again, "idempotent-replayed")), ("", "true"));
    let other = g.post(RESERVATIONS, "k", &booking("A", "2030-01-01", "2030-01-03", "tok_ok")).await;
    assert_eq!(refusal(&other), (422, "key-reused".into()));
    let id = json_of(&first)["reservation"].as_str().unwrap_or_default().to_owned();
    let at = format!("{RESERVATIONS}/{id}");
    let version = header(&g.get(&at).await, "etag").to_owned();
    g.post(&format!("{at}/type-change"), "t", &json!({"room_type": "B"})).await;
    let stale = Request::post(g.uri(&format!("{at}/cancellation"))).header("idempotency-key", "x").header("if-match", &version);
    assert_eq!(refusal(&g.raw(stale, "{}".into()).await), (412, "stale-version".into()));
    let now = header(&g.get(&at).await, "etag").to_owned();
    let fresh = Request::post(g.uri(&format!("{at}/cancellation"))).header("idempotency-key", "y").header("if-match", &now);
    assert_eq!(status(&g.raw(fresh, "{}".into()).await), 200);
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_decision_is_pending_with_a_location_and_then_final() {
    let g = Guest::start().await;
    g.hotel().await;
    let body = booking("A", "2030-01-01", "2030-01-02", "tok_slow");
    let request = Request::post(g.uri(RESERVATIONS)).header("idempotency-key", "k").header("posthouse-deadline-ms", "200");
    let pending = g.raw(request, body.to_string()).await;
    assert_eq!(status(&pending), 202);
    let location = header(&pending, "location").to_owned();
    let saga = json_of(&g.get(&location).await);
    assert_eq!(saga["state"], "running");
    // The same key waits for the same decision.
    assert_eq!(status(&g.post(RESERVATIONS, "k", &body).await), 201);
    let saga = json_of(&g.get(&location).await);
    assert_eq!((saga["state"].as_str(), saga["answer"]["body"]["state"].as_str()), (Some("done"), Some("confirmed")));
    g.house.stop().await;
}
