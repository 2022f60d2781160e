//! MoveRoom: within a type a single decision. To another type: (local) room kept ▸ (pivot) the nights left move in inventory ▸
//! room changed; refused there, the room is let go again.

use contracts::inventory::Move;
use contracts::stays::{MoveRoom as Contract, Moved};
use jiff::civil::Date;
use kernel::{Ctx, Emit, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::{code, id, text};
use saga::definition::{nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check_in::room_claim;
use crate::domain::choose::Guest;
use crate::domain::day::BusinessDay;
use crate::domain::rack::{Condition, Rack, RackEvent, RoomNo};
use crate::domain::refused::StayRefused;
use crate::domain::stay::{Stay, StayEvent};

/// The checked command.
pub struct MoveRoom(Contract);

impl TryFrom<Contract> for MoveRoom {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        text("room", &c.room, 24)?;
        c.reason.as_deref().map_or(Ok(()), |reason| text("reason", reason, 200))?;
        Ok(Self(c))
    }
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MoveState {
    /// The hotel.
    pub hotel: String,
    /// The stay.
    pub reservation: String,
    /// The room left.
    pub from: RoomNo,
    /// The room moved to.
    pub to: RoomNo,
    /// Day of departure.
    pub departure: Date,
    /// The allocation's revision afterwards.
    pub revision: u32,
    /// Whether nights have to move in inventory.
    pub moves_nights: bool,
    /// Why.
    pub reason: Option<String>,
}

impl Begin for MoveRoom {
    type Saga = MoveRoomSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<MoveState, Stop> {
        let (hotel, reservation) = (&self.0.hotel, &self.0.reservation);
        let date = see.get::<BusinessDay>(hotel)?.open()?;
        let (from, arrival) = see.get::<Stay>(reservation)?.settled(hotel)?;
        let rack = see.get::<Rack>(hotel)?;
        let to = rack.known(&self.0.room)?;
        if to == *from {
            return Err(StayRefused::SameRoom.into());
        }
        if rack.types.get(&from.room_type).and_then(|rooms| rooms.occupied.get(&from.number)).is_some_and(|o| o.locked) {
            return Err(StayRefused::RoomLocked { room: from.name() }.into());
        }
        rack.ready(&to)?;
        rack.given_to_nobody_else(&to, Guest { id: reservation, from: date, to: arrival.departure })?;
        // On the day of departure no night is left to move.
        let moves_nights = to.room_type != from.room_type && date < arrival.departure;
        let state = MoveState {
            hotel: hotel.clone(),
            reservation: reservation.clone(),
            from: from.clone(),
            to: to.clone(),
            departure: arrival.departure,
            revision: arrival.revision + u32::from(moves_nights),
            moves_nights,
            reason: self.0.reason.clone(),
        };
        out.on(date);
        if moves_nights {
            out.claim(room_claim(hotel, &to));
            out.event::<Rack>(hotel, RackEvent::Kept { room: to, stay: reservation.clone() });
            out.event::<Stay>(reservation, StayEvent::ChangeStarted { saga: saga.to_owned() });
        }
        Ok(state)
    }
}

/// The definition.
pub struct MoveRoomSaga;

const STEPS: &[Step<MoveState>] = &[Step {
    name: "move",
    when: |s| s.moves_nights,
    call: |s, _| {
        let (hotel, reservation, room_type) = (s.hotel.clone(), s.reservation.clone(), s.to.room_type.clone());
        let reason = s.reason.clone().unwrap_or_else(|| "another room in house".into());
        Call::to(&Move { hotel, reservation, room_type, revision: s.revision, reason })
    },
    times: once,
    each_round: false,
    kind: Kind::Pivot,
    learn: nothing,
}];

impl Saga for MoveRoomSaga {
    const NAME: &'static str = "moveroom";
    type State = MoveState;

    fn steps(_: u16) -> &'static [Step<MoveState>] {
        STEPS
    }

    fn end(_: &str, s: &MoveState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let day = see.get::<BusinessDay>(&s.hotel)?;
        let date = day.date()?;
        see.get::<Rack>(&s.hotel)?;
        see.get::<Stay>(&s.reservation)?;
        let (hotel, room, stay) = (s.hotel.clone(), s.to.clone(), s.reservation.clone());
        out.on(date);
        if let Ending::Undone(_) = ending {
            out.unclaim(room_claim(&s.hotel, &s.to));
            out.event::<Rack>(&s.hotel, RackEvent::LetGo { room, stay });
            out.event::<Stay>(&s.reservation, StayEvent::ChangeFailed {});
            return Ok(Value::Null);
        }
        if !s.moves_nights {
            out.claim(room_claim(&s.hotel, &s.to));
        }
        out.unclaim(room_claim(&s.hotel, &s.from));
        let condition = if day.clean_on_checkout { Condition::Clean } else { Condition::Dirty };
        out.event::<Rack>(&s.hotel, RackEvent::Vacated { room: s.from.clone(), stay: stay.clone(), condition });
        out.event::<Rack>(&s.hotel, RackEvent::Occupied { room: room.clone(), stay: stay.clone(), departure: s.departure });
        let answer = Moved { stay, from: s.from.name(), room: room.name() };
        let (from, revision, reason) = (s.from.name(), s.revision, s.reason.clone());
        out.event::<Stay>(&s.reservation, StayEvent::RoomMoved { hotel, from, room, revision, date, reason });
        Ok(serde_json::to_value(answer).unwrap_or_default())
    }
}
