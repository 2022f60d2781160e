//! The last part: a house is archived, what is proven leaves its stores, and the house that reads on in its archive must be
//! the one that had everything at hand.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::try_join_all;
use kernel::lane_of;
use pipeline::Core;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::rebuild::{Views, caught_up, tables};
use super::{Lab, books, seconds};
use crate::archive::keeping::Archiving;
use crate::archive::work::{self, Places, Stores};
use crate::client::{Client, wall};
use crate::house::House;
use crate::replay::hotels::HOTELS;
use crate::replay::report::Report;
use crate::settings::Plan;

/// Housekeeping reports so many rooms at the same time, and each so often: more events than the rooms' history may have until
/// there is a snapshot. A short replay would have none, and nothing may leave a store without one.
const ROOMS: usize = 8;
const ROUNDS: usize = 130;
/// A past is looked at behind so many hundredths of its history.
const MOMENTS: [u64; 3] = [10, 50, 100];
/// Seconds to the house's second own pass: nobody waits for it here.
const ONCE: u64 = 86_400;

#[derive(Deserialize)]
struct Rooms {
    items: Vec<Room>,
}

#[derive(Deserialize)]
struct Room {
    room: String,
    occupied_by: Option<String>,
    condition: String,
}

/// Vacant rooms get dirty and clean again until their history has a snapshot.
async fn housekeeping(url: &str) -> Result<(), String> {
    let client = Client::new(url)?;
    let path = format!("/api/stays/v1/hotels/{}", HOTELS[0].code);
    let all: Rooms = client.read(&format!("{path}/rooms")).await?;
    let vacant = all.items.iter().filter(|room| room.occupied_by.is_none() && room.condition == "clean").take(ROOMS);
    let (client, path) = (&client, &format!("{path}/room-conditions"));
    let rounds = vacant.map(async |room| {
        for (n, condition) in (0..ROUNDS).flat_map(|n| [(n, "dirty"), (n, "clean")]) {
            let body = json!({"rooms": [room.room], "condition": condition}).to_string();
            let answer = client.post(path, &format!("lab-{}-{condition}-{n}", room.room), Bytes::from(body)).await?;
            if !answer.applied() {
                return Err(format!("room {} cannot be {condition}: {}", room.room, answer.refusal()));
            }
        }
        Ok(())
    });
    try_join_all(rounds).await.map(drop)
}

/// What is asked of the past: the rooms, the day and the books of each hotel, at positions of their own lanes.
async fn pasts(house: &House) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    for (service, whats) in [("stays", &["rooms", "business-day"][..]), ("inventory", &["on-the-books"])] {
        let core = house.inner.cores.get(service).ok_or("a service is missing")?;
        let heads = core.store.heads().await.map_err(|e| e.to_string())?;
        for hotel in &HOTELS {
            let lane = lane_of(hotel.code);
            let end = heads.get(&lane).map_or(0, |head| head.pos);
            for pos in MOMENTS.map(|part| end * part / 100) {
                let path = |what| format!("/api/{service}/v1/hotels/{}/{what}?as_of=pos:{lane}:{pos}", hotel.code);
                paths.extend(whats.iter().map(path));
            }
        }
    }
    Ok(paths)
}

async fn answers(url: &str, paths: &[String]) -> Result<Vec<(u16, Bytes)>, String> {
    let client = Client::new(url)?;
    let mut all = Vec::new();
    for path in paths {
        let answer = client.get(path).await?;
        all.push((answer.status.as_u16(), answer.body));
    }
    Ok(all)
}

