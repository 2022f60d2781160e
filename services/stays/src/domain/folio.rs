//! A folio: the account of a stay. Opened at check-in with what was prepaid, posted to by the night audit, settled at
//! check-out: what is open, or left over of a prepayment, goes to the city ledger.

use jiff::civil::Date;
use kernel::{Aggregate, Event, Money};
use serde::{Deserialize, Serialize};

/// What happens to a folio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FolioEvent {
    /// It exists.
    Opened {
        /// Price of a night.
        price: Money,
    },
    /// A night was charged.
    Posted {
        /// The night.
        date: Date,
        /// The charge.
        amount: Money,
    },
    /// Something was paid before.
    Credited {
        /// How much.
        amount: Money,
        /// What it was, e.g. `prepaid`.
        what: String,
    },
    /// The balance went to the city ledger: the company or agent is invoiced.
    Settled {
        /// The balance.
        amount: Money,
    },
}

impl Event for FolioEvent {}

/// A folio.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Folio {
    /// Price of a night; `None` before it exists.
    pub price: Option<Money>,
    /// Nights charged with their amounts, in order.
    pub nights: Vec<(Date, i64)>,
    /// What went to the city ledger.
    pub settled: Option<i64>,
    /// What was paid before.
    #[serde(default)]
    pub credits: Vec<(String, i64)>,
}

impl Aggregate for Folio {
    const KIND: &'static str = "folio";
    type Event = FolioEvent;

    fn evolve(&mut self, event: &FolioEvent) {
        match event {
            FolioEvent::Opened { price } => self.price = Some(*price),
            FolioEvent::Posted { date, amount } => self.nights.push((*date, amount.amount)),
            FolioEvent::Credited { amount, what } => self.credits.push((what.clone(), amount.amount)),
            FolioEvent::Settled { amount } => self.settled = Some(amount.amount),
        }
    }
}

impl Folio {
    /// What was charged, minor units.
    pub fn posted(&self) -> i64 {
        self.nights.iter().map(|(_, amount)| amount).sum()
    }

    /// What is open.
    pub fn balance(&self) -> i64 {
        self.posted() - self.credits.iter().map(|(_, amount)| amount).sum::<i64>() - self.settled.unwrap_or(0)
    }

    /// Whether a night was charged.
    pub fn has(&self, date: Date) -> bool {
        self.nights.last().is_some_and(|(last, _)| *last >= date)
    }
}
