//! SetCondition: what housekeeping reports of vacant rooms.

use contracts::Nothing;
use contracts::stays::SetCondition as Contract;
use kernel::{Busy, Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, text};

use super::day::BusinessDay;
use super::rack::{Condition, Rack, RackEvent};
use super::refused::StayRefused;

/// Rooms one command may speak of.
const ROOMS_MAX: usize = 500;

/// The checked command.
pub struct SetCondition {
    hotel: String,
    rooms: Vec<String>,
    condition: Condition,
}

impl TryFrom<Contract> for SetCondition {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        if !(1..=ROOMS_MAX).contains(&c.rooms.len()) {
            return Err(Invalid::field("rooms", "must be 1 to 500 rooms"));
        }
        c.rooms.iter().try_for_each(|room| text("rooms", room, 24))?;
        let condition = [Condition::Clean, Condition::Dirty].into_iter().find(|condition| condition.word() == c.condition);
        let condition = condition.ok_or_else(|| Invalid::field("condition", "must be clean or dirty"))?;
        Ok(Self { hotel: c.hotel, rooms: c.rooms, condition })
    }
}

impl Decide for SetCondition {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        out.on(see.get::<BusinessDay>(&self.hotel)?.date()?);
        let rack = see.get::<Rack>(&self.hotel)?;
        let mut changed = Vec::new();
        for name in &self.rooms {
            let room = rack.known(name)?;
            let Some(rooms) = rack.types.get(&room.room_type) else { continue };
            if rooms.occupied.contains_key(&room.number) {
                return Err(StayRefused::RoomOccupied { room: room.name() }.into());
            }
            if rooms.kept.contains_key(&room.number) {
                return Err(Stop::Busy(Busy("stay-busy")));
            }
            let is_clean = rooms.free.contains(&room.number);
            if is_clean != (self.condition == Condition::Clean) && !changed.contains(&room) {
                changed.push(room);
            }
        }
        if !changed.is_empty() {
            out.event::<Rack>(&self.hotel, RackEvent::Conditioned { rooms: changed, condition: self.condition });
        }
        Ok(Nothing {})
    }
}
