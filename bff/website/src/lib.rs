//! The guests' front end: find a room, hold it, pay, and manage the booking. Works without scripts.
//!
//! Reading order: `wish` (what somebody looks for), `house` (what the services say), `search`, `calendar`, `offers`, `stay`
//! (finding a room), `cart` (a checkout and its sealed cookie), `choose`, `book`, `pay`, `standing`, `progress` (booking it),
//! `booking`, `ics`, `manage`, `cancel`, `change` (what comes after), `help`; `site` and `summary` are shared by pages.

pub mod wish;
pub mod house;
pub mod search;
pub mod calendar;
pub mod offers;
pub mod stay;
pub mod cart;
pub mod choose;
pub mod summary;
pub mod book;
pub mod pay;
pub mod standing;
pub mod progress;
pub mod booking;
pub mod ics;
pub mod manage;
pub mod cancel;
pub mod change;
pub mod help;
pub mod site;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
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
    let front = Front { setup, name: "website", root: "", texts, assets, kept: Arc::default() };
    let pages = Router::new()
        .route("/", get(search::page))
        .route("/hotels/{hotel}/stay", get(stay::page))
        .route("/book/{checkout}", get(book::page).post(book::details))
        .route("/book/{checkout}/choose", post(choose::choose))
        .route("/book/{checkout}/keep", post(book::keep).get(book::page))
        .route("/book/{checkout}/pay", get(pay::page).post(pay::pay))
        .route("/book/{checkout}/progress", get(progress::page))
        .route("/book/{checkout}/live", get(progress::live))
        .route("/booking/{reservation}", get(booking::page))
        .route("/booking/{reservation}/stay.ics", get(booking::calendar))
        .route("/booking/{reservation}/cancel", get(cancel::page).post(cancel::cancel))
        .route("/booking/{reservation}/change", get(change::page).post(change::change))
        .route("/manage", get(manage::page).post(manage::find))
        .route("/help", get(help::page));
    front.router(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of all scripts of one page, as written.
    const SCRIPT_BYTES_MAX: usize = 15_000;

    #[test]
    fn every_language_has_every_text() {
        assert_eq!(kit::texts::differences(&MESSAGES), [""; 0]);
    }

    #[test]
    fn no_page_has_more_script_than_its_budget() {
        let assets = Assets::with::<Files>();
        let of = |names: &[&str]| assets.sizes().filter(|(name, ..)| names.contains(name)).map(|(_, plain, _)| plain).sum::<usize>();
        for page in [&["stay.js"][..], &["book.js", "announce.js"], &["progress.js", "live.js", "announce.js"]] {
            let bytes = of(page);
            assert!((1..=SCRIPT_BYTES_MAX).contains(&bytes), "{page:?}: {bytes}");
        }
    }
}
