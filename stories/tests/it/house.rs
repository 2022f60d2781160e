//! The program itself, as a process with the demo hotels in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::watch::{Process, until};

/// How long it may take to listen, and then to seed the demo hotels, on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running `posthouse up --demo` on a fresh directory; killed when it is dropped.
pub struct House {
    /// Where it listens.
    pub url: String,
    // Dropped in this order: the process, then its directory.
    _process: Process,
    _data: tempfile::TempDir,
}

impl House {
    /// Starts it on a free port and waits until the demo hotels are there.
    pub fn demo() -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let (says, complains) = (data.path().join("says.txt"), data.path().join("complains.txt"));
        let mut command = Command::new(program());
        command.args(["up", "--demo", "--listen", "127.0.0.1:0", "--data"]).arg(data.path().join("stores"));
        let mut process = Process::start(&mut command, &says, &complains);
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let seen = until(READY_WITHIN, || match process.ended() {
            Some(status) => Some(Err(format!("the house ended while it was starting: {status}"))),
            None => Some(read(&says)).filter(|said| said.contains("the demo hotels")).map(Ok),
        });
        let said = match seen {
            Some(Ok(said)) if said.contains("are seeded") => said,
            Some(Err(why)) => panic!("{why}\n{}", read(&complains)),
            _ => panic!("the demo hotels are not there:\n{}{}", read(&says), read(&complains)),
        };
        let url = said.split_whitespace().find(|word| word.starts_with("http://")).expect("it says where it listens").to_owned();
        Self { url, _process: process, _data: data }
    }
}

/// Where cargo put this test's profile: `<target>/debug`.
pub fn profile_dir() -> PathBuf {
    let here = std::env::current_exe().expect("a test has a path");
    here.parent().and_then(Path::parent).expect("<target>/<profile>/deps/<test>").to_owned()
}

/// The program, which is another crate's: cargo builds it with the workspace, but not for this crate alone. One that is older
/// than its sources would test what nobody has any more.
fn program() -> PathBuf {
    const BUILD: &str = "run `cargo build -p posthouse`, or the tests of the whole workspace";
    let program = profile_dir().join("posthouse");
    let age = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let Some(built) = age(&program) else { panic!("there is no {}: {BUILD}", program.display()) };
    // Beside it, cargo lists what it was made of: `program: file file …`.
    let sources = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let newer = newer_than(built, sources.split_once(": ").map_or("", |(_, files)| files), age);
    assert!(newer.is_none(), "{} is older than {}: {BUILD}", program.display(), newer.unwrap_or_default());
    program
}

fn newer_than(built: SystemTime, files: &str, age: impl Fn(&Path) -> Option<SystemTime>) -> Option<String> {
    files.split_whitespace().find(|file| age(Path::new(file)).is_some_and(|changed| changed > built)).map(str::to_owned)
}

#[test]
fn a_program_that_is_older_than_its_sources_is_noticed() {
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let age = |path: &Path| path.to_str().and_then(|name| name.parse().ok()).map(at);
    assert_eq!(newer_than(at(7), "5 6 gone 7", age), None);
    assert_eq!(newer_than(at(7), "5 8 6", age), Some("8".to_owned()));
}
