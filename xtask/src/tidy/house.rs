//! The checkout as the rules see it: paths and texts, nothing else.
//!
//! Rules take a [`House`], so a test can build a bad one in a line.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use super::source::Source;

/// Folders that are never part of the project.
const SKIPPED: &[&str] = &["target", ".git", "node_modules"];
/// Larger files are data, not text to judge.
const TEXT_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the root, with forward slashes.
    pub path: String,
    /// Its whole text.
    pub text: String,
    /// Taken apart when it is Rust, else empty.
    pub source: Source,
}

/// Every text file of the checkout.
#[derive(Clone, Debug, Default)]
pub struct House {
    files: BTreeMap<String, File>,
    /// What is no text, or too much of it: pictures, data. It is there, and nobody judges it.
    others: BTreeSet<String>,
}

impl House {
    /// A house made of these files; what tests use.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let mut house = Self::default();
        for (path, text) in files {
            house.add((*path).to_owned(), (*text).to_owned());
        }
        house
    }

    /// The checkout at `root`.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut house = Self::default();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(root.join(&folder))? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let relative = folder.join(&name);
                if SKIPPED.contains(&name.as_str()) {
                    continue;
                }
                let meta = entry.metadata()?;
                if meta.is_dir() {
                    folders.push(relative);
                    continue;
                }
                let path = relative.to_string_lossy().replace('\\', "/");
                // What is not UTF-8 is not text.
                match fs::read_to_string(entry.path()) {
                    Ok(text) if meta.len() <= TEXT_BYTES_MAX => house.add(path, text),
                    _ => drop(house.others.insert(path)),
                }
            }
        }
        Ok(house)
    }

    /// Every file, in the order of the paths.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    /// Every Rust file.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files().filter(|file| file.path.ends_with(".rs"))
    }

    /// Every manifest of a crate (the root's is the workspace, not a crate).
    pub fn manifests(&self) -> impl Iterator<Item = &File> {
        self.files().filter(|file| file.path.ends_with("/Cargo.toml"))
    }

    /// The file at `path`.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Is there a file, or a folder with files, at `path`?
    pub fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        path.is_empty()
            || self.files.contains_key(path)
            || self.others.contains(path)
            || self.files.range(folder.clone()..).next().is_some_and(|(at, _)| at.starts_with(&folder))
    }

    fn add(&mut self, path: String, text: String) {
        let source = if path.ends_with(".rs") { Source::read(&path, &text) } else { Source::default() };
        self.files.insert(path.clone(), File { path, text, source });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_there_and_is_not_judged() {
        let dir = std::env::temp_dir().join(format!("posthouse-tidy-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("a directory");
        fs::write(dir.join("a.png"), [0x89, 0x50, 0xff]).expect("written");
        let house = House::read(&dir).expect("a house");
        fs::remove_dir_all(&dir).expect("removed");
        assert!(house.has("a.png") && !house.has("b.png") && house.files().next().is_none());
    }

    #[test]
    fn a_folder_exists_when_it_has_a_file() {
        let house = House::of(&[("docs/errors/bug.md", ""), ("docs-old", "")]);
        assert!(house.has("docs/errors") && house.has("docs/") && house.has("docs/errors/bug.md"));
        assert!(!house.has("doc") && !house.has("docs/errors/bu"));
    }

    #[test]
    fn the_disk_is_read_without_the_build_folder() {
        let root = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(root.path().join("target")).expect("made");
        fs::create_dir_all(root.path().join("a/src")).expect("made");
        fs::write(root.path().join("target/x.rs"), "x").expect("written");
        fs::write(root.path().join("a/src/lib.rs"), "//! A").expect("written");
        fs::write(root.path().join("a/image"), [0xff, 0xfe]).expect("written");
        let house = House::read(root.path()).expect("read");
        let paths: Vec<&str> = house.files().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["a/src/lib.rs"]);
    }
}
