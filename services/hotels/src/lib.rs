//! hotels: what a hotel is made of. Rooms, types, currency, first business date.
//!
//! The service decides nothing that has to do with dates or guests; the others follow its feed and keep what they need
//! in lanes of their own. One aggregate, `Hotel`, keyed by its code.
//!
//! Reading order: `domain/hotel` (state and events), `domain/define_hotel`, `domain/define_room_type`,
//! `domain/define_rooms` (one command each), `views/list`, `publish`, `http`.

pub mod domain;
pub mod views;
pub mod publish;
pub mod http;

/// The service as `host` runs it.
pub fn service() -> host::Service {
    host::Service {
        views: vec![std::sync::Arc::new(views::list::Hotels)],
        publish: publish::publish,
        ..host::Service::new("hotels", http::routes())
    }
}
