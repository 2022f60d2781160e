//! The console over scripted services: each is silent in turn, and costs its part only.
#![allow(clippy::disallowed_methods, reason = "tests start tasks of their own")]

mod straw;

use http::StatusCode;
use serde_json::json;

use crate::straw::Operator;

const SERVICES: [&str; 6] = ["hotels", "reservations", "inventory", "payments", "stays", "guests"];
const PAGES: [&str; 8] = [
    "/ops",
    "/ops/breakers",
    "/ops/feeds",
    "/ops/sagas",
    "/ops/sagas?state=ended",
    "/ops/trace",
    "/ops/throughput",
    "/ops/trace/res_1?hotel=H",
];

#[tokio::test(start_paused = true)]
async fn every_page_is_there_whoever_is_silent() {
    for silent in SERVICES {
        let operator = Operator::of(&[silent]).await;
        for page in PAGES {
            let (status, body) = operator.get(page).await;
            assert_eq!(status, StatusCode::OK, "{page} without {silent}");
            assert!(!body.contains("style=") && !body.contains("onclick"), "{page}");
        }
        let overview = operator.json("/ops").await;
        assert_eq!((&overview["rows"][0]["service"], &overview["rows"][0]["trouble"]), (&json!(silent), &json!("silent")));
        assert_eq!((&overview["rows"][0]["queue_age_ms"], &overview["summary"]["up"]), (&json!(null), &json!(5)));
    }
    let (status, _) = Operator::of(&SERVICES).await.get("/ops").await;
    assert_eq!(status, StatusCode::OK, "it needs its own process only");
}

#[tokio::test(start_paused = true)]
async fn an_archive_that_does_not_go_on_is_shown_with_its_reason() {
    let operator = Operator::of(&["stays"]).await;
    let (_, body) = operator.get("/ops/feeds").await;
    assert!(body.contains("s3://attic") && body.contains("it is away"));
    let archives = &operator.json("/ops/feeds").await["archives"];
    assert_eq!((archives.as_array().map(Vec::len), &archives[0]["behind"]), (Some(5), &json!(5)));
}

#[tokio::test(start_paused = true)]
async fn a_booking_is_told_by_all_who_know_of_it_and_gaps_are_named() {
    let operator = Operator::of(&[]).await;
    let trace = operator.json("/ops/trace/res_1?hotel=H").await;
    let told: Vec<_> =
        trace["lines"].as_array().expect("lines").iter().map(|line| (line["service"].as_str(), line["words"].as_str())).collect();
    let line = |service, words| (Some(service), Some(words));
    let expected = [
        line("reservations", "Booking asked for"),
        line("reservations", "Booking begins"),
        line("inventory", "Nights held"),
        line("payments", "The bank is asked for €129.00"),
    ];
    assert_eq!(told, expected);
    assert_eq!((&trace["state"], &trace["gaps"], &trace["open"]["saga"]), (&json!("pending"), &json!([]), &json!("book_1-05")));
    assert_eq!(trace["lines"][2]["cause"], "Booking");
    let operator = Operator::of(&["payments"]).await;
    let trace = operator.json("/ops/trace/res_1?hotel=H").await;
    assert_eq!(trace["lines"].as_array().map(Vec::len), Some(3));
    assert!(trace["gaps"][0].as_str().expect("a gap").starts_with("payments not answering"), "{trace:#}");
    let (status, _) = operator.get("/ops/trace/res_2?hotel=H").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn a_verb_needs_a_reason_and_a_refusal_is_said_in_words() {
    let operator = Operator::of(&[]).await;
    let (status, page) = operator.get("/ops/sagas/book_1-05").await;
    assert!(status == StatusCode::OK && page.contains("voids the authorisation on the card") && page.contains("gives the nights back"));
    let form = |reason: &str| format!("service=reservations&key=k&reason={reason}");
    let (status, _) = operator.post("/ops/sagas/book_1-05/retry", &form("")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = operator.post("/ops/sagas/book_1-05/retry", &form("it+is+back")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(operator.commands(), [("/sagas/book_1-05/retry".to_owned(), json!({"reason": "it is back"}))]);
    let (status, page) = operator.post("/ops/sagas/book_1-05/force", &form("now")).await;
    assert!(status == StatusCode::CONFLICT && page.contains("saga-before-pivot"), "{status} {page}");
}

#[tokio::test(start_paused = true)]
async fn a_breaker_is_held_with_a_reason_and_an_end() {
    let operator = Operator::of(&[]).await;
    let (status, _) = operator.post("/ops/breakers", "process=p&peer=payments&switch=open&minutes=5&key=k").await;
    assert_eq!((status, operator.commands().len()), (StatusCode::BAD_REQUEST, 0));
    let (status, _) = operator.post("/ops/breakers", "process=p&peer=payments&switch=open&minutes=5&reason=sick&key=k").await;
    let sent = ("/peers/payments/breaker".to_owned(), json!({"switch": "open", "reason": "sick", "minutes": 5}));
    assert_eq!((status, operator.commands()), (StatusCode::SEE_OTHER, vec![sent]));
}

#[tokio::test(start_paused = true)]
async fn many_watchers_ask_a_service_once() {
    let operator = Operator::of(&[]).await;
    let before = operator.asked("hotels/vitals");
    futures::future::join_all((0..20).map(|_| operator.get("/ops"))).await;
    assert_eq!(operator.asked("hotels/vitals") - before, 1);
}

#[tokio::test(start_paused = true)]
async fn only_operators_come_in_and_nothing_breaks_outside_a_demonstration() {
    let operator = Operator::of(&[]).await;
    assert_eq!(operator.stranger("/ops/feeds").await, StatusCode::SEE_OTHER);
    let (status, _) = operator.post("/ops/demo/break", "service=payments&fault=cut&seconds=60").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(operator.json("/ops").await["broken"], json!(null));
}
