//! Overview: every service, whether it answers, and what is not well.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kit::{Frame, Front, Visit, page};
use pipeline::Role;
use serde::Serialize;

#[derive(Template, Serialize)]
#[template(path = "overview.html")]
struct Overview {
    #[serde(skip)]
    f: Frame,
}

/// `GET /ops`.
pub async fn page(State(front): State<Front>, visit: Visit) -> Response {
    if let Some(answer) = front.needs(&visit, Role::Operator) {
        return answer;
    }
    let f = Frame::new(&front, &visit, "overview-title").in_part("overview");
    page::show(&visit, &Overview { f })
}
