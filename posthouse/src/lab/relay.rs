//! Something between a peer and its callers that can be slow, or answer 500 to everything: what a sick peer looks like
//! from outside.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use host::Tasks;
use http::StatusCode;
use peer::{Directory, Http2, Wire};

use crate::client::wall;

/// A request larger than this is none of ours.
const BODY_BYTES_MAX: usize = 4 << 20;
/// No forwarded answer is waited for longer, long polls included.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// How the peer behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As it is.
    Well,
    /// Everything takes so many times as long.
    Slow(u32),
    /// It answers 500 and does nothing.
    Failing,
}

/// A relay in front of one peer.
#[derive(Clone)]
pub struct Relay {
    service: &'static str,
    to: Arc<Http2>,
    /// 0: failing; otherwise how many times as long.
    slower: Arc<AtomicU32>,
}

impl Relay {
    /// Listens on a free loopback port and hands on to `target`; its tasks end with `tasks`.
    pub fn start(service: &'static str, target: SocketAddr, tasks: &Tasks) -> Result<(Self, String), String> {
        let directory = Directory::read(&[(service.to_owned(), vec![format!("http://{target}")])].into())?;
        let relay = Self { service, to: Arc::new(Http2::new(directory, tasks.spawner())), slower: Arc::new(AtomicU32::new(1)) };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|e| format!("no free port: {e}"))?;
        listener.set_nonblocking(true).map_err(|e| e.to_string())?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(|e| e.to_string())?;
        let url = format!("http://{}", listener.local_addr().map_err(|e| e.to_string())?);
        let app = Router::new().fallback(hand_on).with_state(relay.clone());
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                tracing::error!(%error, "a relay has failed");
            }
        });
        Ok((relay, url))
    }

    /// Changes how the peer behaves from now on.
    pub fn set(&self, mood: Mood) {
        let slower = match mood {
            Mood::Well => 1,
            Mood::Slow(times) => times.max(1),
            Mood::Failing => 0,
        };
        self.slower.store(slower, Ordering::Relaxed);
    }
}

async fn hand_on(State(relay): State<Relay>, request: Request) -> Response {
    let slower = relay.slower.load(Ordering::Relaxed);
    if slower == 0 {
        return (StatusCode::INTERNAL_SERVER_ERROR, "sick").into_response();
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else { return StatusCode::BAD_GATEWAY.into_response() };
    let began = wall();
    let sent = relay.to.send(relay.service, Request::from_parts(parts, body));
    let answer: Result<http::Response<Bytes>, _> = match tokio::time::timeout(ANSWER_WITHIN, sent).await {
        Ok(answer) => answer,
        Err(_) => return StatusCode::GATEWAY_TIMEOUT.into_response(),
    };
    tokio::time::sleep(wall().duration_since(began) * (slower - 1)).await;
    match answer {
        Ok(answer) => answer.map(Body::from),
        // Nobody answered: neither do we.
        Err(peer::Lost) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
