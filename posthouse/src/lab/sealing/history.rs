//! A long history for those who have none at hand: commands and events of the size and shape of real ones, written past the
//! services, straight into a store.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use eventstore::chain::{of_command, of_event};
use eventstore::sqlite::Sqlite;
use eventstore::{Batch, Entry, EventStore, Head, Open, Record, Recorded};
use kernel::chance::Seeded;
use kernel::{Chance, Lane, Stream, Timestamp, Verdict};

/// Lanes it is spread over: as many hotels.
const LANES: Lane = 4;
/// Commands of one transaction.
const BATCH: usize = 1_000;
/// Events of a command, in turn: 15 of 7 commands, as in the history of a real hotel.
const EVENTS: [u64; 7] = [1, 2, 3, 2, 1, 4, 2];
/// Streams that are open at the same time: events go to each in turn.
const STREAMS: u64 = 40_000;
/// When it begins.
const BEGINS: i64 = 1_467_331_200_000_000;
/// Between two commands.
const STEP_MICROS: i64 = 40_000_000;

/// Writes a history of so many events or a few more.
pub async fn write(data: &Path, events: u64, seed: u64) -> Result<(), String> {
    std::fs::create_dir_all(data).map_err(|e| format!("{} cannot be made: {e}", data.display()))?;
    let store = Sqlite::open(&data.join("reservations.db"), "lab").map_err(|e| e.to_string())?;
    let mut pen = Pen { dice: Seeded::new(seed), commands: 0, events: 0 };
    let mut ends = [Head::default(); LANES as usize];
    while pen.events < events {
        for (lane, head) in (0..).zip(&mut ends) {
            let mut entries = Vec::with_capacity(BATCH);
            while pen.events < events && entries.len() < BATCH {
                entries.push(pen.command(lane, head)?);
            }
            let opened = store.begin(Open { lanes: BTreeMap::from([(lane, u64::MAX)]), keys: vec![] }).await.map_err(|e| e.to_string())?;
            opened.txn.commit(Batch { entries }).await.map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}

/// What has been written so far.
struct Pen {
    dice: Seeded,
    commands: u64,
    events: u64,
}

impl Pen {
    fn id(&self) -> String {
        format!("{:016x}{:016x}", self.dice.next(), self.dice.next())
    }

    fn command(&mut self, lane: Lane, head: &mut Head) -> Result<Entry, String> {
        let n = self.commands;
        self.commands += 1;
        let (saga, day) = (self.id(), jiff::civil::date(2016, 7, 1).saturating_add(jiff::Span::new().days((n / 400 % 3_000) as i64)));
        let record = Record {
            caller: if n.is_multiple_of(2) { "desk".into() } else { "reservations".into() },
            key: format!("{saga}/confirm"),
            fingerprint: self.id(),
            verdict: Verdict::Applied(format!(r#"{{"reservation":"{}"}}"#, self.id())),
            at: Timestamp(BEGINS + n as i64 * STEP_MICROS),
            actor: String::new(),
            causation: saga.clone(),
            traceparent: format!("00-{}-{:016x}-01", self.id(), self.dice.next()),
            business_date: Some(day),
            claims: vec![],
        };
        let json = serde_json::to_string(&record).map_err(|e| e.to_string())?;
        let pos = head.pos + 1;
        *head = Head { pos, hash: of_command(&head.hash, lane, pos, &json) };
        let (hash, by) = (head.hash, Arc::new(record.clone()));
        let mut events = Vec::new();
        for _ in 0..EVENTS[(n % 7) as usize] {
            let (stream, version) = (Stream::new("reservation", format!("{:032x}", self.events % STREAMS)), 1 + self.events / STREAMS);
            let json = format!(
                r#"{{"Booked":{{"hotel":"H{lane}","room_type":"{}","arrival":"{day}","nights":{},"adults":2,"guest":"{}","price":{{"amount":{},"currency":"EUR"}},"rate_plan":"flexible","saga":"{saga}"}}}}"#,
                ["A", "B", "C", "D", "E"][(n % 5) as usize],
                1 + n % 14,
                self.id(),
                4_000 + self.dice.below(40_000),
            );
            self.events += 1;
            head.pos += 1;
            head.hash = of_event(&head.hash, lane, head.pos, &format!("{stream}@{version}#1"), &json);
            let event = Recorded { stream, version, name: "Booked".into(), schema: 1, json, command_pos: pos, by: by.clone() };
            events.push((event, head.hash));
        }
        Ok(Entry { lane, pos, record, json, hash, events, snapshots: vec![] })
    }
}
