//! What others may know of a payment: that an amount is reserved, taken, and given back. Questions and declined cards
//! are between the hotel and its guest.

use contracts::payments::PaymentFact;
use eventstore::Recorded;
use feed::Public;
use kernel::Event;

use crate::domain::payment::PaymentEvent;

/// Private to public.
pub fn publish(event: &Recorded) -> Option<Public> {
    if event.stream.kind != "payment" {
        return None;
    }
    let payment = event.stream.id.clone();
    let (kind, fact) = match PaymentEvent::decode(event.schema, &event.json).ok()? {
        PaymentEvent::Authorised { reservation, amount } => {
            ("payments.Authorised", PaymentFact::Authorised { payment, reservation, amount })
        }
        PaymentEvent::Voided {} => ("payments.Voided", PaymentFact::Voided { payment }),
        PaymentEvent::Captured { amount } => ("payments.Captured", PaymentFact::Captured { payment, amount }),
        PaymentEvent::Refunded { amount, .. } => ("payments.Refunded", PaymentFact::Refunded { payment, amount }),
        _ => return None,
    };
    Some(Public { kind, subject: event.stream.to_string(), data: serde_json::to_value(fact).ok()? })
}
