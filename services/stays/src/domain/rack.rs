//! The rack of a hotel: every room, who is in it, and whether it is clean.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{Aggregate, Event};
use serde::{Deserialize, Serialize};

use super::refused::StayRefused;

/// Whether a room can be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Ready.
    #[default]
    Clean,
    /// To be cleaned.
    Dirty,
}

/// A room: its type and its number inside the type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomNo {
    /// The type.
    pub room_type: String,
    /// The number.
    pub number: u32,
}

impl RoomNo {
    /// The name on the door: `<type>-<number>`.
    pub fn name(&self) -> String {
        format!("{}-{}", self.room_type, self.number)
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        let (room_type, number) = name.rsplit_once('-')?;
        Some(Self { room_type: room_type.to_owned(), number: number.parse().ok()? })
    }
}

/// Rooms `<type>-<first>` to `<type>-<last>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The type.
    pub room_type: String,
    /// The first number.
    pub first: u32,
    /// The last number.
    pub last: u32,
}

/// What happens to a rack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RackEvent {
    /// Rooms exist.
    RoomsAdded {
        /// The type.
        room_type: String,
        /// The first number.
        first: u32,
        /// The last number.
        last: u32,
        /// Their floor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        floor: Option<i32>,
    },
    /// Rooms are on another floor.
    RoomsFloored {
        /// The rooms.
        #[serde(flatten)]
        rooms: Span,
        /// The floor.
        floor: Option<i32>,
    },
    /// Rooms are to be deleted: nobody gets them any more.
    RoomsRetired {
        /// The rooms.
        #[serde(flatten)]
        rooms: Span,
    },
    /// They are not deleted after all.
    RoomsUnretired {
        /// The rooms.
        #[serde(flatten)]
        rooms: Span,
    },
    /// Rooms are gone.
    RoomsRemoved {
        /// The rooms.
        #[serde(flatten)]
        rooms: Span,
    },
    /// Somebody moved in.
    Occupied {
        /// The room.
        #[serde(flatten)]
        room: RoomNo,
        /// Who.
        stay: String,
        /// Until when.
        departure: Date,
    },
    /// The room is empty again.
    Vacated {
        /// The room.
        #[serde(flatten)]
        room: RoomNo,
        /// Who left.
        stay: String,
        /// How it was left.
        condition: Condition,
    },
}

impl Event for RackEvent {}

/// A guest in a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occupant {
    /// The stay.
    pub stay: String,
    /// Day of departure.
    pub departure: Date,
}

/// The rooms of one type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rooms {
    /// Vacant and clean.
    pub free: BTreeSet<u32>,
    /// Vacant and dirty.
    pub dirty: BTreeSet<u32>,
    /// Occupied.
    pub occupied: BTreeMap<u32, Occupant>,
    /// To be deleted.
    #[serde(default)]
    pub retired: BTreeSet<u32>,
    /// Floors by number, where they are known.
    #[serde(default)]
    pub floors: BTreeMap<u32, i32>,
}

impl Rooms {
    /// All numbers, in order.
    pub fn numbers(&self) -> BTreeSet<u32> {
        self.free.iter().chain(&self.dirty).chain(self.occupied.keys()).copied().collect()
    }

    fn floor(&mut self, first: u32, last: u32, floor: Option<i32>) {
        for number in first..=last {
            match floor {
                Some(floor) => self.floors.insert(number, floor),
                None => self.floors.remove(&number),
            };
        }
    }
}

/// The rack of one hotel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rack {
    /// Rooms by type.
    pub types: BTreeMap<String, Rooms>,
}

impl Aggregate for Rack {
    const KIND: &'static str = "rack";
    const SNAPSHOT_EVERY: Option<u64> = Some(2_000);
    const SNAPSHOT_SHAPE: u16 = 2;
    type Event = RackEvent;

    fn evolve(&mut self, event: &RackEvent) {
        match event {
            RackEvent::RoomsAdded { room_type, first, last, floor } => {
                let rooms = self.types.entry(room_type.clone()).or_default();
                rooms.free.extend(*first..=*last);
                rooms.floor(*first, *last, *floor);
            }
            RackEvent::RoomsFloored { rooms: span, floor } => self.of(span).floor(span.first, span.last, *floor),
            RackEvent::RoomsRetired { rooms: span } => self.of(span).retired.extend(span.first..=span.last),
            RackEvent::RoomsUnretired { rooms: span } => self.of(span).retired.retain(|n| !(span.first..=span.last).contains(n)),
            RackEvent::RoomsRemoved { rooms: span } => {
                let rooms = self.of(span);
                let stays = |n: &u32| !(span.first..=span.last).contains(n);
                rooms.free.retain(stays);
                rooms.dirty.retain(stays);
                rooms.retired.retain(stays);
                rooms.floor(span.first, span.last, None);
                if rooms.numbers().is_empty() {
                    self.types.remove(&span.room_type);
                }
            }
            RackEvent::Occupied { room, stay, departure } => {
                let rooms = self.types.entry(room.room_type.clone()).or_default();
                rooms.free.remove(&room.number);
                rooms.dirty.remove(&room.number);
                rooms.occupied.insert(room.number, Occupant { stay: stay.clone(), departure: *departure });
            }
            RackEvent::Vacated { room, condition, .. } => {
                let rooms = self.types.entry(room.room_type.clone()).or_default();
                rooms.occupied.remove(&room.number);
                match condition {
                    Condition::Clean => rooms.free.insert(room.number),
                    Condition::Dirty => rooms.dirty.insert(room.number),
                };
            }
        }
    }
}

