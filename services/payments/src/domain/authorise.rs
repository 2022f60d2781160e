//! Authorise: an amount is to be reserved on a card.

use contracts::payments::Authorise as Contract;
use kernel::{Ctx, Emit, Staged, Stop};
use pipeline::Invalid;
use pipeline::validate::{code, id};
use saga::Begin;

use super::payment::{Payment, PaymentEvent, PaymentRefused, State};
use crate::provider::Asked;
use crate::sagas::authorise::{Authorising, Question, STEP};

/// Characters of a card's token.
const TOKEN_LEN_MAX: usize = 64;

/// The checked command.
pub struct Authorise(Contract);

impl TryFrom<Contract> for Authorise {
    type Error = Invalid;

    fn try_from(c: Contract) -> Result<Self, Invalid> {
        code("hotel", &c.hotel)?;
        id("payment", &c.payment)?;
        id("reservation", &c.reservation)?;
        if c.amount.amount < 0 {
            return Err(Invalid::field("amount", "must not be negative"));
        }
        if !(1..=TOKEN_LEN_MAX).contains(&c.token.len()) || !c.token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Invalid::field("token", "must be 1 to 64 visible ASCII characters"));
        }
        Ok(Self(c))
    }
}

impl Begin for Authorise {
    type Saga = Authorising;

    fn partition(&self) -> &str {
        &self.0.hotel
    }

    fn begin(&self, saga: &str, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Question, Stop> {
        let Contract { hotel, payment, reservation, amount, token } = self.0.clone();
        if see.get::<Payment>(&payment)?.state != State::None {
            return Err(PaymentRefused::PaymentExists.into());
        }
        // Fixed before the provider is first asked, and part of the payment, so that a void names the same thing.
        let key = format!("{saga}/{STEP}");
        let asked = PaymentEvent::Asked { hotel, reservation, amount, authorisation: key.clone() };
        out.event::<Payment>(&payment, asked);
        Ok(Question { payment, asked: Asked { key, token, amount } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Money, money::Currency};

    fn asked(amount: i64, token: &str) -> Result<Authorise, Invalid> {
        let currency = Currency::parse("EUR").unwrap();
        Authorise::try_from(Contract {
            hotel: "H1".into(),
            payment: "pay_1".into(),
            reservation: "res_1".into(),
            amount: Money { amount, currency },
            token: token.into(),
        })
    }

    #[test]
    fn a_token_is_short_and_visible_and_an_amount_not_negative() {
        assert!(asked(0, "tok_ok").is_ok());
        assert!(asked(0, &"t".repeat(64)).is_ok());
        for (amount, token) in [(-1, "tok_ok"), (1, ""), (1, "tok ok"), (1, "tök"), (1, &"t".repeat(65))] {
            assert!(asked(amount, token).is_err(), "{amount} {token}");
        }
    }
}
