//! The night ledger of a hotel: limits, what is held and sold for each night, and one allocation a reservation.

use std::collections::{BTreeMap, BTreeSet};

use contracts::HOUSE;
use contracts::inventory::Limit;
use jiff::civil::Date;
use kernel::{Aggregate, Event, Timestamp};
use serde::{Deserialize, Serialize};

use super::limits::Limits;

pub use super::refused::LedgerRefused;

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

impl Nights {
    /// The same reservation and type on other nights.
    pub fn on(&self, arrival: Date, departure: Date) -> Self {
        Self { arrival, departure, ..self.clone() }
    }

    /// The nights from a date on; none left are none on the day of departure.
    pub fn from(&self, date: Date) -> Self {
        self.on(self.arrival.max(date).min(self.departure), self.departure)
    }

    /// The nights that are not also another's: what lies before it and what lies after it, each if there is any.
    pub fn without(&self, other: &Self) -> Vec<Self> {
        let before = (self.arrival, self.departure.min(other.arrival));
        let after = (self.arrival.max(other.departure), self.departure);
        [before, after].into_iter().filter(|(from, to)| from < to).map(|(from, to)| self.on(from, to)).collect()
    }
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
    /// A hold ends later than it would have.
    HoldExtended {
        /// The nights.
        #[serde(flatten)]
        nights: Nights,
        /// When it ends by itself now.
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
    /// All nights that are not closed moved to another type.
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
    /// A reservation has other nights; those of closed dates are the same before and after.
    Amended {
        /// The nights it had.
        #[serde(flatten)]
        nights: Nights,
        /// First night it has now.
        new_arrival: Date,
        /// Day of departure now.
        new_departure: Date,
        /// The allocation's revision.
        revision: u32,
    },
    /// A night is over.
    NightClosed {
        /// Which.
        date: Date,
        /// Stays in house.
        in_house: u32,
    },
    /// A type is to be deleted: nothing of it is held or sold any more.
    TypeRetired {
        /// The type.
        room_type: String,
    },
    /// It is not deleted after all.
    TypeUnretired {
        /// The type.
        room_type: String,
    },
    /// The hotel has not this type any more.
    TypeRemoved {
        /// The type.
        room_type: String,
    },
    /// The hotel sells nothing more.
    SalesClosed {},
    /// It sells again.
    SalesReopened {},
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
    /// Whether all of it was given back.
    #[serde(default)]
    pub released: bool,
    /// How often the hold was extended.
    #[serde(default)]
    pub extends: u32,
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
    /// Types that are to be deleted.
    #[serde(default)]
    pub retired: BTreeSet<String>,
    /// Whether the hotel sells nothing more.
    #[serde(default)]
    pub closed: bool,
}

impl Aggregate for NightLedger {
    const KIND: &'static str = "ledger";
    const SNAPSHOT_EVERY: Option<u64> = Some(5_000);
    const SNAPSHOT_SHAPE: u16 = 3;
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
                let allocation = Allocation { nights: nights.clone(), held_until: Some(*until), revision: 0, released: false, extends: 0 };
                self.allocations.insert(nights.reservation.clone(), allocation);
            }
            LedgerEvent::HoldExtended { nights, until } => {
                if let Some(a) = self.allocations.get_mut(&nights.reservation) {
                    let before = a.held_until.replace(*until);
                    a.extends += 1;
                    before.map(|before| self.holds.remove(&(before, nights.reservation.clone())));
                    self.holds.insert((*until, nights.reservation.clone()));
                }
            }
            LedgerEvent::Unheld { nights } | LedgerEvent::HoldExpired { nights } => {
                self.end_hold(nights);
                self.allocations.remove(&nights.reservation);
            }
            LedgerEvent::Sold { nights, revision } => {
                self.end_hold(nights);
                self.count(nights, &nights.room_type, |c| c.sold += 1);
                let allocation = Allocation { nights: nights.clone(), held_until: None, revision: *revision, released: false, extends: 0 };
                self.allocations.insert(nights.reservation.clone(), allocation);
            }
            LedgerEvent::Released { nights, revision } => {
                self.count(nights, &nights.room_type, |c| c.sold = c.sold.saturating_sub(1));
                if let Some(a) = self.allocations.get_mut(&nights.reservation) {
                    a.nights.departure = nights.arrival.max(a.nights.arrival);
                    a.released = a.nights.departure == a.nights.arrival;
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
            LedgerEvent::Amended { nights, new_arrival, new_departure, revision } => {
                let now = nights.on(*new_arrival, *new_departure);
                for lost in nights.without(&now) {
                    self.count(&lost, &lost.room_type, |c| c.sold = c.sold.saturating_sub(1));
                }
                for gained in now.without(nights) {
                    self.count(&gained, &gained.room_type, |c| c.sold += 1);
                }
                if let Some(a) = self.allocations.get_mut(&nights.reservation) {
                    (a.nights, a.revision) = (now, *revision);
                }
            }
            LedgerEvent::NightClosed { date, .. } => self.close(*date),
            LedgerEvent::TypeRetired { room_type } => {
                self.retired.insert(room_type.clone());
            }
            LedgerEvent::TypeUnretired { room_type } => {
                self.retired.remove(room_type);
            }
            LedgerEvent::TypeRemoved { room_type } => {
                self.retired.remove(room_type);
                self.limits.remove(room_type);
            }
            LedgerEvent::SalesClosed {} => self.closed = true,
            LedgerEvent::SalesReopened {} => self.closed = false,
        }
    }
}

impl NightLedger {
    /// Changes the counts of the nights' type and of the house. A closed night is forgotten and stays so.
    fn count(&mut self, span: &Nights, room_type: &str, change: fn(&mut Count)) {
        let from = self.business_date.map_or(span.arrival, |today| span.arrival.max(today));
        for night in nights(from, span.departure) {
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

    /// Limits of a type that may be sold, for as long as it is not being deleted.
    pub fn sellable(&self, room_type: &str) -> Result<&Limits, LedgerRefused> {
        let limits = self.limits_of(room_type)?;
        if self.retired.contains(room_type) { Err(LedgerRefused::RoomTypeRetired) } else { Ok(limits) }
    }

    /// Those nights of a span on which its type or the house has nothing left; `ending` are holds that do not count any more.
    pub fn full(&self, span: &Nights, ending: &[Nights]) -> Vec<Date> {
        let is_full = |night: Date, room_type: &str| {
            let on_night = ending.iter().filter(|e| e.arrival <= night && night < e.departure);
            let over = on_night.filter(|e| room_type == HOUSE || e.room_type == room_type).count() as u32;
            let count = self.at(night, room_type);
            let limit = self.limits.get(room_type).map_or(0, |l| l.of(night));
            (count.sold + count.held).saturating_sub(over) >= limit
        };
        nights(span.arrival, span.departure).filter(|n| is_full(*n, HOUSE) || is_full(*n, &span.room_type)).collect()
    }

    /// Holds whose time is over.
    pub fn overdue(&self, now: Timestamp) -> Vec<Nights> {
        let over = self.holds.iter().take_while(|(until, _)| *until <= now);
        over.filter_map(|(_, reservation)| Some(self.allocations.get(reservation)?.nights.clone())).collect()
    }
}
