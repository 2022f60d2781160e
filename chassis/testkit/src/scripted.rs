//! A wire that loses, delays and repeats when a script says so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Request, Response, StatusCode};
use peer::wire::BoxFuture;
use peer::{KEY, Lost, Spawn, Wire};

/// What becomes of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It arrives, and so does the answer.
    Pass,
    /// It never arrives, and the sender learns that the connection is gone.
    Reset,
    /// It never arrives, and nobody says so.
    Silence,
    /// It arrives; the answer does not.
    LoseReply,
    /// It arrives after so long; the answer after as long again.
    Delay(Duration),
    /// It arrives after so long, when the sender has long been told that the connection is gone.
    Late(Duration),
    /// It arrives twice; the second answer counts.
    Twice,
    /// It never arrives; something on the way answers with this status and no effect header.
    Gateway(StatusCode),
    /// It never arrives; the peer says "not now".
    Busy,
    /// It arrives, and is refused at the door: nothing is decided, nothing recorded.
    Forbid,
}

/// Decides for each message: its path, its key, and how often this key was sent before on this path.
pub type Script = Box<dyn FnMut(&str, &str, u32) -> Act + Send>;

/// One message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its path.
    pub path: String,
    /// Its key, empty for queries.
    pub key: String,
    /// What became of it.
    pub act: Act,
}

struct State {
    script: Script,
    counts: BTreeMap<(String, String), u32>,
    log: Vec<Sent>,
}

/// The wire. Clones share the script and the log.
#[derive(Clone)]
pub struct Scripted {
    inner: Arc<dyn Wire>,
    spawn: Spawn,
    state: Arc<Mutex<State>>,
}

impl Scripted {
    /// A wire around another; what arrives late does so in a task of its own.
    pub fn new(inner: Arc<dyn Wire>, spawn: Spawn) -> Self {
        let state = State { script: Box::new(|_, _, _| Act::Pass), counts: BTreeMap::new(), log: Vec::new() };
        Self { inner, spawn, state: Arc::new(Mutex::new(state)) }
    }

    /// From now on this script decides.
    pub fn play(&self, script: impl FnMut(&str, &str, u32) -> Act + Send + 'static) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).script = Box::new(script);
    }

    /// Everything that was sent so far.
    pub fn log(&self) -> Vec<Sent> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).log.clone()
    }

    fn act(&self, request: &Request<Bytes>) -> Act {
        let path = request.uri().path().to_owned();
        let key = request.headers().get(KEY).and_then(|k| k.to_str().ok()).unwrap_or_default().to_owned();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let count = state.counts.entry((path.clone(), key.clone())).or_default();
        let before = *count;
        *count += 1;
        let act = (state.script)(&path, &key, before);
        state.log.push(Sent { path, key, act: act.clone() });
        act
    }

    fn later(&self, wait: Duration, service: &str, request: Request<Bytes>) {
        let (inner, service) = (self.inner.clone(), service.to_owned());
        (self.spawn)(Box::pin(async move {
            tokio::time::sleep(wait).await;
            let _nobody_listens = inner.send(&service, request).await;
        }));
    }
}

fn copy(request: &Request<Bytes>) -> Request<Bytes> {
    let mut copy = Request::new(request.body().clone());
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    copy
}

/// An answer with this status, with or without the effect header.
pub fn answer(status: StatusCode, effect: Option<&'static str>, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_owned()));
    *response.status_mut() = status;
    if let Some(effect) = effect {
        response.headers_mut().insert(HeaderName::from_static(peer::EFFECT), http::HeaderValue::from_static(effect));
    }
    response
}

/// A refusal that stands under its command's key.
pub fn refusal(status: StatusCode, body: &str) -> Response<Bytes> {
    let mut response = answer(status, Some("none"), body);
    response.headers_mut().insert(HeaderName::from_static(peer::DECISION), http::HeaderValue::from_static(peer::RECORDED));
    response
}

impl Wire for Scripted {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        let act = self.act(&request);
        Box::pin(async move {
            match act {
                Act::Pass => self.inner.send(service, request).await,
                Act::Reset => Err(Lost),
                Act::Silence => std::future::pending().await,
                Act::LoseReply => {
                    let _lost = self.inner.send(service, request).await;
                    Err(Lost)
                }
                Act::Delay(wait) => {
                    tokio::time::sleep(wait).await;
                    let answer = self.inner.send(service, request).await;
                    tokio::time::sleep(wait).await;
                    answer
                }
                Act::Late(wait) => {
                    self.later(wait, service, request);
                    Err(Lost)
                }
                Act::Twice => {
                    let _first = self.inner.send(service, copy(&request)).await;
                    self.inner.send(service, request).await
                }
                Act::Gateway(status) => Ok(answer(status, None, "<html>gateway</html>")),
                Act::Forbid => Ok(answer(StatusCode::FORBIDDEN, Some("none"), "{\"code\":\"not-allowed\"}")),
                Act::Busy => Ok(answer(StatusCode::SERVICE_UNAVAILABLE, Some("none"), "{\"code\":\"busy\"}")),
            }
        })
    }
}
