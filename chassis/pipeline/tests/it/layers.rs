//! Each layer's no, and that nothing passes it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::StatusCode;
use pipeline::Share;

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
async fn a_role_opens_what_is_meant_for_it_and_no_more() {
    bank(async |bank| {
        bank.open("a").await;
        let desk = bank.get("/sagas").with("authorization", "Bearer dev:desk:ann").send().await;
        problem(&desk, 403, "not-allowed", false);
        problem(&bank.pay("k", 1).with("authorization", "Bearer dev:guest:gil").send().await, 403, "not-allowed", true);
        for (role, route) in [("desk", None), ("revenue", None), ("operator", Some("/sagas"))] {
            let token = format!("Bearer dev:{role}:ann");
            let sent = route.map_or_else(|| bank.pay(role, 1), |route| bank.get(route));
            assert_eq!(sent.with("authorization", &token).send().await.status(), StatusCode::OK, "{role}");
        }
        problem(&bank.pay("k", 1).with("authorization", "Bearer dev:peer:x").send().await, 401, "not-authenticated", true);
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

#[tokio::test(start_paused = true)]
async fn a_principal_that_asks_for_more_than_its_share_waits_and_a_service_does_not() {
    bank(async |bank| {
        bank.open("a").await;
        bank.core.gates.throttle.set(Share { per_second: 2, burst: 3 });
        let pay = |key: &str| bank.pay(key, 1).with("authorization", "Bearer dev:ann");
        for key in ["1", "2", "3"] {
            assert_eq!(pay(key).send().await.status(), StatusCode::OK);
        }
        let no = pay("4").send().await;
        problem(&no, 429, "throttled", true);
        assert_eq!(header(&no, "retry-after"), Some("1"));
        assert_eq!(bank.core.gates.throttle.throttled(), 1);
        assert_eq!(bank.pay("b", 1).with("authorization", "Bearer dev:bob").send().await.status(), StatusCode::OK);
        for n in 0..20 {
            let service = bank.pay(&format!("s{n}"), 1).with("posthouse-caller", "stays").send().await;
            assert_eq!(service.status(), StatusCode::OK, "{n}");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let paid = pay("4").send().await;
        assert_eq!((paid.status(), header(&paid, "idempotent-replayed")), (StatusCode::OK, None), "nothing was recorded");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn when_decisions_wait_too_long_what_matters_least_is_shed_first() {
    bank(async |bank| {
        bank.open("a").await;
        let waiting = bank.core.gates.pressure.join();
        let search = || bank.get("/sagas").send();
        let quote = || bank.get("/branches/north/accounts/a").send();
        let finish = || bank.post("/branches/north/awkward", "{\"doing\":\"busy\"}").key("k").with("posthouse-caller", "stays").send();
        tokio::time::advance(Duration::from_millis(3_001)).await;
        problem(&search().await, 503, "overloaded", false);
        assert_eq!(quote().await.status(), StatusCode::OK);
        tokio::time::advance(Duration::from_secs(1)).await;
        problem(&quote().await, 503, "overloaded", false);
        assert_eq!(bank.pay("1", 1).send().await.status(), StatusCode::OK);
        tokio::time::advance(Duration::from_secs(2)).await;
        problem(&bank.pay("2", 1).send().await, 503, "overloaded", true);
        tokio::time::advance(Duration::from_secs(60)).await;
        problem(&finish().await, 503, "not-now", true);
        assert_eq!(bank.core.gates.pressure.shed(), 3);
        drop(waiting);
        let paid = bank.pay("2", 1).send().await;
        assert_eq!((paid.status(), header(&paid, "idempotent-replayed")), (StatusCode::OK, None), "nothing was recorded");
        assert_eq!(search().await.status(), StatusCode::OK);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn time_spent_before_the_pipeline_counts_and_nothing_is_begun_for_whoever_has_gone() {
    bank(async |bank| {
        bank.open("a").await;
        let arrived = peer::Arrived(tokio::time::Instant::now());
        tokio::time::advance(Duration::from_millis(500)).await;
        let late = bank.pay("k", 1).arrived(arrived).with("posthouse-deadline-ms", "500").send().await;
        problem(&late, 503, "deadline-passed", true);
        assert_eq!(bank.core.gates.pressure.shed(), 1);
        let in_time = bank.pay("k", 1).arrived(arrived).with("posthouse-deadline-ms", "600").send().await;
        assert_eq!((in_time.status(), header(&in_time, "idempotent-replayed")), (StatusCode::OK, None));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_goes_down_ends_its_long_polls_at_once() {
    bank(async |bank| {
        bank.open("a").await;
        let news = bank.get("/feed?wait=20s").send().await;
        assert_eq!(news.status(), StatusCode::OK);
        let next = body(&news)["next"].clone();
        let after = ["lane", "incarnation", "pos", "hash8"].map(|part| next[part].to_string().replace('"', "")).join("~");
        let began = tokio::time::Instant::now();
        let poll = bank.get(&format!("/feed?after={after}&wait=20s"));
        let close = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            bank.core.gates.closing.begin();
        };
        let (ended, ()) = futures::join!(poll.send(), close);
        problem(&ended, 503, "closing", false);
        assert_eq!(began.elapsed(), Duration::from_secs(1));
        assert_eq!(bank.get("/feed?wait=20s").send().await.status(), StatusCode::OK, "news is still given");
        assert_eq!(bank.pay("k", 1).send().await.status(), StatusCode::OK, "and what comes is still done");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_command_is_in_the_queue_until_it_is_decided() {
    bank(async |bank| {
        bank.open("a").await;
        let pressure = &bank.core.gates.pressure;
        let (paid, waiting) = futures::join!(bank.pay("k", 1).send(), async { pressure.waiting() });
        assert_eq!((paid.status(), waiting, pressure.waiting()), (StatusCode::OK, 1, 0));
    })
    .await;
}
