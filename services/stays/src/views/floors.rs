//! Free rooms by floor and type. Where a room is, hotels say; who is in it is decided here, so the question is answered here.
//! How many rooms of a type may still be sold is another question (inventory's): a room is given at check-in and not before.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use pipeline::{Answer, Call, Core, Problem};
use serde_json::{Value, json};

use super::rooms::{Shown, all};
use crate::domain::day::BusinessDay;
use crate::domain::rack::Condition;

type ByType<'a> = BTreeMap<&'a str, Vec<&'a Shown>>;

/// `GET /hotels/{hotel}/floors[?from][&to][&floor][&room_type][&as_of]`: a room is free for `[from, to)` when nobody in it stays
/// past `from`. Without dates: tonight.
pub async fn floors(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let hotel = call.param("hotel").to_owned();
    let rooms = all(&core, &call).await?;
    let day = core.aggregate::<BusinessDay>(&call, &hotel, &hotel).await?.filter(|seen| !seen.state.deleted);
    let today = day.and_then(|seen| seen.state.date).ok_or_else(|| Problem::not_found("hotel-unknown"))?;
    let from = call.asked_as::<Date>("from")?.unwrap_or(today);
    let to = call.asked_as::<Date>("to")?.unwrap_or_else(|| from.tomorrow().unwrap_or(Date::MAX));
    if to <= from || from < today {
        return Err(Problem::invalid("'from' must not be before the business date, and 'to' must be after 'from'"));
    }
    let (floor, room_type) = (call.asked_as::<i32>("floor")?, call.asked("room_type"));
    let wanted = |room: &&Shown| {
        !room.retired && floor.is_none_or(|f| room.floor == Some(f)) && room_type.as_ref().is_none_or(|t| *t == room.room_type)
    };
    // Rooms whose floor nobody has said come last.
    let mut floors: BTreeMap<(bool, Option<i32>), ByType<'_>> = BTreeMap::new();
    for room in rooms.iter().filter(wanted) {
        floors.entry((room.floor.is_none(), room.floor)).or_default().entry(&room.room_type).or_default().push(room);
    }
    let shown: Vec<Value> = floors
        .iter()
        .map(|((_, floor), types)| json!({"floor": floor, "types": types.iter().map(|(t, rooms)| of_type(t, rooms, from)).collect::<Vec<_>>()}))
        .collect();
    Ok(Answer::json(&json!({"hotel": hotel, "from": from, "to": to, "floors": shown})))
}

fn of_type(room_type: &str, rooms: &[&Shown], from: Date) -> Value {
    let free: Vec<_> = rooms.iter().filter(|room| room.occupant.as_ref().is_none_or(|o| o.departure <= from)).collect();
    let ready = free.iter().filter(|room| room.condition == Condition::Clean && room.occupant.is_none()).count();
    json!({"room_type": room_type, "rooms": rooms.len(), "free": free.len(), "ready": ready,
           "free_rooms": free.iter().map(|room| room.name()).collect::<Vec<_>>()})
}
