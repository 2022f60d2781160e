//! Both wires pass the same suite; and what only sockets can do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use kernel::Outcome;
use peer::breaker::Knobs;
use peer::{Directory, Guards, Http2, InProcess, Peers, Ways, Wire};
use testkit::Tasks;
use testkit::scripted::answer;
use testkit::wires::{ask, directory, in_process, listen, over_http2, wires};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tower::util::BoxCloneSyncService;

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn the_wire_in_memory_passes_the_suite() {
    wires(in_process).await;
}

#[tokio::test]
async fn the_wire_over_http2_passes_the_suite() {
    wires(over_http2).await;
}

fn peers(at: &[SocketAddr]) -> (Peers, Tasks) {
    let tasks = Tasks::default();
    (Peers::new("stays", Arc::new(Http2::new(directory(at), tasks.spawner()))), tasks)
}

/// A door that answers with a name.
fn named(name: &'static str, tasks: &Tasks) -> InProcess {
    let door = InProcess::new(tasks.spawner());
    let serve = move |_: Request<Bytes>| async move { Ok::<_, std::convert::Infallible>(answer(StatusCode::OK, Some("applied"), name)) };
    door.attach("peer", BoxCloneSyncService::new(tower::service_fn(serve)));
    door
}

/// Something that goes on beside a test, and what comes of it.
fn beside<T: Send + 'static>(tasks: &Tasks, work: impl Future<Output = T> + Send + 'static) -> oneshot::Receiver<T> {
    let (done, result) = oneshot::channel();
    tasks.spawn(async move {
        let _nobody_waits = done.send(work.await);
    });
    result
}

async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.and_then(|l| l.local_addr()).expect("a free port")
}

fn reply(outcome: Outcome) -> String {
    match outcome {
        Outcome::Applied { reply, .. } => reply,
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn replicas_take_turns_and_one_that_cannot_be_connected_to_is_passed_over() {
    let (tasks, stop) = (Tasks::default(), CancellationToken::new());
    let (a, b) = (listen(named("a", &tasks), &stop).await, listen(named("b", &tasks), &stop).await);
    let (peers, _tasks) = peers(&[a, nobody().await, b]);
    let mut heard = String::new();
    for _ in 0..6 {
        heard += &reply(ask(&peers, "x", SOON).await.outcome);
    }
    assert_eq!(heard, "abbabb");
}

#[tokio::test]
async fn nobody_there_is_lost() {
    let (peers, _tasks) = peers(&[nobody().await, nobody().await]);
    assert_eq!(ask(&peers, "x", SOON).await.outcome, Outcome::Unknown);
    let tasks = Tasks::default();
    let unlisted = Peers::new("stays", Arc::new(Http2::new(Directory::default(), tasks.spawner())));
    assert_eq!(ask(&unlisted, "x", SOON).await.outcome, Outcome::Unknown);
}

/// A listener that speaks enough HTTP/2 to be sent a request, and ends the connection its own way. Says how many came.
async fn rude(tasks: &Tasks, answer: &'static [&'static [u8]]) -> (SocketAddr, oneshot::Receiver<u32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let serving = beside(tasks, async move {
        let mut connections = 0;
        while let Ok(Ok((mut stream, _))) = tokio::time::timeout(Duration::from_millis(500), listener.accept()).await {
            connections += 1;
            let mut bytes = [0; 4_096];
            stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.expect("our settings");
            let mut seen = Vec::new();
            // Until the request's headers (frame type 1 on stream 1) are here.
            while !seen.windows(9).any(|w: &[u8]| w[3] == 1 && w[5..9] == [0, 0, 0, 1]) {
                let n = stream.read(&mut bytes).await.unwrap_or(0);
                if n == 0 {
                    break;
                }
                seen.extend_from_slice(&bytes[..n]);
            }
            for part in answer {
                stream.write_all(part).await.expect("written");
            }
        }
        connections
    });
    (at, serving)
}

/// `:status: 200`, and more to come.
const HEADERS: &[u8] = &[0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88];
/// Four bytes of a body that is longer.
const DATA: &[u8] = &[0, 0, 4, 0, 0, 0, 0, 0, 1, b'h', b'a', b'l', b'f'];

#[tokio::test]
async fn an_answer_that_breaks_off_is_lost_and_never_sent_again() {
    const ANSWERS: [&[&[u8]]; 3] = [&[], &[HEADERS], &[HEADERS, DATA]];
    for parts in ANSWERS {
        let tasks = Tasks::default();
        let (at, serving) = rude(&tasks, parts).await;
        let (peers, _tasks) = peers(&[at, at]);
        assert_eq!(ask(&peers, "x", SOON).await.outcome, Outcome::Unknown);
        assert_eq!(serving.await.expect("a listener"), 1, "once something was sent, no other address is tried");
    }
}

#[tokio::test]
async fn an_open_breaker_drops_its_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    // Accepts and never says a word.
    let tasks = Tasks::default();
    let silent = beside(&tasks, async move {
        let mut streams: Vec<TcpStream> = Vec::new();
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            streams.push(stream);
            if streams.len() == 2 {
                let (mut first, mut bytes) = (streams.remove(0), Vec::new());
                // The end of the first connection is seen here.
                return first.read_to_end(&mut bytes).await.is_ok();
            }
        }
    });
    let guards = Guards::new(Knobs { open_min: Duration::from_millis(1), ..Knobs::default() });
    let wire = Arc::new(Http2::new(directory(&[at]), tasks.spawner()));
    let peers = Peers::new("stays", wire).with_guards(guards.clone());
    for _ in 0..20 {
        ask(&peers, "x", Duration::from_millis(5)).await;
    }
    assert_ne!(guards.show()[0].breaker, "closed");
    tokio::time::sleep(Duration::from_millis(5)).await;
    ask(&peers, "x", Duration::from_millis(50)).await;
    let ended = tokio::time::timeout(SOON, silent).await;
    assert!(ended.is_ok_and(|ended| ended.is_ok_and(|closed| closed)), "the first connection is closed once a second is made");
}

