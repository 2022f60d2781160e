//! The rack of a hotel: every room, who is in it, and whether it is clean.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{Aggregate, Event};
use serde::{Deserialize, Serialize};

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

impl Condition {
    /// The word the API uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Dirty => "dirty",
        }
    }
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
    /// A room is kept for a guest in house who is about to move there.
    Kept {
        /// The room.
        #[serde(flatten)]
        room: RoomNo,
        /// Who.
        stay: String,
    },
    /// The guest does not move there after all.
    LetGo {
        /// The room.
        #[serde(flatten)]
        room: RoomNo,
        /// Who.
        stay: String,
    },
    /// Somebody in house leaves on another day.
    Extended {
        /// The room.
        #[serde(flatten)]
        room: RoomNo,
        /// Who.
        stay: String,
        /// Until when.
        departure: Date,
    },
    /// A room is given to a reservation before it arrives, instead of the one it had.
    Assigned {
        /// The room.
        #[serde(flatten)]
        room: RoomNo,
        /// Whose it is.
        reservation: String,
        /// First night.
        arrival: Date,
        /// Day of departure.
        departure: Date,
    },
    /// It is taken back.
    Unassigned {
        /// The room.
        #[serde(flatten)]
        room: RoomNo,
        /// Whose it was.
        reservation: String,
    },
    /// A guest must not be moved from the room, or may be again.
    Locked {
        /// The reservation, assigned or in house.
        reservation: String,
        /// Whether the room is kept.
        locked: bool,
    },
    /// Vacant rooms were found clean or dirty.
    Conditioned {
        /// The rooms.
        rooms: Vec<RoomNo>,
        /// How they are.
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
    /// Whether they must not be moved.
    #[serde(default)]
    pub locked: bool,
}

/// A room given to a reservation before it arrives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// The room.
    pub room: RoomNo,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// Whether it must not be taken away.
    pub locked: bool,
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
    /// Vacant, clean, and kept for a stay that moves there.
    #[serde(default)]
    pub kept: BTreeMap<u32, String>,
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
        self.free.iter().chain(&self.dirty).chain(self.occupied.keys()).chain(self.kept.keys()).copied().collect()
    }

    /// A vacant room is found clean or dirty.
    fn found(&mut self, number: u32, condition: Condition) {
        let (is, is_not) = match condition {
            Condition::Clean => (&mut self.free, &mut self.dirty),
            Condition::Dirty => (&mut self.dirty, &mut self.free),
        };
        is.insert(number);
        is_not.remove(&number);
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
    /// Rooms given before arrival, by reservation.
    #[serde(default)]
    pub assigned: BTreeMap<String, Assignment>,
}

impl Aggregate for Rack {
    const KIND: &'static str = "rack";
    const SNAPSHOT_EVERY: Option<u64> = Some(2_000);
    const SNAPSHOT_SHAPE: u16 = 3;
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
                let locked = self.assigned.remove(stay).is_some_and(|given| given.locked && given.room == *room);
                let rooms = self.types.entry(room.room_type.clone()).or_default();
                rooms.free.remove(&room.number);
                rooms.dirty.remove(&room.number);
                rooms.kept.remove(&room.number);
                rooms.occupied.insert(room.number, Occupant { stay: stay.clone(), departure: *departure, locked });
            }
            RackEvent::Vacated { room, condition, .. } => {
                let rooms = self.types.entry(room.room_type.clone()).or_default();
                rooms.occupied.remove(&room.number);
                rooms.found(room.number, *condition);
            }
            RackEvent::Kept { room, stay } => {
                let rooms = self.types.entry(room.room_type.clone()).or_default();
                rooms.free.remove(&room.number);
                rooms.kept.insert(room.number, stay.clone());
            }
            RackEvent::LetGo { room, .. } => {
                let rooms = self.types.entry(room.room_type.clone()).or_default();
                rooms.kept.remove(&room.number);
                rooms.found(room.number, Condition::Clean);
            }
            RackEvent::Extended { room, departure, .. } => {
                let rooms = self.types.entry(room.room_type.clone()).or_default();
                rooms.occupied.entry(room.number).and_modify(|occupant| occupant.departure = *departure);
            }
            RackEvent::Assigned { room, reservation, arrival, departure } => {
                let locked = self.assigned.get(reservation).is_some_and(|given| given.locked && given.room == *room);
                let given = Assignment { room: room.clone(), arrival: *arrival, departure: *departure, locked };
                self.assigned.insert(reservation.clone(), given);
            }
            RackEvent::Unassigned { reservation, .. } => {
                self.assigned.remove(reservation);
            }
            RackEvent::Locked { reservation, locked } => {
                let occupants = self.types.values_mut().flat_map(|rooms| rooms.occupied.values_mut());
                occupants.filter(|o| o.stay == *reservation).for_each(|o| o.locked = *locked);
                self.assigned.entry(reservation.clone()).and_modify(|given| given.locked = *locked);
            }
            RackEvent::Conditioned { rooms, condition } => {
                for room in rooms {
                    self.types.entry(room.room_type.clone()).or_default().found(room.number, *condition);
                }
            }
        }
    }
}

impl Rack {
    fn of(&mut self, span: &Span) -> &mut Rooms {
        self.types.entry(span.room_type.clone()).or_default()
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
