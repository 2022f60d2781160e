//! Headers that keep pages safe, and the refusal of forms that other sites send. No page carries script or style of its own,
//! so nothing that a guest types can become either.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::front::Front;
use crate::page;
use crate::visit::Visit;

/// What a page may load: files of this house.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The layer.
pub async fn guard(State(front): State<Front>, visit: Visit, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let mut answer = match changes && !is_ours(request.headers()) {
        true => page::message(&front, &visit, StatusCode::FORBIDDEN, "foreign-form-title", "foreign-form-text").into_response(),
        false => next.run(request).await,
    };
    let headers = answer.headers_mut();
    let fixed = [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry("cache-control").or_insert(HeaderValue::from_static("private, no-cache"));
    answer
}

/// Whether a form comes from a page of this site (or from a program, which has no pages and no cookies of others).
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let (Some(origin), host) = (text(ORIGIN.as_str()), text(HOST.as_str())) else { return true };
    origin.split_once("://").map(|(_, rest)| rest) == host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_sites_are_not_ours() {
        let sent = |pairs: &[(&'static str, &'static str)]| {
            pairs.iter().map(|(n, v)| (http::HeaderName::from_static(n), HeaderValue::from_static(v))).collect::<HeaderMap>()
        };
        assert!(is_ours(&sent(&[("sec-fetch-site", "same-origin")])));
        assert!(!is_ours(&sent(&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")])));
        assert!(!is_ours(&sent(&[("origin", "http://evil.example"), ("host", "hotel.example")])));
        assert!(is_ours(&sent(&[("origin", "https://hotel.example"), ("host", "hotel.example")])));
        assert!(!is_ours(&sent(&[("origin", "null"), ("host", "hotel.example")])));
        assert!(is_ours(&sent(&[("host", "hotel.example")])));
    }
}
