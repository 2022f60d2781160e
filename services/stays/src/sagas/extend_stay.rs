//! ExtendStay: (local) the room's later nights are kept ▸ (pivot) inventory gives the stay other nights ▸ extended; refused there,
//! the room's nights are let go again. An earlier day of departure goes the same way and keeps nothing.

use contracts::inventory::Amend;
use contracts::stays::{ExtendStay as Contract, Extended};
use jiff::civil::Date;
use kernel::{Ctx, Emit, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::{code, id};
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::choose::Guest;
use crate::domain::day::BusinessDay;
use crate::domain::rack::{Rack, RackEvent, RoomNo};
use crate::domain::refused::StayRefused;
use crate::domain::stay::{Stay, StayEvent};

/// The checked command.
pub struct ExtendStay(Contract);

impl TryFrom<Contract> for ExtendStay {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("reservation", &c.reservation)?;
        Ok(Self(c))
    }
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExtendState {
    /// The hotel.
    pub hotel: String,
    /// The stay.
    pub reservation: String,
    /// Its room.
    pub room: RoomNo,
    /// Its first night.
    pub arrival: Date,
    /// Its day of departure so far.
    pub was: Date,
    /// Its new one.
    pub departure: Date,
    /// The allocation's revision afterwards.
    pub revision: u32,
}

impl Begin for ExtendStay {
    type Saga = ExtendStaySaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<ExtendState, Stop> {
        let (hotel, stay, departure) = (&self.0.hotel, &self.0.reservation, self.0.departure);
        let date = see.get::<BusinessDay>(hotel)?.open()?;
        let (room, reservation) = see.get::<Stay>(stay)?.settled(hotel)?;
        let rack = see.get::<Rack>(hotel)?;
        let was = reservation.departure;
        if departure == was {
            return Err(StayRefused::SameDates.into());
        }
        if departure < date {
            return Err(StayRefused::PastDate.into());
        }
        out.on(date);
        if departure > was {
            rack.given_to_nobody_else(room, Guest { id: stay, from: date, to: departure })?;
            // From now on nobody is given the room for these nights.
            out.event::<Rack>(hotel, RackEvent::Extended { room: room.clone(), stay: stay.clone(), departure });
        }
        out.event::<Stay>(stay, StayEvent::ChangeStarted { saga: saga.to_owned() });
        Ok(ExtendState {
            hotel: hotel.clone(),
            reservation: stay.clone(),
            room: room.clone(),
            arrival: reservation.arrival,
            was,
            departure,
            revision: reservation.revision + 1,
        })
    }
}

/// The definition.
pub struct ExtendStaySaga;

const STEPS: &[Step<ExtendState>] = &[Step {
    name: "amend",
    when: always,
    call: |s, _| {
        let (hotel, reservation) = (s.hotel.clone(), s.reservation.clone());
        Call::to(&Amend { hotel, reservation, arrival: s.arrival, departure: s.departure, revision: s.revision })
    },
    times: once,
    each_round: false,
    kind: Kind::Pivot,
    learn: nothing,
}];

impl Saga for ExtendStaySaga {
    const NAME: &'static str = "extend";
    type State = ExtendState;

    fn steps(_: u16) -> &'static [Step<ExtendState>] {
        STEPS
    }

    fn end(_: &str, s: &ExtendState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        let date = see.get::<BusinessDay>(&s.hotel)?.date()?;
        see.get::<Rack>(&s.hotel)?;
        see.get::<Stay>(&s.reservation)?;
        out.on(date);
        let (room, stay, is_later) = (s.room.clone(), s.reservation.clone(), s.departure > s.was);
        if let Ending::Undone(_) = ending {
            if is_later {
                out.event::<Rack>(&s.hotel, RackEvent::Extended { room, stay, departure: s.was });
            }
            out.event::<Stay>(&s.reservation, StayEvent::ChangeFailed {});
            return Ok(Value::Null);
        }
        let answer = Extended { stay: stay.clone(), departure: s.departure };
        if !is_later {
            out.event::<Rack>(&s.hotel, RackEvent::Extended { room, stay, departure: s.departure });
        }
        let (hotel, departure, revision) = (s.hotel.clone(), s.departure, s.revision);
        out.event::<Stay>(&s.reservation, StayEvent::Extended { hotel, departure, revision, date });
        Ok(serde_json::to_value(answer).unwrap_or_default())
    }
}
