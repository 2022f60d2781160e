//! A browser without a window: it keeps cookies by path, follows redirects, and finds forms.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum_extra::extract::cookie::Key;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use kernel::chance::Seeded;
use kernel::{Clock, Timestamp};
use peer::{Peers, Wire};
use tower::ServiceExt;

/// Noon of 1 March 2027, for ever.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2027-03-01T12:00:00Z").expect("an instant")
    }
}

/// The website over a wire.
pub fn site(wire: Arc<dyn Wire>) -> Router {
    website::app(kit::Setup {
        peers: Peers::new("website", wire),
        clock: Arc::new(Noon),
        chance: Arc::new(Seeded::new(7)),
        spawn: Arc::new(|task| drop(tokio::spawn(task))),
        closing: pipeline::Closing::default(),
        key: Key::from(&[7; 64]),
        is_demo: true,
    })
}

/// A browser.
#[derive(Clone)]
pub struct Browser {
    site: Router,
    /// By path and name.
    pub cookies: BTreeMap<(String, String), String>,
}

/// What it shows.
#[derive(Clone, Debug)]
pub struct Page {
    pub at: String,
    pub status: StatusCode,
    pub text: String,
}

impl Browser {
    /// One that has been nowhere.
    pub fn on(site: &Router) -> Self {
        Self { site: site.clone(), cookies: BTreeMap::new() }
    }

    /// Opens an address.
    pub async fn get(&mut self, at: &str) -> Page {
        self.ask(at, None).await
    }

    /// Sends a form.
    pub async fn post(&mut self, at: &str, fields: &[(&str, &str)]) -> Page {
        self.ask(at, Some(kit::login::query(fields))).await
    }

    async fn ask(&mut self, at: &str, form: Option<String>) -> Page {
        let (mut at, mut form) = (at.to_owned(), form);
        for _ in 0..8 {
            let path = at.split('?').next().unwrap_or_default().to_owned();
            let is_sent = |of: &str| of == "/" || path == of || path.starts_with(&format!("{of}/"));
            let cookies: Vec<String> =
                self.cookies.iter().filter(|((of, _), _)| is_sent(of)).map(|((_, name), value)| format!("{name}={value}")).collect();
            let request = match &form {
                Some(_) => Request::post(&at).header("content-type", "application/x-www-form-urlencoded"),
                None => Request::get(&at),
            };
            let request =
                request.header("cookie", cookies.join("; ")).body(Body::from(form.take().unwrap_or_default())).expect("a request");
            let answer = self.site.clone().oneshot(request).await.expect("an answer");
            for cookie in answer.headers().get_all("set-cookie") {
                self.keep(cookie.to_str().expect("a cookie"));
            }
            let status = answer.status();
            if status.is_redirection() {
                at = answer.headers()["location"].to_str().expect("a place").split('#').next().unwrap_or_default().to_owned();
                continue;
            }
            let body = answer.into_body().collect().await.expect("a body").to_bytes();
            return Page { at, status, text: String::from_utf8_lossy(&body).into_owned() };
        }
        panic!("{at} leads in a circle");
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').expect("a cookie");
        let of = rest.split(';').find_map(|part| part.trim().strip_prefix("Path=")).unwrap_or("/");
        let key = (of.to_owned(), name.to_owned());
        match rest.contains("Max-Age=0") {
            true => drop(self.cookies.remove(&key)),
            false => drop(self.cookies.insert(key, value.to_owned())),
        }
    }
}

impl Page {
    /// The address of the first form that ends so.
    pub fn form(&self, ending: &str) -> String {
        let found = self.text.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next()).find(|at| at.ends_with(ending));
        found.unwrap_or_else(|| panic!("no form {ending} on {}\n{}", self.at, self.text)).to_owned()
    }

    /// Whether it says so.
    pub fn says(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}
