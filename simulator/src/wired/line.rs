//! A line: turmoil's connections under the real HTTP/2 client and server, and a note in the trace of all that goes over it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use host::Tasks;
use http::{Request, Response, Uri};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use kernel::Protocol;
use peer::wire::BoxFuture;
use peer::{Directory, Http2, Lost, Wire};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use turmoil::net::{TcpListener, TcpStream};

use crate::clock::SimClock;
use crate::ground::{Message, UnderWay};
use crate::trace::Trace;
use crate::world::SERVICES;

/// How long a connection may take to be made, as with real sockets.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Where people outside of the house knock.
pub const OUTSIDE: u16 = 80;
/// Where peers do.
pub const INSIDE: u16 = 81;

/// Every machine at this port.
fn directory(port: u16) -> Directory {
    let listed = SERVICES.map(|name| (name.to_owned(), vec![format!("http://{name}:{port}")]));
    // Names and ports that are constants always make a directory.
    Directory::read(&listed.into()).unwrap_or_default()
}

/// What makes connections.
#[derive(Clone, Copy)]
pub struct Connector;

impl tower::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(async move {
            let at = (uri.host().unwrap_or_default().to_owned(), uri.port_u16().unwrap_or_default());
            Ok(TokioIo::new(Stream(timeout(CONNECT_TIMEOUT, TcpStream::connect(at)).await??)))
        })
    }
}

/// A connection.
pub struct Stream(TcpStream);

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// What takes connections.
pub struct Listener(TcpListener);

impl Listener {
    /// At a port of the machine this runs on.
    pub async fn bind(port: u16) -> io::Result<Self> {
        Ok(Self(TcpListener::bind(("0.0.0.0", port)).await?))
    }
}

impl axum::serve::Listener for Listener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            if let Ok(accepted) = self.0.accept().await {
                return accepted;
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// The real client, with a note of what it carries.
pub struct Line {
    client: Http2<Connector>,
    clock: SimClock,
    trace: Arc<Trace>,
    commands: Arc<AtomicU64>,
}

impl Line {
    /// From the machine whose tasks these are to all services at this port.
    pub fn new(port: u16, tasks: &Tasks, protocol: Protocol, trace: &Arc<Trace>, commands: &Arc<AtomicU64>) -> Self {
        let client = Http2::over(Connector, directory(port), tasks.spawner()).with_protocol(protocol);
        Self { client, clock: SimClock::Turmoil, trace: trace.clone(), commands: commands.clone() }
    }

    /// Sends without a note.
    pub async fn send_unseen(&self, service: &str, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        self.client.send(service, request).await
    }
}

impl Wire for Line {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move {
            let message = Message::of(service, &request);
            let _under_way = UnderWay::new(&self.commands, &message);
            let Message { from, to, path, key, .. } = &message;
            self.trace.say(format!("{} {from}>{to} {path} {key} is sent", self.clock.ms()));
            let answer = self.client.send(service, request).await;
            let what = match &answer {
                Ok(answer) => format!("{} {}", answer.status().as_u16(), answer.body().len()),
                Err(Lost) => "lost".to_owned(),
            };
            self.trace.say(format!("{} {from}>{to} {path} {key} {what}", self.clock.ms()));
            answer
        })
    }

    fn forget(&self, service: &str) {
        self.client.forget(service);
    }
}
