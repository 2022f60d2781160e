//! Answers: the success side of HTTP, written in one place.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use peer::At;
use serde::Serialize;

/// A good answer before it is bytes.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// JSON (or, with `content_type`, something else).
    pub body: String,
    /// Content type; JSON unless said otherwise.
    pub content_type: &'static str,
    /// Whether a command's effect is durable.
    pub applied: bool,
    /// Whether it is the stored answer of an earlier request.
    pub replayed: bool,
    /// Positions it rests on.
    pub at: At,
    /// The version of the one aggregate it shows.
    pub version: Option<u64>,
    /// Where the thing made (or the pending saga) is.
    pub location: Option<String>,
}

impl Answer {
    /// JSON with status 200.
    pub fn json<T: Serialize>(value: &T) -> Self {
        // Answers are plain data; serde_json cannot fail on them.
        Self::text(serde_json::to_string(value).unwrap_or_else(|_| "null".into()))
    }

    /// JSON text with status 200.
    pub fn text(body: String) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            content_type: "application/json",
            applied: false,
            replayed: false,
            at: At::default(),
            version: None,
            location: None,
        }
    }

    /// An empty 204.
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, ..Self::text(String::new()) }
    }

    /// With positions.
    pub fn at(mut self, at: At) -> Self {
        self.at = at;
        self
    }

    /// With an aggregate's version as `ETag`.
    pub fn version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// As bytes.
    pub fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static(self.content_type));
        if self.applied {
            headers.insert(peer::EFFECT, HeaderValue::from_static("applied"));
        }
        if self.replayed {
            headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        let mut text = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        if !self.at.0.is_empty() {
            text(peer::AT, self.at.to_string());
        }
        if let Some(version) = self.version {
            text("etag", format!("\"{version}\""));
        }
        if let Some(location) = self.location {
            text("location", location);
        }
        response
    }
}
