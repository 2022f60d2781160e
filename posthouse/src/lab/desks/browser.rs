//! Somebody at a desk, without a window: logs in, fetches pages as a browser does, acts on the chart, and listens.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::wall;

/// A page takes at most so long.
const PAGE_WITHIN: Duration = Duration::from_secs(20);

type Http = hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>;

/// A desk with its session.
pub struct Browser {
    http: Http,
    url: String,
    cookie: String,
}

impl Browser {
    /// Logs in at a hotel.
    pub async fn log_in(url: &str, hotel: &str) -> Result<Self, String> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        let mut browser = Self { http, url: url.to_owned(), cookie: String::new() };
        let form = Request::post(format!("{url}/desk/login")).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = browser.send(form, Bytes::from_static(b"role=desk&name=lab&next=/desk")).await?;
        let session = answer.headers().get(SET_COOKIE).and_then(|v| v.to_str().ok()).and_then(|v| v.split(';').next());
        browser.cookie = format!("{}; hotel={hotel}", session.ok_or("the login gives no session")?);
        Ok(browser)
    }

    async fn send(&self, request: http::request::Builder, body: Bytes) -> Result<Response<Incoming>, String> {
        let request = request.header(COOKIE, &self.cookie).body(Full::new(body)).map_err(|e| e.to_string())?;
        let path = request.uri().path().to_owned();
        let answer = tokio::time::timeout(PAGE_WITHIN, self.http.request(request)).await.map_err(|_| format!("{path}: no answer"))?;
        let answer = answer.map_err(|e| format!("{path}: {e}"))?;
        if answer.status().is_client_error() || answer.status().is_server_error() {
            return Err(format!("{path}: {}", answer.status()));
        }
        Ok(answer)
    }

    async fn whole(&self, request: http::request::Builder, body: Bytes) -> Result<Bytes, String> {
        let answer = self.send(request, body).await?;
        answer.into_body().collect().await.map(http_body_util::Collected::to_bytes).map_err(|e| e.to_string())
    }

    /// A page as sent to a browser that takes gzip.
    pub async fn zipped(&self, path: &str) -> Result<Bytes, String> {
        let request = Request::get(format!("{}{path}", self.url)).header(ACCEPT, "text/html").header(ACCEPT_ENCODING, "gzip");
        self.whole(request, Bytes::new()).await
    }

    /// A page as it is.
    pub async fn plain(&self, path: &str) -> Result<Bytes, String> {
        self.whole(Request::get(format!("{}{path}", self.url)), Bytes::new()).await
    }

    /// Does something on the chart.
    pub async fn act(&self, verb: &str, wish: &Value) -> Result<Value, String> {
        let request = Request::post(format!("{}/desk/tape/{verb}", self.url)).header(CONTENT_TYPE, "application/json");
        let body = self.whole(request, Bytes::from(wish.to_string())).await?;
        serde_json::from_slice(&body).map_err(|e| e.to_string())
    }

    /// Opens a stream on a connection of its own, and waits until it says hello.
    pub async fn stream(&self, path: &str) -> Result<Stream, String> {
        let answer = self.send(Request::get(format!("{}{path}", self.url)), Bytes::new()).await?;
        let (heard, mut listening) = watch::channel(Heard::default());
        let mut task = JoinSet::new();
        task.spawn(listen(answer.into_body(), heard));
        let hello = tokio::time::timeout(PAGE_WITHIN, listening.wait_for(|heard| heard.events > 0)).await;
        hello.map_err(|_| "a stream says no hello".to_owned())?.map_err(|_| "a stream ended at once".to_owned())?;
        Ok(Stream { heard: listening, _task: task })
    }
}

/// What came on a stream so far.
#[derive(Clone, Debug, Default)]
struct Heard {
    events: u64,
    bytes: usize,
    /// The last write, and when it was read.
    last: Arc<str>,
    at: Option<Instant>,
}

async fn listen(mut body: Incoming, heard: watch::Sender<Heard>) {
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        let text: Arc<str> = String::from_utf8_lossy(&data).into();
        let events = text.matches("event: ").count() as u64;
        heard.send_modify(|heard| {
            heard.events += events;
            heard.bytes += data.len();
            heard.last = text;
            heard.at = Some(wall());
        });
    }
}

/// An open stream; closed when it is dropped.
pub struct Stream {
    heard: watch::Receiver<Heard>,
    _task: JoinSet<()>,
}

impl Stream {
    /// When a bar came, `None` when it does not within a time.
    pub async fn hears(&self, id: &str, within: Duration) -> Option<Instant> {
        let (mut heard, wanted) = (self.heard.clone(), format!("\"id\":\"{id}\""));
        heard.mark_unchanged();
        let seen = async {
            while heard.changed().await.is_ok() {
                let now = heard.borrow_and_update();
                if now.last.contains(&wanted) {
                    return now.at;
                }
            }
            None
        };
        tokio::time::timeout(within, seen).await.ok().flatten()
    }

    /// Bytes that came so far.
    pub fn bytes(&self) -> usize {
        self.heard.borrow().bytes
    }

    /// Events that came so far.
    pub fn events(&self) -> u64 {
        self.heard.borrow().events
    }
}
