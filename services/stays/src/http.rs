//! One line a command and query.

use std::sync::Arc;

use contracts::stays as contract;
use pipeline::{Answer, AsOf, Call, Core, Criticality, Problem, Role, RouteEntry, command, get, saga};
use serde_json::json;

use crate::domain::assignment::{LockRoom, UnassignRoom};
use crate::domain::day::BusinessDay;
use crate::domain::folio::Folio;
use crate::domain::post_night::PostNight;
use crate::domain::rack::{Rack, RoomNo};
use crate::domain::retire_rooms::{RetireRooms, UnretireRooms};
use crate::domain::set_condition::SetCondition;
use crate::domain::stay::{State, Stay};
use crate::sagas::{assign_room::AssignRoom, check_in::CheckIn, check_out::CheckOut, close_day::CloseDay};
use crate::sagas::{extend_stay::ExtendStay, move_room::MoveRoom};
use crate::views::{self, tape};

/// The route table.
pub fn routes() -> Vec<RouteEntry> {
    let (service, search, quote) = ("stays", Criticality::Search, Criticality::Quote);
    vec![
        saga::<contract::CheckIn, CheckIn>(Role::Desk, Criticality::Finish).creates("stay"),
        saga::<contract::CheckOut, CheckOut>(Role::Desk, Criticality::Finish),
        saga::<contract::CloseDay, CloseDay>(Role::Desk, Criticality::Finish),
        saga::<contract::AssignRoom, AssignRoom>(Role::Desk, Criticality::Hold),
        command::<contract::UnassignRoom, UnassignRoom>(Role::Desk, Criticality::Hold),
        command::<contract::LockRoom, LockRoom>(Role::Desk, Criticality::Hold),
        saga::<contract::MoveRoom, MoveRoom>(Role::Desk, Criticality::Hold),
        saga::<contract::ExtendStay, ExtendStay>(Role::Desk, Criticality::Hold),
        command::<contract::SetCondition, SetCondition>(Role::Desk, Criticality::Hold),
        command::<contract::PostNight, PostNight>(Role::Peer, Criticality::Finish),
        command::<contract::RetireRooms, RetireRooms>(Role::Peer, Criticality::Hold),
        command::<contract::UnretireRooms, UnretireRooms>(Role::Peer, Criticality::Finish),
        get(service, "/hotels/{hotel}/floors", "Floors", Role::Desk, search, |core, call| Box::pin(views::floors::floors(core, call))),
        get(service, "/hotels/{hotel}/stays", "Stays", Role::Desk, search, |core, call| Box::pin(views::list::list(core, call))),
        get(service, "/hotels/{hotel}/stays/{reservation}", "Stay", Role::Desk, quote, |core, call| Box::pin(stay(core, call))),
        get(service, "/hotels/{hotel}/folios/{folio}", "Folio", Role::Desk, quote, |core, call| Box::pin(folio(core, call))),
        get(service, "/hotels/{hotel}/business-day", "BusinessDay", Role::Desk, quote, |core, call| Box::pin(day(core, call))),
        get(service, "/hotels/{hotel}/rooms", "Rack", Role::Desk, search, |core, call| Box::pin(views::rooms::rooms(core, call))),
        get(service, "/hotels/{hotel}/days", "StayDays", Role::Desk, search, |core, call| Box::pin(views::days::days(core, call))),
        get(service, "/hotels/{hotel}/tape", "Tape", Role::Desk, search, |core, call| Box::pin(tape::ask::tape(core, call))),
        get(service, "/hotels/{hotel}/tape/changes", "TapeChanges", Role::Desk, search, |core, call| {
            Box::pin(tape::changes::changes(core, call))
        }),
        get(service, "/hotels/{hotel}/tape/find", "Find", Role::Desk, search, |core, call| Box::pin(tape::lists::find(core, call))),
        get(service, "/hotels/{hotel}/arrivals", "Arrivals", Role::Desk, search, |core, call| Box::pin(tape::lists::arrivals(core, call))),
        get(service, "/hotels/{hotel}/departures", "Departures", Role::Desk, search, |core, call| {
            Box::pin(tape::lists::departures(core, call))
        }),
        get(service, "/hotels/{hotel}/in-house", "InHouse", Role::Desk, search, |core, call| Box::pin(tape::lists::in_house(core, call))),
        get(service, "/hotels/{hotel}/house-status", "HouseStatus", Role::Desk, search, |core, call| {
            Box::pin(tape::status::house_status(core, call))
        }),
    ]
}

