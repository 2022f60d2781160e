//! `posthouse archive`: the history of every service, sealed into any cloud's blob store, a directory or PostgreSQL; shown,
//! verified and restored from there.

mod args;
pub mod work;
pub mod again;
pub mod keeping;

use std::collections::BTreeMap;

use ::archive::Trust;
use ::archive::verify::Report;
use serde_json::json;

pub use args::ArchiveArgs;
use args::{Cat, Prune, Restore, Run, Seen, Verb};

use crate::lab::play::Bar;
use crate::up::say;
use again::Order;
use work::{Places, Stores};

/// Does what was typed; false when something was not archived, or what was verified is not whole.
pub async fn archive(args: ArchiveArgs) -> Result<bool, String> {
    match args.verb {
        Verb::Run(args) => run(args).await,
        Verb::Status(args) => status(args).await.map(|()| true),
        Verb::Verify(args) => verify(args).await,
        Verb::Restore(args) => restore(args).await.map(|()| true),
        Verb::Prune(args) => prune(args).await,
        Verb::Cat(args) => cat(args).await.map(|()| true),
    }
}

/// A bar that is told how much there is once it begins.
pub(crate) fn bar(what: &'static str) -> impl FnMut(u64, u64) {
    let mut bar: Option<Bar> = None;
    let short = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    move |done, all| bar.get_or_insert_with(|| Bar::new(short(all), what)).at(short(done))
}

fn tell<T: serde::Serialize>(report: &T, json: bool, words: impl FnOnce() -> Vec<String>) -> Result<(), String> {
    if json {
        say(&serde_json::to_string(report).map_err(|e| e.to_string())?);
    } else {
        words().iter().for_each(|line| say(line));
    }
    Ok(())
}

/// False when a place, or a store, did not do its part of the last pass.
async fn run(args: Run) -> Result<bool, String> {
    let stores = Stores::of(&args.data, args.store.as_deref())?;
    let signer = work::signer(&args.key.unwrap_or_else(|| args.data.join(work::KEY)))?;
    let places = Places::open(&args.to)?;
    loop {
        let done = work::run(&stores, &places, &signer, &args.cell, args.full, &mut bar("positions")).await?;
        tell(&done, args.json, || {
            let line = |one: &work::Archived| {
                format!("{:>12} positions in {:>5} manifests  {:<14} {}", one.positions, one.manifests, one.service, one.place)
            };
            let faults = done.faults.iter().map(|fault| format!("NOT ARCHIVED: {fault}"));
            done.archived.iter().map(line).chain(faults).chain([format!("signed with the key {}", done.key)]).collect()
        })?;
        let is_whole = done.faults.is_empty();
        let Some(every) = args.every else { return Ok(is_whole) };
        tokio::select! {
            biased;
            stopped = crate::up::stop_signal() => return stopped.map(|()| is_whole),
            () = tokio::time::sleep(std::time::Duration::from_secs(every)) => {}
        }
    }
}

fn trust(seen: &Seen) -> Result<Trust, String> {
    let mut keys = seen.trust.clone();
    if let Some(path) = &seen.key {
        keys.push(::archive::Signer::read(path)?.public());
    }
    Ok(if keys.is_empty() { Trust::AsSaid } else { Trust::Keys(keys) })
}

async fn status(args: Seen) -> Result<(), String> {
    let places = Places::open(&args.from)?;
    let shelves = work::shelves(&places, &trust(&args)?).await?;
    let mut all = Vec::new();
    for shelf in &shelves {
        let positions: u64 = shelf.lanes.values().filter_map(|lane| lane.last()).map(|sealed| sealed.last).sum();
        let bytes: u64 = shelf.lanes.values().flatten().map(|sealed| sealed.bytes).sum();
        let events: u64 = shelf.lanes.values().flatten().flat_map(|sealed| sealed.events.values()).sum();
        let last = shelf.last();
        all.push(json!({
            "place": shelf.target.place(), "cell": shelf.of.cell, "service": shelf.of.service, "manifests": shelf.manifests.len(),
            "segments": shelf.lanes.values().map(Vec::len).sum::<usize>(), "positions": positions, "events": events, "bytes": bytes,
            "sealed_at": last.map(|m| m.sealed_at.clone()), "key": last.map(|m| m.key.clone()), "pending": shelf.pending.len(),
            "findings": shelf.findings,
        }));
    }
    tell(&all, args.json, || {
        if all.is_empty() {
            return vec!["there is no archive here".into()];
        }
        let text = |one: &serde_json::Value, name: &str| one[name].as_str().map_or_else(|| one[name].to_string(), str::to_owned);
        let line = |one: &serde_json::Value| {
            let [positions, bytes, segments, sealed, service, place] =
                ["positions", "bytes", "segments", "sealed_at", "service", "place"].map(|name| text(one, name));
            let wrong = one["findings"].as_array().map_or(0, Vec::len);
            let wrong = if wrong > 0 { format!("  {wrong} FINDINGS: posthouse archive verify") } else { String::new() };
            format!("{positions:>12} positions {bytes:>14} bytes {segments:>6} segments  sealed {sealed:<28} {service:<14} {place}{wrong}")
        };
        all.iter().map(line).collect()
    })
}

