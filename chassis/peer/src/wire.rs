//! The port to other services: bytes out, bytes back, or nothing.

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::Instant;

/// The largest answer a wire carries; a larger one is lost. A full page of a feed stays well below.
pub const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A boxed future that may cross threads.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// No answer came: refused, reset, broken off, too large, or dropped. Whether anything happened is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// When a request reached this process; a wire or a listener notes it, so that waiting in queues counts.
#[derive(Clone, Copy, Debug)]
pub struct Arrived(pub Instant);

/// Carries a request to a service. Implementations never retry: that is the caller's decision.
pub trait Wire: Send + Sync + 'static {
    /// Sends one request; the caller bounds the time.
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>>;

    /// The service has not answered well for a while: connections to it are not to be trusted any more.
    fn forget(&self, _service: &str) {}
}
