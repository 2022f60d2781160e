//! The HTTP/2 wire over another connector than sockets: pipes in memory, on simulated time.

use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use http::{Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::service::service_fn;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use kernel::Outcome;
use peer::{Guards, Http2, Peers};
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
    answered: Arc<AtomicU32>,
    is_hung: Arc<AtomicBool>,
    freeze: Arc<Mutex<Arc<Notify>>>,
    tasks: Tasks,
}

impl Cable {
    async fn connect(self) -> io::Result<Pipe> {
        let (near, far) = tokio::io::duplex(64 * 1_024);
        self.connections.fetch_add(1, Ordering::Relaxed);
        let frozen = self.freeze.lock().expect("no panic").clone();
        self.tasks.spawn(async move {
            if self.is_hung.load(Ordering::Relaxed) {
                let _held = far;
                return std::future::pending().await;
            }
            let answered = self.answered.clone();
            let answer = service_fn(move |_| {
                answered.fetch_add(1, Ordering::Relaxed);
                async {
                    let answer = Response::builder().status(StatusCode::OK).header(peer::EFFECT, "applied");
                    answer.body(Full::new(Bytes::from_static(b"{}")))
                }
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

    /// Says nothing any more, and takes new connections without a word, until it is `well`.
    fn hang(&self) {
        self.is_hung.store(true, Ordering::Relaxed);
        self.freeze();
    }

    fn well(&self) {
        self.is_hung.store(false, Ordering::Relaxed);
    }

    fn answered(&self) -> u32 {
        self.answered.load(Ordering::Relaxed)
    }
}

/// A service with two replicas.
struct Pair {
    a: Cable,
    b: Cable,
    guards: Guards,
    peers: Peers,
    _tasks: Tasks,
}

fn pair() -> Pair {
    let (a, b, tasks, guards) = (Cable::default(), Cable::default(), Tasks::default(), Guards::default());
    let ends = (a.clone(), b.clone());
    let connector = tower::service_fn(move |to: Uri| {
        let cable = if to.host() == Some("192.0.2.1") { &ends.0 } else { &ends.1 };
        Box::pin(cable.clone().connect())
    });
    let at = [([192, 0, 2, 1], 80).into(), ([192, 0, 2, 2], 80).into()];
    let wire = Http2::over(connector, directory(&at), tasks.spawner());
    let peers = Peers::new("stays", Arc::new(wire)).with_guards(guards.clone());
    Pair { a, b, guards, peers, _tasks: tasks }
}

const CALL: Duration = Duration::from_secs(2);

/// So many calls one after the other; how many had no answer.
async fn unanswered(peers: &Peers, calls: u32) -> u32 {
    let mut lost = 0;
    for _ in 0..calls {
        lost += u32::from(ask(peers, "x", CALL).await.outcome == Outcome::Unknown);
    }
    lost
}

#[tokio::test(start_paused = true)]
async fn a_hung_replica_comes_last_until_it_answers_again() {
    let pair = pair();
    assert_eq!((unanswered(&pair.peers, 10).await, pair.a.answered(), pair.b.answered()), (0, 5, 5), "they take turns");
    pair.a.hang();
    assert_eq!(unanswered(&pair.peers, 100).await, 1, "the one that is late is the last for a while");
    // Its time is over again and again, and one call tries it each time.
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(unanswered(&pair.peers, 100).await, 1);
    }
    pair.a.well();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = pair.a.answered();
    assert_eq!((unanswered(&pair.peers, 100).await, pair.a.answered() - before), (0, 50), "a good answer clears it");
    // With both gone it is as if neither were: each is asked in turn, and the first to be well is found.
    pair.a.hang();
    pair.b.hang();
    assert_eq!(unanswered(&pair.peers, 4).await, 4);
    pair.b.well();
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert!(unanswered(&pair.peers, 20).await <= 1);
}

#[tokio::test(start_paused = true)]
async fn a_hung_replica_of_two_opens_no_breaker() {
    let pair = pair();
    assert_eq!(unanswered(&pair.peers, 2).await, 0);
    pair.a.hang();
    // A call every 50 ms for a minute, however long each of them takes.
    let heard = join_all((0..1_200).map(|n| {
        let peers = &pair.peers;
        async move {
            tokio::time::sleep(Duration::from_millis(50) * n).await;
            ask(peers, "x", CALL).await.outcome
        }
    }));
    let heard = heard.await;
    let shown = pair.guards.of("peer").show("peer");
    assert_eq!(shown.counts.get("opened").copied().unwrap_or(0), 0, "{:?}", shown.counts);
    let lost = heard.iter().filter(|outcome| !matches!(outcome, Outcome::Applied { .. })).count();
    assert!(lost <= 26, "{lost}: half of the calls of the first two seconds, then one in ten seconds");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_hangs_up_says_nothing_about_the_replica() {
    let pair = pair();
    assert_eq!(unanswered(&pair.peers, 2).await, 0);
    pair.a.hang();
    for _ in 0..3 {
        // Every other one is at the hung replica, and is gone long before its time is over.
        let _gone = tokio::time::timeout(Duration::from_millis(100), ask(&pair.peers, "x", CALL)).await;
    }
    let before = pair.b.answered();
    assert_eq!(unanswered(&pair.peers, 1).await, 0);
    assert_eq!(pair.b.answered(), before + 1);
    assert_eq!(unanswered(&pair.peers, 1).await, 1, "the hung one is asked in its turn");
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
