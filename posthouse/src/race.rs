//! The race: many guests want the last room at the same moment, round after round.
//!
//! Every round has one room left for a night of its own, and all contenders book it at once. One must win, all
//! others must be told that the night is sold out, and the provider must hold exactly the winners' money. Whether
//! a room was sold twice is not concluded from the answers to the bookings: it is asked of the house afterwards.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::{Answer, Client, wall};
use crate::replay::commands::hex;
use crate::replay::dates::Day;
use crate::replay::{Guarantee, open_authorisations};

/// Nights one availability query may ask for.
const NIGHTS_AT_ONCE: i32 = 400;
/// Rounds of one race: each takes a night of one hotel.
pub const ROUNDS_MAX: u32 = 5_000;
/// Contenders of one round; each has a connection.
pub const CONTENDERS_MAX: u32 = 1_000;
/// A loser's authorisation may still be on its way back when its refusal is in.
const SETTLE: Duration = Duration::from_millis(250);
const SETTLES_MAX: u32 = 40;

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// Last rooms.
    pub rounds: u32,
    /// Bookings of each.
    pub contenders: u32,
    /// What every booking is secured with.
    pub guarantee: Guarantee,
}

/// The JSON object of a race.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Last rooms.
    pub rounds: u32,
    /// Bookings of each.
    pub contenders: u32,
    /// Bookings confirmed; one a round.
    pub confirmed: u64,
    /// Bookings refused because the night is sold out.
    pub refused: u64,
    /// Bookings without a final answer in the end.
    pub pending: u64,
    /// Any other answer.
    pub errors: u64,
    /// Rooms sold beyond the limit, by the house's own books.
    pub oversold: i64,
    /// Card guarantee: authorisations the race left open in the provider's ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_authorisations: Option<i64>,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

/// Hotel, type and nights of a race; a fresh hotel, so that it can be held in a house that is in use.
struct Course<'a> {
    client: &'a Client,
    options: &'a Options,
    hotel: String,
    opens_on: Day,
}

/// Holds the race in the house at `url`.
pub async fn race(options: &Options, url: &str) -> Result<Report, String> {
    if !(1..=ROUNDS_MAX).contains(&options.rounds) || !(2..=CONTENDERS_MAX).contains(&options.contenders) {
        return Err(format!("1 to {ROUNDS_MAX} rounds of 2 to {CONTENDERS_MAX} contenders"));
    }
    let started = wall();
    let client = Client::new(url)?;
    let opens_on = Day::parse("2030-01-01").ok_or("the first night of a race is a date")?;
    let course = Course { client: &client, options, hotel: format!("RACE-{}", tag()), opens_on };
    let card = options.guarantee == Guarantee::Card;
    let before = if card { open_authorisations(&client).await? } else { 0 };
    course.set_up().await?;
    let mut report = Report { rounds: options.rounds, contenders: options.contenders, ..Report::default() };
    for round in 0..options.rounds {
        course.round(round, &mut report).await;
    }
    report.oversold = course.oversold(&mut report.differences).await?;
    if report.oversold != 0 {
        report.differences.push(format!("{} rooms were sold beyond the limit", report.oversold));
    }
    if report.confirmed != u64::from(options.rounds) {
        report.differences.push(format!("{} bookings were confirmed in {} rounds", report.confirmed, options.rounds));
    }
    if card {
        let open = course.settled(before, report.confirmed as i64).await?;
        if open != report.confirmed as i64 {
            report.differences.push(format!("{open} authorisations are open, {} bookings were confirmed", report.confirmed));
        }
        report.open_authorisations = Some(open);
    }
    report.seconds = (wall().duration_since(started).as_secs_f64() * 100.0).round() / 100.0;
    Ok(report)
}

/// Tells this race from every other one the house has seen: its keys and its hotel carry it.
fn tag() -> String {
    // A hasher seeded by the system is the standard library's only source of chance.
    format!("{:08x}", RandomState::new().build_hasher().finish() as u32)
}

