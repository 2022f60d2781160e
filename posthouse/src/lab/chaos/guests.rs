//! The guests of the chaos lab: they book by card, cancel some of it, and repeat every request under its key until its
//! answer is final. What they were told is what the house is held to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use kernel::Chance;
use kernel::chance::Seeded;
use serde_json::Value;

use crate::client::{Answer, Client, wall};
use crate::lab::kills;

/// Nights they want, few enough that many sell out and what is given back is sold again.
pub const NIGHTS: u64 = 60;
/// Of ten requests of a guest who has a booking, so many cancel one.
const CANCELS: u64 = 4;
/// Of so many bookings one is asked for again when it is long decided.
const AGAIN: u64 = 8;
/// What each attempt gives the house.
const DEADLINE: Duration = Duration::from_secs(3);
/// What no attempt is waited for longer: whoever answers later than it was given is not heard.
const HEARD_WITHIN: Duration = Duration::from_secs(5);
/// Between two attempts, in milliseconds.
const PAUSE_MS: (u64, u64) = (40, 250);

/// Refusals that end a booking: the last two because its saga has lost its patience with a peer.
const ENDS: [&str; 4] = ["night-sold-out", "card-declined", "no-answer-in-time", "provider-unavailable"];
const BOOK: &str = "/api/reservations/v1/hotels/LAB/reservations";

/// What the guests were told, all together.
#[derive(Debug, Default)]
pub struct Told {
    /// Bookings that were acknowledged, cancelled ones included.
    pub booked: BTreeSet<String>,
    /// Cancellations that were acknowledged.
    pub cancelled: BTreeSet<String>,
    /// Bookings refused, by code.
    pub refused: BTreeMap<String, u64>,
    /// Attempts without an answer, or with one that does not say what happened.
    pub unknown: u64,
    /// Attempts that were told to come again.
    pub put_off: u64,
    /// Attempts after the first of a request.
    pub retries: u64,
    /// Decided requests that were asked again.
    pub again: u64,
    /// The longest time between two acknowledgements, in milliseconds.
    pub longest_silence_ms: u64,
    /// What no guest should hear.
    pub odd: Vec<String>,
}

/// The guests.
pub struct Crowd<'a> {
    /// How they reach the house.
    pub client: &'a Client,
    /// What they want.
    pub seed: u64,
    /// For how long one of them repeats one request.
    pub patience: Duration,
    /// Set when nobody shall ask for anything new.
    pub stop: AtomicBool,
    /// What they were told.
    pub told: Mutex<Told>,
    heard: Mutex<Option<tokio::time::Instant>>,
}

impl<'a> Crowd<'a> {
    /// Nobody has said anything yet.
    pub fn new(client: &'a Client, seed: u64, patience: Duration) -> Self {
        Self { client, seed, patience, stop: AtomicBool::new(false), told: Mutex::default(), heard: Mutex::default() }
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// One guest, until told to stop; then until the last request is decided.
    pub async fn guest(&self, guest: u64) {
        let dice = Seeded::new(self.seed.wrapping_mul(1_000).wrapping_add(guest));
        let mut own: Vec<String> = Vec::new();
        let mut n = 0;
        while !self.stop.load(Ordering::Relaxed) {
            n += 1;
            let key = format!("chaos-{guest}-{n}");
            if !own.is_empty() && dice.below(10) < CANCELS {
                let id = own.swap_remove(dice.below(own.len() as u64) as usize);
                self.cancel(&id, &key, &dice).await;
            } else if let Some(id) = self.book(&key, &dice).await {
                own.push(id);
            }
            // A guest looks around between two requests, and one who is refused must not spin.
            tokio::time::sleep(Duration::from_millis(5 + dice.below(20))).await;
        }
    }

    async fn book(&self, key: &str, dice: &Seeded) -> Option<String> {
        let token = match dice.below(10) {
            0 => "tok_declined",
            1 => "tok_lost",
            _ => "tok_ok",
        };
        let body = Bytes::from(kills::booking(dice.below(NIGHTS), 1 + dice.below(3), dice.below(2), token).to_string());
        let answer = self.until_final(BOOK, key, body.clone(), dice).await?;
        if !answer.applied() {
            let code = answer.code();
            if ENDS.contains(&code.as_str()) {
                *self.told().refused.entry(code).or_default() += 1;
            } else {
                self.told().odd.push(format!("{key}: {}", answer.refusal()));
            }
            return None;
        }
        let Some(id) = id_of(&answer) else {
            self.told().odd.push(format!("{key}: a booking without an id"));
            return None;
        };
        self.told().booked.insert(id.clone());
        self.acknowledged();
        if dice.below(AGAIN) == 0 {
            let again = self.until_final(BOOK, key, body, dice).await;
            self.told().again += 1;
            if let Some(again) = again.filter(|again| id_of(again).as_ref() != Some(&id)) {
                self.told().odd.push(format!("{key} was {id}, and asked again: {}", again.refusal()));
            }
        }
        Some(id)
    }

    async fn cancel(&self, id: &str, key: &str, dice: &Seeded) {
        let path = format!("{BOOK}/{id}/cancellation");
        match self.until_final(&path, key, Bytes::from_static(b"{}"), dice).await {
            Some(answer) if answer.applied() => {
                self.told().cancelled.insert(id.to_owned());
                self.acknowledged();
            }
            Some(answer) => self.told().odd.push(format!("{id} cannot be cancelled: {}", answer.refusal())),
            None => {}
        }
    }

    /// Repeats a request under its key until its answer is final; none when the guest's patience is over.
    async fn until_final(&self, path: &str, key: &str, body: Bytes, dice: &Seeded) -> Option<Answer> {
        let began = wall();
        loop {
            let attempt = self.client.post_judged(path, key, body.clone(), DEADLINE);
            let why = match tokio::time::timeout(HEARD_WITHIN, attempt).await {
                Ok(Ok((answer, true))) => return Some(answer),
                Ok(Ok((answer, false))) => {
                    let is_put_off = [202, 429, 503].contains(&answer.status.as_u16());
                    let mut told = self.told();
                    *(if is_put_off { &mut told.put_off } else { &mut told.unknown }) += 1;
                    answer.refusal()
                }
                Ok(Err(why)) => {
                    self.told().unknown += 1;
                    why
                }
                Err(_) => {
                    self.told().unknown += 1;
                    "no answer in time".to_owned()
                }
            };
            if wall().duration_since(began) > self.patience {
                self.told().odd.push(format!("{key}: no final answer within {} s; the last: {why}", self.patience.as_secs()));
                return None;
            }
            self.told().retries += 1;
            tokio::time::sleep(Duration::from_millis(PAUSE_MS.0 + dice.below(PAUSE_MS.1 - PAUSE_MS.0))).await;
        }
    }

    fn acknowledged(&self) {
        let now = wall();
        let before = self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner).replace(now);
        let silence = before.map_or(0, |before| now.duration_since(before).as_millis() as u64);
        let mut told = self.told();
        told.longest_silence_ms = told.longest_silence_ms.max(silence);
    }
}

fn id_of(answer: &Answer) -> Option<String> {
    let reply: Value = answer.json().ok()?;
    reply["reservation"].as_str().map(str::to_owned)
}
