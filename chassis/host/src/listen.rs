//! HTTP in front of the house: collects the body, finds the service by its path, and knows which side it faces. Only the
//! side of the peers believes a caller that says which service it is.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use kernel::Protocol;
use peer::guard::Kind;
use peer::{Arrived, Directory, InProcess, Peers, Silence, Wire};
use pipeline::Problem;
use pipeline::router::BODY_BYTES_MAX;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::stream;
use crate::tasks::Tasks;

/// Headers that say something only services may say.
const INSIDE_ONLY: [&str; 3] = [peer::CALLER, peer::UNDOES, peer::CAUSATION];
/// Headers about one connection, which are not handed on.
const HOP: [&str; 6] = ["connection", "host", "keep-alive", "te", "transfer-encoding", "upgrade"];
/// How long a forwarded request may take when it does not say: longer than a service takes by itself.
const FORWARD_TIMEOUT: Duration = Duration::from_secs(11);
/// The most it may ask for.
const FORWARD_TIMEOUT_MAX: Duration = Duration::from_secs(60);

/// What a listener serves.
#[derive(Clone)]
pub struct Front {
    door: InProcess,
    is_inside: bool,
    gateway: Option<Gateway>,
}

/// The way to services that are not here.
#[derive(Clone)]
pub struct Gateway {
    /// Their guards and the wire.
    pub peers: Peers,
    /// Where they are.
    pub directory: Arc<Directory>,
}

impl Front {
    /// For everybody: nobody passes for a service.
    pub fn outside(door: InProcess) -> Self {
        Self { door, is_inside: false, gateway: None }
    }

    /// For peers on a network of their own: a caller is who it says it is.
    pub fn inside(door: InProcess) -> Self {
        Self { door, is_inside: true, gateway: None }
    }

    /// Hands requests for services that are not here on to where they are.
    pub fn with_gateway(self, gateway: Gateway) -> Self {
        Self { gateway: Some(gateway), ..self }
    }

    /// Hands a request to its service, here or elsewhere.
    pub(crate) async fn carry(&self, service: &str, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let gateway = self.gateway.as_ref().filter(|gateway| !gateway.directory.addresses(service).is_empty());
        let answered = match gateway {
            _ if self.door.has(service) => self.door.send(service, request).await.map_err(|peer::Lost| Problem::unknown()),
            Some(gateway) => gateway.hand_on(service, request).await,
            None => Err(Problem::not_found("not-found")),
        };
        answered.unwrap_or_else(Problem::into_response)
    }
}

/// Serves `/api/<service>/…` of a front, besides the routes of `pages`, until `stop`; then drains.
pub async fn serve(listener: tokio::net::TcpListener, front: Front, pages: axum::Router, tasks: Tasks, stop: CancellationToken) {
    crate::serve::serve(NoDelay(listener), app(front, pages), Protocol::SOUND, tasks, stop).await;
}

