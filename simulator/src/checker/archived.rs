//! What is archived: it is whole in both places, and a store made from either alone is the one that was archived, position by
//! position, though much of it has left the stores since.

use std::sync::Arc;

use archive::restore::{Until, restore};
use archive::seal::{Cut, SealFault};
use archive::verify::{Shelf, verify};
use eventstore::EventStore;
use eventstore::simulated::{Disk, Simulated};

use super::Case;
use crate::cellar::Cellar;
use crate::dice::split;
use crate::world::{SERVICES, World};

const ARCHIVED: &str = "what has happened is in the archive, once and in one way";

/// Services go on sealing meanwhile, once in a long while.
const RACES_MAX: u32 = 3;

/// Seals the rest, verifies both places, and restores from each.
pub async fn check(world: &World, cellar: &Cellar, case: &mut Case) {
    let mut found = Vec::new();
    for service in SERVICES {
        found.extend(seal(world, cellar, service).await.err());
    }
    match verify(&cellar.places(), &cellar.trust(), &mut |_, _| {}).await {
        Ok(report) => found.extend(report.findings.iter().map(ToString::to_string)),
        Err(fault) => found.push(fault.to_string()),
    }
    for service in SERVICES {
        for place in cellar.places() {
            let of = place.place().to_owned();
            let shelf = Shelf::read(place, &cellar.of(service), &cellar.trust()).await;
            let same = match shelf {
                Ok(shelf) => restored(world, service, &shelf).await,
                Err(fault) => Err(fault.to_string()),
            };
            found.extend(same.err().map(|why| format!("{service} from {of}: {why}")));
        }
        let pruned = world.reader(service).pruned().await.unwrap_or_default();
        world.fired.add("pruned", pruned.values().filter(|pruned| pruned.through > 0).count() as u64);
    }
    for what in found {
        case.found(ARCHIVED, &what, "");
    }
}

async fn seal(world: &World, cellar: &Cellar, service: &str) -> Result<(), String> {
    let store = cellar.behind(service, Arc::new(world.reader(service)));
    for sealer in cellar.sealers(service) {
        let mut races = 0;
        loop {
            match sealer.pass(store.as_ref(), Cut::All, &mut |_, _| {}).await {
                Ok(_) => break,
                // The service's own pass was there first.
                Err(SealFault::Raced) if races < RACES_MAX => races += 1,
                Err(why) => return Err(format!("{service} cannot be archived: {why}")),
            }
        }
    }
    Ok(())
}

async fn restored(world: &World, service: &str, shelf: &Shelf) -> Result<(), String> {
    let disk = Disk::default();
    let made = Simulated::new(disk.clone(), split(world.seed, service), 0);
    restore(shelf, &made, &Until::End, &mut |_| {}).await.map_err(|why| why.to_string())?;
    let was = world.disk(service).all();
    let is = disk.all();
    let differs = was.iter().zip(&is).find(|(was, is)| was != is);
    match differs {
        Some((was, is)) => Err(format!("lane {} position {} is lane {} position {} or something else", was.lane, was.pos, is.lane, is.pos)),
        None if was.len() != is.len() => Err(format!("{} positions were there, {} are restored", was.len(), is.len())),
        None => Ok(()),
    }
}
