//! What operators see of a service, and what they can do: vitals, the hand on a breaker, verbs for sagas.

use http::StatusCode;
use serde_json::json;

use crate::desk::{Bank, a_moment, bank, body, header, problem};

/// A saga that waits for somebody silent; its path.
async fn hanging(bank: &Bank, key: &str) -> String {
    let ask = bank.post("/branches/north/questions", "{\"peer\":\"silent\"}").key(key).with("posthouse-deadline-ms", "500");
    let answer = ask.send().await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    header(&answer, "location").expect("a location").trim_start_matches("/api/bank/v1").to_owned()
}

#[tokio::test(start_paused = true)]
async fn vitals_say_how_a_service_is() {
    bank(async |bank| {
        bank.open("a").await;
        bank.pay("k", 1).send().await;
        hanging(&bank, "h").await;
        a_moment().await;
        let vitals = body(&bank.get("/vitals").send().await);
        let lane = kernel::lane_of("north").to_string();
        assert_eq!((&vitals["service"], &vitals["closing"], vitals["uptime_s"].as_u64()), (&json!("bank"), &json!(false), Some(1)));
        assert_eq!((&vitals["open_sagas"], &vitals["stuck_sagas"], &vitals["queue_age_ms"]), (&json!(1), &json!(0), &json!(0)));
        // Open and Pay: a record and an event each; the saga: a record and its start.
        assert_eq!((&vitals["heads"][lane.as_str()], &vitals["head"], &vitals["commands"]), (&json!(6), &json!(6), &json!(3)));
        assert_eq!((&vitals["follows"], &vitals["views"]), (&json!([]), &json!({"behind": 6, "parked": 0})), "nobody runs its views here");
        let peer = &vitals["peers"][0];
        assert_eq!(
            (&peer["peer"], &peer["breaker"], &peer["switch"], &peer["hand"]),
            (&json!("peer"), &json!("closed"), &json!("automatic"), &json!(null))
        );
        problem(&bank.get("/vitals").with("authorization", "Bearer dev:revenue:rex").send().await, 403, "not-allowed", false);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_hand_on_a_breaker_needs_a_reason_and_an_end() {
    bank(async |bank| {
        hanging(&bank, "h").await;
        let turn = |peer: &str, body: serde_json::Value| bank.post(&format!("/peers/{peer}/breaker"), &body.to_string());
        for bad in [
            json!({"switch": "open"}),
            json!({"switch": "open", "reason": "sick", "minutes": 0}),
            json!({"switch": "open", "reason": "sick", "minutes": 241}),
            json!({"switch": "open", "reason": " ", "minutes": 5}),
            json!({"switch": "open", "reason": "x".repeat(201), "minutes": 5}),
            json!({"switch": "ajar", "reason": "sick", "minutes": 5}),
            json!({"switch": "open", "reason": "sick", "minutes": 5, "more": 1}),
        ] {
            problem(&turn("peer", bad).send().await, 400, "invalid-request", true);
        }
        let sick = || json!({"switch": "open", "reason": "sick", "minutes": 5});
        problem(&turn("nobody", sick()).send().await, 404, "not-found", true);
        problem(&turn("peer", sick()).with("authorization", "Bearer dev:guest:gil").send().await, 403, "not-allowed", true);
        let turned = turn("peer", sick()).with("authorization", "Bearer dev:operator:ann").send().await;
        let shown = body(&turned);
        assert_eq!((turned.status(), header(&turned, "posthouse-effect")), (StatusCode::OK, Some("applied")));
        assert_eq!(
            (&shown["breaker"], &shown["hand"]["by"], &shown["hand"]["reason"]),
            (&json!("open"), &json!("dev:ann"), &json!("sick"))
        );
        tokio::time::advance(std::time::Duration::from_secs(300)).await;
        let vitals = body(&bank.get("/vitals").send().await);
        assert_eq!((&vitals["peers"][0]["switch"], &vitals["peers"][0]["hand"]), (&json!("automatic"), &json!(null)));
        let freed = body(&turn("peer", json!({"switch": "automatic"})).send().await);
        assert_eq!(freed["switch"], "automatic");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_operator_abandons_a_saga_and_everybody_sees_who() {
    bank(async |bank| {
        let place = hanging(&bank, "h").await;
        let say = |verb: &str, key: &str, body: &str| bank.post(&format!("{place}/{verb}"), body).key(key);
        let why = "{\"reason\":\"the guest has left\"}";
        for bad in ["{}", "{\"reason\":\"\"}", "{\"reason\":\"x\",\"by\":\"me\"}"] {
            problem(&say("retry", "bad", bad).send().await, 400, "invalid-request", true);
        }
        problem(&bank.post(&format!("{place}/retry"), why).send().await, 400, "invalid-request", true);
        problem(&say("abandon", "a", why).with("authorization", "Bearer dev:guest:gil").send().await, 403, "not-allowed", true);
        problem(&say("force", "f", why).send().await, 409, "saga-before-pivot", true);
        for (id, status) in [("question_0000000000000000-01", 404), ("nonsense", 404)] {
            let said = bank.post(&format!("/sagas/{id}/retry"), why).key(id).send().await;
            problem(&said, status, "saga-unknown", true);
        }
        let retried = say("retry", "r", why).with("authorization", "Bearer dev:operator:ann").send().await;
        assert_eq!((retried.status(), &body(&retried)["verb"]), (StatusCode::OK, &json!("retry")));
        let shown = body(&bank.get(&place).send().await);
        assert_eq!((&shown["steps"], &shown["phase"]), (&json!([{"name": "ask", "state": "running"}]), &json!("running")));
        assert_eq!((&shown["nudges"], &shown["nudged"]["actor"], &shown["partition"]), (&json!(1), &json!("dev:ann"), &json!("north")));
        let guest = body(&bank.get(&place).with("authorization", "Bearer dev:guest:gil").send().await);
        assert_eq!((&guest["steps"], &guest["nudged"]), (&shown["steps"], &json!(null)), "who has said what is for operators");
        assert_eq!(say("abandon", "a", why).send().await.status(), StatusCode::OK);
        let replayed = say("abandon", "a", why).send().await;
        assert_eq!(header(&replayed, "idempotent-replayed"), Some("true"));
        // The undo is as silent as the step: it is turning back, and there is no second way.
        a_moment().await;
        assert_eq!(body(&bank.get(&place).send().await)["phase"], "unwinding");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sagas_are_listed_open_stuck_or_ended() {
    bank(async |bank| {
        let place = hanging(&bank, "h").await;
        let list = async |state: &str| body(&bank.get(&format!("/sagas?state={state}")).send().await);
        let of = |list: &serde_json::Value| list["items"].as_array().map_or(0, Vec::len);
        assert_eq!((of(&list("open").await), of(&list("stuck").await), of(&list("ended").await)), (1, 0, 0));
        bank.post("/branches/north/questions", "{\"peer\":\"polite\"}").key("p").send().await;
        let ended = list("ended").await;
        assert_eq!((of(&ended), &ended["items"][0]["state"], &ended["items"][0]["kind"]), (1, &json!("done"), &json!("question")));
        assert!(ended["items"][0]["ended_at"].is_string());
        // Its patience is over after a minute, and the undo is as silent: in a quarter of an hour it is stuck.
        tokio::time::sleep(std::time::Duration::from_secs(20 * 60)).await;
        let stuck = list("stuck").await;
        assert_eq!((of(&stuck), &stuck["items"][0]["state"]), (1, &json!("stuck")));
        assert!(place.ends_with(stuck["items"][0]["saga"].as_str().expect("an id")));
        assert_eq!(body(&bank.get("/vitals").send().await)["stuck_sagas"], 1);
        problem(&bank.get("/sagas?state=lost").send().await, 400, "invalid-request", false);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_of_streams_and_keys_is_told_in_order() {
    bank(async |bank| {
        bank.open("a").await;
        bank.pay("k", 1).send().await;
        bank.post("/branches/north/questions", "{\"peer\":\"polite\"}").key("p").send().await;
        let ended = body(&bank.get("/sagas?state=ended").send().await);
        let saga = ended["items"][0]["saga"].as_str().expect("an id").to_owned();
        let asked = format!("/history?partition=north&streams=saga/{saga},account/a,account/none&records=dev~k,dev~none");
        let told = body(&bank.get(&asked).send().await);
        let names: Vec<_> = told["items"].as_array().expect("items").iter().map(|item| item["name"].as_str().unwrap_or_default()).collect();
        assert_eq!(names, ["Opened", "Paid", "Started", "Done"], "{told:#}");
        assert_eq!((&told["records"][0]["verdict"], told["records"].as_array().map(Vec::len)), (&json!("applied"), Some(1)), "{told:#}");
        assert_eq!(body(&bank.get("/vitals").send().await)["ended_sagas"]["question"], json!({"done": 1, "undone": 0}));
        for bad in ["/history?streams=x", "/history?records=x"] {
            problem(&bank.get(bad).send().await, 400, "invalid-request", false);
        }
        problem(&bank.get(&asked).with("authorization", "Bearer dev:guest:gil").send().await, 403, "not-allowed", false);
    })
    .await;
}
