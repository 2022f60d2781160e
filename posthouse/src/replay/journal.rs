//! The journal of a resumable replay: which (hotel, date, stage) is finished, and what was refused in it.
//!
//! One JSON line each, written and synced by a thread of its own: commands are idempotent, so the journal may
//! lag behind the house and the replay does not wait for it. A last line cut short by a crash is dropped; any
//! other damage, and a journal of other rows or options, is an error.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};

/// Format of the file; a reader of another one refuses it.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    posthouse_replay_journal: u32,
    fingerprint: String,
}

/// A command that was definitely refused.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Refusal {
    /// The row, from 1.
    pub row: u32,
    /// The step's name.
    pub step: String,
    /// What the house said.
    pub why: String,
}

/// One finished stage of one hotel and date.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Finished {
    /// The hotel's code.
    pub hotel: String,
    /// The business date.
    pub date: String,
    /// The stage's name.
    pub stage: String,
    /// Place of the stage in the hotel's run: date after date, stage after stage.
    pub ordinal: u32,
    /// Final answers by kind of command.
    pub sent: [u64; 6],
    /// Commands not sent because an earlier one was refused.
    pub skipped: u64,
    /// Refused commands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refusal>,
    /// Accepted although a correct house refuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub surprises: Vec<String>,
}

/// An open journal.
pub struct Journal {
    lines: Option<Sender<Vec<u8>>>,
    writer: Option<JoinHandle<std::io::Result<()>>>,
}

impl Journal {
    /// Opens the journal in `dir`, or begins it; answers what it says is finished, oldest first.
    pub fn open(dir: &Path, fingerprint: &str) -> Result<(Journal, Vec<Finished>), String> {
        let path = dir.join("journal.jsonl");
        let named = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let known = match std::fs::read(&path) {
            Ok(known) => known,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(named(&e)),
        };
        let (finished, sound) = read(&known, fingerprint).map_err(|e| named(&e))?;
        let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(|e| named(&e))?;
        file.set_len(sound as u64).map_err(|e| named(&e))?;
        if sound == 0 {
            let header = Header { posthouse_replay_journal: VERSION, fingerprint: fingerprint.to_owned() };
            file.write_all(&line(&header)?).map_err(|e| named(&e))?;
        }
        file.sync_all().map_err(|e| named(&e))?;
        let (lines, queue) = channel();
        let writer =
            std::thread::Builder::new().name("journal".to_owned()).spawn(move || write(&mut file, &queue)).map_err(|e| named(&e))?;
        Ok((Journal { lines: Some(lines), writer: Some(writer) }, finished))
    }

    /// Notes a finished stage; on disk a moment later.
    pub fn note(&self, finished: &Finished) -> Result<(), String> {
        let lines = self.lines.as_ref().ok_or("the journal is closed")?;
        lines.send(line(finished)?).map_err(|_| "the journal can no longer be written".to_owned())
    }

    /// Waits until everything noted is on disk.
    pub fn close(mut self) -> Result<(), String> {
        drop(self.lines.take());
        match self.writer.take().map(JoinHandle::join) {
            None | Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(e))) => Err(format!("the journal could not be written: {e}")),
            Some(Err(_)) => Err("the journal's writer panicked".to_owned()),
        }
    }
}

fn line<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    let mut line = serde_json::to_vec(value).map_err(|e| e.to_string())?;
    line.push(b'\n');
    Ok(line)
}

/// Everything queued while the last sync ran goes with the next one.
fn write(file: &mut File, queue: &Receiver<Vec<u8>>) -> std::io::Result<()> {
    while let Ok(mut lines) = queue.recv() {
        while let Ok(more) = queue.try_recv() {
            lines.extend_from_slice(&more);
        }
        file.write_all(&lines)?;
        file.sync_data()?;
    }
    Ok(())
}

/// What a journal says, and how many of its bytes are whole lines.
fn read(known: &[u8], fingerprint: &str) -> Result<(Vec<Finished>, usize), String> {
    let mut finished: Vec<Finished> = Vec::new();
    let mut latest = BTreeMap::new();
    let mut sound = 0;
    let mut number = 0;
    while let Some(length) = known[sound..].iter().position(|&b| b == b'\n') {
        let text = &known[sound..sound + length];
        number += 1;
        // A write torn in the middle of a batch can leave garbage before a line end only at the very end.
        let last = sound + length + 1 == known.len();
        if number == 1 {
            let header: Header = serde_json::from_slice(text).map_err(|e| format!("not a journal of a replay: {e}"))?;
            if header.posthouse_replay_journal != VERSION {
                return Err(format!("a journal of version {}, this program writes {VERSION}", header.posthouse_replay_journal));
            }
            if header.fingerprint != fingerprint {
                return Err("the journal belongs to another file, other rows or other options; name an empty directory".to_owned());
            }
        } else {
            match serde_json::from_slice::<Finished>(text) {
                Ok(line) => {
                    // A stage sent again after a resume replaces what an earlier run noted of it.
                    let highest = latest.insert(line.hotel.clone(), line.ordinal);
                    if highest.is_some_and(|highest| highest >= line.ordinal) {
                        finished.retain(|f| f.hotel != line.hotel || f.ordinal < line.ordinal);
                    }
                    finished.push(line);
                }
                Err(_) if last => break,
                Err(e) => return Err(format!("line {number} is damaged: {e}")),
            }
        }
        sound += length + 1;
    }
    Ok((finished, sound))
}
