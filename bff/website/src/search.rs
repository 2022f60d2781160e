//! The start page: where, when, for whom.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kit::{Frame, Front, Part, Visit, page};
use serde::{Deserialize, Serialize};

/// The list of hotels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hotels {
    /// One a hotel.
    pub items: Vec<HotelLine>,
}

/// A hotel in the list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HotelLine {
    /// Its code.
    pub hotel: String,
    /// Its name.
    pub name: String,
}

#[derive(Template, Serialize)]
#[template(path = "search.html")]
struct Search {
    #[serde(skip)]
    f: Frame,
    hotels: Vec<HotelLine>,
    missing: Option<&'static str>,
}

/// `GET /`.
pub async fn page(State(front): State<Front>, visit: Visit) -> Response {
    let hotels: Part<Hotels> = front.ask().get("hotels", "/hotels").await;
    let missing = hotels.silent();
    let f = Frame::new(&front, &visit, "search-title");
    page::show(&visit, &Search { f, missing, hotels: hotels.into_here().map(|h| h.items).unwrap_or_default() })
}
