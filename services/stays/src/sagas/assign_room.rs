//! AssignRoom: earmark (nothing to undo: it only asks, and is told of changes from then on) ▸ (local pivot) room given. A change
//! that comes between the two is heard of in the own lane before it can be overlooked.

use contracts::reservations::{Arrival, Earmark};
use contracts::stays::{AssignRoom as Contract, Assigned};
use kernel::{Busy, Ctx, Emit, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::{code, id, text};
use saga::definition::{always, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::choose::Guest;
use crate::domain::day::BusinessDay;
use crate::domain::rack::{Rack, RackEvent};
use crate::domain::refused::StayRefused;
use crate::domain::stay::{State, Stay, StayEvent};

/// The checked command.
pub struct AssignRoom(Contract);

impl TryFrom<Contract> for AssignRoom {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        text("room", &c.room, 24)?;
        Ok(Self(c))
    }
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssignState {
    /// The hotel.
    pub hotel: String,
    /// The reservation.
    pub reservation: String,
    /// The room.
    pub room: String,
    /// The reservation as it was asked for.
    pub arrival: Option<Arrival>,
}

/// A guest who can still be given a room.
fn not_arrived(stay: &Stay) -> Result<(), Stop> {
    match stay.state {
        State::None if stay.gone => Err(StayRefused::ReservationGone.into()),
        State::None => Ok(()),
        State::Arriving => Err(Stop::Busy(Busy("stay-busy"))),
        State::InHouse | State::Leaving | State::CheckedOut => Err(StayRefused::AlreadyArrived.into()),
    }
}

/// A room that is locked is not exchanged.
fn not_locked(rack: &Rack, reservation: &str, room: &str) -> Result<(), StayRefused> {
    let kept = rack.assigned.get(reservation).filter(|given| given.locked && given.room.name() != room);
    kept.map_or(Ok(()), |given| Err(StayRefused::RoomLocked { room: given.room.name() }))
}

impl Begin for AssignRoom {
    type Saga = AssignRoomSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn begin(&self, _: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<AssignState, Stop> {
        let (hotel, reservation) = (&self.0.hotel, &self.0.reservation);
        out.on(see.get::<BusinessDay>(hotel)?.open()?);
        let stay = see.get::<Stay>(reservation)?;
        not_arrived(stay)?;
        let rack = see.get::<Rack>(hotel)?;
        rack.known(&self.0.room)?;
        not_locked(rack, reservation, &self.0.room)?;
        if stay.hotel != *hotel {
            // What is heard of it later does not say whose it is.
            out.event::<Stay>(reservation, StayEvent::RoomAsked { hotel: hotel.clone() });
        }
        Ok(AssignState { hotel: hotel.clone(), reservation: reservation.clone(), room: self.0.room.clone(), arrival: None })
    }
}

/// The definition.
pub struct AssignRoomSaga;

const STEPS: &[Step<AssignState>] = &[Step {
    name: "earmark",
    when: always,
    call: |s, _| Call::to(&Earmark { hotel: s.hotel.clone(), reservation: s.reservation.clone() }),
    times: once,
    each_round: false,
    kind: Kind::Asking,
    learn: |s, reply| s.arrival = serde_json::from_value(reply.clone()).ok(),
}];

impl Saga for AssignRoomSaga {
    const NAME: &'static str = "assign";
    type State = AssignState;

    fn steps(_: u16) -> &'static [Step<AssignState>] {
        STEPS
    }

    fn end(_: &str, s: &AssignState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let day = see.get::<BusinessDay>(&s.hotel)?;
        out.on(day.date()?);
        let (Ending::Done, Some(arrival)) = (ending, &s.arrival) else { return Ok(Value::Null) };
        let stay = see.get::<Stay>(&s.reservation)?;
        not_arrived(stay)?;
        if stay.heard > arrival.revision {
            return Err(StayRefused::StaleVersion.into());
        }
        let rack = see.get::<Rack>(&s.hotel)?;
        let room = rack.known(&s.room)?;
        not_locked(rack, &s.reservation, &s.room)?;
        if room.room_type != arrival.room_type {
            return Err(StayRefused::WrongRoomType { room_type: arrival.room_type.clone() }.into());
        }
        let guest = Guest { id: &s.reservation, from: arrival.arrival, to: arrival.departure };
        rack.can_be_given(&room, guest)?;
        let answer = Assigned { reservation: s.reservation.clone(), room: room.name() };
        let (arrival, departure) = (arrival.arrival, arrival.departure);
        out.event::<Rack>(&s.hotel, RackEvent::Assigned { room, reservation: s.reservation.clone(), arrival, departure });
        Ok(serde_json::to_value(answer).unwrap_or_default())
    }
}
