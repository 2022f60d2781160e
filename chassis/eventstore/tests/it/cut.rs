//! Copies of databases that are being written: all as of one instant.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use eventstore::cut::{self, Cut};
use rusqlite::Connection;

fn database(dir: &Path, name: &str) -> PathBuf {
    let path = dir.join(name);
    let c = Connection::open(&path).expect("a database");
    c.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE n(n INTEGER); INSERT INTO n VALUES(0); CREATE TABLE load(x BLOB);")
        .expect("a table");
    path
}

fn last(path: &Path) -> u64 {
    let c = Connection::open(path).expect("the copy");
    let n: i64 = c.query_row("SELECT n FROM n", [], |row| row.get(0)).expect("a number");
    n.unsigned_abs()
}

/// Writes every number into the first database, then into the second, and so on: like steps that follow each other.
fn write_on(databases: &[PathBuf], stop: &AtomicBool, written: &AtomicU64) {
    let connections: Vec<_> = databases.iter().map(|path| Connection::open(path).expect("a database")).collect();
    for c in &connections {
        // Without syncs, so that much is written between two looks.
        c.execute_batch("PRAGMA busy_timeout=5000; PRAGMA synchronous=OFF;").expect("patience");
    }
    for n in 1u32.. {
        for c in &connections {
            c.execute("UPDATE n SET n = ?1", [n]).expect("written");
        }
        written.store(n.into(), Ordering::Relaxed);
        if stop.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Stops the writer also when the test fails.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn copies_of_databases_that_are_written_meanwhile_show_one_instant() {
    let dir = tempfile::tempdir().expect("a directory");
    let databases: Vec<_> = (0..6).map(|n| database(dir.path(), &format!("{n}.db"))).collect();
    // More than one step of copying, so that there are writes in between.
    for path in &databases {
        let c = Connection::open(path).expect("a database");
        c.execute("INSERT INTO load VALUES(zeroblob(2000000))", []).expect("written");
    }
    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| write_on(&databases, &stop, &written));
        let _stops = Stops(&stop);
        for round in 0..12 {
            let before = written.load(Ordering::Relaxed);
            while written.load(Ordering::Relaxed) < before + 5 {
                std::thread::yield_now();
            }
            let least = written.load(Ordering::Relaxed);
            let to = dir.path().join(format!("copy-{round}"));
            std::fs::create_dir(&to).expect("a directory");
            let copy_of = |path: &Path| to.join(path.file_name().expect("a name"));
            let cut = Cut::through(&databases).expect("a cut");
            let (pages, mut told) = (cut.pages(), 0);
            cut.copy(copy_of, &mut |n| told = n).expect("copies");
            assert!(told == pages && pages > 300, "{told} of {pages}");
            let numbers: Vec<_> = databases.iter().map(|path| last(&copy_of(path))).collect();
            let is_instant = numbers.windows(2).all(|two| two[0] >= two[1]) && numbers[0] - numbers[5] <= 1;
            assert!(is_instant && numbers[5] >= least, "{numbers:?} after {least}");
        }
    });
}

#[test]
fn what_is_no_database_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let missing = dir.path().join("missing.db");
    let why = Cut::through(std::slice::from_ref(&missing)).err().expect("nothing to cut");
    assert!(why.contains("missing.db cannot be opened") && !missing.exists(), "{why}");
    let noise = dir.path().join("noise.db");
    std::fs::write(&noise, [7u8; 9_000]).expect("a file");
    let why = Cut::through(std::slice::from_ref(&noise)).err().expect("nothing to cut");
    assert!(why.contains("noise.db"), "{why}");
}

#[test]
fn a_damaged_copy_is_noticed() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = database(dir.path(), "a.db");
    let c = Connection::open(&path).expect("a database");
    for _ in 0..50 {
        c.execute("INSERT INTO load VALUES(randomblob(3000))", []).expect("written");
    }
    c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("a checkpoint");
    drop(c);
    assert_eq!(cut::check(&path), Ok(()));
    let mut bytes = std::fs::read(&path).expect("bytes");
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 64].fill(0xEE);
    std::fs::write(&path, bytes).expect("damage");
    assert!(cut::check(&path).expect_err("damage").contains("a.db is damaged"));
}
