//! Many stays by one press: guests who did not come, guests who are to be checked out. One command a stay, each under a key of
//! its own, and a result a row. Sent again (a reload, a lost answer) it asks for the same things.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Form as Body};
use contracts::reservations::MarkNoShow;
use contracts::stays::CheckOut;
use futures::StreamExt;
use kit::told::Form;
use kit::{Ask, Front, Part, Said, Visit};
use peer::{At, Contract};
use pipeline::Role;
use serde::Serialize;

use super::page;
use super::ready::Left;
use crate::desk::{self, Desk};
use crate::known::Reservation;
use crate::live::hub::Hubs;

/// Stays of one press.
const STAYS_MAX: usize = 500;
/// Commands under way at once.
const AT_ONCE: usize = 4;

/// What came of one stay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The reservation.
    pub id: String,
    /// The guest, or the number.
    pub who: String,
    /// `done`, `no`, `later`, `unknown`.
    pub came: &'static str,
    /// The stable code of a refusal.
    pub code: Option<String>,
    /// The refusal in words.
    pub text: Option<String>,
}

/// What came of all.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// `no-shows` or `check-outs`.
    pub verb: &'static str,
    /// Those that did not work first.
    pub rows: Vec<Row>,
    /// How many are done.
    pub done: usize,
}

impl Results {
    /// How many are not.
    pub fn undone(&self) -> usize {
        self.rows.len() - self.done
    }
}

/// What came of one command.
struct Came {
    came: &'static str,
    code: Option<String>,
    at: At,
}

async fn send<C: Contract>(ask: &Ask<'_>, command: &C, key: &str) -> Came {
    let (came, code, at) = match ask.send(command, key).await {
        Said::Done(_, at) => ("done", None, at),
        Said::No(no) => ("no", Some(no.code), At::default()),
        Said::Later(code) => ("later", Some(code), At::default()),
        Said::Pending(_) | Said::Unknown => ("unknown", Some("outcome-unknown".to_owned()), At::default()),
    };
    Came { came, code, at }
}

/// `POST /desk/audit/no-shows`.
pub async fn no_shows(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Body(sent): Body<Vec<(String, String)>>,
) -> Response {
    many(&front, &hubs, visit, &sent, "no-shows").await
}

/// `POST /desk/audit/check-outs`.
pub async fn check_outs(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Body(sent): Body<Vec<(String, String)>>,
) -> Response {
    many(&front, &hubs, visit, &sent, "check-outs").await
}

async fn many(front: &Front, hubs: &Hubs, visit: Visit, sent: &[(String, String)], verb: &'static str) -> Response {
    if let Some(answer) = front.needs(&visit, Role::Desk) {
        return answer;
    }
    let form = Form { front, visit: &visit, sent, to: super::HOME };
    let (key, hotel) = (form.field("key").unwrap_or_default(), form.field("hotel").unwrap_or_default());
    let stays: BTreeSet<&str> = sent.iter().filter(|(name, _)| name == "stay").map(|(_, id)| id.as_str()).collect();
    let is_well = desk::is_key(key) && kernel::id::is_code(hotel) && stays.iter().all(|id| desk::is_plain(id));
    if !is_well || stays.is_empty() || stays.len() > STAYS_MAX {
        return form.lacks();
    }
    // Somebody who has changed hotels in another tab still means this one.
    let visit = Visit { hotel: Some(hotel.to_owned()), ..visit.clone() };
    let before = match Desk::open(front, &visit, "nav-audit", "audit").await {
        Ok(desk) => Left::of(&desk, hubs).await.0,
        Err(answer) => return answer,
    };
    let ask = front.ask_for(&visit);
    let one = async |id: &str| {
        let (hotel, reservation, key) = (hotel.to_owned(), id.to_owned(), format!("{key}/{id}"));
        let came = match verb {
            "no-shows" => send(&ask, &MarkNoShow { hotel, reservation }, &key).await,
            _ => send(&ask, &CheckOut { hotel, reservation }, &key).await,
        };
        (id.to_owned(), came)
    };
    let came: Vec<(String, Came)> = futures::stream::iter(stays).map(one).buffered(AT_ONCE).collect().await;

    let (mut rows, mut at) = (Vec::new(), visit.at.clone());
    for (id, Came { came, code, at: reached }) in came {
        at.merge(&reached);
        let who = match before.line(&id) {
            Some(line) => line.who.clone(),
            // Sent again, when it is not on the list any more.
            None => number(&ask, hotel, &id).await,
        };
        let text = code.as_ref().map(|code| front.texts.say(visit.lang, &format!("code-{code}"), &[]));
        rows.push(Row { id, who, came, code, text });
    }
    rows.sort_by(|a, b| (a.came == "done", &a.who).cmp(&(b.came == "done", &b.who)));
    let done = rows.iter().filter(|row| row.came == "done").count();
    let visit = Visit { at, ..visit };
    match Desk::open(front, &visit, "nav-audit", "audit").await {
        Ok(desk) => page::show(desk, hubs, page::Asked::default(), Some(Results { verb, rows, done })).await,
        Err(answer) => answer,
    }
}

async fn number(ask: &Ask<'_>, hotel: &str, id: &str) -> String {
    let found: Part<Reservation> = ask.get("reservations", &format!("/hotels/{hotel}/reservations/{id}")).await;
    found.into_here().map_or_else(|| id.to_owned(), |found| found.confirmation)
}
