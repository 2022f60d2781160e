//! hotels: what a hotel is made of. Rooms, types, currency, first business date.
//!
//! The service decides nothing that has to do with dates or guests; the others follow its feed and keep what they need
//! in lanes of their own. One aggregate, `Hotel`, keyed by its code. What others may still need is taken out by a saga
//! that asks them first: rooms, then their type, then the hotel.
//!
//! Reading order: `domain/hotel` (state and events), `domain/define_hotel`, `domain/define_room_type`,
//! `domain/define_rooms`, `domain/change_hotel`, `domain/change_rooms`, `domain/close_hotel`, `domain/delete_hotel` (the
//! commands), `sagas/delete_rooms`, `sagas/delete_room_type`, `views/list`, `publish`, `http`.

pub mod domain;
pub mod sagas;
pub mod views;
pub mod publish;
pub mod http;

/// The service as `host` runs it.
pub fn service() -> host::Service {
    host::Service {
        views: vec![std::sync::Arc::new(views::list::Hotels)],
        sagas: saga::Registry::default()
            .with::<sagas::delete_room_type::DeleteRoomTypeSaga>()
            .with::<sagas::delete_rooms::DeleteRoomsSaga>(),
        publish: publish::publish,
        ..host::Service::new("hotels", http::routes())
    }
}
