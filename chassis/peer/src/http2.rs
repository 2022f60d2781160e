//! The HTTP/2 wire: the same bytes to a service in another process, by its addresses in the directory, without TLS
//! (prior knowledge; a private network or a mesh is around it).
//!
//! One connection an address carries every call to it. A peer that vanished without a word is noticed by pings, also
//! while nothing is under way; when its breaker opens, its connections are dropped. An address that cannot be connected
//! to has been sent nothing, so the next one is tried; anything later is lost.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioTimer;

use crate::directory::Directory;
use crate::inprocess::Spawn;
use crate::wire::{ANSWER_BYTES_MAX, BoxFuture, Lost, Wire};

/// How long a connection may take to be made before the next address is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A silent connection is pinged so often.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// A ping without an answer for so long ends the connection and everything on it.
const PING_TIMEOUT: Duration = Duration::from_secs(3);

/// Starts hyper's tasks the way every task of the house is started.
#[derive(Clone)]
pub struct Spawning(pub Spawn);

impl<F> hyper::rt::Executor<F> for Spawning
where
    F: Future + Send + 'static,
{
    fn execute(&self, task: F) {
        (self.0)(Box::pin(async move {
            task.await;
        }));
    }
}

/// The connections to one service, and the address whose turn is next.
struct Line<C> {
    client: Client<C, Full<Bytes>>,
    turn: usize,
}

/// The wire. `C` makes connections: sockets in production, simulated ones in a test.
pub struct Http2<C = HttpConnector> {
    directory: Directory,
    connector: C,
    spawn: Spawn,
    answer_bytes_max: usize,
    lines: Mutex<BTreeMap<String, Line<C>>>,
}

impl Http2 {
    /// A wire over sockets.
    pub fn new(directory: Directory, spawn: Spawn) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        Self::over(connector, directory, spawn)
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> Http2<C> {
    /// A wire over whatever `connector` connects.
    pub fn over(connector: C, directory: Directory, spawn: Spawn) -> Self {
        Self { directory, connector, spawn, answer_bytes_max: ANSWER_BYTES_MAX, lines: Mutex::default() }
    }

    /// With another limit of an answer's size.
    pub fn with_limit(self, answer_bytes_max: usize) -> Self {
        Self { answer_bytes_max, ..self }
    }

    fn client(&self) -> Client<C, Full<Bytes>> {
        Client::builder(Spawning(self.spawn.clone()))
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .http2_only(true)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .http2_keep_alive_while_idle(true)
            .build(self.connector.clone())
    }

    /// The client of a service and its addresses, in the order of this call.
    fn line(&self, service: &str) -> (Client<C, Full<Bytes>>, Vec<Authority>) {
        let mut addresses = self.directory.addresses(service).to_vec();
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry(service.to_owned()).or_insert_with(|| Line { client: self.client(), turn: 0 });
        if !addresses.is_empty() {
            let turn = line.turn % addresses.len();
            addresses.rotate_left(turn);
        }
        line.turn = line.turn.wrapping_add(1);
        (line.client.clone(), addresses)
    }

    async fn carry(&self, service: &str, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let (client, addresses) = self.line(service);
        if addresses.is_empty() {
            tracing::warn!(service, "no address of this service is known");
        }
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        for address in addresses {
            let mut asked = Request::new(Full::new(body.clone()));
            *asked.method_mut() = parts.method.clone();
            *asked.headers_mut() = parts.headers.clone();
            *asked.uri_mut() = at(&address, &path)?;
            match client.request(asked).await {
                Ok(answer) => return self.whole(service, answer).await,
                Err(error) if error.is_connect() => tracing::info!(service, %address, why = %deepest(&error), "cannot be connected to"),
                Err(error) => {
                    tracing::debug!(service, %address, why = %deepest(&error), "a call is lost");
                    return Err(Lost);
                }
            }
        }
        Err(Lost)
    }

    async fn whole(&self, service: &str, answer: Response<hyper::body::Incoming>) -> Result<Response<Bytes>, Lost> {
        let (parts, body) = answer.into_parts();
        match Limited::new(body, self.answer_bytes_max).collect().await {
            Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
            Err(why) => {
                tracing::debug!(service, %why, "an answer broke off");
                Err(Lost)
            }
        }
    }
}

fn at(address: &Authority, path: &PathAndQuery) -> Result<Uri, Lost> {
    let uri = Uri::builder().scheme(Scheme::HTTP).authority(address.clone()).path_and_query(path.clone());
    uri.build().map_err(|_| Lost)
}

/// The innermost cause: hyper's outer errors say only that something failed.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

impl<C: Connect + Clone + Send + Sync + 'static> Wire for Http2<C> {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(self.carry(service, request))
    }

    fn forget(&self, service: &str) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // The pool goes with the client; what is under way on it ends by its own deadline.
        if let Some(line) = lines.get_mut(service) {
            line.client = self.client();
        }
    }
}
