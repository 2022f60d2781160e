//! Refund: captured money is to be given back, all of it or a part, as often as anything is left.

use contracts::payments::Refund as Contract;
use kernel::decide::Guard;
use kernel::{Ctx, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id, text};
use saga::Begin;

use super::payment::{Payment, PaymentEvent, PaymentRefused, State};
use crate::provider::Moved;
use crate::sagas::move_money::{Moving, Refunding, STEP};

/// The checked command.
pub struct Refund(Contract);

impl TryFrom<Contract> for Refund {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("payment", &c.payment)?;
        c.reason.as_deref().map_or(Ok(()), |reason| text("reason", reason, 200))?;
        if c.amount.amount <= 0 {
            return Err(Invalid::field("amount", "must be more than nothing"));
        }
        Ok(Self(c))
    }
}

impl Begin for Refund {
    type Saga = Refunding;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn guarded(&self) -> Option<Guard> {
        Some(Guard::on::<Payment>(&self.0.payment))
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Moving, Stop> {
        let payment = see.get::<Payment>(&self.0.payment)?;
        payment.movable(&self.0.hotel, self.0.amount)?;
        if !matches!(payment.state, State::Captured | State::Refunded) {
            return Err(PaymentRefused::NotCaptured { state: payment.state }.into());
        }
        let left = payment.captured - payment.refunded;
        if self.0.amount.amount > left {
            return Err(PaymentRefused::AboveCaptured { left }.into());
        }
        out.event::<Payment>(&self.0.payment, PaymentEvent::RefundStarted { saga: saga.to_owned() });
        let asked = Moved { key: format!("{saga}/{STEP}"), authorisation: payment.authorisation.clone(), amount: self.0.amount };
        Ok(Moving { payment: self.0.payment.clone(), asked, reason: self.0.reason.clone() })
    }
}
