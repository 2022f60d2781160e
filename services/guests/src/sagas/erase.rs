//! Erase: (local pivot) erased ▸ the vault destroys the guest's key ▸ end. The answer comes when the key is gone; a crash
//! between log and vault is mended by the saga, not by whoever asks next.

use contracts::guests::{EraseGuest as Contract, GuestRef};
use kernel::decide::Guard;
use kernel::{Ctx, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::id;
use saga::definition::{always, nothing, once};
use saga::{Begin, Ending, Kind, Saga, Step};
use serde_json::Value;

use crate::domain::guest::{Guest, GuestEvent, GuestRefused};
use crate::vault::wire;

/// The checked command.
pub struct EraseGuest(Contract);

impl TryFrom<Contract> for EraseGuest {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        id("guest", &c.guest)?;
        Ok(Self(c))
    }
}

impl Begin for EraseGuest {
    type Saga = Erasing;

    fn partition(&self) -> &str {
        &self.0.guest
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Guest>(&self.0.guest))
    }

    fn begin(&self, _: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<GuestRef, Stop> {
        let guest = see.get::<Guest>(&self.0.guest)?.settled()?;
        if !guest.reservations.is_empty() {
            return Err(GuestRefused::InUse { reservations: guest.reservations.iter().cloned().collect() }.into());
        }
        out.event::<Guest>(&self.0.guest, GuestEvent::GuestErased {});
        Ok(GuestRef { guest: self.0.guest.clone() })
    }
}

/// The definition.
pub struct Erasing;

static STEPS: [Step<GuestRef>; 1] = [Step {
    name: "destroy",
    when: always,
    call: |state, _| wire::destroy(&state.guest),
    times: once,
    each_round: false,
    kind: Kind::Retriable,
    learn: nothing,
}];

impl Saga for Erasing {
    const NAME: &'static str = "erase";
    type State = GuestRef;

    fn steps(_: u16) -> &'static [Step<GuestRef>] {
        &STEPS
    }

    fn end(_: &str, state: &GuestRef, _: &Ending, _: &Staged, _: &Ctx, _: &mut Emit) -> Result<Value, Stop> {
        Ok(serde_json::to_value(state).unwrap_or_default())
    }
}
