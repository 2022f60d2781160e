//! An answer is one of four outcomes, and only the effect header makes it a definite one.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use kernel::{Outcome, RefusalKind, Refused};
use peer::client::read;
use peer::wire::BoxFuture;
use peer::{At, Call, Contract, Guards, Lost, Peers, Wire};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use testkit::scripted::{answer, refusal};
use testkit::wires::ask;

fn outcome(status: u16, effect: Option<&'static str>, body: &str) -> Outcome {
    read(&answer(StatusCode::from_u16(status).expect("a status"), effect, body)).outcome
}

/// A refusal that stands under the key.
fn recorded(status: u16, body: &str) -> Outcome {
    read(&refusal(StatusCode::from_u16(status).expect("a status"), body)).outcome
}

fn rejected(code: &str, kind: RefusalKind, detail: Value) -> Outcome {
    Outcome::Rejected(Refused { code: code.into(), kind, detail })
}

#[test]
fn applied_needs_the_header_and_a_good_status() {
    for status in [200, 201, 204] {
        assert_eq!(outcome(status, Some("applied"), "{}"), Outcome::Applied { reply: "{}".into(), replayed: false });
    }
    for status in [302, 400, 409, 500, 503] {
        assert_eq!(outcome(status, Some("applied"), "{}"), Outcome::Unknown, "{status} and applied contradict each other");
    }
    let mut again = answer(StatusCode::OK, Some("applied"), "1");
    again.headers_mut().insert("idempotent-replayed", http::HeaderValue::from_static("true"));
    assert_eq!(read(&again).outcome, Outcome::Applied { reply: "1".into(), replayed: true });
}

#[test]
fn an_answer_without_the_header_is_unknown_whatever_its_status() {
    for status in [200, 201, 202, 204, 301, 400, 403, 404, 409, 422, 429, 500, 502, 503, 504] {
        assert_eq!(outcome(status, None, r#"{"code":"sold-out"}"#), Outcome::Unknown, "{status}");
        assert_eq!(outcome(status, Some("perhaps"), "{}"), Outcome::Unknown, "{status}");
    }
}

#[test]
fn a_peer_that_does_not_know_yet_is_unknown() {
    for effect in [None, Some("applied"), Some("none")] {
        assert_eq!(outcome(202, effect, r#"{"saga":"x"}"#), Outcome::Unknown);
    }
}

#[test]
fn a_good_status_that_says_nothing_happened_is_no_refusal() {
    assert_eq!(outcome(200, Some("none"), "{}"), Outcome::Unknown);
}

#[test]
fn a_definite_no_keeps_its_code_its_kind_and_its_detail() {
    let body = r#"{"type":"/docs/errors/night-sold-out","title":"t","status":409,"code":"night-sold-out","nights":["2026-01-02"]}"#;
    assert_eq!(recorded(409, body), rejected("night-sold-out", RefusalKind::Conflict, json!({"nights": ["2026-01-02"]})));
    let short = r#"{"code":"x","detail":"for people"}"#;
    for (status, kind) in [
        (400, RefusalKind::Unprocessable),
        (403, RefusalKind::Conflict),
        (404, RefusalKind::NotFound),
        (409, RefusalKind::Conflict),
        (412, RefusalKind::Stale),
        (422, RefusalKind::Unprocessable),
    ] {
        assert_eq!(recorded(status, short), rejected("x", kind, Value::Null), "{status}");
    }
    for body in ["", "not JSON", "[]", "{}"] {
        let Outcome::Rejected(refused) = recorded(409, body) else { panic!("{body}") };
        assert_eq!(refused.code, "unreadable-problem");
    }
}

#[test]
fn a_refusal_that_is_not_on_record_decides_nothing() {
    for (status, code) in [
        (400, "invalid-request"),
        (401, "not-authenticated"),
        (403, "not-allowed"),
        (404, "not-found"),
        (405, "method-not-allowed"),
        (413, "body-too-large"),
        (422, "key-reused"),
        (302, "elsewhere"),
    ] {
        let body = json!({"code": code, "status": status}).to_string();
        assert_eq!(outcome(status, Some("none"), &body), Outcome::Retry(code.into()), "{status}");
    }
    let mut other = answer(StatusCode::CONFLICT, Some("none"), "{}");
    other.headers_mut().insert(peer::DECISION, http::HeaderValue::from_static("perhaps"));
    assert_eq!(read(&other).outcome, Outcome::Retry("unreadable-problem".into()));
    // Marked or not: nobody refuses for ever with "not now", and what does not say "none" says nothing.
    assert_eq!(recorded(503, r#"{"code":"store"}"#), Outcome::Retry("store".into()));
    let mut silent = refusal(StatusCode::CONFLICT, "{}");
    silent.headers_mut().remove(peer::EFFECT);
    assert_eq!(read(&silent).outcome, Outcome::Unknown);
}

/// A wire on which everything is refused, on record or not.
struct No(bool);

impl Wire for No {
    fn send<'a>(&'a self, _: &'a str, _: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        let body = r#"{"code":"no"}"#;
        let said = if self.0 { refusal(StatusCode::CONFLICT, body) } else { answer(StatusCode::CONFLICT, Some("none"), body) };
        Box::pin(async { Ok(said) })
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_refusal_on_record_earns_a_retry_and_none_harms_the_breaker() {
    for (on_record, earned) in [(true, true), (false, false)] {
        let guards = Guards::default();
        let peers = Peers::new("stays", Arc::new(No(on_record))).with_guards(guards.clone());
        let before = guards.of("peer").show("peer").retries_saved;
        for _ in 0..30 {
            ask(&peers, "x", Duration::from_secs(1)).await;
        }
        let shown = guards.of("peer").show("peer");
        assert_eq!((shown.breaker, shown.retries_saved > before), ("closed", earned), "{on_record}");
    }
}

#[test]
fn not_yet_may_be_asked_again() {
    for status in [429, 500, 503] {
        assert_eq!(outcome(status, Some("none"), r#"{"code":"queue-full"}"#), Outcome::Retry("queue-full".into()), "{status}");
    }
}

#[test]
fn an_answer_says_how_far_its_service_had_come() {
    let with = |at: &'static str| {
        let mut response: Response<_> = answer(StatusCode::OK, Some("applied"), "{}");
        response.headers_mut().insert(peer::AT, http::HeaderValue::from_static(at));
        read(&response).at
    };
    assert_eq!(with("stays/3:17"), At::of("stays", 3, 17));
    assert_eq!(with("nonsense"), At::default(), "what cannot be read is not waited for");
}

#[derive(Serialize, Deserialize)]
struct Hold {
    hotel: String,
    nights: u32,
}

impl Contract for Hold {
    const SERVICE: &'static str = "inventory";
    const NAME: &'static str = "Hold";
    const PATH: &'static str = "/hotels/{hotel}/holds";
    type Reply = Value;
}

#[test]
fn a_contract_puts_its_path_fields_into_the_path_and_the_rest_into_the_body() {
    let call = Call::to(&Hold { hotel: "H1".into(), nights: 2 });
    assert_eq!(
        (call.service, call.path.as_str(), call.body.as_str()),
        ("inventory", "/api/inventory/v1/hotels/H1/holds", r#"{"nights":2}"#)
    );
}
