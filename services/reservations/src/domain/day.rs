//! What reservations keep of a hotel: its open business date, whether that date is closed for arrivals, its types and its
//! currency. Learnt from hotels by command, moved on by the night audit.

use std::collections::BTreeSet;

use contracts::Nothing;
use jiff::civil::Date;
use kernel::money::Currency;
use kernel::{Aggregate, Ctx, Decide, Emit, Event, Staged, Stop};
use serde::{Deserialize, Serialize};

use super::reservation::ReservationRefused;

/// What happens to a hotel's day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DayEvent {
    /// The hotel exists.
    HotelOpened {
        /// Its first business date.
        on: Date,
        /// What it charges in.
        currency: Currency,
    },
    /// It has this type.
    TypeAdded {
        /// The type.
        room_type: String,
    },
    /// It has this type no more.
    TypeRemoved {
        /// The type.
        room_type: String,
    },
    /// It is gone.
    HotelDeleted {},
    /// Nobody arrives on this date any more.
    SalesClosed {
        /// The date.
        date: Date,
    },
    /// The audit did not go through.
    SalesReopened {
        /// The date.
        date: Date,
    },
    /// The next date begins.
    DayOpened {
        /// The date.
        date: Date,
    },
}

impl Event for DayEvent {}

/// A hotel's day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Day {
    /// The open date; `None` before the hotel exists.
    pub date: Option<Date>,
    /// What it charges in.
    pub currency: Option<Currency>,
    /// Whether the audit of the date is running.
    pub closed: bool,
    /// Types the hotel has.
    pub types: BTreeSet<String>,
    /// Whether the hotel is gone.
    #[serde(default)]
    pub deleted: bool,
}

impl Aggregate for Day {
    const KIND: &'static str = "day";
    const SNAPSHOT_EVERY: Option<u64> = Some(500);
    type Event = DayEvent;

    fn evolve(&mut self, event: &DayEvent) {
        match event {
            DayEvent::HotelOpened { on, currency } => {
                self.date = Some(*on);
                self.currency = Some(*currency);
            }
            DayEvent::TypeAdded { room_type } => {
                self.types.insert(room_type.clone());
            }
            DayEvent::TypeRemoved { room_type } => {
                self.types.remove(room_type);
            }
            DayEvent::HotelDeleted {} => self.deleted = true,
            DayEvent::SalesClosed { .. } => self.closed = true,
            DayEvent::SalesReopened { .. } => self.closed = false,
            DayEvent::DayOpened { date } => {
                self.date = Some(*date);
                self.closed = false;
            }
        }
    }
}

impl Day {
    /// The open date, or a refusal when there is no such hotel.
    pub fn date(&self) -> Result<Date, ReservationRefused> {
        self.date.ok_or(ReservationRefused::HotelUnknown)
    }

    /// The open date of a hotel that is still there: what was begun before may end, nothing new begins.
    pub fn living(&self) -> Result<Date, ReservationRefused> {
        if self.deleted { Err(ReservationRefused::HotelUnknown) } else { self.date() }
    }
}

/// A hotel exists.
pub struct OpenHotel {
    /// Its code.
    pub hotel: String,
    /// Its first business date.
    pub on: Date,
    /// What it charges in.
    pub currency: Currency,
}

impl Decide for OpenHotel {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        if see.get::<Day>(&self.hotel)?.date.is_none() {
            out.event::<Day>(&self.hotel, DayEvent::HotelOpened { on: self.on, currency: self.currency });
        }
        Ok(Nothing {})
    }
}

/// A room type exists.
pub struct AddType {
    /// The hotel.
    pub hotel: String,
    /// The type.
    pub room_type: String,
}

impl Decide for AddType {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        if !see.get::<Day>(&self.hotel)?.types.contains(&self.room_type) {
            out.event::<Day>(&self.hotel, DayEvent::TypeAdded { room_type: self.room_type.clone() });
        }
        Ok(Nothing {})
    }
}

/// A room type is gone.
pub struct RemoveType {
    /// The hotel.
    pub hotel: String,
    /// The type.
    pub room_type: String,
}

impl Decide for RemoveType {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let day = see.get::<Day>(&self.hotel)?;
        if day.types.contains(&self.room_type) {
            day.date.into_iter().for_each(|today| out.on(today));
            out.event::<Day>(&self.hotel, DayEvent::TypeRemoved { room_type: self.room_type.clone() });
        }
        Ok(Nothing {})
    }
}

/// A hotel is gone.
pub struct RemoveHotel {
    /// Its code.
    pub hotel: String,
}

impl Decide for RemoveHotel {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let day = see.get::<Day>(&self.hotel)?;
        if !day.deleted {
            day.date.into_iter().for_each(|today| out.on(today));
            out.event::<Day>(&self.hotel, DayEvent::HotelDeleted {});
        }
        Ok(Nothing {})
    }
}
