//! The router of one service: path and method to endpoint, answers and problems to bytes.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use tokio::time::Instant;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::call::{Call, Principal};
use crate::engine::Core;
use crate::problem::Problem;
use crate::route::{Endpoint, Role, Route, RouteEntry};

/// The largest body a service takes.
pub const BODY_BYTES_MAX: usize = 64 * 1_024;

#[derive(Clone)]
struct Match {
    methods: BTreeMap<String, (Arc<Route>, Endpoint)>,
}

/// Makes the router of a service from its route table.
pub fn router(core: &Arc<Core>, entries: Vec<RouteEntry>) -> Result<peer::inprocess::Router, String> {
    let mut by_path: BTreeMap<&'static str, BTreeMap<String, (Arc<Route>, Endpoint)>> = BTreeMap::new();
    for entry in entries {
        let route = Arc::new(entry.route);
        let endpoint = (entry.make)(core.clone(), route.clone());
        let taken = by_path.entry(route.path).or_default().insert(route.method.to_string(), (route.clone(), endpoint));
        if taken.is_some() {
            return Err(format!("two routes {} {} in {}", route.method, route.path, core.service));
        }
    }
    let mut paths = matchit::Router::new();
    for (path, methods) in by_path {
        paths.insert(format!("/api/{}/v1{path}", core.service), Match { methods }).map_err(|e| e.to_string())?;
    }
    let paths = Arc::new(paths);
    Ok(BoxCloneSyncService::new(tower::service_fn(move |request: Request<Bytes>| {
        let paths = paths.clone();
        async move { Ok::<_, Infallible>(serve(&paths, request).await) }
    })))
}

async fn serve(paths: &matchit::Router<Match>, request: Request<Bytes>) -> Response<Bytes> {
    let (parts, body) = request.into_parts();
    let Ok(found) = paths.at(parts.uri.path()) else { return Problem::not_found("not-found").into_response() };
    let Some((route, endpoint)) = found.value.methods.get(parts.method.as_str()) else {
        return Problem::none(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "").into_response();
    };
    if body.len() > BODY_BYTES_MAX {
        return Problem::none(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "").into_response();
    }
    let arrived = parts.extensions.get::<peer::Arrived>().map_or_else(Instant::now, |arrived| arrived.0);
    let call = Call {
        route: route.clone(),
        path: parts.uri.path().to_owned(),
        params: found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        traceparent: String::new(),
        arrived,
        deadline: arrived,
        principal: Principal { name: String::new(), role: Role::Public },
    };
    let is_command = parts.method == Method::POST;
    match endpoint.clone().oneshot(call).await {
        Ok(answer) => answer.into_response(),
        Err(mut problem) => {
            // Nothing can have happened through a query, but the header speaks of commands only.
            problem.no_effect &= is_command;
            problem.into_response()
        }
    }
}
