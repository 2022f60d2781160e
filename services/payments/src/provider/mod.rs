//! The port to the payment provider: somebody else's ledger, keyed by our keys.
//!
//! Every method may be repeated with the same key and then gives the same answer. A void is final also when it comes
//! first: it leaves a tombstone that refuses the authorise it has overtaken.

use kernel::Money;
use peer::Lost;
use peer::wire::BoxFuture;
use serde::{Deserialize, Serialize};

pub mod wire;
pub mod simulated;

/// What is asked of the provider.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Our key of the authorisation.
    pub key: String,
    /// The provider's token of the card.
    pub token: String,
    /// How much.
    pub amount: Money,
}

/// Where an authorisation stands at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The amount is reserved.
    Authorised,
    /// The card was refused.
    Declined,
    /// It was given back, or voided before it came: it will not be reserved under this key any more.
    Voided,
}

/// One line of the provider's ledger.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Our key.
    pub key: String,
    /// The card's token; empty when the void came first.
    pub token: String,
    /// How much; `None` when the void came first.
    pub amount: Option<Money>,
    /// Where it stands.
    pub state: State,
}

/// A page of the provider's ledger.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// How many authorisations are open, on all pages.
    pub open: u64,
    /// The lines, ordered by key.
    pub items: Vec<Item>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A payment provider. `Lost` means that no answer came: whether anything happened is not known, and the same key may be
/// asked again.
pub trait PaymentProvider: Send + Sync + 'static {
    /// Reserves an amount; says where the authorisation stands now.
    fn authorise(&self, asked: Asked) -> BoxFuture<'_, Result<State, Lost>>;

    /// Gives an authorisation back; says where it stands now. A declined one stays declined.
    fn void(&self, key: String) -> BoxFuture<'_, Result<State, Lost>>;

    /// Up to `limit` lines after the key `after`.
    fn list(&self, after: String, limit: usize) -> BoxFuture<'_, Result<Ledger, Lost>>;
}
