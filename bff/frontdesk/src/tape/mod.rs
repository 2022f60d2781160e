//! The tape chart: rooms down, nights across, stays as bars.
//!
//! Reading order: `house` (what is asked of whom), `chart` (arithmetic), `page` (frame, first rows, tonight's list),
//! `snapshot` (all bars as numbers for the script), `verbs` (what is done on it), `words` (texts for the script).

pub mod house;
pub mod chart;
pub mod page;
pub mod snapshot;
pub mod verbs;
pub mod words;

use axum::Router;
use axum::routing::{get, post};
use kit::Front;

use crate::live;

/// The routes of the chart and of the stream that keeps it (and other pages) up to date.
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/desk/tape", get(page::show))
        .route("/desk/tape.json", get(snapshot::serve))
        .route("/desk/tape/{verb}", post(verbs::act))
        .route("/desk/live", get(live::serve))
}
