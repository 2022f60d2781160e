//! Problems: the failure side of HTTP (RFC 9457), written in one place. `Posthouse-Effect: none` is said exactly when it
//! is certain that nothing happened, `Posthouse-Decision: recorded` exactly when that is the command's answer for ever.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use kernel::{RefusalKind, Refused};
use serde_json::{Map, Value, json};

/// A request that cannot be meant: which field, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

impl Invalid {
    /// About a field.
    pub fn field(name: &str, why: &str) -> Self {
        Self(format!("{name}: {why}"))
    }
}

/// A problem before it is bytes.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// Stable kebab-case code.
    pub code: String,
    /// For people.
    pub detail: String,
    /// For programs: offending nights, counts.
    pub fields: Map<String, Value>,
    /// Whether it is certain that nothing happened.
    pub no_effect: bool,
    /// Whether it is a command's answer for ever: it stands under the key, in the lane or in a saga's end.
    pub recorded: bool,
    /// Seconds to wait before the next try, where there is one (429, 503).
    pub retry_after_s: u64,
}

impl Problem {
    /// Certainly without effect.
    pub fn none(status: StatusCode, code: &str, detail: &str) -> Self {
        let (code, detail, fields) = (code.to_owned(), detail.to_owned(), Map::new());
        Self { status, code, detail, fields, no_effect: true, recorded: false, retry_after_s: 1 }
    }

    /// 400: the request cannot be meant.
    pub fn invalid(detail: &str) -> Self {
        Self::none(StatusCode::BAD_REQUEST, "invalid-request", detail)
    }

    /// 400: this cannot be read as of that moment.
    pub fn no_past(why: &str) -> Self {
        Self::none(StatusCode::BAD_REQUEST, "as-of-unsupported", why)
    }

    /// 404 for something that does not exist.
    pub fn not_found(code: &str) -> Self {
        Self::none(StatusCode::NOT_FOUND, code, "")
    }

    /// 503: nothing has happened yet, come again.
    pub fn retry(code: &str) -> Self {
        let status = if code == "bug" { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::SERVICE_UNAVAILABLE };
        Self::none(status, code, "Nothing has happened; send the request again with the same key.")
    }

    /// 500 without an effect header: nobody knows.
    pub fn unknown() -> Self {
        let detail = "It is not known whether this happened; ask again with the same key.";
        Self { no_effect: false, ..Self::none(StatusCode::INTERNAL_SERVER_ERROR, "outcome-unknown", detail) }
    }

    /// 503 without an effect header: it was handed on, and no answer came in time.
    pub fn unanswered() -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..Self::unknown() }
    }

    /// A domain refusal.
    pub fn refused(refused: &Refused) -> Self {
        let status = match refused.kind {
            RefusalKind::Conflict => StatusCode::CONFLICT,
            RefusalKind::NotFound => StatusCode::NOT_FOUND,
            RefusalKind::Stale => StatusCode::PRECONDITION_FAILED,
            RefusalKind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let fields = refused.detail.as_object().cloned().unwrap_or_default();
        Self { fields, ..Self::none(status, &refused.code, "") }
    }

    /// A decision that stands: a peer may act upon it.
    pub fn recorded(self) -> Self {
        Self { recorded: true, ..self }
    }

    /// As bytes.
    pub fn into_response(self) -> Response<Bytes> {
        let mut body = Map::new();
        body.insert("type".into(), json!(format!("/docs/errors/{}", self.code)));
        body.insert("title".into(), json!(self.code.replace('-', " ")));
        body.insert("status".into(), json!(self.status.as_u16()));
        body.insert("code".into(), json!(self.code));
        if !self.detail.is_empty() {
            body.insert("detail".into(), json!(self.detail));
        }
        body.extend(self.fields);
        let mut response = Response::new(Bytes::from(Value::Object(body).to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/problem+json"));
        if self.no_effect {
            headers.insert(peer::EFFECT, HeaderValue::from_static("none"));
        }
        if self.recorded {
            headers.insert(peer::DECISION, HeaderValue::from_static(peer::RECORDED));
        }
        if [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS].contains(&self.status) {
            headers.insert("retry-after", HeaderValue::from(self.retry_after_s));
        }
        response
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::invalid(&invalid.0)
    }
}

impl From<feed::sql::SqlFault> for Problem {
    fn from(fault: feed::sql::SqlFault) -> Self {
        tracing::error!(%fault, "a query failed");
        Self::retry("views")
    }
}

impl From<eventstore::StoreFault> for Problem {
    fn from(fault: eventstore::StoreFault) -> Self {
        tracing::error!(%fault, "a read failed");
        Self::retry(if fault == eventstore::StoreFault::Pruned { "archive-away" } else { "store" })
    }
}
