//! guests: people. What is known of them lives in the vault; the log, and everybody else, knows them by reference.
//!
//! An event store never forgets, so nothing personal may enter it: `GuestCreated` says that there is a guest, and not who.
//! The vault is an ordinary table that can forget, with every guest's data encrypted under a key of its own.
//!
//! Reading order: `domain/person` (what is known of somebody), `domain/guest` (the reference's stream),
//! `domain/create_guest`, `domain/update_guest`, `domain/absorb` and `domain/bookings` (the decisions), `sagas/erase` and
//! `sagas/merge`, `vault` (where people are kept; `vault/sheets` what is written later, `vault/seal` the cryptography,
//! `vault/wire` how sagas reach it), `publish`, `react`, `http` (the routes, and the handlers that write to two places).

use std::sync::Arc;

pub mod domain;
pub mod sagas;
pub mod vault;
pub mod publish;
pub mod react;
pub mod http;

/// The service as `host` runs it, with the vault that knows who the guests are.
pub fn service(vault: Arc<vault::Vault>) -> host::Service {
    let wire = Arc::new(vault::wire::VaultWire::new(vault.clone()));
    host::Service {
        sagas: saga::Registry::default().with::<sagas::erase::Erasing>().with::<sagas::merge::Merging>(),
        publish: publish::publish,
        follows: vec![feed::Follow { source: "reservations", react: react::reservations }],
        outside: vec![(vault::wire::VAULT, wire)],
        ..host::Service::new("guests", http::routes(vault))
    }
}
