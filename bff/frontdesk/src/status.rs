//! House status: what is to be done today.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kit::{Frame, Front, Visit, page};
use serde::Serialize;

use crate::desk::Desk;

#[derive(Template, Serialize)]
#[template(path = "status.html")]
struct Status {
    #[serde(skip)]
    f: Frame,
    hotel: String,
    in_house: Option<u32>,
}

/// `GET /desk`.
pub async fn page(State(front): State<Front>, visit: Visit) -> Response {
    let desk = match Desk::open(&front, &visit, "status-title", "status").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let in_house = desk.day.here().map(|day| day.in_house);
    page::show(&visit, &Status { f: desk.frame, hotel: desk.hotel, in_house })
}
