//! The night audit: what is left to do before a business date can be closed, the closing itself, and what came of it. The
//! closing is a saga of stays; a page only watches it, so closing the page stops nothing.
//!
//! Reading order: `past` (what the log says of audits), `steps` (a running one), `ready` (what is left), `page`, `leftovers`
//! (many stays by one press), `run`.

pub mod past;
pub mod steps;
pub mod ready;
pub mod page;
pub mod leftovers;
pub mod run;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};
use kit::Front;

/// Where the page stands.
pub const HOME: &str = "/desk/audit";

/// Its routes. A page that a form has answered is left by a reload of its address, which leads home.
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/desk/audit", get(page::page))
        .route("/desk/audit/run", post(run::run).get(home))
        .route("/desk/audit/no-shows", post(leftovers::no_shows).get(home))
        .route("/desk/audit/check-outs", post(leftovers::check_outs).get(home))
}

async fn home() -> Redirect {
    Redirect::to(HOME)
}
