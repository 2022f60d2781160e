//! Listeners: both protocols on one port, whom they believe, handing on, and going down.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host::Tasks;
use host::listen::{Front, Gateway, serve};
use http::{Request, Response, StatusCode};
use peer::breaker::{Knobs, Switch};
use peer::{Directory, Guards, Http2, InProcess, Peers};
use testkit::scripted::answer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tower::util::BoxCloneSyncService;

/// A door with one service, `here`, that says who calls it; `/wait` waits for the bell.
fn door(tasks: &Tasks, bell: &Arc<Notify>) -> InProcess {
    let (door, bell) = (InProcess::new(tasks.spawner()), bell.clone());
    let serve = move |request: Request<Bytes>| {
        let bell = bell.clone();
        async move {
            if request.uri().path().ends_with("/wait") {
                bell.notify_one();
                bell.notified().await;
            }
            let said = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or("-").to_owned();
            let heard = [peer::CALLER, peer::UNDOES, peer::CAUSATION, "host", "x-kept"].map(said).join("|");
            Ok::<_, Infallible>(answer(StatusCode::OK, Some("applied"), &heard))
        }
    };
    door.attach("here", BoxCloneSyncService::new(tower::service_fn(serve)));
    door
}

async fn listen(front: Front, tasks: &Tasks, stop: &CancellationToken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    tasks.spawn(serve(listener, front, axum::Router::new(), tasks.clone(), stop.clone()));
    at
}

const CLAIMS: &str = "posthouse-caller: stays\r\nposthouse-undoes: k\r\nposthouse-causation: s\r\nx-kept: yes\r\n";

/// One HTTP/1.1 request: head and body of the answer.
async fn http1(at: SocketAddr, head: &str, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(at).await.expect("a connection");
    let text = format!("{head} HTTP/1.1\r\nhost: me\r\nconnection: close\r\n{headers}content-length: 0\r\n\r\n");
    stream.write_all(text.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
    (head.to_lowercase(), body.to_owned())
}

fn directory(service: &str, at: SocketAddr) -> Directory {
    Directory::read(&[(service.to_owned(), vec![format!("http://{at}")])].into()).expect("a directory")
}

/// One HTTP/2 request.
async fn http2(at: SocketAddr, tasks: &Tasks) -> Response<Bytes> {
    let wire = Http2::new(directory("here", at), tasks.spawner());
    let request = Request::get("/api/here/v1/x").header("posthouse-caller", "stays").body(Bytes::new()).expect("a request");
    peer::Wire::send(&wire, "here", request).await.expect("an answer")
}

#[tokio::test]
async fn one_port_speaks_both_protocols_and_only_the_inside_believes_a_caller() {
    let (tasks, stop, bell) = (Tasks::default(), CancellationToken::new(), Arc::default());
    let outside = listen(Front::outside(door(&tasks, &bell)), &tasks, &stop).await;
    let inside = listen(Front::inside(door(&tasks, &bell)), &tasks, &stop).await;
    assert_eq!(http1(outside, "GET /api/here/v1/x", CLAIMS).await.1, "-|-|-|me|yes");
    assert_eq!(http1(inside, "GET /api/here/v1/x", CLAIMS).await.1, "stays|k|s|me|yes");
    assert!(http2(outside, &tasks).await.body().starts_with(b"-|-|-|"));
    assert!(http2(inside, &tasks).await.body().starts_with(b"stays|"));
    let nobody = http1(outside, "GET /api/there/v1/x", "").await;
    assert!(nobody.0.starts_with("http/1.1 404") && nobody.1.contains("not-found"), "{nobody:?}");
}

#[tokio::test]
async fn a_gateway_hands_on_what_is_elsewhere_and_nobody_passes_for_a_service_through_it() {
    let (tasks, stop, bell) = (Tasks::default(), CancellationToken::new(), Arc::default());
    let inside = listen(Front::inside(door(&tasks, &bell)), &tasks, &stop).await;
    let guards = Guards::new(Knobs::default());
    let gateway = |at: SocketAddr| {
        let directory = directory("here", at);
        let wire = Arc::new(Http2::new(directory.clone(), tasks.spawner()));
        let peers = Peers::new("gateway", wire).with_guards(guards.clone());
        Front::outside(InProcess::new(tasks.spawner())).with_gateway(Gateway { peers, directory: Arc::new(directory) })
    };
    let at = listen(gateway(inside), &tasks, &stop).await;
    let (head, body) = http1(at, "POST /api/here/v1/x", CLAIMS).await;
    assert!(head.starts_with("http/1.1 200") && head.contains("posthouse-effect: applied"), "{head}");
    assert_eq!(body, "-|-|-|-|yes");
    assert!(http1(at, "GET /api/there/v1/x", "").await.0.starts_with("http/1.1 404"), "nobody has listed it");

    // An open breaker is told at once; it is certain that nothing was sent.
    guards.turn("here", Switch::Open);
    let (head, body) = http1(at, "POST /api/here/v1/x", "").await;
    assert!(head.starts_with("http/1.1 503") && head.contains("posthouse-effect: none") && head.contains("retry-after: 1"), "{head}");
    assert!(body.contains("peer-unavailable"));
    guards.turn("here", Switch::Automatic);

    // Nobody there: it may be that something happened.
    let free = host::free::loopback().expect("a free port");
    let at = listen(gateway(free), &tasks, &stop).await;
    let (head, body) = http1(at, "POST /api/here/v1/x", "").await;
    assert!(head.starts_with("http/1.1 503") && !head.contains("posthouse-effect") && head.contains("retry-after: 1"), "{head}");
    assert!(body.contains("outcome-unknown"));
}

#[tokio::test]
async fn a_listener_that_stops_finishes_what_is_under_way_and_closes_what_is_idle() {
    let (tasks, stop, bell): (Tasks, CancellationToken, Arc<Notify>) = Default::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let front = Front::outside(door(&tasks, &bell));
    let serving = serve(listener, front, axum::Router::new(), tasks.clone(), stop.clone());
    let mut idle = TcpStream::connect(at).await.expect("a connection");
    let asking = async {
        let asked = http1(at, "GET /api/here/v1/wait", "");
        let ringing = async {
            bell.notified().await;
            stop.cancel();
            let mut nothing = Vec::new();
            idle.read_to_end(&mut nothing).await.expect("the end");
            assert!(TcpStream::connect(at).await.is_err(), "nobody listens any more");
            bell.notify_one();
        };
        futures::join!(asked, ringing).0
    };
    let both = async { futures::join!(serving, asking).1 };
    let (head, _) = tokio::time::timeout(Duration::from_secs(20), both).await.expect("it ends");
    assert!(head.starts_with("http/1.1 200"), "{head}");
}
