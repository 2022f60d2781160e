//! `GET /desk/live`: the stream of changes of a hotel's desk. Where a desk is on the tape is the id of the last event it has
//! seen; what it has missed is asked of stays, without memory here, so any replica goes on where another has stopped.
//!
//! Reading order: `row` (a bar), `hub` (one follower for all desks of a hotel), `aside` (figures beside the bars), `pace`
//! (what a flood does), `names`.

pub mod row;
pub mod hub;
pub mod aside;
pub mod pace;
pub mod names;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use http::{HeaderMap, StatusCode};
use jiff::civil::Date;
use kit::live::event;
use kit::{Front, Part, Visit, page};
use pipeline::Role;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use self::hub::{Head, Hubs, Listening};
use self::pace::Behind;
use self::row::Changes;

/// Patience with stays when a desk comes (again).
const RESUME: Duration = Duration::from_millis(1_200);
/// Pause after it did not answer.
const SILENCE: Duration = Duration::from_secs(1);

/// What a stream is asked for.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    hotel: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    from: Option<Date>,
    #[serde(default)]
    to: Option<Date>,
}

/// Reads `tape.<epoch>.<seq>`.
pub fn place(id: &str) -> Option<Head> {
    let (epoch, seq) = id.strip_prefix("tape.")?.rsplit_once('.')?;
    let is_plain = !epoch.is_empty() && epoch.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_plain.then_some((epoch.to_owned(), seq.parse().ok()?))
}

/// `GET /desk/live?hotel&after[&from&to]`.
pub async fn serve(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    if let Some(answer) = front.needs(&visit, Role::Desk) {
        return answer;
    }
    if !kernel::id::is_code(&wanted.hotel) {
        return page::message(&front, &visit, StatusCode::NOT_FOUND, "not-found-title", "not-found-text");
    }
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok());
    let after = last.and_then(place).or_else(|| place(&wanted.after));
    let listening = hubs.listen(&front, &wanted.hotel, wanted.from.zip(wanted.to));
    kit::live::stream(&front, events(front.clone(), hubs, listening, after))
}

struct Desk {
    front: Front,
    hubs: Arc<Hubs>,
    listening: Listening,
    behind: Behind,
    /// The last change told.
    seen: Option<Head>,
}

/// What one desk is told: what it has missed, then the hub's news.
pub fn events(front: Front, hubs: Arc<Hubs>, listening: Listening, after: Option<Head>) -> impl Stream<Item = Bytes> + Send + 'static {
    let desk = Desk { front, hubs, listening, behind: Behind::default(), seen: None };
    let first = async move {
        let mut desk = desk;
        let bytes = desk.resume(after).await;
        futures::stream::once(std::future::ready(bytes)).chain(futures::stream::unfold(desk, |mut desk| async move {
            let bytes = desk.next().await?;
            Some((bytes, desk))
        }))
    };
    futures::stream::once(first).flatten()
}

impl Desk {
    /// What was missed. The hub's news are queued already, and the hub is not ahead of what is asked now: nothing falls
    /// between the two.
    async fn resume(&mut self, after: Option<Head>) -> Bytes {
        let hub = self.listening.hub.clone();
        let mut head = hub.head.subscribe();
        // The hub lives as long as this listens.
        let told = head.wait_for(Option::is_some).await.ok().and_then(|head| head.clone());
        let is_behind = |said: &Changes| told.as_ref().is_some_and(|(epoch, seq)| *epoch == said.epoch && said.seq < *seq);
        let said = loop {
            match hub::changes(&self.front, &hub.hotel, after.as_ref(), 0, RESUME).await {
                // Another replica of stays, which has not come so far: the hub would not tell again what lies between.
                Part::Here(said) if is_behind(&said) => tokio::time::sleep(pace::COALESCED).await,
                Part::Here(said) => break said,
                Part::No(_) | Part::Silent(_) => tokio::time::sleep(SILENCE).await,
            }
        };
        let head = (said.epoch.clone(), said.seq);
        let hello = json!({"epoch": head.0, "seq": head.1, "bd": hub.date()});
        let is_caught_up = after.as_ref() == Some(&head);
        let mut bytes = BytesMut::from(&event("hello", is_caught_up.then(|| hub::id(&head)).as_deref(), &hello)[..]);
        match after {
            // It begins with a snapshot, which says where it is.
            None => {}
            Some(_) if said.reset => {
                self.behind.missed(Instant::now());
                bytes.extend_from_slice(&hub::reset("behind"));
            }
            Some(_) => bytes.extend_from_slice(&hub::rows(&self.front, &self.hubs.names, &head, &said.changes).await),
        }
        self.seen = Some(head);
        bytes.freeze()
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let owed = self.behind.due();
            let news = tokio::select! {
                biased;
                () = tokio::time::sleep_until(owed.unwrap_or_else(Instant::now)), if owed.is_some() => Err(RecvError::Lagged(0)),
                news = self.listening.news.recv() => news,
            };
            match news {
                Ok(news) => {
                    if let (Some(head), Some(seen)) = (&news.head, &self.seen)
                        && head.0 == seen.0
                        && head.1 <= seen.1
                    {
                        continue;
                    }
                    self.seen = news.head.or(self.seen.take());
                    return Some(news.bytes);
                }
                Err(RecvError::Lagged(_)) if self.behind.missed(Instant::now()) => return Some(hub::reset("behind")),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_view_an_epoch_and_a_number() {
        assert_eq!(place("tape.0a1b.12"), Some(("0a1b".into(), 12)));
        assert_eq!(place("tape.eu1-4.88213"), Some(("eu1-4".into(), 88_213)));
        for bad in ["", "tape.", "tape.1", "tape..1", "tape.a b.1", "tape.a&b.1", "list.a.1", "tape.a.-1"] {
            assert_eq!(place(bad), None, "{bad}");
        }
    }
}
