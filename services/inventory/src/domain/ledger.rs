//! The night ledger of a hotel: limits, what is held and sold for each night, and one allocation a reservation.

use std::collections::{BTreeMap, BTreeSet};

use contracts::HOUSE;
use contracts::inventory::Limit;
use jiff::civil::Date;
use kernel::{Aggregate, Event, Refusal, RefusalKind, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::Limits;

/// Nights named in a refusal at most; a longer list says how many there are.
const NIGHTS_TOLD_MAX: usize = 20;

/// A type and the nights `[arrival, departure)` of a reservation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nights {
    /// Whose.
    pub reservation: String,
    /// The type.
    pub room_type: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
}

/// The nights of `[from, to)`.
pub fn nights(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |d| d.tomorrow().ok()).take_while(move |d| *d < to)
}

/// What happens to a ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LedgerEvent {
    /// The hotel exists and opens on this date.
    Opened {
        /// Its first business date.
        on: Date,
    },
    /// The hotel has this type.
    TypeAdded {
        /// The type.
        room_type: String,
    },
    /// Limits were set.
    LimitsSet {
        /// Which.
        limits: Vec<Limit>,
        /// Why.
        reason: String,
        /// By whom.
        actor: String,
    },
    /// Nights are held until an instant.
    Held {
        /// The nights.
        #[serde(flatten)]
        nights: Nights,
        /// When the hold ends by itself.
        until: Timestamp,
    },
    /// A hold was given back.
    Unheld {
        /// The nights.
        #[serde(flatten)]
        nights: Nights,
    },
    /// A hold ended by itself.
    HoldExpired {
        /// The nights.
        #[serde(flatten)]
        nights: Nights,
    },
    /// A hold became a sale.
    Sold {
        /// The nights.
        #[serde(flatten)]
        nights: Nights,
        /// The allocation's revision.
        revision: u32,
    },
    /// The nights `[arrival, departure)` told here were given back.
    Released {
        /// The nights.
        #[serde(flatten)]
        nights: Nights,
        /// The allocation's revision.
        revision: u32,
    },
    /// All nights moved to another type.
    Moved {
        /// The nights with the type they left.
        #[serde(flatten)]
        nights: Nights,
        /// The type they have now.
        to: String,
        /// The allocation's revision.
        revision: u32,
        /// Why.
        reason: String,
        /// Nights of the new type that are above its limit now.
        oversold: u32,
    },
    /// A night is over.
    NightClosed {
        /// Which.
        date: Date,
        /// Stays in house.
        in_house: u32,
    },
}

impl Event for LedgerEvent {}

/// Units of a type for one night.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Count {
    /// Sold.
    pub sold: u32,
    /// Held by carts and running sagas.
    pub held: u32,
}

/// What a reservation has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// Its type and nights now.
    pub nights: Nights,
    /// When the hold ends; `None` when sold.
    pub held_until: Option<Timestamp>,
    /// Its revision, 0 while held.
    pub revision: u32,
}

/// The ledger of one hotel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NightLedger {
    /// The open business date; `None` before the hotel exists.
    pub business_date: Option<Date>,
    /// Limits by type, and of the house under `*`.
    pub limits: BTreeMap<String, Limits>,
    /// Counts by night, then by type (the house under `*`).
    pub nights: BTreeMap<Date, BTreeMap<String, Count>>,
    /// Allocations by reservation; those whose nights are all past are forgotten.
    pub allocations: BTreeMap<String, Allocation>,
    /// Holds by when they end.
    pub holds: BTreeSet<(Timestamp, String)>,
}

impl Aggregate for NightLedger {
    const KIND: &'static str = "ledger";
    const SNAPSHOT_EVERY: Option<u64> = Some(5_000);
    type Event = LedgerEvent;

    fn evolve(&mut self, event: &LedgerEvent) {
        match event {
            LedgerEvent::Opened { on } => {
                self.business_date = Some(*on);
                self.limits.entry(HOUSE.into()).or_default();
            }
            LedgerEvent::TypeAdded { room_type } => {
                self.limits.entry(room_type.clone()).or_default();
            }
            LedgerEvent::LimitsSet { limits, .. } => {
                for l in limits {
                    self.limits.entry(l.room_type.clone()).or_default().set(l.from, l.to, l.limit);
                }
            }
            LedgerEvent::Held { nights, until } => {
                self.count(nights, &nights.room_type, |c| c.held += 1);
                self.holds.insert((*until, nights.reservation.clone()));
                let allocation = Allocation { nights: nights.clone(), held_until: Some(*until), revision: 0 };
                self.allocations.insert(nights.reservation.clone(), allocation);
            }
            LedgerEvent::Unheld { nights } | LedgerEvent::HoldExpired { nights } => {
                self.end_hold(nights);
                self.allocations.remove(&nights.reservation);
            }
            LedgerEvent::Sold { nights, revision } => {
                self.end_hold(nights);
                self.count(nights, &nights.room_type, |c| c.sold += 1);
                let allocation = Allocation { nights: nights.clone(), held_until: None, revision: *revision };
                self.allocations.insert(nights.reservation.clone(), allocation);
            }
            LedgerEvent::Released { nights, revision } => {
                self.count(nights, &nights.room_type, |c| c.sold = c.sold.saturating_sub(1));
                if let Some(a) = self.allocations.get_mut(&nights.reservation) {
                    a.nights.departure = nights.arrival.max(a.nights.arrival);
                    a.revision = *revision;
                }
            }
            LedgerEvent::Moved { nights, to, revision, .. } => {
                self.count(nights, &nights.room_type, |c| c.sold = c.sold.saturating_sub(1));
                self.count(nights, to, |c| c.sold += 1);
                if let Some(a) = self.allocations.get_mut(&nights.reservation) {
                    a.nights.room_type.clone_from(to);
                    a.revision = *revision;
                }
            }
            LedgerEvent::NightClosed { date, .. } => self.close(*date),
        }
    }
}