async fn verify(args: Seen) -> Result<bool, String> {
    let places = Places::open(&args.from)?;
    let trust = trust(&args)?;
    let report = ::archive::verify::verify(&places.0, &trust, &mut bar("bytes")).await.map_err(|e| e.to_string())?;
    tell(&report, args.json, || words(&report, &trust))?;
    Ok(report.findings.is_empty())
}

fn words(report: &Report, trust: &Trust) -> Vec<String> {
    let mut by_place: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for read in &report.read {
        let sum = by_place.entry(&read.place).or_default();
        *sum = (sum.0 + read.segments, sum.1 + read.positions, sum.2 + read.bytes);
    }
    let line = |(place, (segments, positions, bytes)): (&str, (u64, u64, u64))| {
        format!("{segments:>6} segments whole, {positions:>12} positions, {bytes:>14} bytes  {place}")
    };
    let mut words: Vec<String> = by_place.into_iter().map(line).collect();
    if *trust == Trust::AsSaid {
        words.push("no key to trust was given (--trust, --key): who signed was not checked".into());
    }
    words.extend(report.findings.iter().map(|finding| format!("BROKEN: {finding}")));
    if report.findings.is_empty() {
        words.push("held: everything is as it was sealed".into());
    }
    words
}

async fn restore(args: Restore) -> Result<(), String> {
    let place = ::archive::open(&args.from)?;
    let seen = Seen { from: vec![args.from], trust: args.trust, key: args.key, json: args.json };
    let order = Order { place, trust: trust(&seen)?, until: args.until, stop_before_damage: args.stop_before_damage };
    let done = again::restore(&order, &args.data, args.store.as_deref(), &mut bar("bytes"), &mut bar("positions")).await?;
    tell(&done, args.json, || done.words())
}

/// False when a place does not prove what it should: what it has is not trusted, and nothing went for it.
async fn prune(args: Prune) -> Result<bool, String> {
    let stores = Stores::of(&args.data, args.store.as_deref())?;
    let signer = ::archive::Signer::read(&args.key.unwrap_or_else(|| args.data.join(work::KEY)))?;
    let places = Places::open(&args.from)?;
    let copies = args.copies.unwrap_or(places.0.len());
    if copies == 0 || copies > places.0.len() {
        return Err(format!("--copies is {copies}, and there are {} places", places.0.len()));
    }
    let done = work::prune(&stores, &places, &signer, &args.cell, copies, args.keep_days, &mut bar("bytes")).await?;
    tell(&done, args.json, || {
        let line = |(service, gone): (&String, &::archive::prune::Gone)| {
            let through: u64 = gone.through.values().sum();
            format!("{:>12} events taken out, archived and pruned through {through:>12} positions  {service}", gone.events)
        };
        let doubts = done.values().flat_map(|gone| &gone.doubts).map(|doubt| format!("NOT PROVEN: {doubt}"));
        done.iter().map(line).chain(doubts).collect()
    })?;
    Ok(done.values().all(|gone| gone.doubts.is_empty()))
}

async fn cat(args: Cat) -> Result<(), String> {
    let places = Places::open(std::slice::from_ref(&args.from))?;
    work::cat(&places, args.service.as_deref(), args.lane, args.after, args.limit, &mut |line| say(line)).await
}
