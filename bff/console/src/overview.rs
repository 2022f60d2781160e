//! Overview: every service, the most troubled first, and what the house has done in the last minutes.

use askama::Template;
use axum::response::Response;
use kit::{Frame, page};
use serde::Serialize;

use crate::faults::{self, Broken};
use crate::health::{self, Row, Summary};
use crate::look::Look;
use crate::services::SERVICES;
use crate::spark::{self, Spark};

#[derive(Template, Serialize)]
#[template(path = "overview.html")]
struct Overview {
    #[serde(skip)]
    f: Frame,
    summary: Summary,
    minutes: i64,
    rows: Vec<Row>,
    charts: Vec<Spark>,
    /// What is broken on purpose; in a demonstration only.
    broken: Option<Vec<Broken>>,
    #[serde(skip)]
    token: String,
}

/// `GET /ops`.
pub async fn page(look: Look) -> Response {
    let (f, summary) = look.frame("overview-title", "overview");
    let minutes = look.minutes();
    let booked = look.snapshot.series(&["reservations"], |p| p.booked, minutes * 60);
    let commands = look.snapshot.series(&SERVICES, |p| p.commands, minutes * 60);
    let charts = vec![spark::draw("booked", &booked, minutes * 60), spark::draw("commands", &commands, minutes * 60)];
    let broken = faults::of(&look);
    let rows = health::rows(&look.snapshot);
    page::show(&look.visit, &Overview { f, summary, minutes, rows, charts, broken, token: look.front.token() })
}
