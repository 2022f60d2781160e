//! `GET /ops/live`: that there is something new, once a second, with the line at the top of every page. The pages fetch
//! themselves again; what they show comes from the same look, so a thousand watchers ask no service twice.

use std::time::Duration;

use axum::response::Response;
use kit::live::{event, stream};
use serde::Serialize;

use crate::health::{self, Row, Summary};
use crate::look::Look;

/// From one piece of news to the next.
const EVERY: Duration = Duration::from_secs(1);
/// What another watcher has seen a moment ago is new enough.
const AGE: Duration = Duration::from_millis(700);

#[derive(Serialize)]
struct State {
    at_ms: i64,
    summary: Summary,
    services: Vec<Row>,
}

/// The stream.
pub async fn live(look: Look) -> Response {
    let front = look.front.clone();
    let news = futures::stream::unfold((look, true), |(look, is_first)| async move {
        if !is_first {
            tokio::time::sleep(EVERY).await;
        }
        let snapshot = look.watch.look(&look.front, look.process.as_ref(), AGE).await;
        let state = State { at_ms: snapshot.at_ms, summary: health::summary(&snapshot), services: health::rows(&snapshot) };
        Some((event("state", None, &state), (look, false)))
    });
    stream(&front, news)
}
