//! payments: money at the payment provider.
//!
//! A payment is one authorisation: it is asked for, answered, and may be given back, or captured and refunded. Asking the provider is a saga, because
//! an answer can be lost: nobody here takes silence for a no, and whatever the provider may have reserved is given back
//! before a payment is refused. The provider is a port with its own ledger, keyed by our keys.
//!
//! Reading order: `domain/payment` (state and events), `domain/authorise`, `domain/void`, `domain/capture` and
//! `domain/refund` (one command each), `sagas/authorise`, `sagas/void` and `sagas/move_money` (what is asked of the provider), `provider` (the port), `provider/wire` (how sagas
//! reach it), `provider/simulated` (the two simulated providers), `publish`, `http`.

use std::sync::Arc;

pub mod domain;
pub mod sagas;
pub mod provider;
pub mod publish;
pub mod http;

/// The service as `host` runs it, with the provider it takes money at.
pub fn service(provider: Arc<dyn provider::PaymentProvider>) -> host::Service {
    let wire = Arc::new(provider::wire::ProviderWire::new(provider.clone()));
    host::Service {
        sagas: saga::Registry::default()
            .with::<sagas::authorise::Authorising>()
            .with::<sagas::void::Voiding>()
            .with::<sagas::move_money::Capturing>()
            .with::<sagas::move_money::Refunding>(),
        publish: publish::publish,
        outside: vec![(provider::wire::PROVIDER, wire)],
        ..host::Service::new("payments", http::routes(provider))
    }
}
