//! Queries: one aggregate now and as of then, and the feed.

use http::StatusCode;
use serde_json::json;

use crate::desk::{a_moment, bank, body, header, problem};

#[tokio::test(start_paused = true)]
async fn one_aggregate_is_shown_with_its_version_and_its_position() {
    bank(async |bank| {
        problem(&bank.get("/branches/north/accounts/a").send().await, 404, "account-unknown", false);
        bank.open("a").await;
        bank.pay("k", 4).send().await;
        let seen = bank.get("/branches/north/accounts/a").send().await;
        assert_eq!((seen.status(), body(&seen)), (StatusCode::OK, json!({"balance": 4})));
        assert_eq!((header(&seen, "etag"), header(&seen, "posthouse-at")), (Some("\"2\""), Some("bank/1:4")));
        assert_eq!(header(&seen, "posthouse-effect"), None, "the header speaks of commands only");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_past_state_is_the_fold_up_to_the_cut() {
    bank(async |bank| {
        bank.open("a").await;
        bank.pay("one", 1).send().await;
        a_moment().await;
        bank.pay("two", 2).send().await;
        let at = async |cut: &str| {
            let seen = bank.get(&format!("/branches/north/accounts/a?as_of={cut}")).send().await;
            (seen.status().as_u16(), body(&seen)["balance"].as_i64())
        };
        assert_eq!(at("pos:1:6").await, (200, Some(3)));
        assert_eq!(at("pos:1:5").await, (200, Some(1)), "a position inside a command is before its events");
        assert_eq!(at("pos:1:2").await, (200, Some(0)));
        assert_eq!(at("pos:1:1").await, (404, None));
        assert_eq!(at("pos:2:1").await, (400, None), "another lane's position says nothing about this one");
        assert_eq!(at("2026-01-01T00:00:00.5Z").await, (200, Some(1)));
        assert_eq!(at("2026-01-01T01:00:00Z").await, (200, Some(3)));
        assert_eq!(at("2026-01-01T01%3A00%3A00Z").await, (200, Some(3)));
        for bad in ["yesterday", "pos:99:1", "date:2026-02-30", ""] {
            assert_eq!(at(bad).await.0, 400, "{bad}");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_feed_says_fork_ahead_and_no_news_apart() {
    bank(async |bank| {
        let feed = async |query: &str| bank.get(&format!("/feed?{query}")).send().await;
        assert_eq!(feed("wait=0s").await.status(), StatusCode::NO_CONTENT);
        bank.open("a").await;
        a_moment().await;
        let page = body(&feed("").await);
        assert_eq!((&page["from"], &page["next"]["pos"], &page["events"]), (&json!(0), &json!(2), &json!([])));
        let cursor = |pos: u64, hash: &str, incarnation: &str| format!("after=1~{incarnation}~{pos}~{hash}");
        let hash = page["next"]["hash8"].as_str().expect("a hash");
        assert_eq!(feed(&cursor(2, hash, "sim")).await.status(), StatusCode::NO_CONTENT);
        problem(&feed(&cursor(2, "00000000", "sim")).await, 409, "cursor-fork", false);
        problem(&feed(&cursor(2, hash, "other")).await, 409, "cursor-fork", false);
        problem(&feed(&cursor(9, hash, "sim")).await, 416, "cursor-ahead", false);
        for bad in ["after=nonsense", "after=1~sim~x~00", "after=16~sim~1~00", "wait=long"] {
            problem(&feed(bad).await, 400, "invalid-request", false);
        }
        problem(&bank.get("/feed").with("authorization", "Bearer ann").send().await, 401, "not-authenticated", false);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_history_of_some_things_is_told_in_order() {
    bank(async |bank| {
        bank.open("a").await;
        bank.pay("one", 1).send().await;
        a_moment().await;
        bank.open("b").await;
        let told = async |query: &str| {
            let answer = body(&bank.get(&format!("/history?{query}")).send().await);
            let items = answer["items"].as_array().cloned().unwrap_or_default();
            items
                .iter()
                .map(|i| format!("{} {} {}", i["stream"].as_str().unwrap_or(""), i["version"], i["name"].as_str().unwrap_or("")))
                .collect::<Vec<_>>()
        };
        let both = ["account/a 1 Opened", "account/a 2 Paid", "account/b 1 Opened"];
        assert_eq!(told("streams=account/b,account/a").await, both);
        assert_eq!(told("streams=account/b,account/a&partition=north").await, both);
        assert_eq!(told("streams=account/a&partition=south").await, Vec::<String>::new());
        let first = body(&bank.get("/history?streams=account/a").send().await)["items"][1].clone();
        assert_eq!(first["data"]["by"], json!(1), "{first}");
        assert!(first["at"].as_str().is_some_and(|at| at.starts_with("2026-01-01T00:00:00")), "{first}");
        for bad in ["streams=nonsense".to_owned(), format!("streams={}", "a/1,".repeat(41))] {
            problem(&bank.get(&format!("/history?{bad}")).send().await, 400, "invalid-request", false);
        }
    })
    .await;
}
