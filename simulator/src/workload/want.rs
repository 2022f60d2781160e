//! One wish: what it says to whom, and another body that must not be taken under the same key.

use jiff::civil::Date;
use serde_json::{Value, json};

/// Type, limit, and the nights `[from, to)` it is for.
pub type LimitWanted = (&'static str, u32, Option<(Date, Date)>);

/// What somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// A room.
    Book {
        /// The hotel.
        hotel: &'static str,
        /// The type.
        room_type: &'static str,
        /// First night.
        arrival: Date,
        /// Day of departure.
        departure: Date,
        /// The token of the card that guarantees it; a company's bill otherwise.
        card: Option<&'static str>,
        /// Whether the card pays the whole stay at once.
        prepaid: bool,
        /// The booker's number.
        reference: Option<String>,
        /// The cart whose nights it takes over.
        hold: Option<String>,
    },
    /// Another type.
    ChangeType {
        /// The hotel.
        hotel: &'static str,
        /// Which.
        reservation: String,
        /// The new type.
        room_type: &'static str,
    },
    /// Other dates, at the same price.
    Amend {
        /// The hotel.
        hotel: &'static str,
        /// Which.
        reservation: String,
        /// First night.
        arrival: Date,
        /// Day of departure.
        departure: Date,
    },
    /// Not to come.
    Cancel {
        /// The hotel.
        hotel: &'static str,
        /// Which.
        reservation: String,
    },
    /// To say that nobody came.
    NoShow {
        /// The hotel.
        hotel: &'static str,
        /// Which.
        reservation: String,
    },
    /// The key of a room.
    CheckIn {
        /// The hotel.
        hotel: &'static str,
        /// Which.
        reservation: String,
        /// A certain room.
        room: Option<String>,
    },
    /// To leave.
    CheckOut {
        /// The hotel.
        hotel: &'static str,
        /// Which.
        reservation: String,
    },
    /// The night audit.
    CloseDay {
        /// The hotel.
        hotel: &'static str,
        /// The date.
        date: Date,
    },
    /// To sell more or less of a type for some nights.
    Limit {
        /// The hotel.
        hotel: &'static str,
        /// Type, limit, first night, night after the last.
        limits: Vec<LimitWanted>,
    },
    /// To be known.
    Register {
        /// Name.
        name: String,
    },
    /// To set a hotel up: path and body.
    Define {
        /// Path below the hotels service.
        path: String,
        /// Body.
        body: Value,
    },
}

impl Want {
    /// The service that is asked.
    pub fn service(&self) -> &'static str {
        match self {
            Self::Book { .. } | Self::ChangeType { .. } | Self::Amend { .. } | Self::Cancel { .. } | Self::NoShow { .. } => "reservations",
            Self::CheckIn { .. } | Self::CheckOut { .. } | Self::CloseDay { .. } => "stays",
            Self::Limit { .. } => "inventory",
            Self::Register { .. } => "guests",
            Self::Define { .. } => "hotels",
        }
    }

    /// The reservation it speaks of.
    pub fn reservation(&self) -> Option<&str> {
        match self {
            Self::ChangeType { reservation, .. }
            | Self::Amend { reservation, .. }
            | Self::Cancel { reservation, .. }
            | Self::NoShow { reservation, .. }
            | Self::CheckIn { reservation, .. }
            | Self::CheckOut { reservation, .. } => Some(reservation),
            _ => None,
        }
    }

    /// The path of the request.
    pub fn path(&self) -> String {
        let below = match self {
            Self::Book { hotel, .. } => format!("/hotels/{hotel}/reservations"),
            Self::ChangeType { hotel, reservation, .. } => format!("/hotels/{hotel}/reservations/{reservation}/type-change"),
            Self::Amend { hotel, reservation, .. } => format!("/hotels/{hotel}/reservations/{reservation}/amendment"),
            Self::Cancel { hotel, reservation } => format!("/hotels/{hotel}/reservations/{reservation}/cancellation"),
            Self::NoShow { hotel, reservation } => format!("/hotels/{hotel}/reservations/{reservation}/no-show"),
            Self::CheckIn { hotel, .. } => format!("/hotels/{hotel}/stays"),
            Self::CheckOut { hotel, reservation } => format!("/hotels/{hotel}/stays/{reservation}/check-out"),
            Self::CloseDay { hotel, .. } => format!("/hotels/{hotel}/business-day/closings"),
            Self::Limit { hotel, .. } => format!("/hotels/{hotel}/limits"),
            Self::Register { .. } => "/guests".into(),
            Self::Define { path, .. } => path.clone(),
        };
        format!("/api/{}/v1{below}", self.service())
    }

    /// The body of the request.
    pub fn body(&self) -> Value {
        match self {
            Self::Book { room_type, arrival, departure, card, prepaid, reference, hold, .. } => {
                let kind = if *prepaid { "prepaid" } else { "card" };
                let guarantee = card.map_or(json!({"kind": "direct-bill"}), |token| json!({"kind": kind, "token": token}));
                let price = json!({"amount": 9_800, "currency": "EUR"});
                json!({"room_type": room_type, "arrival": arrival, "departure": departure, "adults": 2, "price": price,
                       "guarantee": guarantee, "reference": reference, "hold": hold})
            }
            Self::ChangeType { room_type, .. } => json!({"room_type": room_type}),
            Self::Amend { arrival, departure, .. } => json!({"arrival": arrival, "departure": departure}),
            Self::Cancel { .. } | Self::NoShow { .. } | Self::CheckOut { .. } => json!({}),
            Self::CheckIn { reservation, room, .. } => json!({"reservation": reservation, "room": room}),
            Self::CloseDay { date, .. } => json!({"date": date}),
            Self::Limit { limits, .. } => {
                let one = |(room_type, limit, nights): &(_, _, Option<(Date, Date)>)| match nights {
                    None => json!({"room_type": room_type, "limit": limit}),
                    Some((from, to)) => json!({"room_type": room_type, "limit": limit, "from": from, "to": to}),
                };
                json!({"limits": limits.iter().map(one).collect::<Vec<_>>(), "reason": "simulated"})
            }
            Self::Register { name } => json!({"name": name}),
            Self::Define { body, .. } => body.clone(),
        }
    }

    /// Another body that could be meant just as well; `None` where a command says nothing.
    pub fn other_body(&self) -> Option<Value> {
        let (name, value) = match self {
            Self::Book { .. } => ("adults", json!(1)),
            Self::ChangeType { .. } | Self::Amend { .. } | Self::Cancel { .. } | Self::Limit { .. } => ("reason", json!("second thoughts")),
            Self::CheckIn { .. } => ("room", json!("A-1")),
            Self::CloseDay { date, .. } => ("date", json!(date.tomorrow().ok()?)),
            Self::Register { .. } => ("name", json!("Somebody Else")),
            Self::NoShow { .. } | Self::CheckOut { .. } | Self::Define { .. } => return None,
        };
        let mut body = self.body();
        body[name] = value;
        (body != self.body()).then_some(body)
    }
}
