//! Processes that end: within a time, or with the test.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks at something that will come.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A started program, killed when it is dropped.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts it; what it says goes to files, since nobody reads a pipe while a test waits.
    pub fn start(command: &mut Command, says: &Path, complains: &Path) -> Self {
        let file = |path: &Path| File::create(path).unwrap_or_else(|e| panic!("cannot write {}: {e}", path.display()));
        command.stdin(Stdio::null()).stdout(file(says)).stderr(file(complains));
        Self { child: command.spawn().unwrap_or_else(|e| panic!("cannot start {command:?}: {e}")) }
    }

    /// How it ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of this process")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone is fine; left running is not.
        let _already_gone = self.child.kill();
        let _already_waited_for = self.child.wait();
    }
}

/// Looks until there is something to see; nothing when there is nothing within the time.
pub fn until<T>(within: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return Some(seen);
        }
        if began.elapsed() > within {
            return None;
        }
        thread::sleep(LOOK_EVERY);
    }
}