impl Course<'_> {
    fn night(&self, round: u32) -> Day {
        self.opens_on.plus(round as i32)
    }

    fn key(&self, what: &str) -> String {
        use sha2::{Digest as _, Sha256};
        hex(&Sha256::digest(format!("posthouse-race|{}|{what}", self.hotel)))
    }

    async fn set_up(&self) -> Result<(), String> {
        let hotel = &self.hotel;
        let calls = [
            (
                "/api/hotels/v1/hotels".to_owned(),
                json!({
                    "hotel": hotel, "name": "Race course", "opens_on": self.opens_on.to_string(), "currency": "EUR",
                    "time_zone": "Europe/Lisbon", "clean_on_checkout": true,
                }),
            ),
            (format!("/api/hotels/v1/hotels/{hotel}/room-types"), json!({"room_type": "A", "name": "The last room"})),
            (format!("/api/hotels/v1/hotels/{hotel}/rooms"), json!({"room_type": "A", "first": 1, "last": 1})),
            (
                format!("/api/inventory/v1/hotels/{hotel}/limits"),
                json!({"limits": [{"room_type": "*", "limit": 1}, {"room_type": "A", "limit": 1}], "reason": "race"}),
            ),
        ];
        for (n, (path, body)) in calls.into_iter().enumerate() {
            let at = self.client.at();
            let key = self.key(&format!("setup|{n}"));
            let answer = self.client.post_after(&path, &key, body.to_string().into(), at.as_deref()).await?;
            if !answer.applied() {
                return Err(format!("set-up of the race, POST {path}: {}", answer.refusal()));
            }
        }
        Ok(())
    }

    /// Everybody at once; every booking is sent until its answer is final.
    async fn round(&self, round: u32, report: &mut Report) {
        // The first round may come before the house's services have heard of the hotel.
        let at = if round == 0 { self.client.at() } else { None };
        let contenders = (0..self.options.contenders).map(|contender| self.book(round, contender, at.as_deref()));
        let mut winners = 0;
        for ended in join_all(contenders).await {
            match ended {
                Ok(answer) if answer.applied() => winners += 1,
                Ok(answer) if answer.code() == "night-sold-out" => report.refused += 1,
                Ok(answer) => {
                    report.errors += 1;
                    note(report, || format!("round {}: {}", round + 1, answer.refusal()));
                }
                Err(why) => {
                    report.pending += 1;
                    note(report, || format!("round {}: {why}", round + 1));
                }
            }
        }
        report.confirmed += winners;
        if winners != 1 {
            note(report, || format!("round {} has {winners} winners", round + 1));
        }
    }

    async fn book(&self, round: u32, contender: u32, at: Option<&str>) -> Result<Answer, String> {
        let night = self.night(round);
        let guarantee = match self.options.guarantee {
            Guarantee::DirectBill => json!({"kind": "direct-bill"}),
            Guarantee::Card => json!({"kind": "card", "token": "tok_ok"}),
        };
        let body = json!({
            "reference": format!("{round}-{contender}"), "room_type": "A", "arrival": night.to_string(),
            "departure": night.plus(1).to_string(), "adults": 1, "children": 0, "babies": 0,
            "price": {"amount": 10_000, "currency": "EUR"}, "price_reason": "race", "guarantee": guarantee,
        });
        let path = format!("/api/reservations/v1/hotels/{}/reservations", self.hotel);
        let key = self.key(&format!("{round}|{contender}"));
        self.client.post_after(&path, &key, Bytes::from(body.to_string()), at).await
    }

    /// Rooms sold beyond a limit, by availability and by the books of now; the two must agree.
    async fn oversold(&self, differences: &mut Vec<String>) -> Result<i64, String> {
        let hotel = &self.hotel;
        let end = self.night(self.options.rounds);
        let (mut oversold, mut sold, mut from) = (0, 0, self.opens_on);
        while from < end {
            let to = from.plus(NIGHTS_AT_ONCE).min(end);
            let path = format!("/api/inventory/v1/hotels/{hotel}/availability?from={from}&to={to}");
            let availability: Availability = self.client.read(&path).await?;
            for night in &availability.nights {
                let kinds = night.types.iter().map(Units::beyond).max().unwrap_or(0);
                oversold += kinds.max(night.house.beyond());
                sold += night.house.sold;
            }
            from = to;
        }
        let path = format!("/api/inventory/v1/hotels/{hotel}/on-the-books?from={}&to={end}", self.opens_on);
        let books: Books = self.client.read(&path).await?;
        let on_the_books: i64 = books.nights.iter().map(|n| n.sold).sum();
        if on_the_books != sold {
            differences.push(format!("availability counts {sold} nights sold, the books {on_the_books}"));
        }
        Ok(oversold.max(books.nights.iter().map(|n| (n.sold - 1).max(0)).sum()))
    }

    /// The race's own open authorisations, once they are as many as wanted or rest at another number.
    async fn settled(&self, before: u64, wanted: i64) -> Result<i64, String> {
        let mut open = 0;
        for _ in 0..SETTLES_MAX {
            open = open_authorisations(self.client).await? as i64 - before as i64;
            if open == wanted {
                break;
            }
            tokio::time::sleep(SETTLE).await;
        }
        Ok(open)
    }
}

/// Adds to the report's list, which stays short.
fn note(report: &mut Report, what: impl FnOnce() -> String) {
    if report.differences.len() < 20 {
        report.differences.push(what());
    }
}

#[derive(Deserialize)]
struct Units {
    limit: i64,
    sold: i64,
}

impl Units {
    fn beyond(&self) -> i64 {
        (self.sold - self.limit).max(0)
    }
}

#[derive(Deserialize)]
struct NightUnits {
    house: Units,
    types: Vec<Units>,
}

#[derive(Deserialize)]
struct Availability {
    nights: Vec<NightUnits>,
}

#[derive(Deserialize)]
struct NightSold {
    sold: i64,
}

#[derive(Deserialize)]
struct Books {
    nights: Vec<NightSold>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { rounds, contenders, confirmed, refused, pending, errors, oversold, seconds, .. } = self;
        writeln!(f, "{rounds} last rooms, {contenders} contenders each, {seconds} s")?;
        writeln!(f, "{confirmed} confirmed, {refused} refused, {pending} pending, {errors} errors, {oversold} oversold")?;
        if let Some(open) = self.open_authorisations {
            writeln!(f, "{open} authorisations open at the provider")?;
        }
        self.differences.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}
