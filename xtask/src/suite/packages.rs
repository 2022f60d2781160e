//! What tests start and no system package has: from Node's and Python's registries, each kit in a folder of its own in the target
//! directory, in the very versions that a file of the checkout names.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use crate::place;

/// In a kit's folder: a copy of what was installed. Written last, so that half an installation is none.
const STAMP: &str = "installed";
/// As the lock file says, and none of the packages' scripts is run.
const NPM: [&str; 5] = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"];
/// As the file says and nothing else; nothing is compiled.
const PIP: [&str; 9] =
    ["-m", "pip", "install", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--quiet", "--requirement"];
/// The oldest Python that the packages are made for, with what makes an environment. Debian has them apart.
const PYTHON: [&str; 2] = ["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"];

/// Packages that are installed together.
struct Kit {
    /// Its folder in the target directory; tests look for it there.
    folder: &'static str,
    /// Where the versions are written down.
    from: &'static str,
    /// In which file.
    lock: &'static str,
    /// Installs into a folder what a folder of the checkout names.
    with: fn(&Path, &Path) -> io::Result<bool>,
}

const KITS: [Kit; 3] = [
    Kit { folder: "browser", from: "stories/browser", lock: "package-lock.json", with: npm },
    Kit { folder: "azurite", from: "chassis/testkit/tools", lock: "package-lock.json", with: npm },
    Kit { folder: "python", from: "chassis/testkit/tools", lock: "requirements.txt", with: pip },
];

/// Whether all of it is here, in the versions of this checkout.
pub fn there(root: &Path) -> bool {
    KITS.iter().all(|kit| kit.is_there(root, &place::target()))
}

/// Installs what is missing; true when all is here afterwards.
pub fn install(root: &Path) -> io::Result<bool> {
    for kit in KITS.iter().filter(|kit| !kit.is_there(root, &place::target())) {
        if !kit.install(root, &place::target())? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether Python is here, as new and as whole as it must be.
pub fn python() -> bool {
    Command::new("python3").args(PYTHON).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

impl Kit {
    fn lock(&self, root: &Path) -> PathBuf {
        root.join(self.from).join(self.lock)
    }

    fn is_there(&self, root: &Path, target: &Path) -> bool {
        let stamp = fs::read(target.join(self.folder).join(STAMP));
        matches!((fs::read(self.lock(root)), stamp), (Ok(lock), Ok(stamp)) if lock == stamp)
    }

    fn install(&self, root: &Path, target: &Path) -> io::Result<bool> {
        let to = target.join(self.folder);
        fs::create_dir_all(&to)?;
        match fs::remove_file(to.join(STAMP)) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
            _ => {}
        }
        let done = (self.with)(&root.join(self.from), &to)?;
        if done {
            fs::copy(self.lock(root), to.join(STAMP))?;
        } else {
            eprintln!("what {}/{} names could not be installed: see the words above", self.from, self.lock);
        }
        Ok(done)
    }
}

fn npm(from: &Path, to: &Path) -> io::Result<bool> {
    for file in ["package.json", "package-lock.json"] {
        fs::copy(from.join(file), to.join(file))?;
    }
    run(Command::new(NPM[0]).args(&NPM[1..]).current_dir(to))
}

/// An environment of its own, made anew: what an older file named is gone.
fn pip(from: &Path, to: &Path) -> io::Result<bool> {
    let made = run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(to))?;
    Ok(made && run(Command::new(to.join("bin/python")).args(PIP).arg(from.join("requirements.txt")))?)
}

/// Shows what is run, and what it says on the error stream: the other one may be read by a program.
fn run(command: &mut Command) -> io::Result<bool> {
    let said = |word: &OsStr| word.to_string_lossy().into_owned();
    let words: Vec<String> = [command.get_program()].into_iter().chain(command.get_args()).map(said).collect();
    eprintln!("{}", words.join(" "));
    let status = command.stdout(io::stderr()).status();
    status.map(|status| status.success()).map_err(|fault| io::Error::new(fault.kind(), format!("{} does not start: {fault}", words[0])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kit(with: fn(&Path, &Path) -> io::Result<bool>) -> Kit {
        Kit { folder: "kit", from: "here", lock: "lock", with }
    }

    #[test]
    fn what_was_installed_by_half_or_from_another_lock_file_is_not_there() {
        let (root, target) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let (root, target) = (root.path(), target.path());
        assert!(!kit(|_, _| Ok(true)).is_there(root, target), "there is no lock file");
        fs::create_dir(root.join("here")).expect("made");
        fs::write(root.join("here/lock"), "one").expect("written");
        assert!(!kit(|_, to| fs::write(to.join("half"), "").map(|()| false)).install(root, target).expect("tried"));
        assert!(target.join("kit/half").is_file() && !kit(|_, _| Ok(true)).is_there(root, target));
        assert!(kit(|_, _| Ok(true)).install(root, target).expect("installed") && kit(|_, _| Ok(true)).is_there(root, target));
        fs::write(root.join("here/lock"), "two").expect("written");
        assert!(!kit(|_, _| Ok(true)).is_there(root, target), "these are other versions");
        assert!(kit(|_, _| Err(io::Error::other("the disk is full"))).install(root, target).is_err());
        fs::write(root.join("here/lock"), "one").expect("written");
        assert!(!kit(|_, _| Ok(true)).is_there(root, target), "the second installation has taken the first one away");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let fault = run(&mut Command::new("npm-that-is-not-there")).expect_err("it is not there");
        assert!(fault.to_string().contains("npm-that-is-not-there"), "{fault}");
    }

    #[test]
    fn the_files_that_name_versions_are_in_the_checkout() {
        let root = place::root();
        KITS.iter().for_each(|kit| assert!(kit.lock(&root).is_file(), "{}/{}", kit.from, kit.lock));
        let pinned = fs::read_to_string(root.join("chassis/testkit/tools/requirements.txt")).expect("a file");
        let packages = pinned.lines().filter(|line| !line.starts_with('#'));
        packages.for_each(|line| assert!(line.contains("=="), "{line} has no version"));
    }
}
