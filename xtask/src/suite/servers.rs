//! The servers that tests start, installed where they are missing: PostgreSQL, from the system's packages.

use std::{io, path::Path, process::Command};

/// What a test needs of it.
const PROGRAM: &str = "initdb";
/// Where Debian puts it.
const PLACE: &str = "/usr/lib/postgresql";
/// How Debian installs it; no server is started by that.
const INSTALL: [&str; 5] = ["apt-get", "install", "--yes", "--no-install-recommends", "postgresql"];

/// Whether PostgreSQL is here.
pub fn there() -> bool {
    let versions = std::fs::read_dir(PLACE).into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions.chain(std::env::split_paths(&path)).any(|dir| dir.join(PROGRAM).is_file())
}

/// What one would type.
pub fn says() -> String {
    INSTALL.join(" ")
}

/// Installs it; true when it is here afterwards.
pub fn install() -> io::Result<bool> {
    if !Path::new("/usr/bin/apt-get").exists() {
        eprintln!("the tests start a PostgreSQL server (15 or newer): install it with your system's packages");
        return Ok(false);
    }
    let done = Command::new(INSTALL[0]).args(&INSTALL[1..]).env("DEBIAN_FRONTEND", "noninteractive").status()?;
    Ok(done.success() && there())
}
