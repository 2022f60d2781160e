//! Where the checkout is, and how to start cargo in it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// The root of the checkout: the folder above this crate.
///
/// Cargo says it at run time; the compile-time value is for a binary started by hand.
pub fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

/// The target directory: two folders above the program that cargo built.
pub fn target() -> PathBuf {
    let here = env::current_exe().unwrap_or_default();
    // Tests of this crate are built one folder deeper.
    here.ancestors().skip(1).filter(|dir| !dir.ends_with("deps")).nth(1).unwrap_or(Path::new("target")).to_path_buf()
}

/// A cargo command in the root.
///
/// What the outer `cargo run` said about *this* package is removed: a build script that watches such a variable
/// would otherwise be rebuilt each time the suite starts.
pub fn cargo(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).args(args);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|p| name.starts_with(p)) {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// Is the cargo subcommand `name` (such as `nextest`) on this machine?
pub fn has_subcommand(root: &Path, name: &str) -> bool {
    cargo(root, &[name, "--version"]).output().is_ok_and(|out| out.status.success())
}
