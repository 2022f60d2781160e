//! The business day of a hotel: which date is open, and whether its audit is running.

use jiff::civil::Date;
use kernel::{Aggregate, Busy, Event, Stop};
use serde::{Deserialize, Serialize};

use super::refused::StayRefused;

/// What happens to a business day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DayEvent {
    /// The hotel exists.
    HotelOpened {
        /// Its first business date.
        on: Date,
        /// Whether a room is clean right after check-out.
        clean_on_checkout: bool,
        /// Stays that may be in the house at one moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        house_rooms: Option<u32>,
    },
    /// It is described anew.
    HotelChanged {
        /// Whether a room is clean right after check-out.
        clean_on_checkout: bool,
        /// Stays that may be in the house at one moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        house_rooms: Option<u32>,
    },
    /// It is gone.
    HotelDeleted {},
    /// The audit has begun; nobody moves.
    AuditStarted {
        /// The date.
        date: Date,
        /// Stays in house.
        in_house: u32,
        /// The saga.
        saga: String,
    },
    /// The audit did not go through; the date is open again.
    AuditReopened {
        /// The date.
        date: Date,
    },
    /// The date is closed and the next is open.
    DayOpened {
        /// The date closed.
        closed: Date,
        /// The date open.
        date: Date,
        /// Stays in house over the night.
        in_house: u32,
        /// Room revenue posted, minor units.
        posted: i64,
    },
}

impl Event for DayEvent {}

/// A hotel's business day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BusinessDay {
    /// The open date; `None` before the hotel exists.
    pub date: Option<Date>,
    /// The running audit's saga.
    pub auditing: Option<String>,
    /// Whether a room is clean right after check-out.
    pub clean_on_checkout: bool,
    /// Stays that may be in the house at one moment; no limit but the rooms when it is `None`.
    pub house_rooms: Option<u32>,
    /// Whether the hotel is gone.
    #[serde(default)]
    pub deleted: bool,
}

impl Aggregate for BusinessDay {
    const KIND: &'static str = "day";
    const SNAPSHOT_EVERY: Option<u64> = Some(500);
    type Event = DayEvent;

    fn evolve(&mut self, event: &DayEvent) {
        match event {
            DayEvent::HotelOpened { on, clean_on_checkout, house_rooms } => {
                self.house_rooms = *house_rooms;
                self.date = Some(*on);
                self.clean_on_checkout = *clean_on_checkout;
            }
            DayEvent::HotelChanged { clean_on_checkout, house_rooms } => {
                self.house_rooms = *house_rooms;
                self.clean_on_checkout = *clean_on_checkout;
            }
            DayEvent::HotelDeleted {} => self.deleted = true,
            DayEvent::AuditStarted { saga, .. } => self.auditing = Some(saga.clone()),
            DayEvent::AuditReopened { .. } => self.auditing = None,
            DayEvent::DayOpened { date, .. } => {
                self.date = Some(*date);
                self.auditing = None;
            }
        }
    }
}

impl BusinessDay {
    /// The open date, or a refusal when there is no such hotel.
    pub fn date(&self) -> Result<Date, StayRefused> {
        self.date.ok_or(StayRefused::HotelUnknown)
    }

    /// The open date, unless its audit is running.
    pub fn open(&self) -> Result<Date, Stop> {
        let date = self.date()?;
        if self.deleted {
            return Err(StayRefused::HotelUnknown.into());
        }
        if self.auditing.is_some() { Err(Stop::Busy(Busy("day-auditing"))) } else { Ok(date) }
    }
}
