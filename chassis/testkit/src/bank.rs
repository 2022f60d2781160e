//! Two small aggregates of no hotel: accounts (with snapshots and an older schema) and seats (with claims), and a command
//! for every awkward thing a decision can do.

use kernel::decide::Guard;
use kernel::{Aggregate, Busy, Corrupt, Ctx, Decide, Emit, Event, Refusal, RefusalKind, Staged, Stop};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What happens to an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// It exists.
    Opened,
    /// Its balance has changed.
    Paid {
        /// By how much.
        by: i64,
        /// Why; schema 1 had no such field, and called `by` `amount`.
        why: String,
    },
}

impl Event for Entry {
    const SCHEMA: u16 = 2;

    fn upcast(schema: u16, mut json: Value) -> Result<Value, Corrupt> {
        if schema != 1 {
            return Err(Corrupt(format!("schema {schema}")));
        }
        if let Some(paid) = json.get_mut("Paid") {
            *paid = json!({"by": paid["amount"], "why": "of old"});
        }
        Ok(json)
    }
}

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Whether it exists.
    pub open: bool,
    /// What is on it.
    pub balance: i64,
    /// How often it was paid.
    pub payments: u64,
    /// The last reason.
    pub why: String,
}

impl Aggregate for Account {
    const KIND: &'static str = "account";
    const SNAPSHOT_EVERY: Option<u64> = Some(4);
    type Event = Entry;

    fn evolve(&mut self, event: &Entry) {
        match event {
            Entry::Opened => self.open = true,
            Entry::Paid { by, why } => {
                assert!(why != POISON, "an account cannot bear this reason");
                self.balance += by;
                self.payments += 1;
                self.why.clone_from(why);
            }
        }
    }
}

/// A reason that makes an account's fold panic.
pub const POISON: &str = "poison";

/// What happens to a seat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Sitting {
    /// Somebody sits there.
    Taken {
        /// Who.
        by: String,
    },
    /// Nobody does.
    Freed,
}

impl Event for Sitting {}

/// A seat.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seat(pub Option<String>);

impl Aggregate for Seat {
    const KIND: &'static str = "seat";
    type Event = Sitting;

    fn evolve(&mut self, event: &Sitting) {
        self.0 = match event {
            Sitting::Taken { by } => Some(by.clone()),
            Sitting::Freed => None,
        };
    }
}

/// Why the bank says no.
#[derive(Clone, Debug, PartialEq)]
pub enum No {
    /// There is no such account.
    Unknown,
    /// It exists already.
    Exists,
    /// There is not enough on it.
    TooPoor(i64),
    /// Somebody sits there.
    Occupied,
}

impl Refusal for No {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "account-unknown",
            Self::Exists => "account-exists",
            Self::TooPoor(_) => "too-poor",
            Self::Occupied => "occupied",
        }
    }

    fn kind(&self) -> RefusalKind {
        if matches!(self, Self::Unknown) { RefusalKind::NotFound } else { RefusalKind::Conflict }
    }

    fn detail(&self) -> Value {
        if let Self::TooPoor(balance) = self { json!({"balance": balance}) } else { Value::Null }
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    /// Opens an account.
    Open(String),
    /// Changes a balance; refused below zero.
    Pay(String, i64),
    /// From one account to another.
    Transfer(String, String, i64),
    /// Takes a seat; the flag says whether it looks first, as every honest decision does.
    Take(String, bool),
    /// Frees a seat.
    Free(String),
    /// Replies with an account and says nothing.
    Look(String),
    /// So many payments of one to one account, in one command.
    Often(String, u32),
    /// Says something, then panics.
    Panic(String),
    /// Says something that makes the fold panic.
    Poison(String),
    /// Says something, then replies with so many bytes.
    Long(String, usize),
    /// Says something, then is busy.
    Busy(String),
}

/// A command of the bank. `branch` chooses the lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The partition.
    pub branch: String,
    /// What.
    pub doing: Doing,
}

impl Order {
    /// An order at a branch.
    pub fn at(branch: &str, doing: Doing) -> Self {
        Self { branch: branch.to_owned(), doing }
    }

    /// The lane of its branch.
    pub fn lane(&self) -> kernel::Lane {
        kernel::lane_of(&self.branch)
    }
}

/// An event of one payment.
pub fn paid(by: i64) -> Entry {
    Entry::Paid { by, why: format!("for {by}") }
}

fn pay(see: &Staged, out: &mut Emit, account: &str, by: i64) -> Result<i64, Stop> {
    let state = see.get::<Account>(account)?;
    if !state.open {
        return Err(No::Unknown.into());
    }
    if state.balance + by < 0 {
        return Err(No::TooPoor(state.balance).into());
    }
    out.event::<Account>(account, paid(by));
    Ok(state.balance + by)
}

impl Decide for Order {
    type Reply = Value;

    fn partition(&self) -> &str {
        &self.branch
    }

    fn guarded(&self) -> Option<Guard> {
        match &self.doing {
            Doing::Pay(account, _) => Some(Guard::on::<Account>(account)),
            _ => None,
        }
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        match &self.doing {
            Doing::Open(account) => {
                if see.get::<Account>(account)?.open {
                    return Err(No::Exists.into());
                }
                out.event::<Account>(account, Entry::Opened);
                Ok(json!({"account": account, "id": ctx.ids.derive("acc")}))
            }
            Doing::Pay(account, by) => Ok(json!({"balance": pay(see, out, account, *by)?})),
            Doing::Transfer(from, to, by) => {
                let from = pay(see, out, from, -by)?;
                Ok(json!({"from": from, "to": pay(see, out, to, *by)?}))
            }
            Doing::Take(seat, look) => {
                if *look && see.get::<Seat>(seat)?.0.is_some() {
                    return Err(No::Occupied.into());
                }
                out.event::<Seat>(seat, Sitting::Taken { by: ctx.key.clone() });
                out.claim(format!("seat/{seat}"));
                Ok(Value::Null)
            }
            Doing::Free(seat) => {
                if see.get::<Seat>(seat)?.0.is_some() {
                    out.event::<Seat>(seat, Sitting::Freed);
                    out.unclaim(format!("seat/{seat}"));
                }
                Ok(Value::Null)
            }
            Doing::Look(account) => Ok(json!(see.get::<Account>(account)?)),
            Doing::Often(account, times) => {
                for _ in 0..*times {
                    pay(see, out, account, 1)?;
                }
                Ok(Value::Null)
            }
            Doing::Panic(account) => {
                out.event::<Account>(account, paid(1_000_000));
                panic!("a decision with a bug");
            }
            Doing::Poison(account) => {
                out.event::<Account>(account, Entry::Paid { by: 1_000_000, why: POISON.into() });
                Ok(Value::Null)
            }
            Doing::Long(account, bytes) => {
                pay(see, out, account, 1)?;
                Ok(Value::String("x".repeat(*bytes)))
            }
            Doing::Busy(account) => {
                pay(see, out, account, 1_000_000)?;
                Err(Stop::Busy(Busy("not-now")))
            }
        }
    }
}
