//! What the machines stand on: the network between them, and the switch of each machine. There are two. In memory
//! (`network`) every message can be lost, repeated and delayed by itself; over HTTP/2 (`wired`) there are connections,
//! which is where real clients hang.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use peer::wire::BoxFuture;
use peer::{Lost, Wire};

use crate::options::Faults;
use crate::world::World;

/// The ground of a world. As a wire it carries what people outside of the house send.
pub trait Ground: Wire {
    /// Switches a machine on; it starts on what its disk has kept.
    fn up<'a>(&'a self, service: &'static str, world: &'a World) -> BoxFuture<'a, Result<(), String>>;

    /// Switches a machine off: when this ends, none of its tasks is left.
    fn down<'a>(&'a self, service: &'static str) -> BoxFuture<'a, ()>;

    /// From now on these faults; without a nemesis every link is whole.
    fn set(&self, faults: Faults);

    /// Takes a link away for a while.
    fn cut(&self, from: &'static str, to: &'static str, time: Duration);

    /// Commands that have been sent and have not arrived or not been answered yet.
    fn commands_under_way(&self) -> u64;

    /// Asks a service on a way that is not noted in the trace.
    fn ask<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>>;

    /// Ends everything that is still on its way, and every machine.
    fn end(&self) -> BoxFuture<'_, ()>;
}

/// Who sends what to whom.
#[derive(Clone, Debug)]
pub struct Message {
    /// A service, or what a person is authorised as.
    pub from: String,
    /// The service asked.
    pub to: String,
    /// The path with its query.
    pub path: String,
    /// The idempotency key.
    pub key: String,
    /// Whether it can change something.
    pub is_command: bool,
}

impl Message {
    /// What a request is about.
    pub fn of(service: &str, request: &Request<Bytes>) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let caller = header(peer::CALLER);
        Self {
            from: if caller.is_empty() { header("authorization") } else { caller },
            to: service.to_owned(),
            path: request.uri().to_string(),
            key: header(peer::KEY),
            is_command: request.method() == Method::POST,
        }
    }
}

/// Counts a command while it is under way.
#[derive(Debug)]
pub struct UnderWay(Option<Arc<AtomicU64>>);

impl UnderWay {
    /// One more, if it is a command.
    pub fn new(count: &Arc<AtomicU64>, message: &Message) -> Self {
        if !message.is_command {
            return Self(None);
        }
        count.fetch_add(1, Ordering::Relaxed);
        Self(Some(count.clone()))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(count) = &self.0 {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
