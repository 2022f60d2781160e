//! The port to other services: bytes out, bytes back, or nothing.

use bytes::Bytes;
use http::{Request, Response};

/// A boxed future that may cross threads.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// No answer came: reset, refused after sending, or dropped. Whether anything happened is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// Carries a request to a service. Implementations never retry: that is the caller's decision.
pub trait Wire: Send + Sync + 'static {
    /// Sends one request; the caller bounds the time.
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>>;
}
