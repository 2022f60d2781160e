//! Where a booking stands. It is asked for under the checkout's key as often as it takes: that is one booking.

use std::time::Duration;

use contracts::reservations::Booked;
use kit::{Front, Part, Said};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cart::Cart;

/// A booking that was sent with other contents before is asked for under so many further keys. Its reference is the same, so
/// it is still one booking.
const KEYS_MAX: u32 = 4;

/// Where a booking stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// It is made.
    Booked(Booked),
    /// It is being decided, or nobody knows yet.
    Open,
    /// It is refused, with this code; nothing is left of it.
    Refused(String),
    /// Nothing has happened, and it may be tried again.
    Later(String),
}

/// A step as guests see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// `hold`, `authorise`, `confirm`, `capture`.
    pub name: String,
    /// `waiting`, `running`, `done`, `undone`.
    pub state: String,
}

/// The saga that decides it, as its service shows it; older services say less.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Told {
    /// Its steps.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// `running`, `stuck`, `done`, `undone`.
    #[serde(default)]
    pub state: String,
    /// What whoever waits is answered, at the end.
    #[serde(default)]
    pub answer: Option<Answer>,
}

/// The end of a saga.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Answer {
    status: u16,
    #[serde(default)]
    body: Value,
}

/// Asks for the booking, under its key.
pub async fn ask(front: &Front, cart: &mut Cart, within: Duration) -> Standing {
    for _ in 0..KEYS_MAX {
        let Some((book, key)) = cart.booking() else { return Standing::Later("invalid-request".into()) };
        match front.ask().send_within(&book, &key, None, within).await {
            Said::Done(booked, _) => return Standing::Booked(booked),
            Said::Pending(location) => {
                cart.saga = location.rsplit_once('/').map(|(_, saga)| saga.to_owned()).filter(|saga| crate::cart::is_id(saga));
                return Standing::Open;
            }
            // Another card was chosen before, and the answer was lost on its way.
            Said::No(no) if no.code == "key-reused" => cart.attempt += 1,
            // That one is booked, or is being booked.
            Said::No(no) if no.code == "reference-taken" => return by_reference(front, cart).await,
            Said::No(no) => return Standing::Refused(no.code),
            Said::Later(code) => return Standing::Later(code),
            Said::Unknown => return Standing::Open,
        }
    }
    Standing::Open
}

/// The booking with the checkout's own number.
async fn by_reference(front: &Front, cart: &Cart) -> Standing {
    #[derive(Deserialize)]
    struct Found {
        items: Vec<Line>,
    }
    #[derive(Deserialize)]
    struct Line {
        reservation: String,
        confirmation: String,
        state: String,
    }
    let path = format!("/hotels/{}/reservations?reference={}&limit=1", cart.hotel, cart.reference());
    let found: Part<Found> = front.ask().get("reservations", &path).await;
    match found.into_here().and_then(|found| found.items.into_iter().next()) {
        Some(Line { reservation, confirmation, state }) => Standing::Booked(Booked { reservation, confirmation, state, revision: 1 }),
        None => Standing::Open,
    }
}

/// Asks once more for what was asked for before. "Not now" says nothing about the time before.
async fn ask_again(front: &Front, cart: &mut Cart, within: Duration) -> (Standing, Vec<Step>) {
    match ask(front, cart, within).await {
        Standing::Later(_) => (Standing::Open, Vec::new()),
        standing => (standing, Vec::new()),
    }
}

/// How far it is, without asking for it again when its saga is known.
pub async fn look(front: &Front, cart: &mut Cart, within: Duration) -> (Standing, Vec<Step>) {
    let Some(saga) = cart.saga.clone() else { return ask_again(front, cart, within).await };
    match front.ask().get_within::<Told>("reservations", &format!("/sagas/{saga}"), within).await {
        Part::Here(told) => (told.standing(), told.steps),
        // Forgotten, or never known here: the key knows.
        Part::No(_) => ask_again(front, cart, within).await,
        Part::Silent(_) => (Standing::Open, Vec::new()),
    }
}

impl Told {
    fn standing(&self) -> Standing {
        match &self.answer {
            None => Standing::Open,
            Some(answer) if (200..300).contains(&answer.status) => {
                serde_json::from_value(answer.body.clone()).map_or(Standing::Open, Standing::Booked)
            }
            Some(answer) => Standing::Refused(answer.body["code"].as_str().unwrap_or("bug").to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stands(told: Value) -> Standing {
        serde_json::from_value::<Told>(told).expect("a saga").standing()
    }

    #[test]
    fn a_saga_says_where_the_booking_stands_with_or_without_steps() {
        assert_eq!(stands(json!({"state": "running", "answer": null})), Standing::Open);
        assert_eq!(stands(json!({"state": "stuck", "steps": [{"name": "hold", "state": "done"}]})), Standing::Open);
        let booked = json!({"reservation": "res_1", "confirmation": "AB-CD", "state": "confirmed", "revision": 1});
        assert!(matches!(stands(json!({"answer": {"status": 200, "body": booked}})), Standing::Booked(b) if b.reservation == "res_1"));
        let no = json!({"answer": {"status": 409, "body": {"code": "card-declined", "detail": {}}}});
        assert_eq!(stands(no), Standing::Refused("card-declined".into()));
    }
}