impl Rack {
    fn of(&mut self, span: &Span) -> &mut Rooms {
        self.types.entry(span.room_type.clone()).or_default()
    }

    /// The room to give: the wanted one, or the lowest free number of the type.
    pub fn choose(&self, room_type: &str, wanted: Option<&str>) -> Result<RoomNo, StayRefused> {
        let Some(name) = wanted else {
            let free = self.types.get(room_type).and_then(|rooms| rooms.free.iter().find(|n| !rooms.retired.contains(n)));
            let number = *free.ok_or_else(|| StayRefused::NoRoomFree { room_type: room_type.to_owned() })?;
            return Ok(RoomNo { room_type: room_type.to_owned(), number });
        };
        let room = RoomNo::parse(name).ok_or(StayRefused::RoomUnknown)?;
        let rooms = self.types.get(&room.room_type).ok_or(StayRefused::RoomUnknown)?;
        if room.room_type != room_type {
            return Err(StayRefused::WrongRoomType { room_type: room_type.to_owned() });
        }
        match () {
            // A room that is being deleted is none any more.
            () if rooms.retired.contains(&room.number) => Err(StayRefused::RoomUnknown),
            () if rooms.free.contains(&room.number) => Ok(room),
            () if rooms.occupied.contains_key(&room.number) => Err(StayRefused::RoomOccupied { room: name.to_owned() }),
            () if rooms.dirty.contains(&room.number) => Err(StayRefused::RoomNotReady { room: name.to_owned() }),
            () => Err(StayRefused::RoomUnknown),
        }
    }

    /// How many stays are in house.
    pub fn in_house_count(&self) -> usize {
        self.types.values().map(|rooms| rooms.occupied.len()).sum()
    }

    /// Everybody in house, in the order of their stays' ids: the order of postings.
    pub fn in_house(&self) -> BTreeMap<&str, &Occupant> {
        self.types.values().flat_map(|rooms| rooms.occupied.values()).map(|o| (o.stay.as_str(), o)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rack() -> Rack {
        let mut rack = Rack::default();
        rack.evolve(&RackEvent::RoomsAdded { room_type: "A".into(), first: 1, last: 3, floor: None });
        rack
    }

    fn occupied(rack: &mut Rack, number: u32) {
        let room = RoomNo { room_type: "A".into(), number };
        rack.evolve(&RackEvent::Occupied { room, stay: format!("s{number}"), departure: Date::MAX });
    }

    #[test]
    fn the_lowest_free_number_is_given_also_after_it_was_left() {
        let mut rack = rack();
        occupied(&mut rack, 1);
        assert_eq!(rack.choose("A", None).unwrap().number, 2);
        let room = RoomNo { room_type: "A".into(), number: 1 };
        rack.evolve(&RackEvent::Vacated { room, stay: "s1".into(), condition: Condition::Clean });
        assert_eq!(rack.choose("A", None).unwrap().number, 1);
    }

    #[test]
    fn a_wanted_room_is_refused_with_its_reason() {
        let mut rack = rack();
        occupied(&mut rack, 2);
        let room = RoomNo { room_type: "A".into(), number: 3 };
        rack.evolve(&RackEvent::Vacated { room, stay: "x".into(), condition: Condition::Dirty });
        rack.types.get_mut("A").unwrap().free.remove(&3);
        assert_eq!(rack.choose("A", Some("A-2")), Err(StayRefused::RoomOccupied { room: "A-2".into() }));
        assert_eq!(rack.choose("A", Some("A-3")), Err(StayRefused::RoomNotReady { room: "A-3".into() }));
        assert_eq!(rack.choose("A", Some("A-9")), Err(StayRefused::RoomUnknown));
        assert_eq!(rack.choose("B", Some("A-1")), Err(StayRefused::WrongRoomType { room_type: "B".into() }));
        assert_eq!(rack.choose("B", None), Err(StayRefused::NoRoomFree { room_type: "B".into() }));
    }
}
