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

/// Money of an authorisation that is to move: captured, or refunded.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// Our key of the movement.
    pub key: String,
    /// Our key of the authorisation it belongs to.
    pub authorisation: String,
    /// How much.
    pub amount: Money,
}

/// What became of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// The money has moved.
    Done,
    /// It has not and will not under this key: there is not so much to move.
    Refused,
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
    /// Money was taken of it; the rest is free again.
    Captured,
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
    /// What was taken, minor units.
    pub captured: i64,
    /// What of it was given back, minor units.
    pub refunded: i64,
}

impl Item {
    /// Takes or gives back money of this line, if there is so much. Currencies never mix.
    pub(crate) fn move_money(&mut self, is_refund: bool, amount: Money) -> Movement {
        let authorised = self.amount.filter(|of| of.currency == amount.currency).map_or(0, |of| of.amount);
        match (is_refund, self.state) {
            (false, State::Authorised) if amount.amount <= authorised => {
                self.state = State::Captured;
                self.captured = amount.amount;
                Movement::Done
            }
            (true, State::Captured) if authorised > 0 && amount.amount <= self.captured - self.refunded => {
                self.refunded += amount.amount;
                Movement::Done
            }
            _ => Movement::Refused,
        }
    }
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

    /// Takes money of an authorisation, once; less than was authorised if less is asked for.
    fn capture(&self, asked: Moved) -> BoxFuture<'_, Result<Movement, Lost>>;

    /// Gives captured money back, never more than was captured.
    fn refund(&self, asked: Moved) -> BoxFuture<'_, Result<Movement, Lost>>;

    /// Up to `limit` lines after the key `after`.
    fn list(&self, after: String, limit: usize) -> BoxFuture<'_, Result<Ledger, Lost>>;
}
