//! Capture: authorised money is to be taken, all of it or a part, once.

use contracts::payments::Capture as Contract;
use kernel::decide::Guard;
use kernel::{Ctx, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};
use saga::Begin;

use super::payment::{Payment, PaymentEvent, PaymentRefused, State};
use crate::provider::Moved;
use crate::sagas::move_money::{Capturing, Moving, STEP};

/// The checked command.
pub struct Capture(Contract);

impl TryFrom<Contract> for Capture {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("payment", &c.payment)?;
        if c.amount.amount <= 0 {
            return Err(Invalid::field("amount", "must be more than nothing"));
        }
        Ok(Self(c))
    }
}

impl Begin for Capture {
    type Saga = Capturing;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Payment>(&self.0.payment))
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Moving, Stop> {
        let payment = see.get::<Payment>(&self.0.payment)?;
        let authorised = payment.movable(&self.0.hotel, self.0.amount)?.amount;
        match payment.state {
            State::Authorised => {}
            State::Captured | State::Refunded => return Err(PaymentRefused::PaymentCaptured.into()),
            state => return Err(PaymentRefused::NotAuthorised { state }.into()),
        }
        if self.0.amount.amount > authorised {
            return Err(PaymentRefused::AboveAuthorised { authorised }.into());
        }
        out.event::<Payment>(&self.0.payment, PaymentEvent::CaptureStarted { saga: saga.to_owned() });
        let asked = Moved { key: format!("{saga}/{STEP}"), authorisation: payment.authorisation.clone(), amount: self.0.amount };
        Ok(Moving { payment: self.0.payment.clone(), asked, reason: None })
    }
}