async fn stay(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let (hotel, id) = (call.param("hotel"), call.param("reservation"));
    let unknown = || Problem::not_found("stay-unknown");
    let seen = core.aggregate::<Stay>(&call, hotel, id).await?.ok_or_else(unknown)?;
    let s = &seen.state;
    let reservation = s.reservation.as_ref().filter(|_| s.hotel == hotel && s.state != State::None).ok_or_else(unknown)?;
    let body = json!({
        "stay": id, "reservation": id, "hotel": hotel, "state": s.state.word(), "reference": reservation.reference,
        "room": s.room.as_ref().map(RoomNo::name), "room_type": s.room.as_ref().map(|r| &r.room_type),
        "number": s.room.as_ref().map(|r| r.number), "sold_as": reservation.sold_as,
        "arrival": reservation.arrival, "departure": reservation.departure, "price": reservation.price,
        "checked_in_on": s.checked_in_on, "checked_out_on": s.checked_out_on, "version": seen.version,
    });
    Ok(Answer::json(&body).version(seen.version).at(seen.at))
}

async fn folio(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let (hotel, id) = (call.param("hotel"), call.param("folio"));
    let unknown = || Problem::not_found("stay-unknown");
    let seen = core.aggregate::<Folio>(&call, hotel, id).await?.ok_or_else(unknown)?;
    let price = seen.state.price.ok_or_else(unknown)?;
    let money = |amount: i64| json!({"amount": amount, "currency": price.currency});
    let mut postings: Vec<_> =
        seen.state.nights.iter().map(|(date, amount)| json!({"date": date, "amount": money(*amount), "what": "room"})).collect();
    postings.extend(seen.state.credits.iter().map(|(what, amount)| json!({"date": null, "amount": money(-amount), "what": what})));
    if let Some(settled) = seen.state.settled {
        postings.push(json!({"date": null, "amount": money(-settled), "what": "city-ledger"}));
    }
    let body = json!({
        "folio": id, "price": price, "posted": money(seen.state.posted()), "balance": money(seen.state.balance()),
        "nights": seen.state.nights.len(), "postings": postings, "version": seen.version,
    });
    Ok(Answer::json(&body).version(seen.version).at(seen.at))
}

async fn day(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let hotel = call.param("hotel").to_owned();
    let cut = AsOf::within(&call, &hotel)?;
    let seen = core.aggregate::<BusinessDay>(&call, &hotel, &hotel).await?.filter(|seen| !seen.state.deleted);
    let seen = seen.ok_or_else(|| Problem::not_found("hotel-unknown"))?;
    let in_house = if cut.is_some() {
        let rack = core.aggregate::<Rack>(&call, &hotel, &hotel).await?;
        rack.map_or(0, |rack| rack.state.in_house_count() as i64)
    } else {
        let sql = "SELECT count(*) FROM rooms WHERE hotel = ?1 AND stay IS NOT NULL";
        core.views.rows(sql, vec![hotel.as_str().into()]).await?.first().map_or(0, |r| r[0].int())
    };
    let state = if seen.state.auditing.is_some() { "auditing" } else { "open" };
    let body = json!({"hotel": hotel, "business_date": seen.state.date, "state": state, "in_house": in_house, "version": seen.version});
    Ok(Answer::json(&body).version(seen.version).at(seen.at))
}
