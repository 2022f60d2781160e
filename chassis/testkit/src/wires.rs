//! The conformance suite of the wire port: whatever can become of a call becomes the same outcome on every wire.
//!
//! ```text
//! wires(|behind| in_process(behind)).await;
//! wires(|behind| over_http2(behind)).await;
//! ```

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use host::Tasks;
use host::listen::{Front, serve};
use http::{Request, Response, StatusCode};
use kernel::Outcome;
use peer::breaker::Knobs;
use peer::guard::Kind;
use peer::{Attempt, Call, Directory, Guards, Http2, InProcess, PeerAnswer, Peers, Wire};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tower::util::BoxCloneSyncService;

use crate::scripted::{answer, refusal};

/// The largest answer the wires under test carry, in bytes.
pub const ANSWER_BYTES_MAX: usize = 256 * 1_024;
/// Long enough for anything that is not meant to be late.
const LONG: Duration = Duration::from_secs(20);
/// How long the breaker under test stays open the first time.
const OPEN: Duration = Duration::from_millis(50);

/// A peer that does what its path says, and counts.
#[derive(Clone, Default)]
pub struct Behind(Arc<Inside>);

#[derive(Default)]
struct Inside {
    begun: AtomicU32,
    done: AtomicU32,
    entered: Notify,
    gate: Notify,
}

impl Behind {
    async fn serve(self, request: Request<Bytes>) -> Result<Response<Bytes>, Infallible> {
        let this = &self.0;
        this.begun.fetch_add(1, Ordering::SeqCst);
        this.entered.notify_one();
        let verb = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let answered = match verb.as_str() {
            "panic" => panic!("a handler with a bug"),
            "gate" => {
                this.gate.notified().await;
                answer(StatusCode::OK, Some("applied"), "{}")
            }
            "large" => answer(StatusCode::OK, Some("applied"), &"x".repeat(ANSWER_BYTES_MAX + 1)),
            "full" => answer(StatusCode::OK, Some("applied"), &"x".repeat(ANSWER_BYTES_MAX)),
            "broken" => answer(StatusCode::BAD_GATEWAY, None, "<html>"),
            "refuse" => refusal(StatusCode::CONFLICT, "{\"code\":\"no\"}"),
            "forbid" => answer(StatusCode::FORBIDDEN, Some("none"), "{\"code\":\"not-allowed\"}"),
            _ => {
                let heard = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or("-").to_owned();
                let body = String::from_utf8_lossy(request.body()).into_owned();
                answer(StatusCode::OK, Some("applied"), &format!("{}|{}|{body}", heard(peer::KEY), heard(peer::CALLER)))
            }
        };
        this.done.fetch_add(1, Ordering::SeqCst);
        Ok(answered)
    }

    fn begun(&self) -> u32 {
        self.0.begun.load(Ordering::SeqCst)
    }

    /// Waits until so many requests are done.
    async fn done(&self, count: u32) {
        while self.0.done.load(Ordering::SeqCst) < count {
            tokio::task::yield_now().await;
        }
    }
}

/// A peer on a wire.
pub struct Site {
    /// The wire to it.
    pub wire: Arc<dyn Wire>,
    /// The tasks its handlers run in.
    pub handlers: Tasks,
    /// Tells it to stop: it accepts no more and finishes what is under way.
    pub stop: CancellationToken,
}

fn door(behind: &Behind, handlers: &Tasks) -> InProcess {
    let door = InProcess::new(handlers.spawner());
    let behind = behind.clone();
    door.attach("peer", BoxCloneSyncService::new(tower::service_fn(move |request| behind.clone().serve(request))));
    door
}

/// The peer in this process. Stopping it takes it off the wire.
pub async fn in_process(behind: Behind) -> Site {
    let (handlers, stop) = (Tasks::default(), CancellationToken::new());
    let wire = Stoppable { wire: Arc::new(door(&behind, &handlers).with_limit(ANSWER_BYTES_MAX)), stop: stop.clone() };
    Site { wire: Arc::new(wire), handlers, stop }
}

