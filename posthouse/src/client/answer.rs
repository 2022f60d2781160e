//! What an answer of the house means: the table of the API's conventions.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A final answer: the command was applied or definitely refused, or the query was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// Whether the house said it had seen this key before.
    pub replayed: bool,
    /// The body as sent.
    pub body: Bytes,
}

#[derive(Deserialize, Default)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: Option<String>,
}

impl Answer {
    /// Whether the command took effect (or the query was answered).
    pub fn applied(&self) -> bool {
        self.status.is_success()
    }

    /// The stable code of a refusal; the status where the body has none.
    pub fn code(&self) -> String {
        match serde_json::from_slice::<Problem>(&self.body) {
            Ok(problem) if !problem.code.is_empty() => problem.code,
            _ => self.status.as_u16().to_string(),
        }
    }

    /// The refusal for a person: status, code and detail.
    pub fn refusal(&self) -> String {
        let problem = serde_json::from_slice::<Problem>(&self.body).unwrap_or_default();
        let mut text = format!("{} {}", self.status.as_u16(), problem.code);
        if let Some(detail) = problem.detail {
            let _ = write!(text, " ({detail})");
        }
        text
    }

    /// The body as a value; an error quotes the beginning of what came instead.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|e| format!("unexpected answer: {e}; it begins {}", beginning(&self.body)))
    }
}

/// One round trip, before anyone has judged it.
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) effect: Option<HeaderValue>,
    pub(super) retry_after: Option<Duration>,
}

pub(super) enum Verdict {
    Final,
    /// Send it again; an unmarked definite answer is counted, it may be a wrong address.
    Again {
        unmarked: bool,
    },
}

/// What an answer means (the table of the API's conventions).
pub(super) fn judge(method: &Method, reply: &Reply) -> Verdict {
    let status = reply.answer.status;
    if *method == Method::GET {
        let later = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        return if later { Verdict::Again { unmarked: false } } else { Verdict::Final };
    }
    if matches!(status, StatusCode::ACCEPTED | StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        return Verdict::Again { unmarked: false };
    }
    match reply.effect.as_ref().map(HeaderValue::as_bytes) {
        Some(b"applied") if status.is_success() => Verdict::Final,
        Some(b"none") if status.is_client_error() => Verdict::Final,
        _ => Verdict::Again { unmarked: status.is_client_error() || status.is_redirection() },
    }
}

/// The first bytes of a body, for an error.
pub(super) fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(method: Method, status: u16, effect: Option<&'static str>) -> &'static str {
        let answer = Answer { status: StatusCode::from_u16(status).expect("status"), replayed: false, body: Bytes::new() };
        match judge(&method, &Reply { answer, effect: effect.map(HeaderValue::from_static), retry_after: None }) {
            Verdict::Final => "final",
            Verdict::Again { unmarked: false } => "again",
            Verdict::Again { unmarked: true } => "strange",
        }
    }

    #[test]
    fn an_answer_to_a_command_is_final_only_when_it_says_what_it_did() {
        assert_eq!(verdict(Method::POST, 201, Some("applied")), "final");
        assert_eq!(verdict(Method::POST, 409, Some("none")), "final");
        assert_eq!(verdict(Method::POST, 201, None), "again");
        assert_eq!(verdict(Method::POST, 202, None), "again");
        assert_eq!(verdict(Method::POST, 503, Some("none")), "again");
        assert_eq!(verdict(Method::POST, 500, None), "again");
        assert_eq!(verdict(Method::POST, 404, None), "strange");
        assert_eq!(verdict(Method::GET, 200, None), "final");
        assert_eq!(verdict(Method::GET, 404, None), "final");
        assert_eq!(verdict(Method::GET, 503, None), "again");
    }
}
