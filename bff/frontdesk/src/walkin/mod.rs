//! Somebody stands at the desk without a booking, or calls for another day: one form makes the guest, the booking and, for
//! today, the check-in.
//!
//! Reading order: `typed` (the form and its mistakes), `offer` (types, free rooms, prices), `page`, `make` (the three steps).

pub mod typed;
pub mod offer;
pub mod page;
pub mod make;

use axum::Router;
use axum::routing::get;
use kit::Front;

/// Where the form stands.
pub const HOME: &str = "/desk/walk-in";

/// Its routes.
pub fn routes() -> Router<Front> {
    Router::new().route(HOME, get(page::page).post(make::make))
}
