//! A hotel: its data, its room types and the rooms of each.

use std::collections::BTreeMap;

use contracts::hotels::{DefineHotel, HotelFact};
use kernel::{Aggregate, Event, Money, Refusal, RefusalKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Things named in a refusal.
const NAMED_MAX: usize = 10;

/// What can happen to a hotel: here the private events are the public ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HotelEvent(pub HotelFact);

impl Event for HotelEvent {}

/// One room type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RoomType {
    /// Its name.
    pub name: String,
    /// The numbers of its rooms, as ranges in the order they were defined.
    pub rooms: Vec<(u32, u32)>,
    /// Floors by room number, where they are known.
    #[serde(default)]
    pub floors: BTreeMap<u32, i32>,
    /// What a night costs.
    #[serde(default)]
    pub price: Option<Money>,
    /// How many guests a room takes.
    #[serde(default)]
    pub sleeps: Option<u32>,
}

impl RoomType {
    /// Whether it has all rooms from `first` to `last`.
    pub fn has(&self, first: u32, last: u32) -> bool {
        (first..=last).all(|n| self.rooms.iter().any(|(from, to)| (*from..=*to).contains(&n)))
    }

    fn put(&mut self, first: u32, last: u32, floor: Option<i32>) {
        for n in first..=last {
            match floor {
                Some(floor) => self.floors.insert(n, floor),
                None => self.floors.remove(&n),
            };
        }
    }

    fn take(&mut self, first: u32, last: u32) {
        self.put(first, last, None);
        let left = |(from, to): (u32, u32)| [(from, to.min(first.saturating_sub(1))), (from.max(last + 1), to)];
        self.rooms = self.rooms.drain(..).flat_map(left).filter(|(from, to)| from <= to).collect();
    }

    /// How many rooms it has.
    pub fn count(&self) -> u32 {
        self.rooms.iter().map(|(first, last)| last - first + 1).sum()
    }
}

/// A hotel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hotel {
    /// How it was defined; `None` before it exists.
    pub defined: Option<DefineHotel>,
    /// Its room types by code.
    pub room_types: BTreeMap<String, RoomType>,
    /// Whether it sells nothing more.
    #[serde(default)]
    pub closed: bool,
    /// Whether it is gone. Its code is not given again: what refers to it must not mean another one.
    #[serde(default)]
    pub deleted: bool,
}

impl Aggregate for Hotel {
    const KIND: &'static str = "hotel";
    type Event = HotelEvent;

    fn evolve(&mut self, event: &HotelEvent) {
        match &event.0 {
            HotelFact::HotelDefined(defined) | HotelFact::HotelChanged(defined) => self.defined = Some(defined.clone()),
            HotelFact::RoomTypeDefined(t) => {
                let made = RoomType { name: t.name.clone(), price: t.price, sleeps: t.sleeps, ..RoomType::default() };
                self.room_types.insert(t.room_type.clone(), made);
            }
            HotelFact::RoomsDefined(r) => {
                let room_type = self.room_types.entry(r.room_type.clone()).or_default();
                room_type.rooms.push((r.first, r.last));
                room_type.put(r.first, r.last, r.floor);
            }
            HotelFact::HotelClosed(_) => self.closed = true,
            HotelFact::HotelReopened(_) => self.closed = false,
            HotelFact::HotelDeleted(_) => self.deleted = true,
            HotelFact::RoomTypeChanged(t) => {
                let is = self.room_types.entry(t.room_type.clone()).or_default();
                t.name.iter().for_each(|name| is.name.clone_from(name));
                (is.price, is.sleeps) = (t.price.or(is.price), t.sleeps.or(is.sleeps));
            }
            HotelFact::RoomTypeDeleted(t) => {
                self.room_types.remove(&t.room_type);
            }
            HotelFact::RoomsChanged(r) => self.room_types.entry(r.room_type.clone()).or_default().put(r.first, r.last, r.floor),
            HotelFact::RoomsDeleted(r) => self.room_types.entry(r.room_type.clone()).or_default().take(r.first, r.last),
        }
    }
}

