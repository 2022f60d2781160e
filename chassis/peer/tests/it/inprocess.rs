//! The in-process wire and the client over it: deadlines, panics, dropped answers, and what the handler goes through.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use kernel::Outcome;
use peer::{Attempt, Call, InProcess, Peers, Wire};
use testkit::scripted::answer;
use testkit::{Act, Scripted, Tasks};
use tower::util::BoxCloneSyncService;

/// A peer that takes a second, and counts what it has begun and done.
#[derive(Clone, Default)]
struct Slow {
    begun: Arc<AtomicU32>,
    done: Arc<AtomicU32>,
}

impl Slow {
    async fn serve(self, request: Request<Bytes>) -> Result<Response<Bytes>, Infallible> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        assert!(!request.uri().path().ends_with("/panic"), "a handler with a bug");
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.done.fetch_add(1, Ordering::Relaxed);
        let seen = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or("-").to_owned();
        let names = [peer::KEY, peer::CALLER, peer::CAUSATION, peer::DEADLINE, peer::UNDOES, "traceparent"];
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let heard: Vec<String> = names.iter().map(|name| seen(name)).chain([body]).collect();
        Ok(answer(StatusCode::OK, Some("applied"), &heard.join("|")))
    }
}

fn house(peer: &Slow) -> (InProcess, Tasks) {
    let tasks = Tasks::default();
    let wire = InProcess::new(tasks.spawner());
    let slow = peer.clone();
    wire.attach("slow", BoxCloneSyncService::new(tower::service_fn(move |request| slow.clone().serve(request))));
    (wire, tasks)
}

fn call(service: &'static str, path: &str) -> Call {
    Call { service, name: "Test", path: path.into(), body: "{\"a\":1}".into(), key: None }
}

fn attempt(timeout: Duration) -> Attempt<'static> {
    Attempt { key: "saga/step", undoes: None, again: false, timeout, causation: "saga", traceparent: "" }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_carries_its_envelope() {
    let (wire, _tasks) = house(&Slow::default());
    let peers = Peers::new("stays", Arc::new(wire));
    let asked = Attempt { undoes: Some("saga/other"), traceparent: "00-trace", ..attempt(Duration::from_secs(2)) };
    let heard = peers.call(&call("slow", "/api/slow/v1/x"), &asked).await;
    let reply = "saga/step|stays|saga|2000|saga/other|00-trace|{\"a\":1}".to_owned();
    assert_eq!(heard.outcome, Outcome::Applied { reply, replayed: false });
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_unknown_and_does_not_cancel_the_handler() {
    let slow = Slow::default();
    let (wire, _tasks) = house(&slow);
    let peers = Peers::new("stays", Arc::new(wire));
    let began = tokio::time::Instant::now();
    let heard = peers.call(&call("slow", "/x"), &attempt(Duration::from_millis(300))).await;
    assert_eq!((heard.outcome, began.elapsed().as_millis()), (Outcome::Unknown, 300));
    assert_eq!((slow.begun.load(Ordering::Relaxed), slow.done.load(Ordering::Relaxed)), (1, 0));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(slow.done.load(Ordering::Relaxed), 1, "a half-done command is never cut off");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_handler_is_unknown_and_the_wire_goes_on() {
    let (wire, _tasks) = house(&Slow::default());
    let peers = Peers::new("stays", Arc::new(wire));
    let soon = attempt(Duration::from_secs(5));
    assert_eq!(peers.call(&call("slow", "/panic"), &soon).await.outcome, Outcome::Unknown);
    assert!(matches!(peers.call(&call("slow", "/x"), &soon).await.outcome, Outcome::Applied { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_service_nobody_knows_and_a_path_nobody_can_send_are_told_apart() {
    let (wire, _tasks) = house(&Slow::default());
    let peers = Peers::new("stays", Arc::new(wire));
    assert_eq!(peers.call(&call("nobody", "/x"), &attempt(Duration::from_secs(1))).await.outcome, Outcome::Unknown);
    let never_sent = peers.call(&call("slow", "not a path"), &attempt(Duration::from_secs(1))).await;
    assert_eq!(never_sent.outcome, Outcome::retry("bug"), "what was not sent has had no effect");
}

#[tokio::test(start_paused = true)]
async fn every_way_to_lose_a_message_is_unknown_and_what_only_takes_longer_is_not() {
    let unknown = [
        Act::Reset,
        Act::Silence,
        Act::LoseReply,
        Act::Late(Duration::from_secs(1)),
        Act::Gateway(StatusCode::BAD_GATEWAY),
        Act::Gateway(StatusCode::OK),
        Act::Delay(Duration::from_secs(3)),
    ];
    let known = [Act::Pass, Act::Twice, Act::Delay(Duration::from_secs(1))];
    for (acts, wanted) in [(unknown.as_slice(), false), (known.as_slice(), true)] {
        for act in acts {
            let (wire, tasks) = house(&Slow::default());
            let scripted = Scripted::new(Arc::new(wire), tasks.spawner());
            let fault = act.clone();
            scripted.play(move |_, _, _| fault.clone());
            let heard = Peers::new("stays", Arc::new(scripted)).call(&call("slow", "/x"), &attempt(Duration::from_secs(5))).await;
            assert_eq!(heard.outcome != Outcome::Unknown, wanted, "{act:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn something_outside_the_house_is_reached_in_its_own_way() {
    let (inside, _tasks) = house(&Slow::default());
    let (outside, _more) = house(&Slow::default());
    let peers = Peers::new("payments", Arc::new(inside)).with_outside("provider", Arc::new(Only("provider", outside)));
    assert!(matches!(peers.call(&call("provider", "/x"), &attempt(Duration::from_secs(2))).await.outcome, Outcome::Applied { .. }));
    assert!(peers.get("provider", "/x", Duration::from_secs(2)).await.is_some());
    assert!(peers.get("provider", "/x", Duration::from_millis(2)).await.is_none());
}

/// Knows one service, whatever it is called inside.
struct Only(&'static str, InProcess);

impl Wire for Only {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> peer::wire::BoxFuture<'a, Result<Response<Bytes>, peer::Lost>> {
        assert_eq!(service, self.0);
        self.1.send("slow", request)
    }
}
