//! The kill lab: bookings with cards without pause, and the process killed again and again in the middle of them.
//!
//! Every guest repeats a request without a final answer under its key until there is one. Afterwards the house is asked
//! for everything: each acknowledged booking must be there, nothing oversold, no saga open, and the provider must hold
//! exactly the confirmed bookings' authorisations; after all of them are cancelled, none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use kernel::Chance;
use kernel::chance::Seeded;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::child::HouseProcess;
use crate::client::{Client, wall};
use crate::replay::open_authorisations;
use crate::replay::pages::Pages;

/// Guests who book at the same time.
const GUESTS: u64 = 24;
/// Nights they want, few enough that many sell out.
pub(super) const NIGHTS: u64 = 300;
/// Rooms that may be sold for one night.
const LIMIT: u64 = 30;
/// A kill comes between these after the house answers again.
const KILL_AFTER_MS: (u64, u64) = (150, 900);
/// How long open sagas may take to end once nobody kills any more.
const SETTLE_WITHIN: Duration = Duration::from_secs(60);
/// A first date far from any calendar's today.
const OPENS_ON: &str = "2030-01-01";

/// What is done.
#[derive(Debug, Clone)]
pub struct Options {
    /// How often the process is killed.
    pub kills: u32,
    /// Which moments.
    pub seed: u64,
}

/// The JSON object of a kill lab.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Times the process was killed.
    pub kills: u32,
    /// Bookings acknowledged.
    pub acknowledged: u64,
    /// Acknowledged bookings found confirmed afterwards.
    pub found: u64,
    /// Bookings refused because a night was sold out.
    pub sold_out: u64,
    /// Bookings refused because the card was declined.
    pub declined: u64,
    /// Rooms sold beyond a limit, by the house's own books.
    pub oversold: u64,
    /// Sagas that have not ended.
    pub open_sagas: u64,
    /// Authorisations open in the provider's ledger beyond those of confirmed bookings.
    pub orphan_authorisations: i64,
    /// Authorisations open after every booking was cancelled.
    pub open_after_cancelling: u64,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "killed {} times under load, {:.1} s", self.kills, self.seconds)?;
        writeln!(f, "bookings acknowledged {}, found {}", self.acknowledged, self.found)?;
        writeln!(f, "refused: sold out {}, card declined {}", self.sold_out, self.declined)?;
        writeln!(f, "oversold {}, open sagas {}, orphan authorisations {}", self.oversold, self.open_sagas, self.orphan_authorisations)?;
        writeln!(f, "authorisations open after cancelling everything {}", self.open_after_cancelling)?;
        match self.differences.as_slice() {
            [] => writeln!(f, "held: nothing acknowledged was lost, nothing sold twice, nothing left over"),
            all => all.iter().try_for_each(|d| writeln!(f, "BROKEN: {d}")),
        }
    }
}

#[derive(Deserialize)]
struct Listed {
    reservation: String,
    state: String,
}

/// The bookings that were acknowledged to anybody.
pub(super) type Booked = Mutex<BTreeSet<String>>;

/// What one guest was told besides.
#[derive(Default)]
pub(super) struct Told {
    sold_out: u64,
    declined: u64,
    pub(super) odd: Vec<String>,
}

/// Plays the lab with `program` (this executable) on stores in `data`.
pub async fn play(options: &Options, program: &Path, data: &Path, progress: impl Fn(u32)) -> Result<Report, String> {
    let began = wall();
    let mut house = HouseProcess::start(program, data).await?;
    let client = Arc::new(Client::new(&house.url())?);
    set_up(&client, LIMIT).await?;
    let (stop, booked) = (AtomicBool::new(false), Booked::default());
    let guests = book(&client, options.seed, &stop, &booked);
    let killing = async {
        let dice = Seeded::new(options.seed);
        for n in 0..options.kills {
            let pause = KILL_AFTER_MS.0 + dice.below(KILL_AFTER_MS.1 - KILL_AFTER_MS.0);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            house.kill_and_restart().await?;
            progress(n + 1);
        }
        stop.store(true, Ordering::Relaxed);
        Ok::<_, String>(())
    };
    let (told, killed) = futures::join!(guests, killing);
    killed?;
    let mut report = Report { kills: options.kills, ..Report::default() };
    let acknowledged = all(&booked);
    for guest in told {
        report.sold_out += guest.sold_out;
        report.declined += guest.declined;
        report.differences.extend(guest.odd);
    }
    report.acknowledged = acknowledged.len() as u64;
    check(&client, &acknowledged, &mut report).await?;
    report.seconds = (wall().duration_since(began).as_secs_f64() * 100.0).round() / 100.0;
    Ok(report)
}

