//! stays: who sleeps where, from arrival to departure, the folio, and the business day.
//!
//! A physical room holds one stay at a time, always: the hotel's `Rack` decides it and a constraint row is the last line
//! of defence. The business day belongs here; the night audit is a saga over reservations and inventory, and while it
//! runs nobody checks in or out.
//!
//! Reading order: `domain/rack`, `domain/choose`, `domain/stay`, `domain/folio`, `domain/day`, `domain/post_night`, `domain/retire_rooms`,
//! `domain/assignment`, `domain/set_condition`, `sagas/check_in`, `sagas/check_out`, `sagas/assign_room`, `sagas/move_room`,
//! `sagas/extend_stay`, `sagas/close_day`, `views`, `publish`, `react`, `http`.

pub mod domain;
pub mod sagas;
pub mod views;
pub mod publish;
pub mod react;
pub mod http;

use std::sync::Arc;

/// The service as `host` runs it.
pub fn service() -> host::Service {
    host::Service {
        views: vec![Arc::new(views::list::Stays), Arc::new(views::days::Days), Arc::new(views::rooms::Rooms), Arc::new(views::tape::Tape)],
        sagas: saga::Registry::default()
            .with::<sagas::check_in::CheckInSaga>()
            .with::<sagas::check_out::CheckOutSaga>()
            .with::<sagas::assign_room::AssignRoomSaga>()
            .with::<sagas::move_room::MoveRoomSaga>()
            .with::<sagas::extend_stay::ExtendStaySaga>()
            .with::<sagas::close_day::CloseDaySaga>(),
        publish: publish::publish,
        follows: vec![
            feed::Follow { source: "hotels", react: react::hotels },
            feed::Follow { source: "reservations", react: react::reservations },
        ],
        projects: vec![feed::Project { source: "reservations", apply: views::tape::reservations }],
        ..host::Service::new("stays", http::routes())
    }
}
