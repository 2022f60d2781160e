//! What the process serves besides its services: the list of commands and queries, health, counters, the route table.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use host::House;
use peer::Faults;
use pipeline::Problem;
use serde::Deserialize;

/// The routes.
pub fn routes(house: Arc<House>, faults: Option<Faults>) -> axum::Router {
    axum::Router::new()
        .route("/api", get(api))
        .route("/api/routes", get(route_table))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/ops/stats", get(stats))
        .merge(crate::ops::routes())
        .merge(crate::faults::routes(house.clone(), faults))
        .with_state(house)
}

struct Line {
    method: String,
    path: String,
    name: &'static str,
    role: String,
}

#[derive(Template)]
#[template(path = "api.html")]
struct Api {
    services: Vec<(String, Vec<Line>)>,
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn api(State(house): State<Arc<House>>) -> Response {
    let mut services: Vec<(String, Vec<Line>)> = Vec::new();
    for route in &house.routes {
        let line = Line {
            method: route.method.to_string(),
            path: format!("/api/{}/v1{}", route.service, route.path),
            name: route.name,
            role: format!("{:?}", route.role).to_lowercase(),
        };
        match services.last_mut().filter(|(name, _)| name == route.service) {
            Some((_, lines)) => lines.push(line),
            None => services.push((route.service.to_owned(), vec![line])),
        }
    }
    page(&Api { services })
}

/// The route table as text: what `docs/routes.txt` is compared with.
pub fn route_lines(house: &House) -> String {
    let mut lines: Vec<String> = house
        .routes
        .iter()
        .map(|r| format!("{:4} /api/{}/v1{}  {}  {:?}  {:?}\n", r.method.as_str(), r.service, r.path, r.name, r.role, r.criticality))
        .collect();
    lines.sort();
    lines.concat()
}

async fn route_table(State(house): State<Arc<House>>) -> Response {
    Json(&house.routes).into_response()
}

/// Ready when every service's store answers and the process is not going down. Alive is another question.
async fn ready(State(house): State<Arc<House>>) -> Response {
    if house.closing.has_begun() {
        return (StatusCode::SERVICE_UNAVAILABLE, "going down\n").into_response();
    }
    for (name, core) in &house.cores {
        if core.store.heads().await.is_err() {
            return (StatusCode::SERVICE_UNAVAILABLE, format!("{name} does not answer\n")).into_response();
        }
    }
    "ready\n".into_response()
}

#[derive(Deserialize)]
struct StatsQuery {
    /// Whether the public events of all lanes are counted too.
    #[serde(default)]
    public: Option<bool>,
}

async fn stats(State(house): State<Arc<House>>, Query(query): Query<StatsQuery>) -> Response {
    if !query.public.unwrap_or(true) {
        return Json(house.stats()).into_response();
    }
    match house.stats_with_public().await {
        Ok(stats) => Json(stats).into_response(),
        Err(fault) => {
            tracing::warn!(%fault, "public events cannot be counted");
            let (parts, body) = Problem { no_effect: false, ..Problem::retry("store") }.into_response().into_parts();
            Response::from_parts(parts, Body::from(body))
        }
    }
}

async fn metrics(State(house): State<Arc<House>>) -> String {
    use std::fmt::Write;
    let stats = house.stats();
    let mut out = String::new();
    type Pick = fn(&host::stats::ServiceStats) -> u64;
    let counters: [(&str, &str, Pick); 4] = [
        ("posthouse_commits_total", "Transactions committed by a service's store.", |s| s.commits),
        ("posthouse_commands_total", "Commands recorded by a service.", |s| s.commands),
        ("posthouse_events_total", "Events stored by a service.", |s| s.events),
        ("posthouse_pipeline_passes_total", "Calls that entered a service's pipeline.", |s| s.pipeline_passes),
    ];
    for (name, help, pick) in counters {
        let _infallible = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter");
        for (service, counted) in &stats.services {
            let _infallible = writeln!(out, "{name}{{service=\"{service}\"}} {}", pick(counted));
        }
    }
    let _infallible = writeln!(
        out,
        "# HELP process_resident_memory_bytes Resident memory.\n# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {:.0}",
        stats.rss_mb * 1_048_576.0
    );
    out + &crate::ops::metrics(&house)
}