/// A hotel whose nights may be sold `limit` times.
pub(super) async fn set_up(client: &Client, limit: u64) -> Result<(), String> {
    let calls = [
        (
            "/api/hotels/v1/hotels",
            json!({"hotel": "LAB", "name": "Lab", "opens_on": OPENS_ON, "currency": "EUR", "time_zone": "Europe/Vienna", "clean_on_checkout": true}),
        ),
        ("/api/hotels/v1/hotels/LAB/room-types", json!({"room_type": "A", "name": "A"})),
        ("/api/hotels/v1/hotels/LAB/room-types", json!({"room_type": "B", "name": "B"})),
        (
            "/api/inventory/v1/hotels/LAB/limits",
            json!({"limits": [{"room_type": "*", "limit": limit}, {"room_type": "A", "limit": limit - 4}, {"room_type": "B", "limit": limit - 4}], "reason": "lab"}),
        ),
    ];
    for (n, (path, body)) in calls.iter().enumerate() {
        let at = client.at();
        let answer = client.post_after(path, &format!("lab-{n}"), Bytes::from(body.to_string()), at.as_deref()).await?;
        if !answer.applied() {
            return Err(format!("the lab cannot be set up: {}", answer.refusal()));
        }
    }
    // Later requests go to several services at once; all of them have heard of the hotel once this is answered.
    let today = client.at();
    let body = Bytes::from(booking(0, 0, 0, "tok_declined").to_string());
    client.post_after("/api/reservations/v1/hotels/LAB/reservations", "lab-first", body, today.as_deref()).await.map(drop)
}

pub(super) fn booking(night: u64, nights: u64, room_type: u64, token: &str) -> Value {
    let first: jiff::civil::Date = OPENS_ON.parse().unwrap_or_default();
    let day = |n: u64| first.saturating_add(jiff::Span::new().days(n as i64));
    json!({
        "room_type": if room_type == 0 { "A" } else { "B" }, "arrival": day(night), "departure": day(night + nights), "adults": 2,
        "price": {"amount": 9_900, "currency": "EUR"}, "guarantee": {"kind": "card", "token": token},
    })
}