fn views(house: &House) -> Vec<Views> {
    let of = |(service, core): (&&'static str, &Arc<Core>)| (*service, core.views.clone(), core.pictures.clone());
    house.inner.cores.iter().map(of).collect()
}

impl Lab<'_> {
    /// A restored house in `data` is archived again, and what is proven leaves its stores.
    pub(super) async fn pruned(&mut self, data: &Path, to: &[String], first: &Report) -> Result<(), String> {
        let house = House::start(data, None).await?;
        housekeeping(&house.url).await?;
        caught_up(&house).await?;
        let (paths, views) = (pasts(&house).await?, views(&house));
        let before = answers(&house.url, &paths).await?;
        house.stop().await;
        let live = tables(&views).await?;
        let through = self.prune(data, to).await?;
        for (_, db, _) in &views {
            db.clear().await.map_err(|e| e.to_string())?;
        }
        let archive = Archiving {
            to: to.to_vec(),
            cell: super::CELL.into(),
            key: Some(self.dir.join(work::KEY)),
            every_s: ONCE,
            ..Archiving::default()
        };
        let house = House::open(&Plan { archive, ..Plan::whole(data, None, ([127, 0, 0, 1], 0).into()) }).await?;
        let began = wall();
        caught_up(&house).await?;
        self.report.rebuilt_seconds = seconds(began);
        let rebuilt = tables(&views).await?;
        let mut differs = |what: String| self.report.differences.push(format!("pruned: {what}"));
        for (name, table) in live.iter().filter(|(name, table)| rebuilt.get(*name) != Some(table)) {
            differs(format!("{name} is rebuilt from the archive with other rows: {table:?}, then {:?}", rebuilt.get(name)));
        }
        for ((path, was), is) in paths.iter().zip(before).zip(answers(&house.url, &paths).await?) {
            if is != was {
                differs(format!("{path} was answered {}: {} bytes, and is answered {}: {} bytes", was.0, was.1.len(), is.0, is.1.len()));
            }
        }
        for service in through.keys() {
            if let Err(why) = feed(&house.url, service).await {
                differs(format!("the feed of {service}: {why}"));
            }
        }
        let replay = self.replay()?.run(&house.url).await?;
        let mut differs = |what: String| self.report.differences.push(format!("pruned: {what}"));
        replay.differences.iter().for_each(|d| differs(format!("the replay on it is not as it must be: {d}")));
        if replay.digests != first.digests || replay.public_events != Some(0) {
            differs(format!("{:?} events more, the digests are {:?}, and were {:?}", replay.public_events, replay.digests, first.digests));
        }
        if let Err(why) = books(&house.url, "lab-pruned").await {
            differs(why);
        }
        house.stop().await;
        Ok(())
    }

    /// Seals what is new, and takes away what is proven in every place; up to where, for services that have lost something.
    async fn prune(&mut self, data: &Path, to: &[String]) -> Result<BTreeMap<String, u64>, String> {
        let (stores, places, signer) = (Stores::of(data, None)?, Places::open(to)?, work::signer(&self.dir.join(work::KEY))?);
        work::run(&stores, &places, &signer, super::CELL, false, &mut |_, _| {}).await?.whole()?;
        let began = wall();
        let gone = work::prune(&stores, &places, &signer, super::CELL, to.len(), 0, &mut |_, _| {}).await?;
        self.report.pruned_seconds = seconds(began);
        self.report.pruned_events = gone.values().map(|gone| gone.events).sum();
        let doubts = gone.values().flat_map(|gone| &gone.doubts).map(|doubt| format!("not proven: {doubt}"));
        self.report.differences.extend(doubts);
        if self.report.pruned_events == 0 {
            self.report.differences.push("nothing has left the stores".into());
        }
        let lost = gone.into_iter().filter(|(_, gone)| gone.events > 0);
        Ok(lost.map(|(service, gone)| (service, gone.through.values().sum())).collect())
    }
}

/// A follower that knows nothing is told where the beginning is, and what follows from there is not told twice.
async fn feed(url: &str, service: &str) -> Result<(), String> {
    let client = Client::new(url)?;
    let refused = client.get(&format!("/api/{service}/v1/feed?after=")).await?;
    let body: Value = refused.json()?;
    let (Some(snapshot), Some(archive)) = (body["snapshot"].as_str(), body["archive"]["feed"].as_str()) else {
        return Err(format!("says {} {} to who begins", refused.status, refused.code()));
    };
    if (refused.status.as_u16(), refused.code().as_str()) != (410, "cursor-gone") {
        return Err(format!("is answered {} {}", refused.status, refused.code()));
    }
    let from_archive: Value = client.read(archive).await?;
    if from_archive["from"] != json!(0) || from_archive["events"].as_array().is_none_or(Vec::is_empty) {
        return Err(format!("does not begin in the archive: {from_archive}"));
    }
    let behind = client.get(&format!("/api/{service}/v1/feed?after={snapshot}")).await?;
    if behind.applied() { Ok(()) } else { Err(format!("does not go on behind {snapshot}: {}", behind.refusal())) }
}
