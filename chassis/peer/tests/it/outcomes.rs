//! An answer is one of four outcomes, and only the effect header makes it a definite one.

use http::{Response, StatusCode};
use kernel::{Outcome, RefusalKind, Refused};
use peer::client::read;
use peer::{At, Call, Contract};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use testkit::scripted::answer;

fn outcome(status: u16, effect: Option<&'static str>, body: &str) -> Outcome {
    read(&answer(StatusCode::from_u16(status).expect("a status"), effect, body)).outcome
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
    assert_eq!(outcome(409, Some("none"), body), rejected("night-sold-out", RefusalKind::Conflict, json!({"nights": ["2026-01-02"]})));
    let short = r#"{"code":"x","detail":"for people"}"#;
    for (status, kind) in [
        (400, RefusalKind::Unprocessable),
        (403, RefusalKind::Conflict),
        (404, RefusalKind::NotFound),
        (409, RefusalKind::Conflict),
        (412, RefusalKind::Stale),
        (422, RefusalKind::Unprocessable),
    ] {
        assert_eq!(outcome(status, Some("none"), short), rejected("x", kind, Value::Null), "{status}");
    }
    for body in ["", "not JSON", "[]", "{}"] {
        let Outcome::Rejected(refused) = outcome(409, Some("none"), body) else { panic!("{body}") };
        assert_eq!(refused.code, "unreadable-problem");
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
