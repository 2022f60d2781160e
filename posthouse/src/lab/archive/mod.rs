//! The archive lab: a replay is archived into every place, all stores are deleted, and the house is made again from each
//! place alone. What the same replay is answered then must be what it was answered: the same digests and the same read models,
//! every old key known, and not one event more. Then a guest books. At last what is proven to be archived leaves the stores, and
//! the house that reads on in its archive must be the same again.
//!
//! Reading order: `pruned` (that last part).

mod pruned;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::archive::Trust;
use ::archive::verify::verify;
use bytes::Bytes;
use pipeline::Core;
use serde::Serialize;
use serde_json::{Value, json};

use super::rebuild::{Table, Views, caught_up, tables};
use crate::archive::again::{self, Order};
use crate::archive::work::{self, Places, Stores};
use crate::client::{Client, wall};
use crate::house::House;
use crate::replay::rows::RowRange;
use crate::replay::{Options, Replay};

/// The JSON object of an archive lab.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Positions archived, of all services.
    pub positions: u64,
    /// Bytes of all segments in one place.
    pub bytes: u64,
    /// Seconds that sealing took, place by place.
    pub sealed_seconds: BTreeMap<String, f64>,
    /// Seconds that restoring took, place by place.
    pub restored_seconds: BTreeMap<String, f64>,
    /// Events that left the stores once they were proven to be in every place.
    pub pruned_events: u64,
    /// Seconds that the proof and the taking away took.
    pub pruned_seconds: f64,
    /// Seconds until all read models were made anew, partly from the archive.
    pub rebuilt_seconds: f64,
    /// The report of the first replay.
    pub replay: Value,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.bytes as f64 / self.positions.max(1) as f64;
        writeln!(f, "{} positions in {} bytes, {each:.1} each", self.positions, self.bytes)?;
        for (place, seconds) in &self.sealed_seconds {
            let restored = self.restored_seconds.get(place).copied().unwrap_or_default();
            writeln!(f, "sealed in {seconds:.1} s, restored in {restored:.1} s: {place}")?;
        }
        writeln!(
            f,
            "{} events left the stores in {:.1} s, views anew in {:.1} s",
            self.pruned_events, self.pruned_seconds, self.rebuilt_seconds
        )?;
        match self.differences.as_slice() {
            [] => writeln!(f, "held: the house made from each place alone is the one that was archived, and so is the pruned one"),
            all => all.iter().try_for_each(|d| writeln!(f, "BROKEN: {d}")),
        }
    }
}

/// What the lab plays.
#[derive(Clone, Debug)]
pub struct Play {
    /// The bookings.
    pub file: PathBuf,
    /// Only these rows.
    pub rows: Option<RowRange>,
    /// Where the archive goes; two directories without any.
    pub to: Vec<String>,
}

/// Rooms of the hotel that is opened in a house that was restored.
const ROOMS: u64 = 10;
/// Whose history it is.
const CELL: &str = "lab";

struct Lab<'a> {
    play: &'a Play,
    dir: &'a Path,
    report: Report,
}

/// Plays the lab in `dir`.
pub async fn play(play: &Play, dir: &Path) -> Result<Report, String> {
    let two = || ["one", "two"].map(|name| format!("file://{}", dir.join(name).display())).to_vec();
    let to = if play.to.is_empty() { two() } else { play.to.clone() };
    let mut lab = Lab { play, dir, report: Report::default() };
    let (first, live) = lab.first().await?;
    let key = lab.archive(&to).await?;
    std::fs::remove_dir_all(dir.join("house")).map_err(|e| format!("the stores cannot be deleted: {e}"))?;
    for (n, url) in to.iter().enumerate() {
        lab.again(&dir.join(format!("again-{n}")), url, &key, (&first, &live)).await?;
    }
    lab.pruned(&dir.join("again-0"), &to, &first).await?;
    Ok(lab.report)
}

fn seconds(began: tokio::time::Instant) -> f64 {
    (wall().duration_since(began).as_secs_f64() * 100.0).round() / 100.0
}

