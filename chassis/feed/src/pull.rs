//! Asking another service for the next page of its feed.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use kernel::Lane;
use peer::Peers;

use crate::page::{Cursor, Page};

/// How long a request for news waits at the source.
const WAIT: Duration = Duration::from_secs(20);
/// Pause after an answer that was no page.
pub(crate) const PAUSE: Duration = Duration::from_millis(250);

/// The next page after these cursors; `None`: no news. Fails with why there is no page. What the source has in its archive
/// only is asked for from there.
pub(crate) async fn pull(peers: &Peers, source: &str, cursors: &BTreeMap<Lane, Cursor>) -> Result<Option<Page>, String> {
    let after: Vec<String> = cursors.values().map(ToString::to_string).collect();
    let path = format!("/api/{source}/v1/feed?after={}&wait={}s", after.join(","), WAIT.as_secs());
    let ask = async |path: &str| peers.poll(source, path, WAIT + Duration::from_secs(2)).await.ok_or("no answer");
    let mut answer = ask(&path).await?;
    if answer.status() == StatusCode::GONE {
        answer = ask(&format!("{path}&archive=true")).await?;
    }
    match answer.status().as_u16() {
        200 => serde_json::from_slice(answer.body()).map(Some).map_err(|e| e.to_string()),
        204 => Ok(None),
        status @ (409 | 410 | 416) => {
            // The source has lost what was taken in here, or what comes next, or is another one. Nothing mends this but a
            // person.
            tracing::error!(source, status, "the cursor does not lie on the source's history");
            Err(format!("status {status}"))
        }
        status => Err(format!("status {status}")),
    }
}
