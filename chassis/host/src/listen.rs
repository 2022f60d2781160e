//! HTTP in front of the house: collects the body, forgets headers only services may send, finds the service by its path.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use peer::Wire;
use pipeline::Problem;
use pipeline::router::BODY_BYTES_MAX;
use tokio_util::sync::CancellationToken;

use crate::house::House;

/// Headers that say something only services may say.
const INSIDE_ONLY: [&str; 3] = [peer::CALLER, peer::UNDOES, peer::CAUSATION];

/// Serves `/api/<service>/…` of a house, besides the routes of `pages`, until `stop`; then drains.
pub async fn serve(
    listener: tokio::net::TcpListener,
    house: Arc<House>,
    pages: axum::Router,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let api = axum::Router::new().fallback(forward).with_state(house);
    let app = axum::Router::new().merge(pages).fallback_service(api);
    axum::serve(NoDelay(listener), app).with_graceful_shutdown(async move { stop.cancelled().await }).await
}

/// Small answers must not wait for the other side's delayed acknowledgement.
struct NoDelay(tokio::net::TcpListener);

impl axum::serve::Listener for NoDelay {
    type Io = tokio::net::TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, addr) = axum::serve::Listener::accept(&mut self.0).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
        (stream, addr)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

async fn forward(State(house): State<Arc<House>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    for name in INSIDE_ONLY {
        parts.headers.remove(name);
    }
    let service = parts.uri.path().strip_prefix("/api/").and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned();
    if !house.cores.contains_key(service.as_str()) {
        return answer(Problem::not_found("not-found").into_response());
    }
    let body = match axum::body::to_bytes(body, BODY_BYTES_MAX + 1).await {
        Ok(body) => body,
        Err(_) => return answer(Problem::none(http::StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "").into_response()),
    };
    match house.door.send(&service, http::Request::from_parts(parts, body)).await {
        Ok(response) => answer(response),
        Err(peer::Lost) => answer(Problem::unknown().into_response()),
    }
}

fn answer(response: http::Response<Bytes>) -> Response {
    let (parts, body) = response.into_parts();
    http::Response::from_parts(parts, Body::from(body)).into_response()
}
