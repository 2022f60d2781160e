//! The HTTP/2 wire: the same bytes to a service in another process, by its addresses in the directory, without TLS
//! (prior knowledge; a private network or a mesh is around it).
//!
//! One connection an address carries every call to it. A peer that vanished without a word is noticed by pings, also
//! while nothing is under way; when its breaker opens, its connections are dropped. An address that cannot be connected
//! to has been sent nothing, so the next one is tried; anything later is lost. Replicas take turns, but one that has just
//! left a call without an answer comes last for a while: a hung replica must not look like a sick service.

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
use kernel::Protocol;
use tokio::time::Instant;

use crate::directory::Directory;
use crate::inprocess::Spawn;
use crate::wire::{ANSWER_BYTES_MAX, BoxFuture, Lost, Wire};

/// How long a connection may take to be made before the next address is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A silent connection is pinged so often.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// A ping without an answer for so long ends the connection and everything on it.
const PING_TIMEOUT: Duration = Duration::from_secs(3);

/// An address that gave no answer comes last for so long; then one call tries it.
const AVOIDED_FOR: Duration = Duration::from_secs(10);
/// Of a call's time so many tenths are over when it is given up because it is late; whoever goes earlier has only hung up.
const LATE_TENTHS: u32 = 9;

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

/// The connections to one service, the address whose turn is next, and those that are avoided, by their place in the
/// directory.
struct Line<C> {
    client: Client<C, Full<Bytes>>,
    turn: usize,
    avoided: BTreeMap<usize, Instant>,
}

impl<C> Line<C> {
    /// The places of `count` addresses in the order of the next call: in turn, the avoided ones last.
    fn order(&mut self, count: usize) -> Vec<usize> {
        let (turn, now) = (self.turn, Instant::now());
        self.turn = self.turn.wrapping_add(1);
        let in_turn = (0..count).map(|n| turn.wrapping_add(n) % count);
        let (mut order, last): (Vec<_>, Vec<_>) = in_turn.partition(|place| self.avoided.get(place).is_none_or(|until| *until <= now));
        if let Some(until) = order.first().and_then(|place| self.avoided.get_mut(place)) {
            // Its time is over and this call tries it; the others wait for what comes of that.
            *until = now + AVOIDED_FOR;
        }
        order.extend(last);
        order
    }
}

/// A call at one address. When it is dropped because its time is over, the address is avoided.
struct Try<'a, C> {
    lines: &'a Mutex<BTreeMap<String, Line<C>>>,
    service: &'a str,
    place: usize,
    /// Whoever drops it before this instant has hung up, which says nothing about the address.
    late: Instant,
    is_over: bool,
}

impl<C> Try<'_, C> {
    fn mark(&self, is_well: bool) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(line) = lines.get_mut(self.service) else { return };
        if is_well {
            line.avoided.remove(&self.place);
        } else {
            line.avoided.insert(self.place, Instant::now() + AVOIDED_FOR);
        }
    }

    /// It has been answered, or is lost.
    fn end(mut self, is_well: bool) {
        self.is_over = true;
        self.mark(is_well);
    }
}

impl<C> Drop for Try<'_, C> {
    fn drop(&mut self) {
        if !self.is_over && Instant::now() >= self.late {
            self.mark(false);
        }
    }
}

/// The wire. `C` makes connections: sockets in production, simulated ones in a test.
pub struct Http2<C = HttpConnector> {
    directory: Directory,
    connector: C,
    spawn: Spawn,
    answer_bytes_max: usize,
    protocol: Protocol,
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
        Self { directory, connector, spawn, answer_bytes_max: ANSWER_BYTES_MAX, protocol: Protocol::SOUND, lines: Mutex::default() }
    }

    /// With another limit of an answer's size.
    pub fn with_limit(self, answer_bytes_max: usize) -> Self {
        Self { answer_bytes_max, ..self }
    }

    /// With another protocol than the sound one, for a simulation that must notice it.
    pub fn with_protocol(self, protocol: Protocol) -> Self {
        Self { protocol, ..self }
    }

    fn client(&self) -> Client<C, Full<Bytes>> {
        Client::builder(Spawning(self.spawn.clone()))
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .http2_only(true)
            .http2_keep_alive_interval(self.protocol.pings.then_some(PING_INTERVAL))
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .http2_keep_alive_while_idle(true)
            .build(self.connector.clone())
    }

    /// The client of a service and the places of its addresses, in the order of this call.
    fn line(&self, service: &str, count: usize) -> (Client<C, Full<Bytes>>, Vec<usize>) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Line { client: self.client(), turn: 0, avoided: BTreeMap::new() };
        let line = lines.entry(service.to_owned()).or_insert_with(new);
        (line.client.clone(), line.order(count))
    }

    async fn carry(&self, service: &str, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let addresses = self.directory.addresses(service);
        let (client, order) = self.line(service, addresses.len());
        if addresses.is_empty() {
            tracing::warn!(service, "no address of this service is known");
        }
        let late = Instant::now() + time_of(&request) * LATE_TENTHS / 10;
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        for place in order {
            let address = &addresses[place];
            let mut asked = Request::new(Full::new(body.clone()));
            *asked.method_mut() = parts.method.clone();
            *asked.headers_mut() = parts.headers.clone();
            *asked.uri_mut() = at(address, &path)?;
            let trying = Try { lines: &self.lines, service, place, late, is_over: false };
            match client.request(asked).await {
                Ok(answer) => {
                    let whole = self.whole(service, answer).await;
                    trying.end(whole.is_ok());
                    return whole;
                }
                Err(error) => {
                    trying.end(false);
                    let why = deepest(&error);
                    if !error.is_connect() {
                        tracing::debug!(service, %address, why, "a call is lost");
                        return Err(Lost);
                    }
                    tracing::info!(service, %address, why, "cannot be connected to");
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

/// How long the caller waits, as it says itself.
fn time_of(request: &Request<Bytes>) -> Duration {
    let said = request.headers().get(crate::DEADLINE).and_then(|v| v.to_str().ok()?.parse().ok());
    said.map_or(Duration::ZERO, Duration::from_millis)
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
