//! Why reservations say no.

use jiff::civil::Date;
use kernel::{Refusal, RefusalKind};
use serde_json::{Value, json};

use super::reservation::State;

/// Why a reservation is not changed.
#[derive(Clone, Debug, PartialEq)]
pub enum ReservationRefused {
    /// No such hotel.
    HotelUnknown,
    /// The hotel has no such type.
    RoomTypeUnknown,
    /// No such reservation.
    ReservationUnknown,
    /// It is not in the state for this.
    NotConfirmed {
        /// Its state.
        state: State,
    },
    /// The stay begins before the business date.
    PastDate,
    /// The booker's number is taken.
    ReferenceTaken,
    /// The price is not in the hotel's currency.
    WrongCurrency,
    /// It has this type.
    SameRoomType,
    /// It has these dates and this price.
    SameDates,
    /// A prepaid stay is not made longer or shorter, and its price stays.
    PrepaidNights,
    /// A stay of nights does not become a day use.
    NoNights,
    /// Today is not a day for this.
    NotArrivalDate {
        /// First night.
        arrival: Date,
        /// Day of departure.
        departure: Date,
        /// The business date.
        business_date: Date,
    },
    /// Somebody is still expected.
    ArrivalsLeft {
        /// How many.
        left: usize,
        /// Some of them.
        reservations: Vec<String>,
    },
    /// Another date is open.
    NotBusinessDate {
        /// Which.
        open: Date,
    },
}

impl Refusal for ReservationRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::HotelUnknown => "hotel-unknown",
            Self::RoomTypeUnknown => "room-type-unknown",
            Self::ReservationUnknown => "reservation-unknown",
            Self::NotConfirmed { .. } => "not-confirmed",
            Self::PastDate => "past-date",
            Self::ReferenceTaken => "reference-taken",
            Self::WrongCurrency => "wrong-currency",
            Self::SameRoomType => "same-room-type",
            Self::SameDates => "same-dates",
            Self::PrepaidNights => "prepaid-nights",
            Self::NoNights => "no-nights",
            Self::NotArrivalDate { .. } => "not-arrival-date",
            Self::ArrivalsLeft { .. } => "arrivals-left",
            Self::NotBusinessDate { .. } => "not-business-date",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::HotelUnknown | Self::RoomTypeUnknown | Self::ReservationUnknown => RefusalKind::NotFound,
            _ => RefusalKind::Conflict,
        }
    }

    fn detail(&self) -> Value {
        match self {
            Self::NotConfirmed { state } => json!({"state": state.word()}),
            Self::NotArrivalDate { arrival, departure, business_date } => {
                json!({"arrival": arrival, "departure": departure, "business_date": business_date})
            }
            Self::ArrivalsLeft { left, reservations } => json!({"left": left, "reservations": reservations}),
            Self::NotBusinessDate { open } => json!({"business_date": open}),
            _ => Value::Null,
        }
    }
}
