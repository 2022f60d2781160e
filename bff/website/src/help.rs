//! Help: at the same place on every page, and short.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kit::{Frame, Front, Visit, page};
use serde::Serialize;

#[derive(Template, Serialize)]
#[template(path = "help.html")]
struct Help {
    #[serde(skip)]
    f: Frame,
    questions: [&'static str; 5],
}

/// `GET /help`.
pub async fn page(State(front): State<Front>, visit: Visit) -> Response {
    let questions = ["pay", "lost", "held", "cancel", "data"];
    page::show(&visit, &Help { f: Frame::new(&front, &visit, "help-title"), questions })
}
