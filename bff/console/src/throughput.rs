//! Throughput: what every service does a second, over the last minutes.

use askama::Template;
use axum::response::Response;
use kit::{Frame, page};
use serde::Serialize;

use crate::health::Summary;
use crate::look::Look;
use crate::services::SERVICES;
use crate::spark::{self, Spark};
use crate::watch::Pick;

/// Rates in the table are taken over so many seconds.
const RATE_S: i64 = 10;

#[derive(Template, Serialize)]
#[template(path = "throughput.html")]
struct Throughput {
    #[serde(skip)]
    f: Frame,
    summary: Summary,
    minutes: i64,
    memory_mb: Option<u64>,
    charts: Vec<Spark>,
    rows: Vec<Row>,
}

/// One service.
#[derive(Serialize)]
struct Row {
    service: &'static str,
    commands_s: Option<f64>,
    commits_s: Option<f64>,
    events_s: Option<f64>,
    /// Below 1 when commits carry several commands.
    commits_per_command: Option<f64>,
    commands: Option<u64>,
    commits: Option<u64>,
    events: Option<u64>,
    passes: Option<u64>,
    line: Spark,
}

/// `GET /ops/throughput`.
pub async fn page(look: Look) -> Response {
    let (f, summary) = look.frame("throughput-title", "throughput");
    let (minutes, snapshot) = (look.minutes(), &look.snapshot);
    let seconds = minutes * 60;
    let all: [(&str, Pick); 3] = [("commands", |p| p.commands), ("commits", |p| p.commits), ("events", |p| p.events)];
    let charts = all.into_iter().map(|(name, pick)| spark::draw(name, &snapshot.series(&SERVICES, pick, seconds), seconds)).collect();
    let rows = SERVICES.into_iter().map(|service| {
        let vitals = snapshot.seen.get(service).and_then(|seen| seen.now.as_ref());
        Row {
            service,
            commands_s: snapshot.rate(service, |p| p.commands, RATE_S),
            commits_s: snapshot.rate(service, |p| p.commits, RATE_S),
            events_s: snapshot.rate(service, |p| p.events, RATE_S),
            commits_per_command: vitals.filter(|v| v.commands > 0).map(|v| (v.commits as f64 / v.commands as f64 * 100.0).round() / 100.0),
            commands: vitals.map(|v| v.commands),
            commits: vitals.map(|v| v.commits),
            events: vitals.map(|v| v.events),
            passes: vitals.map(|v| v.passes),
            line: spark::draw("commands", &snapshot.series(&[service], |p| p.commands, seconds), seconds),
        }
    });
    let memory_mb = Some(snapshot.memory_mb).filter(|mb| *mb > 0.0).map(|mb| mb as u64);
    page::show(&look.visit, &Throughput { f, summary, minutes, memory_mb, charts, rows: rows.collect() })
}
