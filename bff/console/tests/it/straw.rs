//! Services of straw: what the console asks of them, answered from memory, and an operator in front of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use kernel::chance::Seeded;
use kit::Setup;
use peer::wire::BoxFuture;
use peer::{Lost, Peers, Wire};
use serde_json::{Value, json};
use testkit::clock::Standing;
use tower::ServiceExt;

#[derive(Default)]
struct Heard {
    asked: BTreeMap<String, usize>,
    commands: Vec<(String, Value)>,
}

struct Straw {
    silent: Vec<&'static str>,
    heard: Mutex<Heard>,
}

impl Straw {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, service: &str, request: &Request<Bytes>) -> Option<(u16, Value)> {
        let path = request.uri().path().trim_start_matches(&format!("/api/{service}/v1")).to_owned();
        *self.heard().asked.entry(format!("{service}{path}")).or_default() += 1;
        if self.silent.contains(&service) {
            return None;
        }
        if request.method() == Method::POST {
            if path.ends_with("/force") {
                return Some((409, json!({"code": "saga-before-pivot", "status": 409})));
            }
            self.heard().commands.push((path, serde_json::from_slice(request.body()).unwrap_or_default()));
            return Some((200, json!({})));
        }
        Some(match (service, path.as_str()) {
            (_, "/vitals") => (
                200,
                json!({"process": "p", "commands": 7, "head": 9, "heads": {"5": 9}, "archive": [{"place": "s3://attic", "positions": 4, "fault": "it is away"}], "peers": [{"peer": "payments", "breaker": "closed", "switch": "automatic"}]}),
            ),
            ("reservations", "/sagas") => (200, json!({"items": [saga()]})),
            ("reservations", "/sagas/book_1-05") => (200, saga()),
            (_, "/sagas") => (200, json!({"items": []})),
            ("hotels", "/hotels") => (200, json!({"items": [{"hotel": "H", "name": "Straw"}]})),
            (_, "/history") => (200, history(service, request.uri().query().unwrap_or_default())),
            _ => (404, json!({"code": "not-found", "status": 404})),
        })
    }
}

fn saga() -> Value {
    let step = |name: &str, state: &str| json!({"name": name, "state": state});
    json!({"saga": "book_1-05", "kind": "book", "state": "running", "phase": "running", "since": "2027-03-04T10:00:00Z", "age_s": 9,
        "partition": "H", "subject": "res_1", "steps": [step("hold", "done"), step("authorise", "running"), step("confirm", "waiting")]})
}

/// What is stored of one booking that is being made, at each service, of what is asked for.
fn history(service: &str, query: &str) -> Value {
    let at = |ms: u32| format!("2027-03-04T10:00:00.{ms:03}Z");
    let all = match service {
        "reservations" => vec![
            json!({"stream": "reservation/res_1", "version": 1, "name": "Requested", "at": at(1), "pos": 2, "data": {"saga": "book_1-05"}}),
            json!({"stream": "saga/book_1-05", "version": 1, "name": "Started", "at": at(1), "pos": 3, "data": {"def": "book", "state": {"booking": {"payment": "pay_1"}}}}),
        ],
        "payments" => vec![
            json!({"stream": "payment/pay_1", "version": 1, "name": "Asked", "at": at(9), "pos": 2, "causation": "book_1-05", "data": {"amount": {"amount": 12_900, "currency": "EUR"}}}),
        ],
        _ => Vec::new(),
    };
    let held = json!({"caller": "service:reservations", "key": "book_1-05/hold", "verdict": "applied", "at": at(4)});
    let items: Vec<Value> = all.into_iter().filter(|item| query.contains(item["stream"].as_str().unwrap_or_default())).collect();
    let is_asked = service == "inventory" && query.contains("service:reservations~book_1-05/hold");
    json!({"items": items, "records": if is_asked { vec![held] } else { Vec::new() }})
}

impl Wire for Straw {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        let answer = self.answer(service, &request).ok_or(Lost).map(|(status, body)| {
            let kind = if status < 400 { "application/json" } else { "application/problem+json" };
            let effect = if status < 400 { "applied" } else { "none" };
            let answer = Response::builder().status(status).header("content-type", kind).header("posthouse-effect", effect);
            let answer = if status == 409 { answer.header("posthouse-decision", "recorded") } else { answer };
            answer.body(Bytes::from(body.to_string())).expect("an answer")
        });
        Box::pin(async move { answer })
    }
}

/// An operator in a browser.
pub struct Operator {
    app: Router,
    straw: Arc<Straw>,
    cookie: String,
}

impl Operator {
    /// In front of a house in which these services are silent.
    pub async fn of(silent: &[&'static str]) -> Self {
        let straw = Arc::new(Straw { silent: silent.to_vec(), heard: Mutex::default() });
        let setup = Setup {
            peers: Peers::new("console", straw.clone()),
            clock: Arc::new(Standing),
            chance: Arc::new(Seeded::new(7)),
            spawn: Arc::new(|task| {
                tokio::spawn(task);
            }),
            closing: pipeline::Closing::default(),
            key: axum_extra::extract::cookie::Key::from(&[7; 64]),
            is_demo: false,
        };
        let app = console::app(setup);
        let login = Request::post("/ops/login").header("content-type", "application/x-www-form-urlencoded");
        let login = login.body(Body::from("role=operator&name=ops&next=/ops")).expect("a request");
        let answer = app.clone().oneshot(login).await.expect("an answer");
        let cookie = answer.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a cookie").to_owned();
        Self { app, straw, cookie }
    }

    async fn send(&self, request: http::request::Builder, body: String) -> (StatusCode, String) {
        let request = request.header("cookie", &self.cookie).body(Body::from(body)).expect("a request");
        let (parts, body) = self.app.clone().oneshot(request).await.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (parts.status, String::from_utf8(body.to_vec()).expect("text"))
    }

    /// A page.
    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        self.send(Request::get(path), String::new()).await
    }

    /// The same for another program.
    pub async fn json(&self, path: &str) -> Value {
        let (status, body) = self.send(Request::get(path).header("accept", "application/json"), String::new()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// A form.
    pub async fn post(&self, path: &str, form: &str) -> (StatusCode, String) {
        self.send(Request::post(path).header("content-type", "application/x-www-form-urlencoded"), form.to_owned()).await
    }

    /// Somebody who is not logged in.
    pub async fn stranger(&self, path: &str) -> StatusCode {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        self.app.clone().oneshot(request).await.expect("an answer").status()
    }

    /// Commands that services have been sent, with their bodies.
    pub fn commands(&self) -> Vec<(String, Value)> {
        self.straw.heard().commands.clone()
    }

    /// How often something was asked.
    pub fn asked(&self, what: &str) -> usize {
        self.straw.heard().asked.get(what).copied().unwrap_or_default()
    }
}
