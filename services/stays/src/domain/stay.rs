//! A stay: one reservation's guests in the house. Its id is the reservation's.

use contracts::reservations::Arrival;
use jiff::civil::Date;
use kernel::{Aggregate, Busy, Event, Stop};
use serde::{Deserialize, Serialize};

use super::rack::RoomNo;
use super::refused::StayRefused;

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
    /// Another room or another day of departure is being decided by a saga.
    ChangeStarted {
        /// The saga.
        saga: String,
    },
    /// It did not go through.
    ChangeFailed {},
    /// The guest has another room.
    RoomMoved {
        /// The hotel.
        hotel: String,
        /// The room left.
        from: String,
        /// The room now.
        #[serde(flatten)]
        room: RoomNo,
        /// The allocation's revision.
        revision: u32,
        /// The business date.
        date: Date,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The guest leaves on another day.
    Extended {
        /// The hotel.
        hotel: String,
        /// The day.
        departure: Date,
        /// The allocation's revision.
        revision: u32,
        /// The business date.
        date: Date,
    },
    /// A room is wanted before arrival, so what reservations say of it concerns this hotel.
    RoomAsked {
        /// The hotel.
        hotel: String,
    },
    /// What reservations say of one that has been given a room. Written down, so that who is just giving it one knows that it
    /// has changed meanwhile.
    ReservationHeard {
        /// The allocation's revision.
        revision: u32,
        /// Whether it is no more.
        gone: bool,
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
    /// The saga that gives it another room or another day of departure.
    #[serde(default)]
    pub busy: Option<String>,
    /// The last revision heard of before it arrived.
    #[serde(default)]
    pub heard: u32,
    /// Whether the reservation is no more.
    #[serde(default)]
    pub gone: bool,
}

impl Aggregate for Stay {
    const KIND: &'static str = "stay";
    type Event = StayEvent;

    fn evolve(&mut self, event: &StayEvent) {
        match event {
            StayEvent::CheckInStarted { .. } => self.state = State::Arriving,
            StayEvent::CheckInFailed {} => {
                *self = Self { hotel: std::mem::take(&mut self.hotel), heard: self.heard, gone: self.gone, ..Self::default() }
            }
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
            StayEvent::ChangeStarted { saga } => self.busy = Some(saga.clone()),
            StayEvent::ChangeFailed {} => self.busy = None,
            StayEvent::RoomMoved { room, revision, .. } => {
                self.busy = None;
                self.room = Some(room.clone());
                if let Some(reservation) = &mut self.reservation {
                    reservation.revision = *revision;
                    reservation.room_type.clone_from(&room.room_type);
                }
            }
            StayEvent::Extended { departure, revision, .. } => {
                self.busy = None;
                if let Some(reservation) = &mut self.reservation {
                    reservation.revision = *revision;
                    reservation.departure = *departure;
                }
            }
            StayEvent::RoomAsked { hotel } => self.hotel.clone_from(hotel),
            StayEvent::ReservationHeard { revision, gone } => {
                self.heard = self.heard.max(*revision);
                self.gone |= gone;
            }
        }
    }
}

impl Stay {
    /// The room and the reservation of a guest in house whom no saga is moving.
    pub fn settled(&self, hotel: &str) -> Result<(&RoomNo, &Arrival), Stop> {
        match (self.state, &self.room, &self.reservation) {
            _ if self.busy.is_some() => Err(Stop::Busy(Busy("stay-busy"))),
            (State::InHouse, Some(room), Some(reservation)) if self.hotel == hotel => Ok((room, reservation)),
            (State::Arriving | State::Leaving, ..) => Err(Stop::Busy(Busy("stay-busy"))),
            (State::None | State::InHouse, ..) => Err(StayRefused::StayUnknown.into()),
            (state, ..) => Err(StayRefused::NotInHouse { state: state.word() }.into()),
        }
    }
}
