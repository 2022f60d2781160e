//! Each layer's no, and that nothing passes it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::StatusCode;

use crate::desk::{bank, body, header, problem};

#[tokio::test(start_paused = true)]
async fn paths_methods_and_sizes_are_checked_before_any_layer() {
    bank(async |bank| {
        problem(&bank.post("/nowhere", "{}").send().await, 404, "not-found", true);
        problem(&bank.pay("k", 1).method("DELETE").send().await, 405, "method-not-allowed", true);
        let large = format!("{{\"by\":1,\"note\":\"{}\"}}", "x".repeat(64 * 1_024));
        problem(&bank.post("/branches/north/accounts/a/payments", &large).key("k").send().await, 413, "body-too-large", true);
        assert_eq!(bank.core.passes.load(Ordering::Relaxed), 0);
        bank.open("a").await;
        let fits = format!("{{\"by\":1,\"note\":\"{}\"}}", "x".repeat(64 * 1_024 - 20));
        assert_eq!(bank.post("/branches/north/accounts/a/payments", &fits).key("k").send().await.status(), StatusCode::OK);
        assert_eq!(bank.core.passes.load(Ordering::Relaxed), 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_a_number_of_milliseconds_that_are_left() {
    bank(async |bank| {
        bank.open("a").await;
        for bad in ["soon", "-1", "1.5", ""] {
            problem(&bank.pay("k", 1).with("posthouse-deadline-ms", bad).send().await, 400, "invalid-request", true);
        }
        problem(&bank.pay("k", 1).with("posthouse-deadline-ms", "0").send().await, 503, "deadline-passed", true);
        let far = bank.pay("k", 1).with("posthouse-deadline-ms", "99999999999").send().await;
        assert_eq!(far.status(), StatusCode::OK, "a longer one is cut, not refused");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_token_is_one_this_house_gives_out() {
    bank(async |bank| {
        bank.open("a").await;
        let long = format!("Bearer dev:{}", "a".repeat(41));
        for bad in ["Bearer x", "Basic dev:ann", "Bearer dev:", "Bearer dev:a b", &long] {
            problem(&bank.pay("k", 1).with("authorization", bad).send().await, 401, "not-authenticated", true);
        }
        let ann = bank.pay("k", 1).with("authorization", "Bearer dev:ann").send().await;
        let bob = bank.pay("k", 2).with("authorization", "Bearer dev:bob").send().await;
        assert_eq!((body(&ann)["balance"].as_i64(), body(&bob)["balance"].as_i64()), (Some(1), Some(3)), "keys belong to their sender");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_between_services_is_open_to_services_alone() {
    bank(async |bank| {
        bank.open("a").await;
        let awkward = |doing: &str| bank.post("/branches/north/awkward", &format!("{{\"doing\":\"{doing}\"}}")).key(doing);
        problem(&awkward("busy").with("authorization", "Bearer dev:ann").send().await, 403, "not-allowed", true);
        problem(&awkward("busy").with("posthouse-caller", "stays").send().await, 503, "not-now", true);
        let own = bank.pay("k", 5).with("posthouse-caller", "stays").send().await;
        assert_eq!(own.status(), StatusCode::OK, "a service may do what a person may");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_position_that_is_not_reached_in_time_is_not_answered_from_before_it() {
    bank(async |bank| {
        bank.open("a").await;
        problem(&bank.pay("k", 1).with("posthouse-at", "nonsense").send().await, 400, "invalid-request", true);
        let began = tokio::time::Instant::now();
        problem(&bank.pay("k", 1).with("posthouse-at", "bank/1:7").send().await, 503, "not-yet-there", true);
        assert!(began.elapsed() >= Duration::from_millis(200) && began.elapsed() < Duration::from_millis(300));
        problem(&bank.get("/branches/north/accounts/a").with("posthouse-at", "bank/1:7").send().await, 503, "not-yet-there", false);
        bank.core.positions.pass("bank", 1, 7);
        assert_eq!(bank.pay("k", 1).with("posthouse-at", "bank/1:7, other/2:99").send().await.status(), StatusCode::OK);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_body_is_a_json_object_with_known_fields_that_its_path_does_not_have() {
    bank(async |bank| {
        bank.open("a").await;
        let bodies = [
            ("", "missing field"),
            ("{", "not a JSON object"),
            ("[]", "not a JSON object"),
            ("null", "not a JSON object"),
            ("\"by\"", "not a JSON object"),
            ("{\"by\":1,\"by2\":1}", "unknown field"),
            ("{\"by\":\"1\"}", "invalid type"),
            ("{\"by\":1,\"account\":\"b\"}", "is in the path"),
            ("{\"by\":1,\"branch\":\"north\"}", "is in the path"),
            ("{\"by\":0}", "must not be nothing"),
            ("{\"by\":1}trailing", "not a JSON object"),
        ];
        for (text, why) in bodies {
            let said = problem(&bank.post("/branches/north/accounts/a/payments", text).key("k").send().await, 400, "invalid-request", true);
            assert!(said["detail"].as_str().is_some_and(|detail| detail.contains(why)), "{text}: {said}");
        }
        let unrecorded = bank.pay("k", 1).send().await;
        assert_eq!(header(&unrecorded, "idempotent-replayed"), None, "nothing invalid is on record");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn every_call_has_a_trace_and_keeps_the_one_it_came_with() {
    bank(async |bank| {
        bank.open("a").await;
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        bank.pay("given", 1).with("traceparent", given).send().await;
        bank.pay("odd", 1).with("traceparent", "robert'); drop table").send().await;
        let traced = |key: &str| bank.core.store.record("dev".into(), key.into());
        assert_eq!(traced("given").await.expect("a store").expect("a record").traceparent, given);
        let made = traced("odd").await.expect("a store").expect("a record").traceparent;
        assert!(made.starts_with("00-") && made.len() == given.len(), "{made}");
    })
    .await;
}
