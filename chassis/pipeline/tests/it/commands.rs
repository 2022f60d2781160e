//! Commands at the HTTP edge: applied, repeated, refused, stale, busy, buggy, unknown.

use http::StatusCode;
use kernel::Outcome;
use serde_json::json;
use testkit::StoreTrouble;

use crate::desk::{bank, body, header, problem};

#[tokio::test(start_paused = true)]
async fn an_applied_command_says_so_and_a_repeated_one_gets_the_same_answer() {
    bank(async |bank| {
        let make = || bank.post("/branches/north/accounts", "{\"account\":\"a\"}").key("open");
        let made = make().send().await;
        assert_eq!(made.status(), StatusCode::CREATED);
        assert_eq!(header(&made, "location"), Some("/api/bank/v1/branches/north/accounts/a"));
        assert_eq!((header(&made, "posthouse-effect"), header(&made, "posthouse-at")), (Some("applied"), Some("bank/1:2")));
        let again = make().send().await;
        assert_eq!((again.status(), body(&again)), (made.status(), body(&made)));
        assert_eq!((header(&made, "idempotent-replayed"), header(&again, "idempotent-replayed")), (None, Some("true")));
        let paid = bank.pay("k", 3).send().await;
        assert_eq!((paid.status(), body(&paid), header(&paid, "location")), (StatusCode::OK, json!({"balance": 3}), None));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_key_is_needed_fits_and_means_one_body_on_one_path() {
    bank(async |bank| {
        bank.open("a").await;
        bank.open("b").await;
        let keyless = || bank.post("/branches/north/accounts/a/payments", "{\"by\":1}");
        problem(&keyless().send().await, 400, "invalid-request", true);
        for bad in ["", "a b", &"k".repeat(129)] {
            problem(&bank.pay(bad, 1).send().await, 400, "invalid-request", true);
        }
        assert_eq!(bank.pay(&"k".repeat(128), 1).send().await.status(), StatusCode::OK);
        assert_eq!(bank.pay("k", 1).send().await.status(), StatusCode::OK);
        problem(&bank.pay("k", 2).send().await, 422, "key-reused", true);
        let elsewhere = bank.post("/branches/north/accounts/b/payments", "{\"by\":1}").key("k");
        problem(&elsewhere.send().await, 422, "key-reused", true);
        let other_bytes = bank.post("/branches/north/accounts/a/payments", "{ \"by\": 1 }").key("k");
        let reused = other_bytes.send().await;
        problem(&reused, 422, "key-reused", true);
        assert_eq!(header(&reused, "posthouse-decision"), None, "it is another request that is decided");
        let nowhere = bank.post("/branches/north/nothing", "{}").key("n").send().await;
        problem(&nowhere, 404, "not-found", true);
        for undecided in [reused, nowhere, keyless().send().await] {
            assert_eq!(header(&undecided, "posthouse-decision"), None);
            assert!(matches!(peer::client::read(&undecided).outcome, Outcome::Retry(_)));
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_its_family_and_its_detail_and_is_the_answer_for_ever() {
    bank(async |bank| {
        problem(&bank.pay("early", 1).send().await, 404, "account-unknown", true);
        bank.open("a").await;
        problem(&bank.pay("early", 1).send().await, 404, "account-unknown", true);
        for _ in 0..2 {
            let poor = bank.pay("poor", -5).send().await;
            let said = problem(&poor, 409, "too-poor", true);
            assert_eq!((&said["balance"], header(&poor, "posthouse-decision")), (&json!(0), Some("recorded")));
        }
        bank.pay("rich", 10).send().await;
        problem(&bank.pay("poor", -5).send().await, 409, "too-poor", true);
        // What the pipeline says is what a peer hears.
        let heard = peer::client::read(&bank.pay("poor", -5).send().await).outcome;
        assert!(matches!(heard, Outcome::Rejected(refused) if refused.code == "too-poor" && refused.detail == json!({"balance": 0})));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stale_version_is_refused_and_a_repeated_key_is_answered_first() {
    bank(async |bank| {
        bank.open("a").await;
        let seen = bank.get("/branches/north/accounts/a").send().await;
        assert_eq!(header(&seen, "etag"), Some("\"1\""));
        assert_eq!(bank.pay("k", 1).with("if-match", "\"1\"").send().await.status(), StatusCode::OK);
        assert_eq!(bank.pay("k", 1).with("if-match", "\"1\"").send().await.status(), StatusCode::OK);
        let stale = bank.pay("other", 1).with("if-match", "\"1\"").send().await;
        let said = problem(&stale, 412, "stale-version", true);
        assert_eq!(header(&stale, "posthouse-decision"), Some("recorded"));
        assert_eq!((&said["version"], &said["if_match"]), (&json!(2), &json!(1)));
        for bad in ["*", "W/\"1\"", "\"x\"", ""] {
            problem(&bank.pay("bad", 1).with("if-match", bad).send().await, 400, "invalid-request", true);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn bugs_and_busy_ones_have_no_effect_and_an_unknown_commit_does_not_say_so() {
    bank(async |bank| {
        bank.open("a").await;
        let awkward = |doing: &str| {
            let sending = bank.post("/branches/north/awkward", &format!("{{\"doing\":\"{doing}\"}}")).key(doing);
            sending.with("posthouse-caller", "stays").send()
        };
        problem(&awkward("panic").await, 500, "bug", true);
        problem(&awkward("long").await, 500, "bug", true);
        problem(&awkward("busy").await, 503, "not-now", true);
        for (trouble, applied) in [(StoreTrouble::LostAnswer, "true"), (StoreTrouble::LostCommit, "")] {
            bank.store.next(trouble, 0);
            let key = format!("{trouble:?}");
            let lost = bank.pay(&key, 1).send().await;
            problem(&lost, 500, "outcome-unknown", false);
            assert_eq!(peer::client::read(&lost).outcome, Outcome::Unknown);
            let again = bank.pay(&key, 1).send().await;
            assert_eq!((again.status(), header(&again, "idempotent-replayed").unwrap_or("")), (StatusCode::OK, applied));
        }
        bank.store.next(StoreTrouble::Commit, 0);
        problem(&bank.pay("store", 1).send().await, 503, "store", true);
        assert_eq!(body(&bank.get("/branches/north/accounts/a").send().await), json!({"balance": 2}));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_undo_between_services_leaves_a_tombstone() {
    bank(async |bank| {
        bank.open("a").await;
        let by_stays = |key: &str, by: i64| bank.pay(key, by).with("posthouse-caller", "stays");
        let undone = by_stays("saga/hold/undo", -3).with("posthouse-undoes", "saga/hold").send().await;
        assert_eq!((undone.status(), body(&undone)), (StatusCode::OK, json!({})));
        let overtaken = by_stays("saga/hold", 3).send().await;
        problem(&overtaken, 409, "overtaken", true);
        assert_eq!(header(&overtaken, "posthouse-decision"), Some("recorded"));
        assert_eq!(bank.pay("saga/hold", 3).send().await.status(), StatusCode::OK, "somebody else's key is another key");
    })
    .await;
}
