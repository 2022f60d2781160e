//! guests: people. What is known of them lives in the vault; the log, and everybody else, knows them by reference.
//!
//! An event store never forgets, so nothing personal may enter it: `GuestCreated` says that there is a guest, and not who.
//! The vault is an ordinary table that can forget, with every guest's data encrypted under a key of its own.
//!
//! Reading order: `domain/person` (what is known of somebody), `domain/guest` (the reference's stream),
//! `domain/create_guest` (the one command), `vault` (where people are kept; `vault/seal` is the cryptography), `publish`,
//! `http` (the routes, and the one handler that writes to two places).

use std::sync::Arc;

pub mod domain;
pub mod vault;
pub mod publish;
pub mod http;

/// The service as `host` runs it, with the vault that knows who the guests are.
pub fn service(vault: Arc<vault::Vault>) -> host::Service {
    host::Service { publish: publish::publish, ..host::Service::new("guests", http::routes(vault)) }
}
