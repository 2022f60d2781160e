//! One line a command and query.

use std::sync::Arc;

use contracts::hotels as contract;
use pipeline::{Answer, AsOf, Call, Core, Criticality, Problem, Role, RouteEntry, Seen, command, get, saga};
use serde_json::json;

use crate::domain::change_hotel::ChangeHotel;
use crate::domain::change_rooms::{ChangeRoomType, ChangeRooms};
use crate::domain::close_hotel::{CloseHotel, ReopenHotel};
use crate::domain::delete_hotel::DeleteHotel;
use crate::domain::hotel::{Hotel, RoomType};
use crate::domain::{define_hotel::DefineHotel, define_room_type::DefineRoomType, define_rooms::DefineRooms};
use crate::sagas::{delete_room_type::DeleteRoomType, delete_rooms::DeleteRooms};
use crate::views;

/// The route table.
pub fn routes() -> Vec<RouteEntry> {
    vec![
        command::<contract::DefineHotel, DefineHotel>(Role::Revenue, Criticality::Hold).creates("hotel"),
        command::<contract::DefineRoomType, DefineRoomType>(Role::Revenue, Criticality::Hold).creates("room_type"),
        command::<contract::DefineRooms, DefineRooms>(Role::Revenue, Criticality::Hold).creates("rooms"),
        command::<contract::ChangeHotel, ChangeHotel>(Role::Revenue, Criticality::Hold),
        command::<contract::CloseHotel, CloseHotel>(Role::Revenue, Criticality::Hold),
        command::<contract::ReopenHotel, ReopenHotel>(Role::Revenue, Criticality::Hold),
        command::<contract::DeleteHotel, DeleteHotel>(Role::Revenue, Criticality::Hold),
        command::<contract::ChangeRoomType, ChangeRoomType>(Role::Revenue, Criticality::Hold),
        saga::<contract::DeleteRoomType, DeleteRoomType>(Role::Revenue, Criticality::Hold),
        command::<contract::ChangeRooms, ChangeRooms>(Role::Revenue, Criticality::Hold),
        saga::<contract::DeleteRooms, DeleteRooms>(Role::Revenue, Criticality::Hold),
        get("hotels", "/hotels", "Hotels", Role::Public, Criticality::Search, |core, call| Box::pin(views::list::list(core, call))),
        get("hotels", "/hotels/{hotel}", "Hotel", Role::Public, Criticality::Quote, |core, call| Box::pin(one(core, call))),
        get("hotels", "/hotels/{hotel}/rooms", "Rooms", Role::Public, Criticality::Quote, |core, call| Box::pin(rooms(core, call))),
    ]
}

/// The hotel, also as of a past moment, unless it did not exist then (any more).
async fn seen(core: &Core, call: &Call) -> Result<Seen<Hotel>, Problem> {
    let code = call.param("hotel");
    AsOf::within_undated(call, code, "what a hotel is made of changes on no business date; ask for an instant or a position")?;
    let seen = core.aggregate::<Hotel>(call, code, code).await?.filter(|seen| seen.state.living().is_ok());
    seen.ok_or_else(|| Problem::not_found("hotel-unknown"))
}

async fn one(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let seen = seen(&core, &call).await?;
    let shown = |(code, t): (&String, &RoomType)| json!({"room_type": code, "name": t.name, "rooms": t.count(), "price": t.price, "sleeps": t.sleeps});
    let types: Vec<_> = seen.state.room_types.iter().map(shown).collect();
    let mut body = serde_json::to_value(&seen.state.defined).unwrap_or_default();
    body["room_types"] = json!(types);
    body["closed"] = json!(seen.state.closed);
    body["version"] = json!(seen.version);
    Ok(Answer::json(&body).version(seen.version).at(seen.at))
}

async fn rooms(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let seen = seen(&core, &call).await?;
    let mut items = Vec::new();
    for (code, t) in &seen.state.room_types {
        for number in t.rooms.iter().flat_map(|(first, last)| *first..=*last) {
            let floor = t.floors.get(&number);
            items.push(json!({"room": format!("{code}-{number}"), "room_type": code, "number": number, "floor": floor}));
        }
    }
    Ok(Answer::json(&json!({"items": items, "next": null})).version(seen.version).at(seen.at))
}
