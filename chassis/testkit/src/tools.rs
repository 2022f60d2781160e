//! Programs that tests start and that no system package has: `cargo xtask servers` installs them into the target directory,
//! as `tools/` writes them down.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of the file that names what is installed. Written last, so that half an installation is none.
const STAMP: &str = "installed";

/// Python with the packages of `tools/requirements.txt`.
pub fn python() -> Command {
    Command::new(installed("python", "requirements.txt").join("bin/python"))
}

/// The folder of Azurite, which stands for Azure's blob store.
pub fn azurite() -> PathBuf {
    installed("azurite", "package-lock.json")
}

/// A file of `tools/`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools").join(name)
}

fn installed(name: &str, lock: &str) -> PathBuf {
    let here = std::env::current_exe().expect("a test has a path");
    let target = here.ancestors().nth(3).expect("<target>/<profile>/deps/<test>");
    let dir = target.join(name);
    let is_it = std::fs::read(dir.join(STAMP)).is_ok_and(|stamp| Some(stamp) == std::fs::read(script(lock)).ok());
    assert!(is_it, "{name} is not in {} as {lock} has it: run `cargo xtask servers`", target.display());
    dir
}
