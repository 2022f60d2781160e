//! Commands whose answer is a saga's, and the routes that show sagas.

use http::{Response, StatusCode};
use serde_json::json;

use crate::desk::{bank, body, header, problem};

fn location(response: &Response<bytes::Bytes>) -> String {
    header(response, "location").expect("a location").trim_start_matches("/api/bank/v1").to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_ends_in_time_is_answered_as_a_command_is() {
    bank(async |bank| {
        let ask = |key: &str, text: String| bank.post("/branches/north/questions", &text).key(key).send();
        // With a peer to be asked it is a saga; without, all its moments coincide in one decision.
        for peer in ["polite", ""] {
            for replayed in [None, Some("true")] {
                let answer = ask(&format!("yes{peer}"), format!("{{\"peer\":\"{peer}\"}}")).await;
                assert_eq!((answer.status(), body(&answer)), (StatusCode::OK, json!({"answer": 42})));
                assert_eq!((header(&answer, "posthouse-effect"), header(&answer, "idempotent-replayed")), (Some("applied"), replayed));
            }
            for _ in 0..2 {
                let refused = ask(&format!("no{peer}"), format!("{{\"peer\":\"{peer}\",\"refuse\":true}}")).await;
                assert_eq!(problem(&refused, 409, "too-poor", true)["balance"], 7);
                assert_eq!(header(&refused, "posthouse-decision"), Some("recorded"));
            }
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_takes_longer_is_a_202_with_a_place_to_look() {
    bank(async |bank| {
        let ask = || bank.post("/branches/north/questions", "{\"peer\":\"silent\"}").key("k").with("posthouse-deadline-ms", "500");
        let began = tokio::time::Instant::now();
        let answer = ask().send().await;
        assert!(began.elapsed().as_millis() < 500, "the answer comes while somebody listens");
        assert_eq!((answer.status(), header(&answer, "posthouse-effect")), (StatusCode::ACCEPTED, None));
        let place = location(&answer);
        assert_eq!(location(&ask().send().await), place, "the same key waits for the same saga");
        assert_eq!(peer::client::read(&answer).outcome, kernel::Outcome::Unknown);
        let shown = body(&bank.get(&place).send().await);
        assert_eq!((&shown["state"], &shown["kind"], &shown["answer"]), (&json!("running"), &json!("question"), &json!(null)));
        let open = body(&bank.get("/sagas").send().await);
        assert_eq!((&open["open"], &open["items"][0]), (&json!(1), &shown));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_ended_saga_shows_its_answer_and_an_unknown_one_is_not_found() {
    bank(async |bank| {
        for (key, text) in [("yes", "{\"peer\":\"polite\"}"), ("no", "{\"peer\":\"polite\",\"refuse\":true}")] {
            assert_ne!(bank.post("/branches/north/questions", text).key(key).send().await.status(), StatusCode::ACCEPTED);
        }
        let rows = bank.core.store.read(kernel::lane_of("north"), 0, 99).await.expect("a lane");
        let mut shown = Vec::new();
        for id in rows.iter().filter_map(|s| s.event()).filter(|e| e.name == "Started").map(|e| e.stream.id.clone()) {
            shown.push(body(&bank.get(&format!("/sagas/{id}")).send().await));
        }
        assert_eq!((&shown[0]["state"], &shown[0]["answer"]), (&json!("done"), &json!({"status": 200, "body": {"answer": 42}})));
        let refusal = json!({"status": 409, "body": {"code": "too-poor", "detail": {"balance": 7}}});
        assert_eq!((&shown[1]["state"], &shown[1]["answer"]), (&json!("undone"), &refusal));
        for id in ["nonsense", "question_0000000000000000-01", "question_0-99"] {
            problem(&bank.get(&format!("/sagas/{id}")).send().await, 404, "saga-unknown", false);
        }
    })
    .await;
}
