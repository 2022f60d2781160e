//! CheckIn: arrive (undo: unarrive) ▸ (local pivot) room taken, folio opened, checked in.

use contracts::reservations::{Arrival, Arrive, Unarrive};
use contracts::stays::{CheckIn as Contract, CheckedIn};
use jiff::civil::Date;
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
use crate::domain::folio::{Folio, FolioEvent};
use crate::domain::rack::{Rack, RackEvent, RoomNo};
use crate::domain::refused::StayRefused;
use crate::domain::stay::{State, Stay, StayEvent};

/// The checked command.
pub struct CheckIn(Contract);

impl TryFrom<Contract> for CheckIn {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        c.room.as_deref().map_or(Ok(()), |room| text("room", room, 24))?;
        Ok(Self(c))
    }
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckInState {
    /// The hotel.
    pub hotel: String,
    /// The reservation.
    pub reservation: String,
    /// The room wanted.
    pub room: Option<String>,
    /// The desk's business date.
    pub date: Date,
    /// The reservation as it was pinned.
    pub arrival: Option<Arrival>,
}

impl Begin for CheckIn {
    type Saga = CheckInSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<CheckInState, Stop> {
        let date = see.get::<BusinessDay>(&self.0.hotel)?.open()?;
        match see.get::<Stay>(&self.0.reservation)?.state {
            State::None => {}
            State::Arriving => return Err(Stop::Busy(Busy("stay-busy"))),
            State::InHouse | State::Leaving | State::CheckedOut => return Err(StayRefused::AlreadyArrived.into()),
        }
        out.on(date);
        out.event::<Stay>(&self.0.reservation, StayEvent::CheckInStarted { saga: saga.to_owned() });
        Ok(CheckInState {
            hotel: self.0.hotel.clone(),
            reservation: self.0.reservation.clone(),
            room: self.0.room.clone(),
            date,
            arrival: None,
        })
    }
}

/// The definition.
pub struct CheckInSaga;

const STEPS: &[Step<CheckInState>] = &[Step {
    name: "arrive",
    when: always,
    call: arrive,
    times: once,
    each_round: false,
    kind: Kind::Undoable(unarrive),
    learn: |s, reply| s.arrival = serde_json::from_value(reply.clone()).ok(),
}];

fn arrive(s: &CheckInState, _: u32) -> Call {
    Call::to(&Arrive { hotel: s.hotel.clone(), reservation: s.reservation.clone(), date: s.date })
}

fn unarrive(s: &CheckInState) -> Call {
    Call::to(&Unarrive { hotel: s.hotel.clone(), reservation: s.reservation.clone() })
}

/// The constraint row of an occupied room.
pub fn room_claim(hotel: &str, room: &RoomNo) -> String {
    format!("room/{hotel}/{}", room.name())
}

impl Saga for CheckInSaga {
    const NAME: &'static str = "checkin";
    type State = CheckInState;

    fn steps(_: u16) -> &'static [Step<CheckInState>] {
        STEPS
    }

    fn subject(state: &CheckInState) -> Option<&str> {
        Some(&state.reservation)
    }

    fn end(_: &str, s: &CheckInState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let (Ending::Done, Some(arrival)) = (ending, &s.arrival) else {
            out.on(see.get::<BusinessDay>(&s.hotel)?.date()?);
            out.event::<Stay>(&s.reservation, StayEvent::CheckInFailed {});
            return Ok(Value::Null);
        };
        // While the audit runs in house is frozen: the saga waits for the day to open.
        let day = see.get::<BusinessDay>(&s.hotel)?;
        let date = day.open()?;
        let rack = see.get::<Rack>(&s.hotel)?;
        if let Some(house_rooms) = day.house_rooms.filter(|most| rack.in_house_count() >= *most as usize) {
            return Err(StayRefused::HouseFull { house_rooms }.into());
        }
        let guest = Guest { id: &s.reservation, from: date, to: arrival.departure };
        let room = rack.choose(&arrival.room_type, s.room.as_deref(), guest)?;
        out.on(date);
        out.claim(room_claim(&s.hotel, &room));
        let occupied = RackEvent::Occupied { room: room.clone(), stay: s.reservation.clone(), departure: arrival.departure };
        out.event::<Rack>(&s.hotel, occupied);
        out.event::<Folio>(&s.reservation, FolioEvent::Opened { price: arrival.price });
        if let Some(amount) = arrival.prepaid {
            out.event::<Folio>(&s.reservation, FolioEvent::Credited { amount, what: "prepaid".into() });
        }
        let answer = CheckedIn {
            stay: s.reservation.clone(),
            reservation: s.reservation.clone(),
            room: room.name(),
            room_type: room.room_type.clone(),
            number: room.number,
        };
        let checked_in = StayEvent::CheckedIn { hotel: s.hotel.clone(), room, reservation: arrival.clone(), date };
        out.event::<Stay>(&s.reservation, checked_in);
        Ok(serde_json::to_value(answer).unwrap_or_default())
    }
}
