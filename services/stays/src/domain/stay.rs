//! A stay: one reservation's guests in the house. Its id is the reservation's.

use contracts::reservations::Arrival;
use jiff::civil::Date;
use kernel::{Aggregate, Event};
use serde::{Deserialize, Serialize};

use super::rack::RoomNo;

/// What happens to a stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StayEvent {
    /// A check-in is being decided by a saga.
    CheckInStarted {
        /// The saga.
        saga: String,
    },
    /// It did not go through.
    CheckInFailed {},
    /// The guest is in house.
    CheckedIn {
        /// The hotel.
        hotel: String,
        /// The room.
        #[serde(flatten)]
        room: RoomNo,
        /// The reservation as it was pinned.
        reservation: Arrival,
        /// The business date.
        date: Date,
    },
    /// A check-out is being decided by a saga.
    CheckOutStarted {
        /// The saga.
        saga: String,
    },
    /// The guest has gone.
    CheckedOut {
        /// The hotel.
        hotel: String,
        /// The business date.
        date: Date,
    },
}

impl Event for StayEvent {}

/// Where a stay is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There is none.
    #[default]
    None,
    /// A saga is checking in.
    Arriving,
    /// In house.
    InHouse,
    /// A saga is checking out.
    Leaving,
    /// Gone.
    CheckedOut,
}

impl State {
    /// The word the API uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Arriving => "arriving",
            Self::InHouse => "in_house",
            Self::Leaving => "leaving",
            Self::CheckedOut => "checked_out",
        }
    }
}

/// A stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stay {
    /// Its state.
    pub state: State,
    /// The hotel.
    pub hotel: String,
    /// The room.
    pub room: Option<RoomNo>,
    /// The reservation as it was pinned.
    pub reservation: Option<Arrival>,
    /// When it was checked in.
    pub checked_in_on: Option<Date>,
    /// When it was checked out.
    pub checked_out_on: Option<Date>,
}

impl Aggregate for Stay {
    const KIND: &'static str = "stay";
    type Event = StayEvent;

    fn evolve(&mut self, event: &StayEvent) {
        match event {
            StayEvent::CheckInStarted { .. } => self.state = State::Arriving,
            StayEvent::CheckInFailed {} => *self = Self::default(),
            StayEvent::CheckedIn { hotel, room, reservation, date } => {
                self.state = State::InHouse;
                self.hotel.clone_from(hotel);
                self.room = Some(room.clone());
                self.reservation = Some(reservation.clone());
                self.checked_in_on = Some(*date);
            }
            StayEvent::CheckOutStarted { .. } => self.state = State::Leaving,
            StayEvent::CheckedOut { date, .. } => {
                self.state = State::CheckedOut;
                self.checked_out_on = Some(*date);
            }
        }
    }
}
