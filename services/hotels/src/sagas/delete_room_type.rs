//! DeleteRoomType: (local) no rooms left ▸ inventory retires it (undo: unretire) ▸ (local pivot) deleted.
//!
//! Inventory alone is asked: it has one allocation a reservation, so who has booked the type is known there, and from the
//! moment it has retired the type nobody books it any more. Who sleeps in a room of it was asked when its rooms were deleted.

use contracts::Nothing;
use contracts::hotels::{DeleteRoomType as Contract, HotelFact};
use contracts::inventory::{RetireType, UnretireType};
use kernel::decide::Guard;
use kernel::{Ctx, Emit, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::code;
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde_json::Value;

use crate::domain::hotel::{Hotel, HotelEvent, HotelRefused};
use crate::domain::removal::Removal;

/// The checked command.
pub struct DeleteRoomType(Contract);

impl TryFrom<Contract> for DeleteRoomType {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        Ok(Self(c))
    }
}

impl Begin for DeleteRoomType {
    type Saga = DeleteRoomTypeSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Hotel>(&self.0.hotel))
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Contract, Stop> {
        let rooms = see.get::<Hotel>(&self.0.hotel)?.room_type(&self.0.room_type)?.count();
        Removal::none(see, &self.0.hotel)?;
        if rooms > 0 {
            return Err(HotelRefused::RoomTypeInUse { rooms }.into());
        }
        Removal::start(out, &self.0.hotel, saga);
        Ok(self.0.clone())
    }
}

/// The definition.
pub struct DeleteRoomTypeSaga;

const STEPS: &[Step<Contract>] =
    &[Step { name: "retire", when: always, call: retire, times: once, each_round: false, kind: Kind::Undoable(unretire), learn: nothing }];

fn retire(s: &Contract, _: u32) -> Call {
    Call::to(&RetireType { hotel: s.hotel.clone(), room_type: s.room_type.clone() })
}

fn unretire(s: &Contract) -> Call {
    Call::to(&UnretireType { hotel: s.hotel.clone(), room_type: s.room_type.clone() })
}

impl Saga for DeleteRoomTypeSaga {
    const NAME: &'static str = "deltype";
    type State = Contract;

    fn steps(_: u16) -> &'static [Step<Contract>] {
        STEPS
    }

    fn end(_: &str, s: &Contract, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        see.get::<Hotel>(&s.hotel)?;
        see.get::<Removal>(&s.hotel)?;
        Removal::end(out, &s.hotel);
        if *ending == Ending::Done {
            out.event::<Hotel>(&s.hotel, HotelEvent(HotelFact::RoomTypeDeleted(s.clone())));
        }
        Ok(serde_json::to_value(Nothing {}).unwrap_or_default())
    }
}
