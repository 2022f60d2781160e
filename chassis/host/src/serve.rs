//! Accepting connections, HTTP/1 and HTTP/2 alike on one port, and letting them go: when told to stop it accepts no more,
//! finishes what is under way, and only then returns.

use std::pin::pin;
use std::time::Duration;

use axum::serve::Listener;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use kernel::Protocol;
use peer::http2::Spawning;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::tasks::Tasks;

/// An HTTP/1 connection may be silent for so long; longer than clients keep idle ones.
const SILENCE_MAX: Duration = Duration::from_secs(90);
/// A silent HTTP/2 connection is pinged so often.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// A ping without an answer for so long ends the connection.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// Requests under way on one HTTP/2 connection: all calls and long polls of a peer fit.
const STREAMS_MAX: u32 = 1_024;

/// Serves `app` until `stop`, then drains. Every connection is a task of its own.
pub async fn serve<L: Listener>(mut listener: L, app: axum::Router, protocol: Protocol, tasks: Tasks, stop: CancellationToken) {
    let (open, mut closed) = mpsc::channel::<()>(1);
    loop {
        let (io, _) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let app = app.clone();
        tasks.spawn(connection(io, app, protocol, tasks.clone(), stop.clone(), open.clone()));
    }
    drop((listener, open));
    // Nobody ever sends: this ends when the last connection has dropped its sender.
    let _all_gone = closed.recv().await;
}

async fn connection<I>(io: I, app: axum::Router, protocol: Protocol, tasks: Tasks, stop: CancellationToken, _open: mpsc::Sender<()>)
where
    I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(Spawning(tasks.spawner()));
    builder.http1().timer(TokioTimer::new()).header_read_timeout(SILENCE_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(protocol.pings.then_some(PING_INTERVAL))
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(STREAMS_MAX);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(io), TowerToHyperService::new(app)));
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
