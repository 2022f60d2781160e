//! ChangeType: (pivot) move the nights ▸ type changed. One step, so the first append is the pivot's intent as well.

use contracts::inventory::Move;
use contracts::reservations::{ChangeType as Contract, Changed};
use kernel::decide::Guard;
use kernel::{Ctx, Emit, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::{code, id, text};
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::day::Day;
use crate::domain::reservation::{Reservation, ReservationEvent, ReservationRefused, State};

/// The checked command.
pub struct ChangeType(Contract);

impl TryFrom<Contract> for ChangeType {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        id("reservation", &c.reservation)?;
        c.reason.as_deref().map_or(Ok(()), |reason| text("reason", reason, 200))?;
        Ok(Self(c))
    }
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeTypeState {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
    /// The new type.
    pub room_type: String,
    /// The revision the change makes.
    pub revision: u32,
    /// Why.
    pub reason: Option<String>,
}

impl Begin for ChangeType {
    type Saga = ChangeTypeSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Reservation>(&self.0.reservation))
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<ChangeTypeState, Stop> {
        let day = see.get::<Day>(&self.0.hotel)?;
        let today = day.date()?;
        let reservation = see.get::<Reservation>(&self.0.reservation)?;
        let booking = reservation.confirmed()?;
        if booking.hotel != self.0.hotel {
            return Err(ReservationRefused::ReservationUnknown.into());
        }
        if !day.types.contains(&self.0.room_type) {
            return Err(ReservationRefused::RoomTypeUnknown.into());
        }
        if reservation.room_type == self.0.room_type {
            return Err(ReservationRefused::SameRoomType.into());
        }
        out.on(today);
        out.event::<Reservation>(&self.0.reservation, ReservationEvent::ChangeStarted { saga: saga.to_owned() });
        Ok(ChangeTypeState {
            hotel: self.0.hotel.clone(),
            reservation: self.0.reservation.clone(),
            room_type: self.0.room_type.clone(),
            revision: reservation.revision + 1,
            reason: self.0.reason.clone(),
        })
    }
}

/// The definition.
pub struct ChangeTypeSaga;

const STEPS: &[Step<ChangeTypeState>] =
    &[Step { name: "move", when: always, call: move_nights, times: once, each_round: false, kind: Kind::Pivot, learn: nothing }];

fn move_nights(s: &ChangeTypeState, _: u32) -> Call {
    Call::to(&Move {
        hotel: s.hotel.clone(),
        reservation: s.reservation.clone(),
        room_type: s.room_type.clone(),
        revision: s.revision,
        reason: s.reason.clone().unwrap_or_else(|| "type change".into()),
    })
}

impl Saga for ChangeTypeSaga {
    const NAME: &'static str = "retype";
    type State = ChangeTypeState;

    fn steps(_: u16) -> &'static [Step<ChangeTypeState>] {
        STEPS
    }

    fn subject(state: &ChangeTypeState) -> Option<&str> {
        Some(&state.reservation)
    }

    fn end(_: &str, s: &ChangeTypeState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        out.on(see.get::<Day>(&s.hotel)?.date()?);
        let roomed = see.get::<Reservation>(&s.reservation)?.roomed;
        let event = match ending {
            Ending::Done => {
                ReservationEvent::TypeChanged { room_type: s.room_type.clone(), revision: s.revision, reason: s.reason.clone(), roomed }
            }
            Ending::Undone(_) => ReservationEvent::ChangeFailed {},
        };
        out.event::<Reservation>(&s.reservation, event);
        let changed = Changed {
            reservation: s.reservation.clone(),
            state: State::Confirmed.word().into(),
            room_type: s.room_type.clone(),
            revision: s.revision,
            refund: None,
        };
        Ok(serde_json::to_value(changed).unwrap_or_default())
    }
}
