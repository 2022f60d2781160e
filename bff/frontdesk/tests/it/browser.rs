//! Somebody at work, without a browser's window.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::straw::Straw;

/// Somebody at work in a browser.
pub struct Browser {
    pub app: Router,
    pub cookie: String,
}

impl Browser {
    pub async fn of(straw: &Arc<Straw>) -> Self {
        Self::with_role(straw, "desk").await
    }

    pub async fn with_role(straw: &Arc<Straw>, role: &str) -> Self {
        let app = frontdesk::pages(straw.front());
        let login = Request::post("/desk/login").header("content-type", "application/x-www-form-urlencoded");
        let answer = app
            .clone()
            .oneshot(login.body(Body::from(format!("role={role}&name=ana&next=/desk"))).expect("a request"))
            .await
            .expect("an answer");
        let cookie = answer.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a cookie").to_owned();
        Self { app, cookie }
    }

    pub async fn send(&self, request: http::request::Builder, body: Body) -> (StatusCode, HeaderMap, Bytes) {
        let request = request.header("cookie", &self.cookie).body(body).expect("a request");
        let (parts, body) = self.app.clone().oneshot(request).await.expect("an answer").into_parts();
        (parts.status, parts.headers, body.collect().await.expect("a body").to_bytes())
    }

    pub async fn page(&self, path: &str) -> String {
        let (status, _, body) = self.send(Request::get(path), Body::empty()).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        String::from_utf8(body.to_vec()).expect("text")
    }

    /// How many bytes a page is as it is sent.
    pub async fn sent(&self, path: &str) -> usize {
        let (status, headers, body) = self.send(Request::get(path).header("accept-encoding", "gzip"), Body::empty()).await;
        assert_eq!((status, headers["content-encoding"].as_bytes()), (StatusCode::OK, &b"gzip"[..]), "{path}");
        body.len()
    }

    pub async fn act(&self, verb: &str, wish: Value) -> Value {
        let request = Request::post(format!("/desk/tape/{verb}")).header("content-type", "application/json");
        let (status, _, body) = self.send(request, Body::from(wish.to_string())).await;
        assert_eq!(status, StatusCode::OK);
        serde_json::from_slice(&body).expect("JSON")
    }

    /// A page as other programs get it, or the answer to a form (`fields`) as the page's script gets it.
    pub async fn json(&self, path: &str, fields: Option<&str>) -> Value {
        let request = if fields.is_some() { Request::post(path) } else { Request::get(path) };
        let request = request.header("accept", "application/json").header("content-type", "application/x-www-form-urlencoded");
        let (_, _, body) = self.send(request, Body::from(fields.unwrap_or_default().to_owned())).await;
        serde_json::from_slice(&body).expect("JSON")
    }

    /// Sends a form; the answer's status, the address it leads to, and its body.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace('%', "%25").replace('&', "%26")))
            .collect::<Vec<_>>()
            .join("&");
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        let (status, headers, body) = self.send(request, Body::from(body)).await;
        let to = headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
        (status, to, String::from_utf8(body.to_vec()).expect("text"))
    }
}
