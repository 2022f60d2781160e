//! The staff's front end: who comes, who is here, who goes, which room, and the end of the day.
//!
//! Reading order: `desk` (what every page of a hotel has), `known` (what services say), `status` (the start page), `verbs` (what
//! is done with one stay), `sheet` (all of one stay), `list` (who comes, is here, goes), `live` (the stream of changes), `tape`
//! (the chart), `availability` (nights and their limits), `rooms` (the rack), `audit` (the end of the day), `walkin` (somebody
//! without a booking), `find` (who is meant).

pub mod desk;
pub mod known;
pub mod sheet;
pub mod status;
pub mod verbs;
pub mod list;
pub mod live;
pub mod tape;
pub mod availability;
pub mod rooms;
pub mod audit;
pub mod walkin;
pub mod find;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Extension, Router};
use kit::assets::Assets;
use kit::{Front, Lang, Setup, Texts};
use rust_embed::RustEmbed;

use crate::live::hub::Hubs;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Files;

/// Its message files.
pub const MESSAGES: [(Lang, &str); 2] = [(Lang::En, include_str!("../messages/en.ftl")), (Lang::De, include_str!("../messages/de.ftl"))];

/// The navigation: key of the text, address, icon, keys that go there.
pub const NAV: &[(&str, &str, &str, &str)] = &[
    ("status", "/desk", "house", "g s"),
    ("tape", "/desk/tape", "tape", "g t"),
    ("arrivals", "/desk/arrivals", "arrivals", "g a"),
    ("in-house", "/desk/in-house", "bed", "g i"),
    ("departures", "/desk/departures", "departures", "g d"),
    ("rooms", "/desk/rooms", "door", "g h"),
    ("availability", "/desk/availability", "grid", "g v"),
    ("walk-in", "/desk/walk-in", "plus", "g w"),
    ("audit", "/desk/audit", "moon", "g n"),
];

/// The front end, ready to be served under `/desk`.
pub fn app(setup: Setup) -> Router {
    pages(front(setup))
}

/// Its ports, texts and files.
pub fn front(setup: Setup) -> Front {
    let (texts, assets) = (Arc::new(Texts::new(&MESSAGES)), Arc::new(Assets::with::<Files>()));
    Front { setup, name: "frontdesk", root: "/desk", texts, assets, kept: Arc::default() }
}

/// Its pages.
pub fn pages(front: Front) -> Router {
    pages_with(front, Arc::default())
}

/// The same with hubs that somebody else listens to as well.
pub fn pages_with(front: Front, hubs: Arc<Hubs>) -> Router {
    let pages = Router::new()
        .route("/desk", get(status::page))
        .route("/desk/r/{id}", get(sheet::show))
        .route("/desk/r/{id}/{verb}", post(verbs::act))
        .route("/desk/find", get(find::form).post(find::find))
        .merge(list::routes())
        .merge(tape::routes())
        .merge(availability::routes())
        .merge(rooms::routes())
        .merge(audit::routes())
        .merge(walkin::routes());
    front.router(pages.layer(Extension(hubs)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_language_has_every_text() {
        assert_eq!(kit::texts::differences(&super::MESSAGES), [""; 0]);
    }
}
