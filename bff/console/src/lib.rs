//! The operators' front end: is everything well, and if not, why, and what can be done.
//!
//! It needs its own process only: a service that does not answer is a row that says so.
//!
//! Reading order: `services` (what services say of themselves), `watch` (the collector), `health` (what it means), `look`
//! (what every page rests on), `spark` (small charts); the pages: `overview`, `faults` (break something, in a demonstration),
//! `breakers`, `feeds` with `archives`, `sagas`, `verbs` (what an operator says to a saga), `find` and `trace` (one booking through all
//! services: `gather` asks, `telling` says it in words), `throughput`; `live` (news every second).

mod services;
mod watch;
mod health;
mod look;
mod spark;
mod overview;
mod faults;
mod breakers;
mod feeds;
mod archives;
mod sagas;
mod verbs;
mod find;
mod gather;
mod telling;
mod trace;
mod throughput;
mod live;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Extension, Router};
use kit::assets::Assets;
use kit::{Front, Lang, Setup, Texts};
use rust_embed::RustEmbed;

use crate::watch::Watch;

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
    ("throughput", "/ops/throughput", "arrivals", "g h"),
];

/// The front end, ready to be served under `/ops`.
pub fn app(setup: Setup) -> Router {
    let (texts, assets) = (Arc::new(Texts::new(&MESSAGES)), Arc::new(Assets::with::<Files>()));
    let front = Front { setup, name: "console", root: "/ops", texts, assets, kept: Arc::default() };
    let pages = Router::new()
        .route("/ops", get(overview::page))
        .route("/ops/live", get(live::live))
        .route("/ops/demo/break", post(faults::set))
        .route("/ops/demo/bookings", post(faults::bookings))
        .route("/ops/breakers", get(breakers::page).post(breakers::turn))
        .route("/ops/feeds", get(feeds::page))
        .route("/ops/sagas", get(sagas::list))
        .route("/ops/sagas/{saga}", get(sagas::one))
        .route("/ops/sagas/{saga}/{verb}", post(verbs::say))
        .route("/ops/trace", get(find::page))
        .route("/ops/trace/{reservation}", get(trace::page))
        .route("/ops/throughput", get(throughput::page));
    front.router(pages).layer(Extension(Watch::default()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_language_has_every_text() {
        assert_eq!(kit::texts::differences(&super::MESSAGES), [""; 0]);
    }
}
