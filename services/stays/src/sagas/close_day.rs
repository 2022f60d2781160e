//! CloseDay, the night audit: (local) auditing, in house frozen ▸ close sales (undo: reopen) ▸ (pivot) close the night
//! (what is sold must be in house) ▸ open the next day ▸ post the night in chunks ▸ day opened.

use contracts::inventory::CloseNight;
use contracts::reservations::{CloseSales, OpenDay, ReopenSales};
use contracts::stays::{CloseDay as Contract, DayClosed, NightPosted, PostNight};
use jiff::civil::Date;
use kernel::{Busy, Ctx, Emit, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::code;
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::day::{BusinessDay, DayEvent};
use crate::domain::post_night::CHUNK;
use crate::domain::rack::Rack;
use crate::domain::refused::StayRefused;
use crate::domain::stay::{State, Stay};

/// Stays named in a refusal.
const NAMED_MAX: usize = 10;

/// The checked command.
pub struct CloseDay(Contract);

impl TryFrom<Contract> for CloseDay {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        Ok(Self(c))
    }
}

/// What the saga knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloseDayState {
    /// The hotel.
    pub hotel: String,
    /// The date being closed.
    pub date: Date,
    /// The date after it.
    pub next: Date,
    /// Stays in house.
    pub in_house: u32,
    /// Posted so far, minor units.
    pub posted: i64,
}

impl Begin for CloseDay {
    type Saga = CloseDaySaga;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<CloseDayState, Stop> {
        let hotel = &self.0.hotel;
        let open = see.get::<BusinessDay>(hotel)?.open()?;
        let rack = see.get::<Rack>(hotel)?;
        if open != self.0.date {
            return Err(StayRefused::NotBusinessDate { open }.into());
        }
        let in_house = rack.in_house();
        for stay in in_house.keys() {
            let stay = see.get::<Stay>(stay)?;
            if stay.state == State::Leaving || stay.busy.is_some() {
                // On the way out, or its nights are just being changed: whether this one is theirs is not known.
                return Err(Stop::Busy(Busy("stay-busy")));
            }
        }
        let late: Vec<String> = in_house.values().filter(|o| o.departure <= open).map(|o| o.stay.clone()).collect();
        if !late.is_empty() {
            let stays = late.iter().take(NAMED_MAX).cloned().collect();
            return Err(StayRefused::DeparturesLeft { left: late.len(), stays }.into());
        }
        let in_house = in_house.len() as u32;
        out.on(open);
        out.event::<BusinessDay>(hotel, DayEvent::AuditStarted { date: open, in_house, saga: saga.to_owned() });
        let next = open.tomorrow().map_err(|_| StayRefused::NotBusinessDate { open })?;
        Ok(CloseDayState { hotel: hotel.clone(), date: open, next, in_house, posted: 0 })
    }
}

/// The definition.
pub struct CloseDaySaga;

const STEPS: &[Step<CloseDayState>] = &[
    Step {
        name: "close-sales",
        when: always,
        call: close_sales,
        times: once,
        each_round: false,
        kind: Kind::Undoable(reopen_sales),
        learn: nothing,
    },
    Step { name: "close-night", when: always, call: close_night, times: once, each_round: false, kind: Kind::Pivot, learn: nothing },
    Step { name: "open-day", when: always, call: open_day, times: once, each_round: false, kind: Kind::Retriable, learn: nothing },
    Step {
        name: "post",
        when: |s| s.in_house > 0,
        call: post,
        times: |s| s.in_house.div_ceil(CHUNK as u32),
        each_round: false,
        kind: Kind::Retriable,
        learn: |s, reply| s.posted += serde_json::from_value(reply.clone()).map_or(0, |p: NightPosted| p.amount),
    },
];

fn close_sales(s: &CloseDayState, _: u32) -> Call {
    Call::to(&CloseSales { hotel: s.hotel.clone(), date: s.date })
}

fn reopen_sales(s: &CloseDayState) -> Call {
    Call::to(&ReopenSales { hotel: s.hotel.clone(), date: s.date })
}

fn close_night(s: &CloseDayState, _: u32) -> Call {
    Call::to(&CloseNight { hotel: s.hotel.clone(), date: s.date, in_house: s.in_house })
}

fn open_day(s: &CloseDayState, _: u32) -> Call {
    Call::to(&OpenDay { hotel: s.hotel.clone(), date: s.next })
}

fn post(s: &CloseDayState, chunk: u32) -> Call {
    Call::to(&PostNight { hotel: s.hotel.clone(), date: s.date, chunk }).under(format!("audit/{}/{}/{chunk}", s.hotel, s.date))
}

impl Saga for CloseDaySaga {
    const NAME: &'static str = "audit";
    type State = CloseDayState;

    fn steps(_: u16) -> &'static [Step<CloseDayState>] {
        STEPS
    }

    fn end(_: &str, s: &CloseDayState, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        see.get::<BusinessDay>(&s.hotel)?;
        out.on(s.date);
        match ending {
            Ending::Undone(_) => {
                out.event::<BusinessDay>(&s.hotel, DayEvent::AuditReopened { date: s.date });
                Ok(Value::Null)
            }
            Ending::Done => {
                let opened = DayEvent::DayOpened { closed: s.date, date: s.next, in_house: s.in_house, posted: s.posted };
                out.event::<BusinessDay>(&s.hotel, opened);
                let answer = DayClosed { closed: s.date, in_house: s.in_house, posted_amount: s.posted, business_date: s.next };
                Ok(serde_json::to_value(answer).unwrap_or_default())
            }
        }
    }
}
