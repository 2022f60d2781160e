//! DeleteRooms: (local) they exist ▸ stays retire them (undo: unretire) ▸ (local pivot) deleted. Stays refuse while somebody
//! is in one of them, and give them to nobody from then on. How many may be sold is said by limits, not by rooms: a limit
//! above the rooms that are left is an overbooking somebody has to want.

use contracts::Nothing;
use contracts::hotels::{DeleteRooms as Contract, HotelFact};
use contracts::stays::{RetireRooms, UnretireRooms};
use kernel::decide::Guard;
use kernel::{Ctx, Emit, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::code;
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde_json::Value;

use crate::domain::define_rooms::numbers;
use crate::domain::hotel::{Hotel, HotelEvent};
use crate::domain::removal::Removal;

/// The checked command.
pub struct DeleteRooms(Contract);

impl TryFrom<Contract> for DeleteRooms {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        code("room_type", &c.room_type)?;
        numbers(c.first, c.last)?;
        Ok(Self(c))
    }
}

impl Begin for DeleteRooms {
    type Saga = DeleteRoomsSaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Hotel>(&self.0.hotel))
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Contract, Stop> {
        see.get::<Hotel>(&self.0.hotel)?.rooms(&self.0.room_type, self.0.first, self.0.last)?;
        Removal::none(see, &self.0.hotel)?;
        Removal::start(out, &self.0.hotel, saga);
        Ok(self.0.clone())
    }
}

/// The definition.
pub struct DeleteRoomsSaga;

const STEPS: &[Step<Contract>] =
    &[Step { name: "retire", when: always, call: retire, times: once, each_round: false, kind: Kind::Undoable(unretire), learn: nothing }];

fn retire(s: &Contract, _: u32) -> Call {
    Call::to(&RetireRooms { hotel: s.hotel.clone(), room_type: s.room_type.clone(), first: s.first, last: s.last })
}

fn unretire(s: &Contract) -> Call {
    Call::to(&UnretireRooms { hotel: s.hotel.clone(), room_type: s.room_type.clone(), first: s.first, last: s.last })
}

impl Saga for DeleteRoomsSaga {
    const NAME: &'static str = "delrooms";
    type State = Contract;

    fn steps(_: u16) -> &'static [Step<Contract>] {
        STEPS
    }

    fn end(_: &str, s: &Contract, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        see.get::<Hotel>(&s.hotel)?;
        see.get::<Removal>(&s.hotel)?;
        Removal::end(out, &s.hotel);
        if *ending == Ending::Done {
            out.event::<Hotel>(&s.hotel, HotelEvent(HotelFact::RoomsDeleted(s.clone())));
        }
        Ok(serde_json::to_value(Nothing {}).unwrap_or_default())
    }
}
