//! `POST /desk/tape/{verb}`: what is done on the chart. One JSON body, one command (two for a higher type), the key made by
//! the browser before it sends, so that asking again after a lost answer is harmless. Every answer says one of: done, no (with
//! the reason in words), later, unknown.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use contracts::reservations::{Amend, ChangeType};
use contracts::stays::{AssignRoom, CheckIn, CheckOut, ExtendStay, LockRoom, MoveRoom, UnassignRoom};
use http::StatusCode;
use jiff::civil::Date;
use kit::{Front, Said, Visit, page};
use peer::Contract;
use pipeline::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is to be done, and to which stay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The hotel.
    hotel: String,
    /// The reservation.
    id: String,
    /// The key, made before the wish is sent.
    key: String,
    /// The room.
    #[serde(default)]
    room: Option<String>,
    /// The higher type to change to before the room is given.
    #[serde(default)]
    upgrade: Option<String>,
    /// The first night.
    #[serde(default)]
    from: Option<Date>,
    /// The day of departure.
    #[serde(default)]
    to: Option<Date>,
    /// Whether the room is kept.
    #[serde(default)]
    locked: Option<bool>,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Came {
    /// `done`, `no`, `later` or `unknown`.
    came: &'static str,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Why not, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// What else is known: of a refusal what it says, of what is done the answer.
    #[serde(skip_serializing_if = "Value::is_null")]
    detail: Value,
    /// Of two commands the first is done.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    half: bool,
}

struct Doing<'a> {
    front: &'a Front,
    visit: &'a Visit,
    key: &'a str,
}

impl Doing<'_> {
    async fn send<C: Contract>(&self, command: &C, step: &str) -> Came
    where
        C::Reply: Serialize,
    {
        let key = if step.is_empty() { self.key.to_owned() } else { format!("{}/{step}", self.key) };
        let words = |code: &str| Some(self.front.texts.say(self.visit.lang, &format!("code-{code}"), &[]));
        let none = Came { came: "unknown", code: None, text: None, detail: Value::Null, half: false };
        match self.front.ask_for(self.visit).send(command, &key).await {
            Said::Done(reply, _) => Came { came: "done", detail: serde_json::to_value(reply).unwrap_or_default(), ..none },
            Said::No(no) => Came { came: "no", text: words(&no.code), code: Some(no.code), detail: no.detail, ..none },
            Said::Later(code) => Came { came: "later", text: words(&code), code: Some(code), ..none },
            // It is on its way; the same key asks again.
            Said::Pending(_) | Said::Unknown => none,
        }
    }

    /// Gives a room before arrival, in another type after the type is changed.
    async fn assign(&self, wish: Wish, room: String) -> Came {
        let Wish { hotel, id: reservation, upgrade, .. } = wish;
        let is_upgrade = upgrade.is_some();
        if let Some(room_type) = upgrade {
            let reason = Some("upgraded at the tape chart".to_owned());
            let change = ChangeType { hotel: hotel.clone(), reservation: reservation.clone(), room_type, reason };
            let came = self.send(&change, "type").await;
            // Asked again after both were done, or after somebody else was faster: it has the type, and that is what is wanted.
            if came.came != "done" && came.code.as_deref() != Some("same-room-type") {
                return came;
            }
        }
        let came = self.send(&AssignRoom { hotel, reservation, room }, if is_upgrade { "room" } else { "" }).await;
        Came { half: is_upgrade && came.came == "no", ..came }
    }
}

/// `POST /desk/tape/{verb}`.
pub async fn act(State(front): State<Front>, visit: Visit, Path(verb): Path<String>, Json(wish): Json<Wish>) -> Response {
    if let Some(answer) = front.needs(&visit, Role::Desk) {
        return answer;
    }
    let is_key = (8..=64).contains(&wish.key.len()) && wish.key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_key || !kernel::id::is_code(&wish.hotel) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let key = wish.key.clone();
    let doing = Doing { front: &front, visit: &visit, key: &key };
    let (hotel, reservation, room) = (wish.hotel.clone(), wish.id.clone(), wish.room.clone());
    let came = match (verb.as_str(), room, wish.from, wish.to, wish.locked) {
        ("assign", Some(room), ..) => doing.assign(wish, room).await,
        ("unassign", ..) => doing.send(&UnassignRoom { hotel, reservation }, "").await,
        ("move", Some(room), ..) => doing.send(&MoveRoom { hotel, reservation, room, reason: None }, "").await,
        ("extend", _, _, Some(departure), _) => doing.send(&ExtendStay { hotel, reservation, departure }, "").await,
        ("amend", _, Some(arrival), Some(departure), _) => {
            doing.send(&Amend { hotel, reservation, arrival, departure, price: None, reason: None }, "").await
        }
        ("lock", _, _, _, Some(locked)) => doing.send(&LockRoom { hotel, reservation, locked }, "").await,
        ("check-in", room, ..) => doing.send(&CheckIn { hotel, reservation, room }, "").await,
        ("check-out", ..) => doing.send(&CheckOut { hotel, reservation }, "").await,
        _ => return page::message(&front, &visit, StatusCode::NOT_FOUND, "not-found-title", "not-found-text"),
    };
    // A refusal is an answer like another: the script reads it, nothing went wrong with the request.
    Json(json!(came)).into_response()
}
