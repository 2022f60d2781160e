//! What is stored, read in every way the port offers: the lanes must be gapless and chained, and all ways must agree.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::{Body, EventStore, Head, Record, Row, Stored, chain};
use kernel::stream::LANES;
use kernel::{Aggregate, Event, Lane, Stream};

use crate::bank::Account;
use crate::history::Model;

/// More than any lane of a test has.
const ALL: usize = 1_000_000;

/// All lanes that have a position, whole.
pub async fn lanes(store: &dyn EventStore) -> BTreeMap<Lane, Vec<Stored>> {
    let mut lanes = BTreeMap::new();
    for lane in 0..LANES {
        let rows = store.read(lane, 0, ALL).await.expect("a lane can be read");
        if !rows.is_empty() {
            lanes.insert(lane, rows);
        }
    }
    lanes
}

/// Everything about order, over one store.
pub async fn check(store: &Arc<dyn EventStore>, model: &Model) {
    let lanes = lanes(store.as_ref()).await;
    for (lane, rows) in &lanes {
        gapless_and_chained(*lane, rows);
        pages(store.as_ref(), *lane, rows).await;
    }
    let ends = lanes.iter().map(|(lane, rows)| (*lane, rows.last().map_or(Head::default(), |s| Head { pos: s.pos, hash: s.hash })));
    assert_eq!(store.heads().await.expect("heads"), ends.collect());
    streams(store.as_ref(), &lanes, model).await;
    records(store.as_ref(), &lanes, model).await;
    claims(store.as_ref(), model).await;
}

/// Positions count from 1; the chain computed from what is stored is the one that is stored; a command's events follow it.
pub fn gapless_and_chained(lane: Lane, rows: &[Stored]) {
    let (mut hash, mut by): ([u8; 32], Option<(u64, Arc<Record>)>) = (chain::START, None);
    let mut versions: BTreeMap<Stream, u64> = BTreeMap::new();
    for (i, row) in rows.iter().enumerate() {
        let pos = i as u64 + 1;
        assert_eq!((row.lane, row.pos), (lane, pos), "a lane has no gap");
        match &row.body {
            Body::Command(record) => {
                let json = serde_json::to_string(record.as_ref()).expect("a record is JSON");
                hash = chain::of_command(&hash, lane, pos, &json);
                by = Some((pos, record.clone()));
            }
            Body::Event(e) => {
                let (command_pos, record) = by.as_ref().expect("a command comes before its events");
                assert_eq!((e.command_pos, &e.by), (*command_pos, record), "the envelope at {lane}:{pos}");
                let version = versions.entry(e.stream.clone()).or_default();
                *version += 1;
                assert_eq!(e.version, *version, "the versions of {} follow each other", e.stream);
                hash = chain::of_event(&hash, lane, pos, &format!("{}@{}#{}", e.stream, e.version, e.schema), &e.json);
            }
        }
        assert_eq!(chain::hex(&row.hash), chain::hex(&hash), "the chain at {lane}:{pos}");
    }
}

/// A page that starts anywhere, also inside a command, shows the same rows with the same envelopes.
async fn pages(store: &dyn EventStore, lane: Lane, rows: &[Stored]) {
    for limit in [1, 2, 7] {
        // Every place in the beginning, then every seventh.
        for after in (0..=rows.len()).filter(|after| *after < 40 || after % 7 == 0) {
            let page = store.read(lane, after as u64, limit).await.expect("a page");
            let ought = &rows[after..(after + limit).min(rows.len())];
            assert_eq!(page, ought, "{lane} after {after}, {limit} at most");
            let kept = store.rows(lane, after as u64, limit).await.expect("a page as it is kept");
            let ought: Vec<Row> = ought.iter().map(|stored| stored.row().expect("a record is JSON")).collect();
            assert_eq!(kept, ought, "{lane} after {after}, {limit} at most, as it is kept");
            let mut hash = after.checked_sub(1).map_or(chain::START, |before| rows[before].hash);
            for row in &kept {
                hash = row.chained(&hash, lane);
                assert_eq!(row.hash, hash, "what is kept makes the chain");
            }
        }
    }
    assert!(store.read(lane, rows.len() as u64 + 5, 9).await.expect("beyond the end").is_empty());
}

/// A stream read as such is the same as the lane's rows of it, and folds to the second bank's state.
async fn streams(store: &dyn EventStore, lanes: &BTreeMap<Lane, Vec<Stored>>, model: &Model) {
    let mut by_stream: BTreeMap<(Lane, Stream), Vec<Stored>> = BTreeMap::new();
    for row in lanes.values().flatten() {
        if let Some(e) = row.event() {
            by_stream.entry((row.lane, e.stream.clone())).or_default().push(row.clone());
        }
    }
    let mut accounts = BTreeMap::new();
    for ((lane, stream), rows) in by_stream {
        assert_eq!(store.stream(lane, stream.clone(), 0).await.expect("a stream"), rows);
        let loaded = store.load(lane, stream.clone()).await.expect("a stream");
        assert_eq!(loaded.pos, rows.last().map_or(0, |row| row.pos));
        let after = loaded.snapshot.map_or(0, |s| s.version);
        let rest: Vec<_> = rows.iter().filter_map(|row| row.event()).filter(|e| e.version > after).collect();
        assert_eq!(loaded.events, rest.iter().map(|e| (e.version, e.schema, e.json.clone())).collect::<Vec<_>>());
        if stream.kind == Account::KIND {
            let mut state = Account::default();
            for e in rows.iter().filter_map(Stored::event) {
                state.evolve(&<Account as Aggregate>::Event::decode(e.schema, &e.json).expect("an event of today"));
            }
            accounts.insert(stream.id, (rows.len() as u64, state));
        }
    }
    assert_eq!(&accounts, model.accounts());
    assert!(store.stream(0, Stream::new("account", "nobody"), 0).await.expect("an empty stream").is_empty());
}

/// Each command is found by its key, and no other.
async fn records(store: &dyn EventStore, lanes: &BTreeMap<Lane, Vec<Stored>>, model: &Model) {
    let mut found = BTreeMap::new();
    for row in lanes.values().flatten() {
        if let Body::Command(record) = &row.body {
            let asked = store.record(record.caller.clone(), record.key.clone()).await.expect("a record");
            assert_eq!(asked.as_ref(), Some(record.as_ref()));
            found.insert((record.caller.clone(), record.key.clone()), record.clone());
        }
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), model.records().keys().collect::<Vec<_>>(), "refusals and tombstones are records too");
    assert_eq!(store.record("desk".into(), "never sent".into()).await.expect("no record"), None);
}

async fn claims(store: &dyn EventStore, model: &Model) {
    let claimed = store.claims("seat/".into()).await.expect("claims");
    let taken: Vec<_> = model.taken().into_iter().map(|seat| format!("seat/{seat}")).collect();
    assert_eq!(claimed.iter().map(|(thing, _)| thing.clone()).collect::<Vec<_>>(), taken);
    for (thing, lane) in &claimed {
        let branch = thing.trim_start_matches("seat/").split('-').next().unwrap_or_default();
        assert_eq!(*lane, kernel::lane_of(branch));
        let same = store.claims(thing.clone()).await.expect("claims");
        assert_eq!(same, [(thing.clone(), *lane)], "a prefix may be a whole name");
    }
    assert!(store.claims("seaweed".into()).await.expect("claims").is_empty());
}
