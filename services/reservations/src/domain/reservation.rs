//! A reservation: one room for one stay, from request to the day after.

use contracts::reservations::{Arrival, BookedFact, Guarantee};
use jiff::civil::Date;
use kernel::{Aggregate, Busy, Event, Money, Stop};
use serde::{Deserialize, Serialize};

pub use super::refused::ReservationRefused;

/// What was booked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    /// The hotel.
    pub hotel: String,
    /// The number a guest is told.
    pub confirmation: String,
    /// The booker's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The type sold.
    pub room_type: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// Adults, children, babies.
    pub guests: [u32; 3],
    /// The guest by reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
    /// Price of a night.
    pub price: Money,
    /// Why the price is what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_reason: Option<String>,
    /// Market segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// Channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Deposit type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<String>,
    /// What backs it.
    pub guarantee: Guarantee,
    /// The payment that backs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// What was paid at booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prepaid: Option<Money>,
}

impl Booking {
    /// What others may know of it beside type and nights.
    pub fn fact(&self) -> BookedFact {
        BookedFact {
            confirmation: self.confirmation.clone(),
            reference: self.reference.clone(),
            guests: self.guests,
            price: self.price,
            guarantee: kind(&self.guarantee).to_owned(),
            channel: self.channel.clone(),
        }
    }
}

/// The kind of a guarantee; the token stays inside.
pub fn kind(guarantee: &Guarantee) -> &'static str {
    match guarantee {
        Guarantee::DirectBill => "direct-bill",
        Guarantee::Card { .. } => "card",
        Guarantee::Prepaid { .. } => "prepaid",
    }
}

/// What happens to a reservation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ReservationEvent {
    /// A booking is being decided by a saga; nobody sees it yet.
    Requested {
        /// The saga.
        saga: String,
    },
    /// The saga could not book it.
    Declined {},
    /// It is confirmed.
    Booked(Box<Booking>),
    /// A change is being decided by a saga.
    ChangeStarted {
        /// The saga.
        saga: String,
    },
    /// The change could not be made.
    ChangeFailed {},
    /// It has another type.
    TypeChanged {
        /// The type.
        room_type: String,
        /// The allocation's revision.
        revision: u32,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Whether a room was given to it before it arrived.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        roomed: bool,
    },
    /// It has other nights, or another price.
    Amended {
        /// First night.
        arrival: Date,
        /// Day of departure.
        departure: Date,
        /// The booking as others know it, with the price of a night.
        #[serde(flatten)]
        booked: BookedFact,
        /// The allocation's revision.
        revision: u32,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Whether a room was given to it before it arrived.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        roomed: bool,
    },
    /// A room is given to it before it arrives.
    RoomEarmarked {},
    /// It is cancelled; its nights are on their way back.
    Cancelled {
        /// The allocation's revision.
        revision: u32,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// What of a prepaid stay is given back; the rest is forfeited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<Money>,
        /// The guest by reference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guest: Option<String>,
        /// Whether a room was given to it before it arrived.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        roomed: bool,
    },
    /// Nobody came; its nights are on their way back.
    NoShowed {
        /// The allocation's revision.
        revision: u32,
        /// The guest by reference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guest: Option<String>,
        /// Whether a room was given to it before it arrived.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        roomed: bool,
    },
    /// The guest stands at the desk.
    Arrived {
        /// The desk's business date.
        date: Date,
    },
    /// The check-in did not happen.
    Unarrived {},
    /// The guest stays for longer, or not as long.
    StayExtended {
        /// Day of departure.
        departure: Date,
    },
    /// The guest has gone.
    Departed {
        /// The business date.
        date: Date,
        /// The guest by reference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guest: Option<String>,
    },
}

impl Event for ReservationEvent {}

/// Where a reservation is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There is none.
    #[default]
    None,
    /// A saga is deciding.
    Pending,
    /// Confirmed.
    Confirmed,
    /// Arrived.
    InHouse,
    /// Gone.
    CheckedOut,
    /// Cancelled.
    Cancelled,
    /// Nobody came.
    NoShow,
}

impl State {
    /// The word the API uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::InHouse => "in_house",
            Self::CheckedOut => "checked_out",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }
}

/// A reservation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// Its state.
    pub state: State,
    /// What was booked.
    pub booking: Option<Booking>,
    /// Its type now.
    pub room_type: String,
    /// The allocation's revision.
    pub revision: u32,
    /// The saga that is changing it.
    pub busy: Option<String>,
    /// What of a prepaid stay was given back.
    #[serde(default)]
    pub refund: Option<Money>,
    /// Whether a room was given to it before it arrived.
    #[serde(default)]
    pub roomed: bool,
}

impl Aggregate for Reservation {
    const KIND: &'static str = "reservation";
    type Event = ReservationEvent;

    fn evolve(&mut self, event: &ReservationEvent) {
        match event {
            ReservationEvent::Requested { saga } => {
                self.state = State::Pending;
                self.busy = Some(saga.clone());
            }
            ReservationEvent::Declined {} => *self = Self::default(),
            ReservationEvent::Booked(booking) => {
                self.state = State::Confirmed;
                self.room_type.clone_from(&booking.room_type);
                self.revision = 1;
                self.booking = Some(booking.as_ref().clone());
                self.busy = None;
            }
            ReservationEvent::ChangeStarted { saga } => self.busy = Some(saga.clone()),
            ReservationEvent::ChangeFailed {} => self.busy = None,
            ReservationEvent::TypeChanged { room_type, revision, .. } => {
                self.room_type.clone_from(room_type);
                self.revision = *revision;
                self.busy = None;
            }
            ReservationEvent::Amended { arrival, departure, booked, revision, .. } => {
                if let Some(booking) = &mut self.booking {
                    (booking.arrival, booking.departure, booking.price) = (*arrival, *departure, booked.price);
                }
                self.revision = *revision;
                self.busy = None;
            }
            ReservationEvent::RoomEarmarked {} => self.roomed = true,
            ReservationEvent::Cancelled { revision, refund, .. } => {
                self.state = State::Cancelled;
                self.refund = *refund;
                self.revision = *revision;
            }
            ReservationEvent::NoShowed { revision, .. } => {
                self.state = State::NoShow;
                self.revision = *revision;
            }
            ReservationEvent::Arrived { .. } => self.state = State::InHouse,
            ReservationEvent::Unarrived {} => self.state = State::Confirmed,
            ReservationEvent::StayExtended { departure } => {
                if let Some(booking) = &mut self.booking {
                    booking.departure = *departure;
                }
            }
            ReservationEvent::Departed { .. } => self.state = State::CheckedOut,
        }
    }
}

impl Reservation {
    /// The reservation as the desk pins it.
    pub fn arrival(&self, booking: &Booking) -> Arrival {
        Arrival {
            reference: booking.reference.clone(),
            room_type: self.room_type.clone(),
            sold_as: booking.room_type.clone(),
            arrival: booking.arrival,
            departure: booking.departure,
            price: booking.price,
            revision: self.revision,
            payment: booking.payment.clone(),
            prepaid: booking.prepaid,
        }
    }

    /// The booking of a reservation that is confirmed and not being changed by a saga.
    pub fn confirmed(&self) -> Result<&Booking, Stop> {
        if self.busy.is_some() {
            return Err(Stop::Busy(Busy("reservation-busy")));
        }
        match (self.state, &self.booking) {
            (State::Confirmed, Some(booking)) => Ok(booking),
            (State::None | State::Pending, _) | (_, None) => Err(ReservationRefused::ReservationUnknown.into()),
            (state, _) => Err(ReservationRefused::NotConfirmed { state }.into()),
        }
    }
}
