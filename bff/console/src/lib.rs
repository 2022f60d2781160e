//! The operators' front end: is everything well, and if not, why, and what can be done.
//!
//! Reading order: `overview` (the start page).

pub mod overview;

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

/// The navigation: key of the text, address, icon, keys that go there.
pub const NAV: &[(&str, &str, &str, &str)] = &[
    ("overview", "/ops", "pulse", "g o"),
    ("breakers", "/ops/breakers", "switch", "g b"),
    ("sagas", "/ops/sagas", "steps", "g s"),
    ("feeds", "/ops/feeds", "feed", "g f"),
    ("trace", "/ops/trace", "search", "g t"),
];

/// The front end, ready to be served under `/ops`.
pub fn app(setup: Setup) -> Router {
    let (texts, assets) = (Arc::new(Texts::new(&MESSAGES)), Arc::new(Assets::with::<Files>()));
    let front = Front { setup, name: "console", root: "/ops", texts, assets };
    front.router(Router::new().route("/ops", get(overview::page)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_language_has_every_text() {
        assert_eq!(kit::texts::differences(&super::MESSAGES), [""; 0]);
    }
}