/// What [`serve`] serves, for listeners of another kind.
pub fn app(front: Front, pages: axum::Router) -> axum::Router {
    let front = Arc::new(front);
    let api = axum::Router::new().fallback(forward).with_state(front.clone());
    // By its path too, so that a front end may answer for everything else.
    let by_path = axum::Router::new().route("/api/{*rest}", any(forward)).with_state(front);
    by_path.merge(pages).fallback_service(api)
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

async fn forward(State(front): State<Arc<Front>>, request: Request) -> Response {
    let arrived = Arrived(Instant::now());
    let (mut parts, body) = request.into_parts();
    if !front.is_inside {
        forget_inside(&mut parts.headers);
    }
    let service = parts.uri.path().strip_prefix("/api/").and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned();
    if stream::is_wanted(&parts) {
        return stream::serve(front, service, parts).await;
    }
    let body = match axum::body::to_bytes(body, BODY_BYTES_MAX + 1).await {
        Ok(body) => body,
        Err(_) => return answer(Problem::none(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "").into_response()),
    };
    parts.extensions.insert(arrived);
    answer(front.carry(&service, http::Request::from_parts(parts, body)).await)
}

/// Takes away what only services may say.
pub fn forget_inside(headers: &mut HeaderMap) {
    for name in INSIDE_ONLY {
        headers.remove(name);
    }
}

impl Gateway {
    async fn hand_on(&self, service: &str, mut request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Problem> {
        for name in HOP {
            request.headers_mut().remove(name);
        }
        let is_command = request.method() != Method::GET && request.method() != Method::HEAD;
        let kind = match is_command {
            true => Kind::Command,
            false if request.uri().path().ends_with("/feed") => Kind::Poll,
            false => Kind::Query,
        };
        let asked = request.headers().get(peer::DEADLINE).and_then(|v| v.to_str().ok()?.parse().ok()).map(Duration::from_millis);
        // What it has waited here, its body included, is gone.
        let waited = request.extensions().get::<Arrived>().map_or(Duration::ZERO, |arrived| arrived.0.elapsed());
        let timeout = match kind {
            Kind::Poll => FORWARD_TIMEOUT_MAX,
            Kind::Command | Kind::Query => asked.unwrap_or(FORWARD_TIMEOUT).min(FORWARD_TIMEOUT_MAX),
        };
        match self.peers.forward(service, request, timeout.saturating_sub(waited), kind, false).await {
            Ok(mut response) => {
                for name in HOP {
                    response.headers_mut().remove(name);
                }
                Ok(response)
            }
            // Nobody waits at a breaker: whoever asked can tell their guest, and come again.
            Err(Silence::NotSent(why)) => Err(Problem { no_effect: is_command, ..Problem::retry(why.code()) }),
            Err(Silence::Unknown) if is_command => Err(Problem::unanswered()),
            Err(Silence::Unknown) => Err(Problem { no_effect: false, ..Problem::retry("peer-unavailable") }),
        }
    }
}

pub(crate) fn answer(response: http::Response<Bytes>) -> Response {
    let (parts, body) = response.into_parts();
    http::Response::from_parts(parts, Body::from(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use peer::Lost;
    use peer::wire::BoxFuture;

    /// A service that answers 202 when the time it was given is over (and the way back takes a moment), or never.
    struct Behind(bool);

    impl Wire for Behind {
        fn send<'a>(&'a self, _: &'a str, request: http::Request<Bytes>) -> BoxFuture<'a, Result<http::Response<Bytes>, Lost>> {
            Box::pin(async move {
                let given = request.headers().get(peer::DEADLINE).and_then(|v| v.to_str().ok()?.parse::<u64>().ok()).expect("a deadline");
                tokio::time::sleep(Duration::from_millis(given + 1)).await;
                let mut pending = http::Response::new(Bytes::new());
                *pending.status_mut() = StatusCode::ACCEPTED;
                if self.0 { Ok(pending) } else { std::future::pending().await }
            })
        }
    }

    async fn asked(answers: bool, method: Method, ms: u64, waited: Duration) -> http::Response<Bytes> {
        let gateway = Gateway { peers: Peers::new("gateway", Arc::new(Behind(answers))), directory: Arc::default() };
        let request = http::Request::builder().method(method).uri("/api/there/v1/x").header(peer::DEADLINE, ms);
        let request = request.extension(Arrived(Instant::now() - waited)).body(Bytes::new()).expect("a request");
        gateway.hand_on("there", request).await.unwrap_or_else(Problem::into_response)
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_a_gateway_is_answered_in_time_and_by_the_service_if_it_can() {
        // The clock counts milliseconds: shorter deadlines have nothing to give away.
        for ms in [40, 100, 500, 2_000, 11_000, 60_000] {
            for (answers, method, status) in [(true, Method::POST, 202), (false, Method::POST, 503), (false, Method::GET, 503)] {
                let began = Instant::now();
                let heard = asked(answers, method.clone(), ms, Duration::ZERO).await;
                assert_eq!(heard.status().as_u16(), status, "{method} {ms}");
                assert!(began.elapsed() < Duration::from_millis(ms), "{method} {ms}: {:?}", began.elapsed());
                assert_eq!(heard.headers().get(peer::EFFECT), None, "nobody knows");
                assert_eq!(heard.headers().contains_key("retry-after"), status == 503);
                let says_unknown = heard.body().windows(15).any(|part| part == b"outcome-unknown");
                assert_eq!(says_unknown, status == 503 && method == Method::POST, "a query has no outcome");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_has_used_its_time_up_on_the_way_is_not_sent() {
        for (ms, waited) in [(500, 500), (500, 9_000), (0, 0)] {
            let heard = asked(true, Method::POST, ms, Duration::from_millis(waited)).await;
            assert_eq!((heard.status().as_u16(), heard.headers()[peer::EFFECT].as_bytes()), (503, b"none".as_slice()));
            assert!(heard.headers().contains_key("retry-after"));
        }
    }
}
