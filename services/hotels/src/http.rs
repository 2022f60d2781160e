//! One line a command and query.

use std::sync::Arc;

use contracts::hotels as contract;
use pipeline::{Answer, Call, Core, Criticality, Problem, Role, RouteEntry, command, get};
use serde_json::json;

use crate::domain::hotel::Hotel;
use crate::domain::{define_hotel::DefineHotel, define_room_type::DefineRoomType, define_rooms::DefineRooms};
use crate::views;

/// The route table.
pub fn routes() -> Vec<RouteEntry> {
    vec![
        command::<contract::DefineHotel, DefineHotel>(Role::Revenue, Criticality::Hold).creates("hotel"),
        command::<contract::DefineRoomType, DefineRoomType>(Role::Revenue, Criticality::Hold).creates("room_type"),
        command::<contract::DefineRooms, DefineRooms>(Role::Revenue, Criticality::Hold).creates("rooms"),
        get("hotels", "/hotels", "Hotels", Role::Public, Criticality::Search, |core, call| Box::pin(views::list::list(core, call))),
        get("hotels", "/hotels/{hotel}", "Hotel", Role::Public, Criticality::Quote, |core, call| Box::pin(one(core, call))),
        get("hotels", "/hotels/{hotel}/rooms", "Rooms", Role::Public, Criticality::Quote, |core, call| Box::pin(rooms(core, call))),
    ]
}

async fn one(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let code = call.param("hotel");
    let seen = core.aggregate::<Hotel>(&call, code, code).await?.ok_or_else(|| Problem::not_found("hotel-unknown"))?;
    let types: Vec<_> =
        seen.state.room_types.iter().map(|(code, t)| json!({"room_type": code, "name": t.name, "rooms": t.count()})).collect();
    let mut body = serde_json::to_value(&seen.state.defined).unwrap_or_default();
    body["room_types"] = json!(types);
    body["version"] = json!(seen.version);
    Ok(Answer::json(&body).version(seen.version).at(seen.at))
}

async fn rooms(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let code = call.param("hotel");
    let seen = core.aggregate::<Hotel>(&call, code, code).await?.ok_or_else(|| Problem::not_found("hotel-unknown"))?;
    let mut items = Vec::new();
    for (code, t) in &seen.state.room_types {
        for number in t.rooms.iter().flat_map(|(first, last)| *first..=*last) {
            items.push(json!({"room": format!("{code}-{number}"), "room_type": code, "number": number}));
        }
    }
    Ok(Answer::json(&json!({"items": items, "next": null})).version(seen.version).at(seen.at))
}
