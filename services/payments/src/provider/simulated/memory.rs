//! The simulated provider in memory, with faults from the dice: for the simulator. It stands outside of the house, so a
//! simulated crash leaves it as it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::Chance;
use peer::Lost;
use peer::wire::BoxFuture;

use super::{deliver, verdict};
use crate::provider::{Asked, Item, Ledger, Moved, Movement, PaymentProvider, State};

/// How often something goes wrong, in a thousand requests each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The request or its reply is lost (an even chance of either).
    pub lost_permille: u64,
    /// The request arrives a second time, after the next one has been handled.
    pub duplicate_permille: u64,
    /// The answer takes its time.
    pub slow_permille: u64,
    /// The longest such time.
    pub slow_ms_max: u64,
}

impl Faults {
    /// Nothing goes wrong, except what the token says.
    pub const NONE: Self = Self { lost_permille: 0, duplicate_permille: 0, slow_permille: 0, slow_ms_max: 0 };
}

/// How often something has gone wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fired {
    /// Requests and replies lost.
    pub lost: u64,
    /// Requests that arrived twice.
    pub duplicate: u64,
    /// Answers that took their time.
    pub slow: u64,
}

#[derive(Clone)]
enum Wanted {
    Authorise(Asked),
    Void(String),
    /// A movement; `true` gives money back.
    Move(Moved, bool),
}

/// What a request is answered.
#[derive(Clone, Copy)]
enum Said {
    Stands(State),
    Moved(Movement),
}

#[derive(Default)]
struct Book {
    lines: BTreeMap<String, Item>,
    /// Movements by their keys.
    moves: BTreeMap<String, Movement>,
    /// Second copies of requests, still on their way.
    late: Vec<Wanted>,
    faults: Faults,
    fired: Fired,
}

impl Book {
    /// Handles a request; says whether it was the first of its key, and what it is answered.
    fn handle(&mut self, wanted: Wanted) -> (bool, Said) {
        match wanted {
            Wanted::Authorise(Asked { key, token, amount }) => {
                let first = !self.lines.contains_key(&key);
                let made = Item { key: key.clone(), state: verdict(&token), token, amount: Some(amount), captured: 0, refunded: 0 };
                (first, Said::Stands(self.lines.entry(key).or_insert(made).state))
            }
            Wanted::Void(key) => {
                let first = !self.lines.contains_key(&key);
                let voided = State::Voided;
                let tombstone = Item { key: key.clone(), token: String::new(), amount: None, state: voided, captured: 0, refunded: 0 };
                let line = self.lines.entry(key).or_insert(tombstone);
                if line.state == State::Authorised {
                    line.state = State::Voided;
                }
                (first, Said::Stands(line.state))
            }
            Wanted::Move(Moved { key, authorisation, amount }, is_refund) => {
                if let Some(known) = self.moves.get(&key) {
                    return (false, Said::Moved(*known));
                }
                let line = self.lines.get_mut(&authorisation);
                let movement = line.map_or(Movement::Refused, |line| line.move_money(is_refund, amount));
                self.moves.insert(key, movement);
                (true, Said::Moved(movement))
            }
        }
    }
}

/// A provider whose ledger is in memory.
pub struct MemoryProvider {
    book: Mutex<Book>,
    chance: Arc<dyn Chance>,
}

impl MemoryProvider {
    /// An empty ledger with these faults.
    pub fn new(faults: Faults, chance: Arc<dyn Chance>) -> Self {
        Self { book: Mutex::new(Book { faults, ..Book::default() }), chance }
    }

    /// From now on these faults.
    pub fn set(&self, faults: Faults) {
        self.book().faults = faults;
    }

    /// What has gone wrong so far.
    pub fn fired(&self) -> Fired {
        self.book().fired
    }

    /// Authorisations that are open.
    pub fn open(&self) -> u64 {
        self.book().lines.values().filter(|line| line.state == State::Authorised).count() as u64
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hits(&self, permille: u64) -> bool {
        permille > 0 && self.chance.below(1_000) < permille
    }

    async fn ask(&self, wanted: Wanted) -> Result<(bool, Said), Lost> {
        let faults = self.book().faults;
        if self.hits(faults.slow_permille) {
            self.book().fired.slow += 1;
            tokio::time::sleep(Duration::from_millis(self.chance.below(faults.slow_ms_max + 1))).await;
        }
        let lost = self.hits(faults.lost_permille);
        let on_the_way_there = lost && self.chance.below(2) == 0;
        let twice = self.hits(faults.duplicate_permille);
        let mut book = self.book();
        book.fired.lost += u64::from(lost);
        if on_the_way_there {
            return Err(Lost);
        }
        let late = std::mem::take(&mut book.late);
        let answer = book.handle(wanted.clone());
        for second in late {
            book.handle(second);
        }
        if twice {
            book.fired.duplicate += 1;
            book.late.push(wanted);
        }
        if lost { Err(Lost) } else { Ok(answer) }
    }
}

impl MemoryProvider {
    async fn stands(&self, wanted: Wanted) -> Result<(bool, State), Lost> {
        match self.ask(wanted).await? {
            (first, Said::Stands(state)) => Ok((first, state)),
            (_, Said::Moved(_)) => Err(Lost),
        }
    }

    async fn moves(&self, asked: Moved, is_refund: bool) -> Result<Movement, Lost> {
        let token = self.book().lines.get(&asked.authorisation).map(|line| line.token.clone()).unwrap_or_default();
        match self.ask(Wanted::Move(asked, is_refund)).await? {
            (first, Said::Moved(movement)) => deliver(&token, first, movement).await,
            (_, Said::Stands(_)) => Err(Lost),
        }
    }
}

impl PaymentProvider for MemoryProvider {
    fn authorise(&self, asked: Asked) -> BoxFuture<'_, Result<State, Lost>> {
        Box::pin(async move {
            let token = asked.token.clone();
            let (first, state) = self.stands(Wanted::Authorise(asked)).await?;
            deliver(&token, first, state).await
        })
    }

    fn void(&self, key: String) -> BoxFuture<'_, Result<State, Lost>> {
        Box::pin(async move { self.stands(Wanted::Void(key)).await.map(|(_, state)| state) })
    }

    fn capture(&self, asked: Moved) -> BoxFuture<'_, Result<Movement, Lost>> {
        Box::pin(self.moves(asked, false))
    }

    fn refund(&self, asked: Moved) -> BoxFuture<'_, Result<Movement, Lost>> {
        Box::pin(self.moves(asked, true))
    }

    fn list(&self, after: String, limit: usize) -> BoxFuture<'_, Result<Ledger, Lost>> {
        use std::ops::Bound::{Excluded, Unbounded};
        Box::pin(async move {
            let (open, book) = (self.open(), self.book());
            let items: Vec<Item> = book.lines.range((Excluded(after), Unbounded)).take(limit).map(|(_, line)| line.clone()).collect();
            let next = (items.len() == limit).then(|| items.last().map(|i| i.key.clone())).flatten();
            Ok(Ledger { open, items, next })
        })
    }
}
