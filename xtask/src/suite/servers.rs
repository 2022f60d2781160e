//! What tests start beside the house, installed where it is missing: PostgreSQL, a browser, Node and Python from the system's
//! packages, the rest as `packages` says.
//!
//! `cargo xtask servers` does only this. Nothing is installed twice, and nothing goes into the checkout.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use super::packages;

/// How Debian installs it; no server is started by that.
const INSTALL: [&str; 4] = ["apt-get", "install", "--yes", "--no-install-recommends"];
/// Node's oldest major version that will do.
const NODE_MIN: u32 = 20;

/// One thing from the system's packages.
struct Program {
    /// What a person calls it.
    what: &'static str,
    /// Debian's package.
    package: &'static str,
    there: fn() -> bool,
}

const PROGRAMS: &[Program] = &[
    Program { what: "PostgreSQL 15 or newer", package: "postgresql", there: postgres },
    Program { what: "Chromium", package: "chromium", there: chromium },
    Program { what: "Node 20 or newer", package: "nodejs", there: || major("node").is_some_and(|major| major >= NODE_MIN) },
    Program { what: "npm", package: "npm", there: || major("npm").is_some() },
    Program { what: "Python 3.11 or newer with venv and pip", package: "python3-venv", there: packages::python },
];

/// Whether all of it is here.
pub fn there(root: &Path) -> bool {
    missing().is_empty() && packages::there(root)
}

/// What one would type.
pub fn says() -> String {
    "cargo xtask servers".to_owned()
}

/// `cargo xtask servers`.
pub fn run(root: &Path) -> bool {
    let well = install(root).unwrap_or_else(|fault| {
        eprintln!("what the tests start cannot be installed: {fault}");
        false
    });
    if well {
        eprintln!("what the tests start is installed");
    }
    well
}

/// Installs what is missing; true when all is here afterwards.
pub fn install(root: &Path) -> io::Result<bool> {
    let wanted = missing();
    if !wanted.is_empty() {
        let names: Vec<&str> = wanted.iter().map(|program| program.what).collect();
        eprintln!("the tests need {}, which is not here", names.join(", "));
        if !Path::new("/usr/bin/apt-get").exists() {
            eprintln!("there is no apt-get: install it with your system's packages (another browser's path goes into CHROMIUM)");
            return Ok(false);
        }
        // The lists of a machine may be older than what the servers still have.
        let installed = apt(&wanted)? || (refresh()? && apt(&wanted)?);
        if !installed {
            return Ok(false);
        }
        let still = missing();
        still.iter().for_each(|program| eprintln!("{} is still not here: install it by hand", program.what));
        if !still.is_empty() {
            return Ok(false);
        }
    }
    packages::install(root)
}

fn missing() -> Vec<&'static Program> {
    PROGRAMS.iter().filter(|program| !(program.there)()).collect()
}

fn apt(wanted: &[&Program]) -> io::Result<bool> {
    let packages = wanted.iter().map(|program| program.package);
    let args: Vec<&str> = INSTALL[1..].iter().copied().chain(packages).collect();
    eprintln!("{} {}", INSTALL[0], args.join(" "));
    Ok(Command::new(INSTALL[0]).args(args).env("DEBIAN_FRONTEND", "noninteractive").status()?.success())
}

fn refresh() -> io::Result<bool> {
    Ok(Command::new(INSTALL[0]).arg("update").status()?.success())
}

/// Debian keeps the server's programs out of the path.
fn postgres() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    versions.chain(path()).any(|dir| dir.join("initdb").is_file())
}

fn chromium() -> bool {
    env::var_os("CHROMIUM").is_some_and(|named| Path::new(&named).is_file()) || path().iter().any(|dir| dir.join("chromium").is_file())
}

fn path() -> Vec<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect()
}

/// The major version a program says it has.
fn major(program: &str) -> Option<u32> {
    let said = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&said.stdout).trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_and_a_missing_program_has_none() {
        assert!(major("cargo-that-is-not-there").is_none());
        assert!(major("git").is_none(), "`git version 2` begins with no number");
    }
}