impl Lab<'_> {
    fn replay(&self) -> Result<Replay, String> {
        Replay::read(Options { rows: self.play.rows, ..Options::golden(self.play.file.clone()) })
    }

    /// The replay on a new house, and its read models once they are caught up.
    async fn first(&mut self) -> Result<(crate::replay::report::Report, BTreeMap<String, Table>), String> {
        let house = House::start(&self.dir.join("house"), None).await?;
        let replay = self.replay()?.run(&house.url).await?;
        self.report.differences.extend(replay.differences.iter().map(|d| format!("the replay is not as it must be: {d}")));
        self.report.replay = serde_json::to_value(&replay).map_err(|e| e.to_string())?;
        let tables = read_models(house).await?;
        Ok((replay, tables))
    }

    /// Seals everything into every place, and verifies all of them.
    async fn archive(&mut self, to: &[String]) -> Result<String, String> {
        let data = self.dir.join("house");
        let (stores, signer) = (Stores::of(&data, None)?, work::signer(&self.dir.join(work::KEY))?);
        for url in to {
            let began = wall();
            let done =
                work::run(&stores, &Places::open(std::slice::from_ref(url))?, &signer, CELL, false, &mut |_, _| {}).await?.whole()?;
            self.report.positions = done.archived.iter().map(|one| one.positions).sum();
            self.report.sealed_seconds.insert(url.clone(), seconds(began));
        }
        let trust = Trust::Keys(vec![signer.public()]);
        let verified = verify(&Places::open(to)?.0, &trust, &mut |_, _| {}).await.map_err(|e| e.to_string())?;
        self.report.differences.extend(verified.findings.iter().map(ToString::to_string));
        self.report.bytes = verified.read.iter().map(|read| read.bytes).sum::<u64>() / to.len() as u64;
        let whole: u64 = verified.read.iter().map(|read| read.positions).sum();
        if whole != self.report.positions * to.len() as u64 {
            self.report.differences.push(format!(
                "{whole} positions are verified in {} places, {} were sealed",
                to.len(),
                self.report.positions
            ));
        }
        Ok(signer.public())
    }

    /// A house from one place alone.
    async fn again(
        &mut self,
        data: &Path,
        url: &str,
        key: &str,
        (first, live): (&crate::replay::report::Report, &BTreeMap<String, Table>),
    ) -> Result<(), String> {
        let began = wall();
        let (place, trust) = (::archive::open(url)?, Trust::Keys(vec![key.to_owned()]));
        let order = Order { place, trust, until: None, stop_before_damage: false };
        again::restore(&order, data, None, &mut |_, _| {}, &mut |_, _| {}).await?;
        self.report.restored_seconds.insert(url.to_owned(), seconds(began));
        let again = self.replay()?;
        let mut differs = |what: String| self.report.differences.push(format!("from {url}: {what}"));
        let tables = read_models(House::start(data, None).await?).await?;
        for (name, table) in live {
            if tables.get(name) != Some(table) {
                differs(format!("{name} has other rows than before: {:?}, then {:?}", Some(table), tables.get(name)));
            }
        }
        let house = House::start(data, None).await?;
        let replay = again.run(&house.url).await?;
        replay.differences.iter().for_each(|d| differs(format!("the replay on it is not as it must be: {d}")));
        if replay.digests != first.digests {
            differs(format!("the digests are {:?}, and were {:?}", replay.digests, first.digests));
        }
        if replay.public_events != Some(0) {
            differs(format!("old commands added {:?} events", replay.public_events));
        }
        if let Err(why) = books(&house.url, "lab-archive").await {
            differs(why);
        }
        house.stop().await;
        Ok(())
    }
}

/// The read models of a house that has caught up, which is stopped then.
async fn read_models(house: House) -> Result<BTreeMap<String, Table>, String> {
    caught_up(&house).await?;
    let of = |(service, core): (&&'static str, &Arc<Core>)| (*service, core.views.clone(), core.pictures.clone());
    let views: Vec<Views> = house.inner.cores.iter().map(of).collect();
    house.stop().await;
    tables(&views).await
}

/// A new hotel is opened, and a guest books in it.
async fn books(url: &str, key: &str) -> Result<(), String> {
    let client = Client::new(url)?;
    super::kills::set_up(&client, ROOMS).await?;
    let body = Bytes::from(super::kills::booking(1, 1, 0, "tok_ok").to_string());
    let answer = client.post("/api/reservations/v1/hotels/LAB/reservations", key, body).await?;
    if answer.applied() { Ok(()) } else { Err(format!("no booking is taken: {}", json!(answer.refusal()))) }
}
