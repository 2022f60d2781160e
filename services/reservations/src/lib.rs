//! reservations: who comes when, up to arrival.
//!
//! A `Reservation` is its own stream; the hotel's `Day` knows the open business date, and one small `Arrivals` stream a
//! date knows who is still expected. Booking, changing the type or the dates, cancelling and no-show ask inventory (and payments),
//! so they are sagas; arriving is one decision, asked for by stays.
//!
//! Reading order: `domain/reservation`, `domain/day`, `domain/arrivals`, the commands beside them, `sagas/book` (the long
//! one), `sagas/change_type`, `sagas/amend`, `sagas/give_back` (cancel and no-show), `views`, `publish`, `react`, `http`.

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
        views: vec![Arc::new(views::list::Reservations), Arc::new(views::days::Days)],
        sagas: saga::Registry::default()
            .with::<sagas::book::BookSaga>()
            .with::<sagas::change_type::ChangeTypeSaga>()
            .with::<sagas::amend::AmendSaga>()
            .with::<sagas::give_back::GiveBackSaga>(),
        publish: publish::publish,
        follows: vec![feed::Follow { source: "hotels", react: react::hotels }, feed::Follow { source: "stays", react: react::stays }],
        ..host::Service::new("reservations", http::routes())
    }
}
