//! Streams of changes to a page (server-sent events). A stream ends when the process goes down, and after a while anyway:
//! the browser comes again, to another replica and as somebody who still may, and says what it has seen last.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::HeaderValue;
use serde::Serialize;
use tokio::time::Instant;

use crate::front::Front;

/// So often a silent stream says that it lives.
const BEAT: Duration = Duration::from_secs(15);
/// A stream ends after so long.
const STREAM_MAX: Duration = Duration::from_secs(300);

/// One event as bytes. `id` is where the view is after it; a browser that comes again sends the last one back.
pub fn event<T: Serialize>(name: &str, id: Option<&str>, data: &T) -> Bytes {
    // JSON has no line breaks of its own.
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".into());
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {data}\n{id}\n"))
}

struct Running<S> {
    front: Front,
    events: Pin<Box<S>>,
    until: Instant,
    is_over: bool,
}

/// Serves a stream of events, until it ends, the process goes down, or it has lasted long enough. With a beat while nothing
/// happens.
pub fn stream<S>(front: &Front, events: S) -> Response
where
    S: Stream<Item = Bytes> + Send + 'static,
{
    let retry = 1_000 + front.setup.chance.below(2_000);
    let hello = futures::stream::iter([Bytes::from(format!("retry: {retry}\n\n"))]);
    let running = Running { front: front.clone(), events: Box::pin(events), until: Instant::now() + STREAM_MAX, is_over: false };
    let rest = futures::stream::unfold(running, |mut running| async move {
        if running.is_over {
            return None;
        }
        let bytes = tokio::select! {
            biased;
            () = running.front.setup.closing.begun() => None,
            () = tokio::time::sleep_until(running.until) => None,
            next = running.events.next() => match next {
                Some(bytes) => Some(bytes),
                None => return None,
            },
            () = tokio::time::sleep(BEAT) => Some(event("beat", None, &serde_json::json!({"now": running.front.now()}))),
        };
        running.is_over = bytes.is_none();
        let bye = || event("bye", None, &serde_json::json!({"retry_ms": 1_000 + running.front.setup.chance.below(2_000)}));
        Some((bytes.unwrap_or_else(bye), running))
    });
    let mut answer = Response::new(Body::from_stream(hello.chain(rest).map(Ok::<_, Infallible>)));
    for (name, value) in [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}