impl Hotel {
    /// The hotel as it is described, unless there is none (any more).
    pub fn living(&self) -> Result<&DefineHotel, HotelRefused> {
        self.defined.as_ref().filter(|_| !self.deleted).ok_or(HotelRefused::HotelUnknown)
    }

    /// Whether this hotel charges in the currency of a price.
    pub fn charges(&self, price: Option<Money>) -> Result<(), HotelRefused> {
        let own = self.living()?.currency;
        if price.is_none_or(|price| price.currency == own) { Ok(()) } else { Err(HotelRefused::WrongCurrency) }
    }

    /// A room type it has.
    pub fn room_type(&self, code: &str) -> Result<&RoomType, HotelRefused> {
        self.living()?;
        self.room_types.get(code).ok_or(HotelRefused::RoomTypeUnknown)
    }

    /// A room type that has all these rooms.
    pub fn rooms(&self, code: &str, first: u32, last: u32) -> Result<&RoomType, HotelRefused> {
        self.room_type(code).and_then(|t| if t.has(first, last) { Ok(t) } else { Err(HotelRefused::RoomUnknown) })
    }
}

/// Why a hotel is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HotelRefused {
    /// There is one with this code.
    HotelExists,
    /// There is none with this code.
    HotelUnknown,
    /// It has such a type.
    RoomTypeExists,
    /// It has no such type.
    RoomTypeUnknown,
    /// A room with one of the numbers exists.
    RoomExists,
    /// It has not all of these rooms.
    RoomUnknown,
    /// It sells nothing already.
    HotelClosed,
    /// It is not closed.
    HotelOpen,
    /// It has room types.
    HotelInUse {
        /// Their codes.
        room_types: Vec<String>,
    },
    /// The hotel charges in another currency.
    WrongCurrency,
    /// The type has rooms.
    RoomTypeInUse {
        /// How many.
        rooms: u32,
    },
}

impl Refusal for HotelRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::HotelExists => "hotel-exists",
            Self::HotelUnknown => "hotel-unknown",
            Self::RoomTypeExists => "room-type-exists",
            Self::RoomTypeUnknown => "room-type-unknown",
            Self::RoomExists => "room-exists",
            Self::RoomUnknown => "room-unknown",
            Self::HotelClosed => "hotel-closed",
            Self::HotelOpen => "hotel-open",
            Self::HotelInUse { .. } => "hotel-in-use",
            Self::WrongCurrency => "wrong-currency",
            Self::RoomTypeInUse { .. } => "room-type-in-use",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::HotelUnknown | Self::RoomTypeUnknown | Self::RoomUnknown => RefusalKind::NotFound,
            _ => RefusalKind::Conflict,
        }
    }

    fn detail(&self) -> Value {
        match self {
            Self::HotelInUse { room_types } => {
                let named: Vec<_> = room_types.iter().take(NAMED_MAX).collect();
                json!({"dependants": [{"kind": "room-type", "total": room_types.len(), "ids": named}]})
            }
            Self::RoomTypeInUse { rooms } => json!({"dependants": [{"kind": "room", "total": rooms}]}),
            _ => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_taken_out_of_the_middle_of_a_range() {
        let mut t = RoomType { rooms: vec![(1, 10), (20, 30)], floors: BTreeMap::from([(4, 1), (9, 2)]), ..RoomType::default() };
        assert!(t.has(3, 5) && !t.has(9, 20));
        t.take(3, 5);
        assert_eq!((t.rooms.clone(), t.floors.len()), (vec![(1, 2), (6, 10), (20, 30)], 1));
        t.take(20, 30);
        t.take(1, 2);
        assert_eq!((t.rooms.clone(), t.count()), (vec![(6, 10)], 5));
    }

    #[test]
    fn the_longest_list_of_dependants_fits_into_a_record() {
        let refused = HotelRefused::HotelInUse { room_types: (0..1_000).map(|n| format!("{n:016}")).collect() };
        assert!(refused.detail().to_string().len() <= eventstore::REPLY_BYTES_MAX);
    }
}
