//! Availability: nights across, house and types down; how many are sold, how many may be, and who sleeps in one night.
//!
//! Reading order: `page` (the grid), `night` (the list behind a number), `limits` (what may be sold is changed).

pub mod page;
pub mod night;
pub mod limits;

use axum::Router;
use axum::routing::{get, post};
use kit::Front;

/// The routes of the grid.
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/desk/availability", get(page::show))
        .route("/desk/availability/limits", post(limits::set))
        .route("/desk/availability/{date}", get(night::show))
}
