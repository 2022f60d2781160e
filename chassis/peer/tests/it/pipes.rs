//! The HTTP/2 wire over another connector than sockets: pipes in memory, on simulated time.

use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::service::service_fn;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use kernel::Outcome;
use peer::{Http2, Peers};
use testkit::Tasks;
use testkit::wires::{ask, directory};
use tokio::io::DuplexStream;
use tokio::sync::Notify;

/// One end of a pipe, as hyper wants it.
struct Pipe(TokioIo<DuplexStream>);

impl Connection for Pipe {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Pipe {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, to)
    }
}

impl Write for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// A network of one peer, which can vanish without a word and come back.
#[derive(Clone, Default)]
struct Cable {
    connections: Arc<AtomicU32>,
    freeze: Arc<Mutex<Arc<Notify>>>,
    tasks: Tasks,
}

impl Cable {
    async fn connect(self) -> io::Result<Pipe> {
        let (near, far) = tokio::io::duplex(64 * 1_024);
        self.connections.fetch_add(1, Ordering::Relaxed);
        let frozen = self.freeze.lock().expect("no panic").clone();
        self.tasks.spawn(async move {
            let answer = service_fn(|_| async {
                let answer = Response::builder().status(StatusCode::OK).header(peer::EFFECT, "applied");
                answer.body(Full::new(Bytes::from_static(b"{}")))
            });
            let builder = Builder::new(TokioExecutor::new());
            let mut serving = pin!(builder.serve_connection(TokioIo::new(far), answer));
            tokio::select! {
                biased;
                () = frozen.notified() => {}
                _ = serving.as_mut() => return,
            }
            // Still there, and for ever silent: neither an end nor a reset reaches the other side.
            std::future::pending::<()>().await;
        });
        Ok(Pipe(TokioIo::new(near)))
    }

    /// Everything that is connected now says nothing any more.
    fn freeze(&self) {
        let mut freeze = self.freeze.lock().expect("no panic");
        freeze.notify_waiters();
        *freeze = Arc::default();
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_has_vanished_is_noticed_while_nothing_is_under_way() {
    let (cable, tasks) = (Cable::default(), Tasks::default());
    let over = cable.clone();
    let connector = tower::service_fn(move |_: Uri| Box::pin(over.clone().connect()));
    let wire = Http2::over(connector, directory(&[([192, 0, 2, 1], 80).into()]), tasks.spawner());
    let peers = Peers::new("stays", Arc::new(wire));
    let soon = Duration::from_secs(1);
    assert!(matches!(ask(&peers, "x", soon).await.outcome, Outcome::Applied { .. }));
    cable.freeze();
    assert_eq!(ask(&peers, "x", soon).await.outcome, Outcome::Unknown, "nobody has noticed yet");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(matches!(ask(&peers, "x", soon).await.outcome, Outcome::Applied { .. }), "pings have ended the dead connection");
    assert_eq!(cable.connections.load(Ordering::Relaxed), 2);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(matches!(ask(&peers, "x", soon).await.outcome, Outcome::Applied { .. }));
    assert_eq!(cable.connections.load(Ordering::Relaxed), 2, "a peer that answers pings keeps its connection");
}
