//! A feed as a stream: one answer that does not end, a page a line (NDJSON), an empty line when there was no news for a
//! while. It is a loop of long polls through the same door, so who may read and what is read are decided in one place. A
//! stream whose reader is slow reads slowly: the next page is asked for when the last one has been taken.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use feed::{Cursor, Page};
use futures::stream::unfold;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, Uri};
use kernel::Lane;
use peer::Arrived;
use pipeline::call::asked;
use tokio::time::Instant;

use crate::listen::Front;

/// What a client accepts that wants a stream.
pub const NDJSON: &str = "application/x-ndjson";
/// An empty line tells so often that the stream lives.
const HEARTBEAT_S: u64 = 5;
/// A stream ends after so long, and the client comes again: to another replica, and as somebody who still may.
const STREAM_MAX: Duration = Duration::from_secs(600);

/// Whether a request asks for a stream of a feed.
pub(crate) fn is_wanted(parts: &Parts) -> bool {
    let accepts = parts.headers.get("accept").and_then(|v| v.to_str().ok()).unwrap_or_default();
    parts.method == Method::GET && parts.uri.path().ends_with("/v1/feed") && accepts.split(',').any(|kind| kind.trim() == NDJSON)
}

/// Who reads what, and where they are.
struct Reader {
    front: Arc<Front>,
    service: String,
    parts: Parts,
    cursors: BTreeMap<Lane, Cursor>,
    until: Instant,
}

impl Reader {
    /// The next page, or word that there was none for a while.
    async fn poll(&mut self) -> http::Response<Bytes> {
        let after: Vec<String> = self.cursors.values().map(ToString::to_string).collect();
        let uri = format!("{}?after={}&wait={HEARTBEAT_S}s", self.parts.uri.path(), after.join(","));
        // Cursors and paths that came in a URI go into one.
        self.ask(uri.parse().unwrap_or_else(|_| Uri::from_static("/"))).await
    }

    /// Asks for a page, and is behind it then.
    async fn ask(&mut self, uri: Uri) -> http::Response<Bytes> {
        let mut parts = self.parts.clone();
        parts.uri = uri;
        parts.extensions.insert(Arrived(Instant::now()));
        let answer = self.front.carry(&self.service, http::Request::from_parts(parts, Bytes::new())).await;
        if let Ok(page) = serde_json::from_slice::<Page>(answer.body()) {
            self.cursors.insert(page.next.lane, page.next);
        }
        answer
    }
}

/// Serves a stream. A first request that is refused is refused as any other; what goes wrong later is the last line.
pub(crate) async fn serve(front: Arc<Front>, service: String, mut parts: Parts) -> Response {
    // Each poll has the time of a poll, whatever the whole may take.
    parts.headers.remove(peer::DEADLINE);
    let after = asked(parts.uri.query().unwrap_or_default(), "after").unwrap_or_default();
    // A cursor nobody can read is left out here and refused by the service.
    let cursors = after.split(',').filter_map(Cursor::parse).map(|cursor| (cursor.lane, cursor)).collect();
    let uri = parts.uri.clone();
    let mut reader = Reader { front, service, parts, cursors, until: Instant::now() + STREAM_MAX };
    let first = reader.ask(uri).await;
    if !first.status().is_success() {
        return crate::listen::answer(first);
    }
    let lines = unfold((reader, Some(first)), |(mut reader, before)| async move {
        let answer = match before {
            Some(first) => first,
            // Somebody was told what went wrong, or has read long enough.
            None if reader.until <= Instant::now() => return None,
            None => reader.poll().await,
        };
        if !answer.status().is_success() {
            reader.until = Instant::now();
        }
        let line = Bytes::from([answer.body(), b"\n".as_slice()].concat());
        Some((Ok::<_, std::convert::Infallible>(line), (reader, None)))
    });
    let mut response = Response::new(Body::from_stream(lines));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert("content-type", HeaderValue::from_static(NDJSON));
    response.headers_mut().insert("cache-control", HeaderValue::from_static("no-store"));
    response
}
