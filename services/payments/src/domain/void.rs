//! Void: an authorisation is to be given back. It undoes Authorise, so it never refuses: a refused undo would leave its
//! saga stuck.

use contracts::payments::Void as Contract;
use kernel::decide::Guard;
use kernel::{Busy, Ctx, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};
use saga::Begin;

use super::payment::{Payment, State};
use crate::sagas::void::{GivingBack, Voiding};

/// The checked command.
pub struct Void(Contract);

impl TryFrom<Contract> for Void {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("payment", &c.payment)?;
        Ok(Self(c))
    }
}

impl Begin for Void {
    type Saga = Voiding;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Payment>(&self.0.payment))
    }

    fn begin(&self, _: &str, see: &Staged, _: &Ctx, _: &mut Emit) -> Result<GivingBack, Stop> {
        let payment = see.get::<Payment>(&self.0.payment)?;
        if payment.hotel == self.0.hotel && payment.busy.is_some() {
            return Err(Stop::Busy(Busy("payment-busy")));
        }
        let authorisation = match payment.state_for(&self.0.hotel) {
            // The provider may say yes at any moment: a void recorded now would be overtaken by it.
            State::Authorising => return Err(Stop::Busy(Busy("payment-busy"))),
            State::Authorised => Some(payment.authorisation.clone()),
            State::None | State::Declined | State::Voided | State::Captured | State::Refunded => None,
        };
        Ok(GivingBack { hotel: self.0.hotel.clone(), payment: self.0.payment.clone(), authorisation })
    }
}
