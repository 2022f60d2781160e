//! One line a command and query.

use std::sync::Arc;

use contracts::payments as contract;
use pipeline::{Answer, AsOf, Call, Core, Criticality, Problem, Role, RouteEntry, get, saga};
use serde_json::json;

use crate::domain::payment::Payment;
use crate::domain::{authorise::Authorise, capture::Capture, refund::Refund, void::Void};
use crate::provider::PaymentProvider;

/// Ledger lines of one page.
const LIMIT_MAX: usize = 1_000;

/// The route table.
pub fn routes(provider: Arc<dyn PaymentProvider>) -> Vec<RouteEntry> {
    let ledger = move |_, call| -> pipeline::stack::Walk { Box::pin(authorisations(provider.clone(), call)) };
    vec![
        saga::<contract::Authorise, Authorise>(Role::Desk, Criticality::Hold).creates("payment"),
        saga::<contract::Void, Void>(Role::Desk, Criticality::Finish),
        saga::<contract::Capture, Capture>(Role::Desk, Criticality::Capture),
        saga::<contract::Refund, Refund>(Role::Desk, Criticality::Finish),
        get("payments", "/hotels/{hotel}/payments/{payment}", "Payment", Role::Desk, Criticality::Quote, |core, call| {
            Box::pin(one(core, call))
        }),
        get("payments", "/provider/authorisations", "ProviderLedger", Role::Operator, Criticality::Search, ledger),
    ]
}

async fn one(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let (hotel, id) = (call.param("hotel"), call.param("payment"));
    AsOf::within_undated(&call, hotel, "payments happen on no business date; ask for an instant or a position")?;
    let seen = core.aggregate::<Payment>(&call, hotel, id).await?.filter(|seen| seen.state.hotel == hotel);
    let seen = seen.ok_or_else(|| Problem::not_found("payment-unknown"))?;
    let (captured, refunded) = (seen.state.money(seen.state.captured), seen.state.money(seen.state.refunded));
    let Payment { state, hotel, reservation, amount, reason, busy, .. } = seen.state;
    let body = json!({
        "payment": id, "hotel": hotel, "reservation": reservation, "amount": amount, "state": state, "reason": reason,
        "captured": captured, "refunded": refunded, "moving": busy.is_some(),
        "version": seen.version,
    });
    Ok(Answer::json(&body).version(seen.version).at(seen.at))
}

/// What the provider's own books say, for comparing them with ours.
async fn authorisations(provider: Arc<dyn PaymentProvider>, call: Call) -> Result<Answer, Problem> {
    AsOf::none(&call, "the provider shows its present books only")?;
    let limit = call.asked_as("limit")?.unwrap_or(LIMIT_MAX).clamp(1, LIMIT_MAX);
    let after = call.asked("cursor").unwrap_or_default();
    let page = provider.list(after, limit).await.map_err(|peer::Lost| Problem::retry("provider-unavailable"))?;
    Ok(Answer::json(&page))
}
