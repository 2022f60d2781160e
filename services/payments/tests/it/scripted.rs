//! A provider that does what a script says, request by request, and keeps a sound ledger behind it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use kernel::chance::Seeded;
use payments::provider::simulated::{Faults, MemoryProvider};
use payments::provider::{Asked, Ledger, Moved, Movement, PaymentProvider, State};
use peer::Lost;
use peer::wire::BoxFuture;
use tokio::sync::Notify;

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It gets lost on its way there.
    RequestLost,
    /// It happens, and its reply gets lost.
    ReplyLost,
    /// It arrives twice.
    Twice,
    /// Nobody ever answers it, and it does not happen.
    Silence,
    /// The asking house crashes before it happens.
    CrashBefore,
    /// It happens, and the asking house crashes before it hears so.
    CrashAfter,
}

impl Turn {
    /// Every fault a step must survive.
    pub const ALL: [Self; 6] = [Self::RequestLost, Self::ReplyLost, Self::Twice, Self::Silence, Self::CrashBefore, Self::CrashAfter];

    /// Whether the asking house crashes.
    pub fn crashes(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }
}

/// Turns of one kind of request: first the script's, then the rest's.
#[derive(Default)]
struct Script {
    turns: VecDeque<Turn>,
    rest: Option<Turn>,
}

/// The scripted provider.
pub struct Scripted {
    pub ledger: MemoryProvider,
    authorise: Mutex<Script>,
    void: Mutex<Script>,
    moves: Mutex<Script>,
    crash: Notify,
}

impl Scripted {
    pub fn new() -> Arc<Self> {
        let ledger = MemoryProvider::new(Faults::NONE, Arc::new(Seeded::new(1)));
        Arc::new(Self { ledger, authorise: Mutex::default(), void: Mutex::default(), moves: Mutex::default(), crash: Notify::new() })
    }

    /// What happens to the next authorises, and to all after them.
    pub fn on_authorise(&self, turns: &[Turn], rest: Option<Turn>) {
        *self.authorise.lock().expect("no panic") = Script { turns: turns.iter().copied().collect(), rest };
    }

    /// What happens to the next voids.
    pub fn on_void(&self, turns: &[Turn]) {
        *self.void.lock().expect("no panic") = Script { turns: turns.iter().copied().collect(), rest: None };
    }

    /// What happens to the next captures and refunds.
    pub fn on_move(&self, turns: &[Turn]) {
        *self.moves.lock().expect("no panic") = Script { turns: turns.iter().copied().collect(), rest: None };
    }

    /// Returns when the house has to crash.
    pub async fn crash(&self) {
        self.crash.notified().await;
    }

    /// Whether everything scripted has happened: a fault that never fired has tested nothing.
    pub fn is_played(&self) -> bool {
        [&self.authorise, &self.void, &self.moves].iter().all(|script| script.lock().expect("no panic").turns.is_empty())
    }

    async fn play<'a, T: PartialEq + std::fmt::Debug>(
        &'a self,
        script: &'a Mutex<Script>,
        ask: impl Fn() -> BoxFuture<'a, Result<T, Lost>> + Send,
    ) -> Result<T, Lost> {
        let turn = {
            let mut script = script.lock().expect("no panic");
            script.turns.pop_front().or(script.rest)
        };
        match turn {
            None => ask().await,
            Some(Turn::RequestLost) => Err(Lost),
            Some(Turn::ReplyLost) => ask().await.and(Err(Lost)),
            Some(Turn::Twice) => {
                let first = ask().await;
                assert_eq!(ask().await, first, "the same request has the same answer");
                first
            }
            Some(Turn::Silence) => std::future::pending().await,
            Some(Turn::CrashBefore) => self.never().await,
            Some(Turn::CrashAfter) => {
                ask().await?;
                self.never().await
            }
        }
    }

    async fn never<T>(&self) -> Result<T, Lost> {
        self.crash.notify_one();
        std::future::pending().await
    }
}

impl PaymentProvider for Scripted {
    fn authorise(&self, asked: Asked) -> BoxFuture<'_, Result<State, Lost>> {
        Box::pin(async move { self.play(&self.authorise, || self.ledger.authorise(asked.clone())).await })
    }

    fn void(&self, key: String) -> BoxFuture<'_, Result<State, Lost>> {
        // Whoever hears a void hears everything again.
        self.authorise.lock().expect("no panic").rest = None;
        Box::pin(async move { self.play(&self.void, || self.ledger.void(key.clone())).await })
    }

    fn capture(&self, asked: Moved) -> BoxFuture<'_, Result<Movement, Lost>> {
        Box::pin(async move { self.play(&self.moves, || self.ledger.capture(asked.clone())).await })
    }

    fn refund(&self, asked: Moved) -> BoxFuture<'_, Result<Movement, Lost>> {
        Box::pin(async move { self.play(&self.moves, || self.ledger.refund(asked.clone())).await })
    }

    fn list(&self, after: String, limit: usize) -> BoxFuture<'_, Result<Ledger, Lost>> {
        self.ledger.list(after, limit)
    }
}
