//! Merge: (pivot) the guest who is kept accepts ▸ the vault destroys the other's key ▸ merged. Reservations go on naming the
//! reference they were made with; it points to the guest who is kept.

use contracts::guests::{Absorb, GuestRef, MergeGuest as Contract};
use kernel::decide::Guard;
use kernel::{Ctx, Emit, Staged, Stop};
use peer::Call;
use pipeline::Invalid;
use pipeline::validate::id;
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde_json::Value;

use crate::domain::guest::{Guest, GuestEvent};
use crate::vault::wire;

/// The checked command.
pub struct MergeGuest(Contract);

impl TryFrom<Contract> for MergeGuest {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        id("guest", &c.guest)?;
        id("into", &c.into)?;
        if c.guest == c.into {
            return Err(Invalid::field("into", "must be another guest"));
        }
        Ok(Self(c))
    }
}

impl Begin for MergeGuest {
    type Saga = Merging;

    fn partition(&self) -> &str {
        &self.0.guest
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Guest>(&self.0.guest))
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Contract, Stop> {
        see.get::<Guest>(&self.0.guest)?.settled()?;
        out.event::<Guest>(&self.0.guest, GuestEvent::MergeStarted { saga: saga.to_owned() });
        Ok(self.0.clone())
    }
}

/// The definition.
pub struct Merging;

static STEPS: [Step<Contract>; 2] = [
    Step { name: "absorb", when: always, call: absorb, times: once, each_round: false, kind: Kind::Pivot, learn: nothing },
    Step {
        name: "destroy",
        when: always,
        call: |state, _| wire::destroy(&state.guest),
        times: once,
        each_round: false,
        kind: Kind::Retriable,
        learn: nothing,
    },
];

fn absorb(s: &Contract, _: u32) -> Call {
    Call::to(&Absorb { guest: s.into.clone(), other: s.guest.clone() })
}

impl Saga for Merging {
    const NAME: &'static str = "merge";
    type State = Contract;

    fn steps(_: u16) -> &'static [Step<Contract>] {
        &STEPS
    }

    fn end(_: &str, state: &Contract, ending: &Ending, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        see.get::<Guest>(&state.guest)?;
        let event = match ending {
            Ending::Done => GuestEvent::GuestMerged { into: state.into.clone() },
            Ending::Undone(_) => GuestEvent::MergeFailed {},
        };
        out.event::<Guest>(&state.guest, event);
        Ok(serde_json::to_value(GuestRef { guest: state.into.clone() }).unwrap_or_default())
    }
}
