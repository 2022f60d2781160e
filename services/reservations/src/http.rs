//! One line a command and query.

use std::sync::Arc;

use contracts::reservations as contract;
use pipeline::{Answer, Call, Core, Criticality, Problem, Role, RouteEntry, command, get, saga};
use serde_json::json;

use crate::domain::arrive::Arrive;
use crate::domain::close_sales::{CloseSales, ReopenSales};
use crate::domain::earmark::Earmark;
use crate::domain::open_day::OpenDay;
use crate::domain::reservation::{Reservation, State, kind};
use crate::domain::unarrive::Unarrive;
use crate::sagas::{
    amend::Amend,
    book::Book,
    change_type::ChangeType,
    give_back::{Cancel, MarkNoShow},
};
use crate::views;

/// The route table.
pub fn routes() -> Vec<RouteEntry> {
    let (list, one) = ("/hotels/{hotel}/reservations", "/hotels/{hotel}/reservations/{reservation}");
    let service = "reservations";
    vec![
        saga::<contract::Book, Book>(Role::Guest, Criticality::Hold).creates("reservation"),
        saga::<contract::ChangeType, ChangeType>(Role::Desk, Criticality::Hold),
        saga::<contract::Amend, Amend>(Role::Guest, Criticality::Hold),
        saga::<contract::Cancel, Cancel>(Role::Guest, Criticality::Finish),
        saga::<contract::MarkNoShow, MarkNoShow>(Role::Desk, Criticality::Finish),
        command::<contract::Earmark, Earmark>(Role::Peer, Criticality::Finish),
        command::<contract::Arrive, Arrive>(Role::Peer, Criticality::Finish),
        command::<contract::Unarrive, Unarrive>(Role::Peer, Criticality::Finish),
        command::<contract::CloseSales, CloseSales>(Role::Peer, Criticality::Finish),
        command::<contract::ReopenSales, ReopenSales>(Role::Peer, Criticality::Finish),
        command::<contract::OpenDay, OpenDay>(Role::Peer, Criticality::Finish),
        get(service, list, "Reservations", Role::Desk, Criticality::Search, |core, call| Box::pin(views::list::list(core, call))),
        get(service, one, "Reservation", Role::Guest, Criticality::Quote, |core, call| Box::pin(reservation(core, call))),
        get(service, "/hotels/{hotel}/days", "Days", Role::Desk, Criticality::Search, |core, call| Box::pin(views::days::days(core, call))),
    ]
}

/// One reservation, folded from its stream, also as of a past moment.
async fn reservation(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let (hotel, id) = (call.param("hotel"), call.param("reservation"));
    let unknown = || Problem::not_found("reservation-unknown");
    let seen = core.aggregate::<Reservation>(&call, hotel, id).await?.ok_or_else(unknown)?;
    let r = &seen.state;
    let booking = r.booking.as_ref().filter(|b| b.hotel == hotel && r.state != State::Pending).ok_or_else(unknown)?;
    let [adults, children, babies] = booking.guests;
    let body = json!({
        "reservation": id, "hotel": hotel, "reference": booking.reference, "confirmation": booking.confirmation,
        "state": r.state.word(), "room_type": r.room_type, "sold_as": booking.room_type,
        "arrival": booking.arrival, "departure": booking.departure,
        "adults": adults, "children": children, "babies": babies, "guest": booking.guest,
        "price": booking.price, "price_reason": booking.price_reason, "segment": booking.segment, "channel": booking.channel,
        "deposit": booking.deposit, "guarantee": {"kind": kind(&booking.guarantee)}, "payment": booking.payment,
        "prepaid": booking.prepaid, "refund": r.refund,
        "revision": r.revision, "version": seen.version, "changing": r.busy.is_some(),
    });
    Ok(Answer::json(&body).version(seen.version).at(seen.at))
}
