//! `POST /desk/r/{id}/{verb}`: what is done with one stay from lists and its sheet. A form says the hotel, the key it was
//! rendered with, the page to go back to, and what the verb needs; a script sends the same form and reads JSON.

use axum::Form as Body;
use axum::extract::{Path, State};
use axum::response::Response;
use contracts::reservations::{Amend, Cancel, ChangeType, MarkNoShow};
use contracts::stays::{AssignRoom, CheckIn, CheckOut, ExtendStay, LockRoom, MoveRoom, UnassignRoom};
use http::StatusCode;
use jiff::civil::Date;
use kit::told::Form;
use kit::{Front, Said, Visit, page};
use peer::Contract;
use pipeline::Role;
use serde::Serialize;

use crate::desk;

/// Longest reason, in bytes.
const REASON_MAX: usize = 200;

struct Doing<'a> {
    form: Form<'a>,
    key: String,
    version: Option<u64>,
}

impl Doing<'_> {
    async fn say<C: Contract>(&self, command: &C) -> Said<C::Reply> {
        let ask = self.form.front.ask_for(self.form.visit);
        match self.version {
            Some(version) => ask.send_seen(command, &self.key, version).await,
            None => ask.send(command, &self.key).await,
        }
    }

    async fn send<C: Contract>(&self, command: &C, did: &str) -> Response
    where
        C::Reply: Serialize,
    {
        self.form.came(did, self.say(command).await)
    }

    fn date(&self, name: &str) -> Option<Date> {
        self.form.field(name)?.parse().ok()
    }

    fn reason(&self) -> Option<String> {
        self.form.field("reason").filter(|reason| reason.len() <= REASON_MAX).map(str::to_owned)
    }
}

/// `POST /desk/r/{id}/{verb}`.
pub async fn act(
    State(front): State<Front>,
    visit: Visit,
    Path((reservation, verb)): Path<(String, String)>,
    Body(sent): Body<Vec<(String, String)>>,
) -> Response {
    if let Some(answer) = front.needs(&visit, Role::Desk) {
        return answer;
    }
    let of = |name: &str| sent.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let to = desk::back(of("back"));
    let form = Form { front: &front, visit: &visit, sent: &sent, to: &to };
    let key = of("key").unwrap_or_default().to_owned();
    let hotel = of("hotel").unwrap_or_default().to_owned();
    if !desk::is_key(&key) || !kernel::id::is_code(&hotel) || !desk::is_plain(&reservation) {
        return form.lacks();
    }
    let version = form.field("version").and_then(|version| version.parse().ok());
    let room = form.field("room").map(str::to_owned);
    let doing = Doing { form, key, version };
    let said_room = room.clone().unwrap_or_else(|| "room".into());
    match verb.as_str() {
        "check-in" => match doing.say(&CheckIn { hotel, reservation, room }).await {
            // Without a wish the house chooses; the notice names what it has chosen.
            Said::Done(done, at) => doing.form.done(&format!("check-in.{}", done.room), &done, &at),
            other => doing.form.came("check-in.room", other),
        },
        "check-out" => doing.send(&CheckOut { hotel, reservation }, &format!("check-out.{said_room}")).await,
        "assign" => match room {
            Some(room) => doing.send(&AssignRoom { hotel, reservation, room }, &format!("assign.{said_room}")).await,
            None => doing.form.lacks(),
        },
        "unassign" => doing.send(&UnassignRoom { hotel, reservation }, &format!("unassign.{said_room}")).await,
        "move" => match room {
            Some(room) => doing.send(&MoveRoom { hotel, reservation, room, reason: doing.reason() }, &format!("move.{said_room}")).await,
            None => doing.form.lacks(),
        },
        "lock" => doing.send(&LockRoom { hotel, reservation, locked: true }, &format!("lock.{said_room}")).await,
        "unlock" => doing.send(&LockRoom { hotel, reservation, locked: false }, &format!("unlock.{said_room}")).await,
        "extend" => match doing.date("departure") {
            Some(departure) => doing.send(&ExtendStay { hotel, reservation, departure }, &format!("extend.{departure}")).await,
            None => doing.form.lacks(),
        },
        "amend" => match (doing.date("arrival"), doing.date("departure")) {
            (Some(arrival), Some(departure)) => {
                let change = Amend { hotel, reservation, arrival, departure, price: None, reason: doing.reason() };
                doing.send(&change, &format!("amend.{arrival}")).await
            }
            _ => doing.form.lacks(),
        },
        "type" => match doing.form.field("type").map(str::to_owned) {
            Some(room_type) => {
                let did = format!("type.{room_type}");
                doing.send(&ChangeType { hotel, reservation, room_type, reason: doing.reason() }, &did).await
            }
            None => doing.form.lacks(),
        },
        "cancel" => doing.send(&Cancel { hotel, reservation, reason: doing.reason() }, "cancel.stay").await,
        "no-show" => doing.send(&MarkNoShow { hotel, reservation }, "no-show.stay").await,
        _ => page::message(&front, &visit, StatusCode::NOT_FOUND, "not-found-title", "not-found-text"),
    }
}