/// What was acknowledged so far.
pub(super) fn all(booked: &Booked) -> BTreeSet<String> {
    booked.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// All guests book until told to stop.
pub(super) async fn book(client: &Client, seed: u64, stop: &AtomicBool, booked: &Booked) -> Vec<Told> {
    join_all((0..GUESTS).map(|guest| book_on(client, seed, guest, stop, booked))).await
}

/// One guest books again and again until told to stop; a request is repeated until its answer is final.
async fn book_on(client: &Client, seed: u64, guest: u64, stop: &AtomicBool, booked: &Booked) -> Told {
    let dice = Seeded::new(seed.wrapping_mul(1_000).wrapping_add(guest));
    let mut told = Told::default();
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let token = match dice.below(10) {
            0 => "tok_declined",
            1 => "tok_lost",
            _ => "tok_ok",
        };
        let body = booking(dice.below(NIGHTS), 1 + dice.below(3), dice.below(2), token);
        let key = format!("lab-{guest}-{n}");
        match client.post("/api/reservations/v1/hotels/LAB/reservations", &key, Bytes::from(body.to_string())).await {
            Ok(answer) if answer.applied() => {
                let reply: Value = answer.json().unwrap_or_default();
                booked.lock().unwrap_or_else(PoisonError::into_inner).extend(reply["reservation"].as_str().map(str::to_owned));
            }
            Ok(answer) if answer.code() == "night-sold-out" => {
                told.sold_out += 1;
                // Sold out or not, the load goes on; a guest who is refused looks around for a moment.
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            Ok(answer) if answer.code() == "card-declined" => told.declined += 1,
            Ok(answer) => told.odd.push(format!("{key}: {}", answer.refusal())),
            Err(why) => told.odd.push(format!("{key}: {why}")),
        }
    }
    told
}

/// Checks the books, and that nothing is confirmed that nobody was told of.
pub(super) async fn check(client: &Client, acknowledged: &BTreeSet<String>, report: &mut Report) -> Result<(), String> {
    let confirmed = check_books(client, acknowledged, report).await?;
    let unasked = confirmed.iter().filter(|id| !acknowledged.contains(*id));
    report.differences.extend(unasked.map(|id| format!("{id} is confirmed and nobody was told")));
    Ok(())
}

/// Checks that what was acknowledged is there, once, and can be cancelled; says what is confirmed.
pub(super) async fn check_books(client: &Client, acknowledged: &BTreeSet<String>, report: &mut Report) -> Result<Vec<String>, String> {
    report.open_sagas = settled(client).await?;
    if report.open_sagas > 0 {
        report.differences.push(format!("{} sagas have not ended", report.open_sagas));
    }
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut pages = Pages::new("/api/reservations/v1/hotels/LAB/reservations?limit=1000".into());
    while let Some(page) = pages.next::<Listed>(client).await? {
        found.extend(page.into_iter().map(|l| (l.reservation, l.state)));
    }
    let confirmed: Vec<String> = found.iter().filter(|(_, state)| *state == "confirmed").map(|(id, _)| id.clone()).collect();
    report.found = acknowledged.iter().filter(|id| confirmed.contains(*id)).count() as u64;
    let lost = acknowledged.iter().filter(|id| !confirmed.contains(id));
    report.differences.extend(lost.map(|id| format!("{id} was acknowledged and is not there")));
    report.oversold = oversold(client).await?;
    if report.oversold > 0 {
        report.differences.push(format!("{} rooms are sold beyond a limit", report.oversold));
    }
    report.orphan_authorisations = open_authorisations(client).await? as i64 - confirmed.len() as i64;
    if report.orphan_authorisations != 0 {
        report.differences.push(format!("{} authorisations too many at the provider", report.orphan_authorisations));
    }
    for id in &confirmed {
        let path = format!("/api/reservations/v1/hotels/LAB/reservations/{id}/cancellation");
        let answer = client.post(&path, &format!("lab-cancel-{id}"), Bytes::from_static(b"{}")).await?;
        if !answer.applied() {
            report.differences.push(format!("{id} cannot be cancelled: {}", answer.refusal()));
        }
    }
    report.open_after_cancelling = open_authorisations(client).await?;
    if report.open_after_cancelling > 0 {
        report.differences.push(format!("{} authorisations are open after everything was cancelled", report.open_after_cancelling));
    }
    Ok(confirmed)
}

/// Waits until no saga is open (bounded); how many are left.
async fn settled(client: &Client) -> Result<u64, String> {
    let began = wall();
    loop {
        let mut open = 0;
        for service in ["reservations", "stays", "payments"] {
            let answer: Value = client.read(&format!("/api/{service}/v1/sagas")).await?;
            open += answer["open"].as_u64().unwrap_or(u64::MAX / 8);
        }
        if open == 0 || wall().duration_since(began) > SETTLE_WITHIN {
            return Ok(open);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn oversold(client: &Client) -> Result<u64, String> {
    let answer: Value = client.read(&format!("/api/inventory/v1/hotels/LAB/availability?from={OPENS_ON}&to=2030-12-31")).await?;
    let nights = answer["nights"].as_array().ok_or("availability without nights")?;
    let over = |count: &Value| {
        let n = |name: &str| count[name].as_i64().unwrap_or(i64::MAX / 4);
        (n("sold") + n("held") - n("limit")).max(0) as u64
    };
    Ok(nights.iter().map(|n| over(&n["house"]) + n["types"].as_array().map_or(0, |t| t.iter().map(over).sum())).sum())
}
