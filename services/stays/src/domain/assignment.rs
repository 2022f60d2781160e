//! What becomes of a room given before arrival, without asking anybody: it is taken back, locked, or follows what is heard of
//! its reservation.

use contracts::Nothing;
use contracts::stays::{LockRoom as LockContract, UnassignRoom as UnassignContract};
use jiff::civil::Date;
use kernel::{Ctx, Decide, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};

use super::choose::Guest;
use super::day::BusinessDay;
use super::rack::{Rack, RackEvent};
use super::refused::StayRefused;
use super::stay::{State, Stay, StayEvent};

/// The checked command that takes a room back.
pub struct UnassignRoom(UnassignContract);

impl TryFrom<UnassignContract> for UnassignRoom {
    type Error = Invalid;

    fn try_from(c: UnassignContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

impl Decide for UnassignRoom {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        out.on(see.get::<BusinessDay>(&self.0.hotel)?.date()?);
        let given = see.get::<Rack>(&self.0.hotel)?.assigned.get(&self.0.reservation);
        let given = given.ok_or(StayRefused::NotAssigned)?;
        if given.locked {
            return Err(StayRefused::RoomLocked { room: given.room.name() }.into());
        }
        let event = RackEvent::Unassigned { room: given.room.clone(), reservation: self.0.reservation.clone() };
        out.event::<Rack>(&self.0.hotel, event);
        Ok(Nothing {})
    }
}

/// The checked command that locks a room, or unlocks it.
pub struct LockRoom(LockContract);

impl TryFrom<LockContract> for LockRoom {
    type Error = Invalid;

    fn try_from(c: LockContract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

impl Decide for LockRoom {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        out.on(see.get::<BusinessDay>(&self.0.hotel)?.date()?);
        let rack = see.get::<Rack>(&self.0.hotel)?;
        let given = rack.assigned.get(&self.0.reservation).map(|given| given.locked);
        let in_house = || rack.in_house().get(self.0.reservation.as_str()).map(|occupant| occupant.locked);
        let locked = given.or_else(in_house).ok_or(StayRefused::NotAssigned)?;
        if locked != self.0.locked {
            out.event::<Rack>(&self.0.hotel, RackEvent::Locked { reservation: self.0.reservation.clone(), locked: self.0.locked });
        }
        Ok(Nothing {})
    }
}

/// A reservation that has been given a room, or is just being given one, has changed.
pub struct HearReservation {
    /// Which.
    pub reservation: String,
    /// The allocation's revision.
    pub revision: u32,
    /// Whether it is no more.
    pub gone: bool,
    /// Its type now, where the change says.
    pub room_type: Option<String>,
    /// Its nights now, where the change says.
    pub nights: Option<(Date, Date)>,
}

impl Decide for HearReservation {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        // It comes in the lane of its hotel; the stay knows which that is.
        ""
    }

    fn decide(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        let stay = see.get::<Stay>(&self.reservation)?;
        let (hotel, state) = (stay.hotel.clone(), stay.state);
        if hotel.is_empty() || !matches!(state, State::None | State::Arriving) {
            return Ok(Nothing {});
        }
        let rack = see.get::<Rack>(&hotel)?;
        see.get::<BusinessDay>(&hotel)?.date.into_iter().for_each(|today| out.on(today));
        // Whoever is giving it a room just now has asked before: this is what it must look at.
        out.event::<Stay>(&self.reservation, StayEvent::ReservationHeard { revision: self.revision, gone: self.gone });
        let Some(given) = rack.assigned.get(&self.reservation) else { return Ok(Nothing {}) };
        let (arrival, departure) = self.nights.unwrap_or((given.arrival, given.departure));
        let guest = Guest { id: &self.reservation, from: arrival, to: departure };
        let fits = !self.gone
            && self.room_type.as_ref().is_none_or(|room_type| *room_type == given.room.room_type)
            && rack.can_be_given(&given.room, guest).is_ok();
        let (room, reservation) = (given.room.clone(), self.reservation.clone());
        if !fits {
            out.event::<Rack>(&hotel, RackEvent::Unassigned { room, reservation });
        } else if (arrival, departure) != (given.arrival, given.departure) {
            out.event::<Rack>(&hotel, RackEvent::Assigned { room, reservation, arrival, departure });
        }
        Ok(Nothing {})
    }
}
