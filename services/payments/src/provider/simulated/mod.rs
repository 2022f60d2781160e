//! The simulated provider, twice: with a ledger file of its own for a house that runs, and in memory with seeded faults
//! for the simulator. What a card does is written in its token, so that every story can be told again.

use std::time::Duration;

use peer::Lost;

use super::State;

mod file;
mod memory;

pub use file::FileProvider;
pub use memory::{Faults, Fired, MemoryProvider};

/// Cards with such a token are declined.
const DECLINED: &str = "tok_declined";
/// Cards with such a token take their time.
const SLOW: &str = "tok_slow";
/// The first reply about a card with such a token is lost; what it says has happened.
const LOST: &str = "tok_lost";
/// How long a slow card takes.
const SLOW_TIME: Duration = Duration::from_secs(1);

/// What becomes of a card's authorisation.
fn verdict(token: &str) -> State {
    if token.starts_with(DECLINED) { State::Declined } else { State::Authorised }
}

/// Brings the reply home, as the token has it. The ledger has been written: who gives up meanwhile leaves it as it is.
async fn deliver<T>(token: &str, first: bool, answer: T) -> Result<T, Lost> {
    if token.starts_with(SLOW) {
        tokio::time::sleep(SLOW_TIME).await;
    }
    if first && token.starts_with(LOST) { Err(Lost) } else { Ok(answer) }
}
