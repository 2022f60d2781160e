//! Who you are, for development: a role and a name, chosen, not proved. And what everybody chooses for themselves: language
//! and colours. Putting a front end together is here too, because these routes belong to every one.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Query, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::CookieJar;
use http::StatusCode;
use pipeline::Role;
use serde::{Deserialize, Serialize};
use tower_http::compression::CompressionLayer;

use crate::front::Front;
use crate::page::{self, Frame};
use crate::visit::{HOTEL, LANG, Lang, Person, SESSION, THEME, Visit, cookie};

/// The largest form.
const FORM_BYTES_MAX: usize = 32 * 1_024;

impl Front {
    /// A front end's pages with what all have: files, login, choices, a page for what is not there, safe headers,
    /// compression.
    pub fn router(&self, pages: Router<Front>) -> Router {
        let own = Router::new()
            .route("/assets/{version}/{*name}", get(crate::assets::serve))
            .route("/login", get(choose).post(enter))
            .route("/logout", post(leave))
            .route("/prefs", post(prefer));
        let own = if self.root.is_empty() { own } else { Router::new().nest(self.root, own) };
        let rest = format!("{}/{{*rest}}", self.root);
        pages
            .merge(own)
            .route(&rest, get(nothing))
            .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
            .layer(from_fn_with_state(self.clone(), crate::guard::guard))
            .layer(CompressionLayer::new().gzip(true))
            .with_state(self.clone())
    }

    /// Sends somebody to the login when a page needs a role they have not; `None` when they may go on.
    pub fn needs(&self, visit: &Visit, role: Role) -> Option<Response> {
        if visit.may(role) {
            return None;
        }
        if visit.person.is_some() {
            return Some(page::message(self, visit, StatusCode::FORBIDDEN, "not-allowed-title", "not-allowed-text"));
        }
        if visit.wants_json {
            return Some(page::message(self, visit, StatusCode::UNAUTHORIZED, "login-title", "login-needed"));
        }

        let next = query(&[("next", visit.path.as_str())]);
        Some(Redirect::to(&format!("{}/login?{next}", self.root)).into_response())
    }
}

/// A query string.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let encode =
        |text: &str| text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect::<String>();
    pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

async fn nothing(State(front): State<Front>, visit: Visit) -> Response {
    page::message(&front, &visit, StatusCode::NOT_FOUND, "not-found-title", "not-found-text")
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

#[derive(askama::Template, Serialize)]
#[template(path = "login.html")]
struct Choose {
    #[serde(skip)]
    f: Frame,
    next: String,
    roles: Vec<(&'static str, &'static str)>,
}

async fn choose(State(front): State<Front>, visit: Visit, Query(Next { next }): Query<Next>) -> Response {
    let f = Frame::new(&front, &visit, "login-title");
    let roles = vec![("desk", "ana"), ("revenue", "rui"), ("operator", "ops")];
    page::show(&visit, &Choose { f, next, roles })
}

#[derive(Deserialize)]
struct Enter {
    role: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    next: String,
}

async fn enter(State(front): State<Front>, visit: Visit, jar: PrivateCookieJar, Form(form): Form<Enter>) -> Response {
    let name = if form.name.trim().is_empty() { form.role.as_str() } else { form.name.trim() };
    match Person::parse(&format!("{}:{name}", form.role)) {
        Some(person) => (jar.add(cookie(SESSION, person.text(), "/")), Redirect::to(&here(&front, &form.next))).into_response(),
        None => page::message(&front, &visit, StatusCode::BAD_REQUEST, "refused-title", "login-name-wrong"),
    }
}

async fn leave(State(front): State<Front>, jar: PrivateCookieJar) -> Response {
    (jar.remove(cookie(SESSION, String::new(), "/")), Redirect::to(&here(&front, ""))).into_response()
}

/// A place of this site only: a link must not lead somewhere else after a login.
fn here(front: &Front, next: &str) -> String {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.chars().any(char::is_control);
    if inside {
        next.to_owned()
    } else {
        format!("{}/", front.root).trim_end_matches('/').to_owned() + if front.root.is_empty() { "/" } else { "" }
    }
}

#[derive(Deserialize)]
struct Prefer {
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    theme: Option<String>,
    #[serde(default)]
    hotel: Option<String>,
    #[serde(default)]
    next: String,
}

async fn prefer(State(front): State<Front>, Form(form): Form<Prefer>) -> Response {
    let mut jar = CookieJar::new();
    if let Some(lang) = form.lang.as_deref().and_then(Lang::parse) {
        jar = jar.add(cookie(LANG, lang.tag().to_owned(), "/"));
    }
    if let Some(theme) = form.theme.filter(|theme| ["light", "dark", "system"].contains(&theme.as_str())) {
        jar = jar.add(cookie(THEME, theme, "/"));
    }
    if let Some(hotel) = form.hotel.filter(|hotel| kernel::id::is_code(hotel)) {
        jar = jar.add(cookie(HOTEL, hotel, "/"));
    }
    (jar, Redirect::to(&here(&front, &form.next))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded() {
        assert_eq!(query(&[("next", "/desk/r/ü?a=b&c")]), "next=%2Fdesk%2Fr%2F%C3%BC%3Fa%3Db%26c");
    }
}