impl NightLedger {
    /// Changes the counts of the nights' type and of the house.
    fn count(&mut self, span: &Nights, room_type: &str, change: fn(&mut Count)) {
        for night in nights(span.arrival, span.departure) {
            let counts = self.nights.entry(night).or_default();
            change(counts.entry(room_type.to_owned()).or_default());
            change(counts.entry(HOUSE.to_owned()).or_default());
        }
    }

    fn end_hold(&mut self, nights: &Nights) {
        if let Some(until) = self.allocations.get(&nights.reservation).and_then(|a| a.held_until) {
            self.holds.remove(&(until, nights.reservation.clone()));
            self.count(nights, &nights.room_type, |c| c.held = c.held.saturating_sub(1));
        }
    }

    fn close(&mut self, date: Date) {
        self.business_date = date.tomorrow().ok();
        self.nights = self.nights.split_off(&date.tomorrow().unwrap_or(Date::MAX));
        self.allocations.retain(|_, a| a.held_until.is_some() || a.nights.departure > date);
        self.limits.values_mut().for_each(|l| l.forget_before(date));
    }

    /// Counts of a type (or `*`) for a night.
    pub fn at(&self, night: Date, room_type: &str) -> Count {
        self.nights.get(&night).and_then(|types| types.get(room_type)).copied().unwrap_or_default()
    }

    /// The open business date, or a refusal when there is no such hotel.
    pub fn date(&self) -> Result<Date, LedgerRefused> {
        self.business_date.ok_or(LedgerRefused::HotelUnknown)
    }

    /// Limits of a type the hotel has.
    pub fn limits_of(&self, room_type: &str) -> Result<&Limits, LedgerRefused> {
        self.limits.get(room_type).filter(|_| room_type != HOUSE).ok_or(LedgerRefused::RoomTypeUnknown)
    }

    /// Holds whose time is over.
    pub fn overdue(&self, now: Timestamp) -> Vec<Nights> {
        let over = self.holds.iter().take_while(|(until, _)| *until <= now);
        over.filter_map(|(_, reservation)| Some(self.allocations.get(reservation)?.nights.clone())).collect()
    }
}

/// Why the ledger says no.
#[derive(Clone, Debug, PartialEq)]
pub enum LedgerRefused {
    /// No such hotel.
    HotelUnknown,
    /// The hotel has no such type.
    RoomTypeUnknown,
    /// The stay begins before the business date.
    PastDate,
    /// Some nights have nothing left.
    NightSoldOut {
        /// Which, in order.
        nights: Vec<Date>,
    },
    /// The reservation has nights already.
    AlreadyAllocated,
    /// The hold is gone.
    HoldExpired,
    /// The reservation has no nights here.
    AllocationUnknown,
    /// Another date is open.
    NotBusinessDate {
        /// Which.
        open: Date,
    },
    /// What is sold for the night is not what sleeps in the house.
    NightUnbalanced {
        /// Sold.
        sold: u32,
        /// In house.
        in_house: u32,
    },
}

impl Refusal for LedgerRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::HotelUnknown => "hotel-unknown",
            Self::RoomTypeUnknown => "room-type-unknown",
            Self::PastDate => "past-date",
            Self::NightSoldOut { .. } => "night-sold-out",
            Self::AlreadyAllocated => "already-allocated",
            Self::HoldExpired => "hold-expired",
            Self::AllocationUnknown => "allocation-unknown",
            Self::NotBusinessDate { .. } => "not-business-date",
            Self::NightUnbalanced { .. } => "night-unbalanced",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::HotelUnknown | Self::RoomTypeUnknown | Self::AllocationUnknown => RefusalKind::NotFound,
            _ => RefusalKind::Conflict,
        }
    }

    fn detail(&self) -> Value {
        match self {
            Self::NightSoldOut { nights } => {
                let told: Vec<_> = nights.iter().take(NIGHTS_TOLD_MAX).collect();
                json!({"nights": told, "nights_total": nights.len()})
            }
            Self::NotBusinessDate { open } => json!({"business_date": open}),
            Self::NightUnbalanced { sold, in_house } => json!({"sold": sold, "in_house": in_house}),
            _ => Value::Null,
        }
    }
}
