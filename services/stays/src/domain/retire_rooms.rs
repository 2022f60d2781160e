//! RetireRooms and its undo: rooms are to be deleted. From here on nobody is checked into one of them; while somebody is in
//! one, the answer is no, with a list.

use contracts::Nothing;
use contracts::stays::{RetireRooms as Contract, UnretireRooms as UndoContract};
use kernel::{Busy, Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::code;

use super::day::BusinessDay;
use super::folio::Folio;
use super::rack::{Assignment, Rack, RackEvent, Span};
use super::refused::StayRefused;

/// Rooms one command may speak of.
const ROOMS_MAX: u32 = 500;

/// The checked command.
pub struct RetireRooms {
    hotel: String,
    rooms: Span,
}

impl TryFrom<Contract> for RetireRooms {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        Ok(Self { rooms: span(&c.hotel, c.room_type, c.first, c.last)?, hotel: c.hotel })
    }
}

fn span(hotel: &str, room_type: String, first: u32, last: u32) -> Result<Span, Invalid> {
    code("hotel", hotel)?;
    code("room_type", &room_type)?;
    if last < first || last - first >= ROOMS_MAX {
        return Err(Invalid::field("last", "must not be before first, nor 500 rooms after it"));
    }
    Ok(Span { room_type, first, last })
}

impl Decide for RetireRooms {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let today = see.get::<BusinessDay>(&self.hotel)?.date;
        let rack = see.get::<Rack>(&self.hotel)?;
        let Span { room_type, first, last } = &self.rooms;
        let known = rack.types.get(room_type).filter(|rooms| {
            let numbers = rooms.numbers();
            (*first..=*last).all(|n| numbers.contains(&n))
        });
        // The asker knows the rooms: here its feed is still on the way.
        let (Some(rooms), Some(today)) = (known, today) else { return Err(Stop::Busy(Busy("not-yet-there"))) };
        let stays: Vec<String> = rooms.occupied.range(*first..=*last).map(|(_, o)| o.stay.clone()).collect();
        let mut folios = Vec::new();
        for stay in &stays {
            if see.get::<Folio>(stay)?.balance() != 0 {
                folios.push(stay.clone());
            }
        }
        let in_span = |given: &&Assignment| given.room.room_type == *room_type && (*first..=*last).contains(&given.room.number);
        let given: Vec<String> = rack.assigned.iter().filter(|(_, given)| in_span(given)).map(|(id, _)| id.clone()).collect();
        if !stays.is_empty() || !given.is_empty() {
            return Err(StayRefused::RoomInUse { stays, folios, given }.into());
        }
        if rooms.kept.keys().any(|number| (*first..=*last).contains(number)) {
            return Err(Stop::Busy(Busy("stay-busy")));
        }
        out.on(today);
        if !(*first..=*last).all(|n| rooms.retired.contains(&n)) {
            out.event::<Rack>(&self.hotel, RackEvent::RoomsRetired { rooms: self.rooms.clone() });
        }
        Ok(Nothing {})
    }
}

/// The checked undo.
pub struct UnretireRooms {
    hotel: String,
    rooms: Span,
}

impl TryFrom<UndoContract> for UnretireRooms {
    type Error = Invalid;

    fn try_from(c: UndoContract) -> Result<Self, Invalid> {
        Ok(Self { rooms: span(&c.hotel, c.room_type, c.first, c.last)?, hotel: c.hotel })
    }
}

impl Decide for UnretireRooms {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let today = see.get::<BusinessDay>(&self.hotel)?.date;
        let rooms = see.get::<Rack>(&self.hotel)?.types.get(&self.rooms.room_type);
        if rooms.is_some_and(|rooms| (self.rooms.first..=self.rooms.last).any(|n| rooms.retired.contains(&n))) {
            today.into_iter().for_each(|today| out.on(today));
            out.event::<Rack>(&self.hotel, RackEvent::RoomsUnretired { rooms: self.rooms.clone() });
        }
        Ok(Nothing {})
    }
}
