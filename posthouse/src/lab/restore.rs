//! The restore lab: guests book with cards, the house is backed up under that load, and a house is started on the copy.
//! What was acknowledged before the backup began is there; whatever was under way in that instant ends, and leaves
//! nothing over.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use super::child::HouseProcess;
use super::kills::{self, Booked};
use crate::backup::{self, Manifest};
use crate::client::{Client, wall};

/// Bookings before the backup begins, and after it has ended.
const BOOKINGS: usize = 60;
/// They take at most so long.
const BOOKED_WITHIN: Duration = Duration::from_secs(60);
/// The backup takes at most so long.
const BACKED_UP_WITHIN: Duration = Duration::from_secs(60);
/// Rooms that may be sold for one night.
const LIMIT: u64 = 30;

/// The JSON object of a restore lab.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What was copied.
    pub backup: Manifest,
    /// Bookings acknowledged after the backup had begun: on the copy they may be there or not.
    pub later: u64,
    /// The books of the house on the copy.
    pub books: kills::Report,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: u64 = self.backup.files.iter().map(|file| file.bytes).sum();
        writeln!(f, "backed up {} files, {bytes} bytes, under load; {} bookings came later", self.backup.files.len(), self.later)?;
        write!(f, "{}", self.books)
    }
}

/// Plays the lab with `program` (this executable) in `dir`.
pub async fn play(seed: u64, program: &Path, dir: &Path) -> Result<Report, String> {
    let (data, to) = (dir.join("data"), dir.join("backup"));
    let began = wall();
    let mut report = Report::default();
    let house = HouseProcess::start(program, &data).await?;
    let client = Arc::new(Client::new(&house.url())?);
    kills::set_up(&client, LIMIT).await?;
    let (stop, booked) = (AtomicBool::new(false), Booked::default());
    let backing_up = async {
        let done = async {
            until(&booked, BOOKINGS).await?;
            let before = kills::all(&booked);
            back_up(program, &data, &to).await?;
            let manifest = backup::read(&to)?;
            until(&booked, kills::all(&booked).len() + BOOKINGS).await?;
            Ok::<_, String>((before, manifest))
        };
        let done = done.await;
        stop.store(true, Ordering::Relaxed);
        done
    };
    let (told, done) = futures::join!(kills::book(&client, seed, &stop, &booked), backing_up);
    let (before, manifest) = done?;
    drop(house);
    report.books.differences.extend(told.into_iter().flat_map(|guest| guest.odd));
    report.books.differences.extend(backup::check(&to)?);
    report.backup = manifest;
    report.books.acknowledged = before.len() as u64;
    report.later = (kills::all(&booked).len() - before.len()) as u64;
    let copy = HouseProcess::start(program, &to).await?;
    let client = Client::new(&copy.url())?;
    kills::check_books(&client, &before, &mut report.books).await?;
    // Everything is cancelled now, so there is room.
    let body = Bytes::from(kills::booking(1, 1, 0, "tok_ok").to_string());
    let answer = client.post("/api/reservations/v1/hotels/LAB/reservations", "lab-restored", body).await?;
    if !answer.applied() {
        report.books.differences.push(format!("the house on the copy takes no booking: {}", answer.refusal()));
    }
    report.books.seconds = (wall().duration_since(began).as_secs_f64() * 100.0).round() / 100.0;
    Ok(report)
}

/// Runs `posthouse backup` and waits until it has ended.
async fn back_up(program: &Path, data: &Path, to: &Path) -> Result<(), String> {
    let mut command = Command::new(program);
    command.arg("backup").arg("--data").arg(data).arg("--to").arg(to).stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn().map_err(|e| format!("cannot start {}: {e}", program.display()))?;
    let began = wall();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("posthouse backup ended with {status}")),
            Ok(None) if wall().duration_since(began) <= BACKED_UP_WITHIN => tokio::time::sleep(Duration::from_millis(5)).await,
            waited => {
                let _already_gone = child.kill();
                let _already_gone = child.wait();
                return Err(format!("posthouse backup has not ended: {waited:?}"));
            }
        }
    }
}

async fn until(booked: &Booked, n: usize) -> Result<(), String> {
    let began = wall();
    while kills::all(booked).len() < n {
        if wall().duration_since(began) > BOOKED_WITHIN {
            return Err(format!("{} bookings in a minute are no load", kills::all(booked).len()));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
