//! The guests' front end: find a room, hold it, pay, and manage the booking. Works without scripts.
//!
//! Reading order: `search` (the start page).

pub mod search;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use kit::assets::Assets;
use kit::{Front, Lang, Setup, Texts};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Files;

/// Its message files.
pub const MESSAGES: [(Lang, &str); 2] = [(Lang::En, include_str!("../messages/en.ftl")), (Lang::De, include_str!("../messages/de.ftl"))];

/// The front end, ready to be served at the root.
pub fn app(setup: Setup) -> Router {
    let (texts, assets) = (Arc::new(Texts::new(&MESSAGES)), Arc::new(Assets::with::<Files>()));
    let front = Front { setup, name: "website", root: "", texts, assets };
    front.router(Router::new().route("/", get(search::page)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_language_has_every_text() {
        assert_eq!(kit::texts::differences(&super::MESSAGES), [""; 0]);
    }
}
