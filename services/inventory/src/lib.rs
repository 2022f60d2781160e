//! inventory: how many rooms of a type may be sold for a night, and who has them.
//!
//! One `NightLedger` a hotel holds limits, held and sold counts and one allocation a reservation. No sale is accepted that
//! takes sold + held past the type's or the house's limit of any night; all nights of a stay are taken or none. Confirm,
//! Amend, Move and Release state a result with a revision, so an older message has no effect.
//!
//! A type that is to be deleted is retired first: from then on nothing of it is held, so what depends on it is known.
//!
//! Reading order: `domain/ledger` (state and events), one file a command beside it, `views/nights` (availability),
//! `views/night_books` (on the books at any past moment), `publish`, `react` (facts of hotels), `http`.

pub mod domain;
pub mod views;
pub mod publish;
pub mod react;
pub mod http;

/// The service as `host` runs it.
pub fn service() -> host::Service {
    host::Service {
        views: vec![
            std::sync::Arc::new(views::nights::Nights),
            std::sync::Arc::new(views::night_books::NightBooks),
            std::sync::Arc::new(views::due_holds::DueHolds),
        ],
        publish: publish::publish,
        follows: vec![feed::Follow { source: "hotels", react: react::hotels }],
        timers: vec![views::due_holds::timer()],
        ..host::Service::new("inventory", http::routes())
    }
}