#[tokio::test]
async fn a_service_that_is_here_is_not_asked_elsewhere() {
    let (tasks, stop) = (Tasks::default(), CancellationToken::new());
    let away = listen(named("away", &tasks), &stop).await;
    let http2 = Arc::new(Http2::new(directory(&[away]), tasks.spawner()));
    let (here, gone) = (named("here", &tasks), InProcess::new(tasks.spawner()));
    for (door, from) in [(here, "here"), (gone, "away")] {
        let peers = Peers::new("stays", Arc::new(Ways::new(door, http2.clone())));
        assert_eq!(reply(ask(&peers, "x", SOON).await.outcome), from);
    }
}

/// Counts what is sent; used as a wire that never answers.
struct Never;

impl Wire for Never {
    fn send<'a>(&'a self, _: &'a str, _: Request<Bytes>) -> peer::wire::BoxFuture<'a, Result<Response<Bytes>, peer::Lost>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_has_no_more_time_than_the_request_around_it() {
    let peers = Peers::new("stays", Arc::new(Never));
    let began = tokio::time::Instant::now();
    let within = peer::deadline::within(began + Duration::from_millis(700), async {
        assert_eq!(ask(&peers, "x", Duration::from_millis(300)).await.outcome, Outcome::Unknown);
        assert_eq!(began.elapsed().as_millis(), 300);
        assert_eq!(ask(&peers, "x", SOON).await.outcome, Outcome::Unknown);
        assert_eq!(began.elapsed().as_millis(), 700, "what is left, not what was asked for");
        assert_eq!(ask(&peers, "x", SOON).await.outcome, Outcome::retry("deadline-passed"), "nothing is sent");
    });
    within.await;
}