/// A wire to a peer that can go: afterwards every call is lost.
struct Stoppable {
    wire: Arc<dyn Wire>,
    stop: CancellationToken,
}

impl Wire for Stoppable {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> peer::wire::BoxFuture<'a, Result<Response<Bytes>, peer::Lost>> {
        if self.stop.is_cancelled() { Box::pin(async { Err(peer::Lost) }) } else { self.wire.send(service, request) }
    }
}

/// The peer behind a listener on loopback.
pub async fn over_http2(behind: Behind) -> Site {
    let (handlers, stop) = (Tasks::default(), CancellationToken::new());
    let at = listen(door(&behind, &handlers), &stop).await;
    let tasks = Tasks::default();
    let wire = Http2::new(directory(&[at]), tasks.spawner()).with_limit(ANSWER_BYTES_MAX);
    Site { wire: Arc::new(wire), handlers, stop }
}

/// Serves a door to peers on a free loopback port until `stop`.
pub async fn listen(door: InProcess, stop: &CancellationToken) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|e| panic!("no port: {e}"));
    let at = listener.local_addr().unwrap_or_else(|e| panic!("no address: {e}"));
    // Connections outlive the handlers' tasks: a handler can be cut off and its connection stays.
    let tasks = Tasks::default();
    tasks.spawn(serve(listener, Front::inside(door), axum::Router::new(), tasks.clone(), stop.clone()));
    at
}

/// A directory in which `peer` has these addresses.
pub fn directory(addresses: &[SocketAddr]) -> Directory {
    let urls = addresses.iter().map(|at| format!("http://{at}")).collect();
    Directory::read(&[("peer".to_owned(), urls)].into()).unwrap_or_else(|why| panic!("{why}"))
}

/// A call of `verb`.
pub async fn ask(peers: &Peers, verb: &str, timeout: Duration) -> PeerAnswer {
    let call = Call { service: "peer", name: "Test", path: format!("/api/peer/v1/{verb}"), body: "{\"a\":1}".into(), key: None };
    let attempt = Attempt { key: "saga/step", undoes: None, again: false, timeout, causation: "saga", traceparent: "" };
    peers.call(&call, &attempt).await
}

fn is_applied(answer: &PeerAnswer) -> bool {
    matches!(answer.outcome, Outcome::Applied { .. })
}

/// Runs the suite; `make` puts a peer on a new wire.
pub async fn wires<F: Future<Output = Site>>(make: impl Fn(Behind) -> F) {
    let start = async || {
        let behind = Behind::default();
        let site = make(behind.clone()).await;
        let peers = Peers::new("stays", site.wire.clone());
        (behind, site, peers)
    };
    answers(start().await).await;
    timeouts(start().await).await;
    losses(start().await).await;
    drains(start().await).await;
    breaks(start().await).await;
}

/// A call arrives with its envelope, and its answer whole, up to the limit.
async fn answers((_, _site, peers): (Behind, Site, Peers)) {
    let reply = "saga/step|stays|{\"a\":1}".to_owned();
    assert_eq!(ask(&peers, "echo", LONG).await.outcome, Outcome::Applied { reply, replayed: false });
    assert!(matches!(ask(&peers, "refuse", LONG).await.outcome, Outcome::Rejected(no) if no.code == "no"));
    assert_eq!(ask(&peers, "forbid", LONG).await.outcome, Outcome::Retry("not-allowed".into()), "no decision");
    assert!(is_applied(&ask(&peers, "full", LONG).await));
    assert_eq!(ask(&peers, "large", LONG).await.outcome, Outcome::Unknown, "too large");
    assert!(is_applied(&ask(&peers, "echo", LONG).await), "the wire goes on");
    let all = join_all((0..100).map(|_| ask(&peers, "echo", LONG))).await;
    assert!(all.iter().all(is_applied), "many at once");
}

