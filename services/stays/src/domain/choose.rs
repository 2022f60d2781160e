//! Which room a guest gets, and whether they may have it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kernel::{Busy, Stop};

use super::rack::{Rack, RoomNo, Rooms};
use super::refused::StayRefused;

/// Who wants a room, and for which nights.
#[derive(Clone, Copy)]
pub struct Guest<'a> {
    /// The reservation or stay.
    pub id: &'a str,
    /// First night.
    pub from: Date,
    /// Day of departure.
    pub to: Date,
}

impl Rack {
    /// The room to give at check-in: the wanted one, the one given before, or the lowest free number of the type that is given
    /// to nobody else.
    pub fn choose(&self, room_type: &str, wanted: Option<&str>, guest: Guest<'_>) -> Result<RoomNo, Stop> {
        let given = self.assigned.get(guest.id).map(|given| &given.room).filter(|room| room.room_type == room_type);
        let Some(name) = wanted.map(str::to_owned).or_else(|| given.map(RoomNo::name)) else {
            let others = self.given_to_others(room_type, guest);
            let fits = |n: &&u32, rooms: &Rooms| !rooms.retired.contains(n) && !others.contains(n);
            let free = self.types.get(room_type).and_then(|rooms| rooms.free.iter().find(|n| fits(n, rooms)));
            let number = *free.ok_or_else(|| StayRefused::NoRoomFree { room_type: room_type.to_owned() })?;
            return Ok(RoomNo { room_type: room_type.to_owned(), number });
        };
        let room = self.known(&name)?;
        if room.room_type != room_type {
            return Err(StayRefused::WrongRoomType { room_type: room_type.to_owned() }.into());
        }
        self.ready(&room)?;
        self.given_to_nobody_else(&room, guest)?;
        Ok(room)
    }

    /// A room that there is and will be.
    pub fn known(&self, name: &str) -> Result<RoomNo, StayRefused> {
        let room = RoomNo::parse(name).ok_or(StayRefused::RoomUnknown)?;
        let rooms = self.types.get(&room.room_type).ok_or(StayRefused::RoomUnknown)?;
        // A room that is being deleted is none any more.
        let is_known = !rooms.retired.contains(&room.number) && rooms.has(room.number);
        if is_known { Ok(room) } else { Err(StayRefused::RoomUnknown) }
    }

    /// Whether somebody can move into a room now.
    pub fn ready(&self, room: &RoomNo) -> Result<(), Stop> {
        let Some(rooms) = self.types.get(&room.room_type) else { return Err(StayRefused::RoomUnknown.into()) };
        match () {
            () if rooms.free.contains(&room.number) => Ok(()),
            () if rooms.occupied.contains_key(&room.number) => Err(StayRefused::RoomOccupied { room: room.name() }.into()),
            () if rooms.dirty.contains(&room.number) => Err(StayRefused::RoomNotReady { room: room.name() }.into()),
            // Whoever it is kept for may not get there.
            () if rooms.kept.contains_key(&room.number) => Err(Stop::Busy(Busy("stay-busy"))),
            () => Err(StayRefused::RoomUnknown.into()),
        }
    }

    /// Refused when a room is given to somebody else for one of the guest's nights.
    pub fn given_to_nobody_else(&self, room: &RoomNo, guest: Guest<'_>) -> Result<(), StayRefused> {
        match self.given_to_others(&room.room_type, guest).contains(&room.number) {
            true => Err(StayRefused::RoomAssigned { room: room.name() }),
            false => Ok(()),
        }
    }

    /// Whether a room can be given to somebody who has not arrived: to nobody else for one of the nights, and whoever is in it
    /// leaves before.
    pub fn can_be_given(&self, room: &RoomNo, guest: Guest<'_>) -> Result<(), Stop> {
        let rooms = self.types.get(&room.room_type).ok_or(StayRefused::RoomUnknown)?;
        if rooms.kept.contains_key(&room.number) {
            // Somebody is about to move there, or not.
            return Err(Stop::Busy(Busy("stay-busy")));
        }
        if rooms.occupied.get(&room.number).is_some_and(|occupant| occupant.departure > guest.from) {
            return Err(StayRefused::RoomOccupied { room: room.name() }.into());
        }
        Ok(self.given_to_nobody_else(room, guest)?)
    }

    /// The numbers of a type that are given to somebody else for one of the guest's nights.
    fn given_to_others(&self, room_type: &str, guest: Guest<'_>) -> BTreeSet<u32> {
        let others = self.assigned.iter().filter(|(id, given)| *id != guest.id && given.room.room_type == room_type);
        // Whoever arrives tonight gets the room tonight, also when the guest leaves today.
        let clashes = others
            .filter(|(_, given)| given.arrival < guest.to.max(guest.from.tomorrow().unwrap_or(Date::MAX)) && given.departure > guest.from);
        clashes.map(|(_, given)| given.room.number).collect()
    }
}

impl Rooms {
    /// Whether there is a room of this number.
    pub fn has(&self, number: u32) -> bool {
        self.free.contains(&number)
            || self.dirty.contains(&number)
            || self.occupied.contains_key(&number)
            || self.kept.contains_key(&number)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Aggregate;

    use super::super::rack::{Condition, RackEvent};
    use super::*;

    const GUEST: Guest<'static> = Guest { id: "me", from: Date::MIN, to: Date::MAX };

    fn refused(stop: Result<RoomNo, Stop>) -> String {
        match stop {
            Err(Stop::Refused(refused)) => format!("{} {}", refused.code, refused.detail),
            other => format!("{other:?}"),
        }
    }

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
        assert_eq!(rack.choose("A", None, GUEST).unwrap().number, 2);
        let room = RoomNo { room_type: "A".into(), number: 1 };
        rack.evolve(&RackEvent::Vacated { room, stay: "s1".into(), condition: Condition::Clean });
        assert_eq!(rack.choose("A", None, GUEST).unwrap().number, 1);
    }

    #[test]
    fn a_wanted_room_is_refused_with_its_reason() {
        let mut rack = rack();
        occupied(&mut rack, 2);
        let room = RoomNo { room_type: "A".into(), number: 3 };
        rack.evolve(&RackEvent::Vacated { room, stay: "x".into(), condition: Condition::Dirty });
        rack.types.get_mut("A").unwrap().free.remove(&3);
        assert_eq!(refused(rack.choose("A", Some("A-2"), GUEST)), r#"room-occupied {"room":"A-2"}"#);
        assert_eq!(refused(rack.choose("A", Some("A-3"), GUEST)), r#"room-not-ready {"room":"A-3"}"#);
        assert_eq!(refused(rack.choose("A", Some("A-9"), GUEST)), "room-unknown null");
        assert_eq!(refused(rack.choose("B", Some("A-1"), GUEST)), r#"wrong-room-type {"room_type":"B"}"#);
        assert_eq!(refused(rack.choose("B", None, GUEST)), r#"no-room-free {"room_type":"B"}"#);
    }
}
