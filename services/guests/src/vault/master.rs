//! The master key's file: made once, readable by its owner only, and kept apart from the rows it opens, so that a copy of
//! the database alone tells nothing.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use kernel::Chance;

use super::seal::Key;

/// The file's name in the data directory.
const FILE: &str = "vault.key";
/// Its name while it is written.
const FILE_NEW: &str = "vault.key.new";
/// Nobody but its owner reads or writes it.
const MODE: u32 = 0o600;

/// Reads the key; `None` when there is no file.
pub fn read(dir: &Path) -> Result<Option<Key>, String> {
    let path = dir.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => Key::from_bytes(&bytes).map(Some).ok_or_else(|| format!("{} is not a key of 32 bytes", path.display())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(format!("cannot read {}: {e}", path.display())),
    }
}

/// Makes a key and its file. It is on the disk, whole, before anything is sealed with it: without it the vault is noise.
pub fn make(dir: &Path, chance: &dyn Chance) -> Result<Key, String> {
    let key = Key::random(chance);
    let write = || -> std::io::Result<()> {
        let new = dir.join(FILE_NEW);
        match std::fs::remove_file(&new) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&new)?;
        file.write_all(key.bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, dir.join(FILE))?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|e| format!("cannot write {}: {e}", dir.join(FILE).display()))?;
    Ok(key)
}