/// The caller's patience ends; the handler goes on.
async fn timeouts((behind, _site, peers): (Behind, Site, Peers)) {
    let late = ask(&peers, "gate", Duration::from_millis(100)).await;
    assert_eq!(late.outcome, Outcome::Unknown, "late");
    behind.0.entered.notified().await;
    assert_eq!((behind.begun(), behind.0.done.load(Ordering::SeqCst)), (1, 0));
    behind.0.gate.notify_one();
    behind.done(1).await;
    assert!(is_applied(&ask(&peers, "echo", LONG).await), "the wire goes on");
}

/// A bug, a handler cut off in the middle, and a gateway's own answer are unknown.
async fn losses((behind, site, peers): (Behind, Site, Peers)) {
    assert_eq!(ask(&peers, "panic", LONG).await.outcome, Outcome::Unknown, "a panic");
    assert_eq!(ask(&peers, "broken", LONG).await.outcome, Outcome::Unknown, "no effect header");
    assert!(is_applied(&ask(&peers, "echo", LONG).await), "the wire goes on");
    let begun = behind.begun();
    let crash = async {
        while behind.begun() == begun {
            tokio::task::yield_now().await;
        }
        site.handlers.abort();
    };
    let (dropped, ()) = futures::join!(ask(&peers, "gate", LONG), crash);
    assert_eq!(dropped.outcome, Outcome::Unknown, "a dropped reply");
}

/// A peer that is told to stop finishes what it has begun and takes nothing more.
async fn drains((behind, site, peers): (Behind, Site, Peers)) {
    let stopping = async {
        behind.0.entered.notified().await;
        site.stop.cancel();
        let refused = async {
            // The listener may take a moment to close; nothing is begun behind it from then on.
            while ask(&peers, "echo", LONG).await.outcome != Outcome::Unknown {
                tokio::task::yield_now().await;
            }
        };
        refused.await;
        let begun = behind.begun();
        assert_eq!(ask(&peers, "echo", LONG).await.outcome, Outcome::Unknown, "it takes nothing more");
        assert_eq!(behind.begun(), begun);
        behind.0.gate.notify_one();
    };
    let (under_way, ()) = futures::join!(ask(&peers, "gate", LONG), stopping);
    assert!(is_applied(&under_way), "what was under way is finished: {under_way:?}");
}

/// Bad answers open the breaker, nothing is sent, one probe tries, and good answers close it.
async fn breaks((behind, site, _): (Behind, Site, Peers)) {
    let guards = Guards::new(Knobs { open_min: OPEN, ..Knobs::default() });
    let peers = Peers::new("stays", site.wire.clone()).with_guards(guards.clone());
    let state = || guards.show()[0].breaker;
    for _ in 0..20 {
        ask(&peers, "broken", LONG).await;
    }
    let begun = behind.begun();
    assert_eq!((state(), ask(&peers, "echo", LONG).await.outcome), ("open", Outcome::retry("peer-unavailable")));
    assert_eq!(behind.begun(), begun, "nothing was sent");
    tokio::time::sleep(OPEN).await;
    // The probe is under way, and alone.
    let others = async {
        behind.0.entered.notified().await;
        while behind.begun() == begun {
            tokio::task::yield_now().await;
        }
        assert_eq!(state(), "half-open");
        let others = join_all((0..10).map(|_| ask(&peers, "echo", LONG))).await;
        assert!(others.iter().all(|other| other.outcome == Outcome::retry("peer-unavailable")));
        behind.0.gate.notify_one();
    };
    let (probe, ()) = futures::join!(ask(&peers, "gate", LONG), others);
    assert!(is_applied(&probe));
    assert_eq!((state(), behind.begun()), ("ramping", begun + 1));
    for _ in 0..16 {
        assert!(is_applied(&ask(&peers, "echo", LONG).await));
    }
    assert_eq!(state(), "closed");
    let poll = Request::get("/api/peer/v1/echo").body(Bytes::new()).unwrap_or_default();
    assert!(peers.forward("peer", poll, LONG, Kind::Poll, false).await.is_ok());
}
