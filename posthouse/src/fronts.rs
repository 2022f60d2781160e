//! The front ends of this process: each gets the services as its peers, and a key that all replicas share.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use axum::Extension;
use axum_extra::extract::cookie::Key;
use host::House;
use kernel::{Chance, Clock};
use kit::{Process, Setup};
use peer::{Faults, Peers};

use crate::roster;
use crate::settings::Plan;

/// The key's file in the shared directory.
const FILE: &str = "cookies.key";
/// Bytes of the key.
const KEY_BYTES: usize = 64;

/// The pages of a plan's front ends.
pub fn pages(
    plan: &Plan,
    house: &House,
    clock: &Arc<dyn Clock>,
    chance: &Arc<dyn Chance>,
    key: &Key,
    faults: Option<Faults>,
) -> axum::Router {
    let mine = roster::FRONTS.iter().filter(|(name, _)| plan.fronts.contains(name));
    let process = Process { faults, memory_mb: host::stats::rss_mb };
    let all = mine.fold(axum::Router::new(), |all, (name, app)| {
        let setup = Setup {
            peers: Peers::new(name, house.wire.clone()).with_guards(house.guards.clone()),
            clock: clock.clone(),
            chance: chance.clone(),
            spawn: house.tasks.spawner(),
            closing: house.closing.clone(),
            key: key.clone(),
            is_demo: plan.demo,
        };
        all.merge(app(setup))
    });
    all.layer(Extension(process))
}

/// The key that seals cookies, made where there is none. Whoever loses it logs everybody out, and nothing else.
pub fn key(dir: &Path, chance: &dyn Chance) -> Result<Key, String> {
    let path = dir.join(FILE);
    let cannot = |what: &str, e: std::io::Error| format!("cannot {what} {}: {e}", path.display());
    match std::fs::read(&path) {
        Ok(bytes) if bytes.len() == KEY_BYTES => return Ok(Key::from(&bytes)),
        Ok(_) => return Err(format!("{} is not a key of {KEY_BYTES} bytes; remove it, and a new one is made", path.display())),
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => return Err(cannot("read", e)),
    }
    let mut bytes = [0; KEY_BYTES];
    chance.fill(&mut bytes);
    let new = dir.join(format!("{FILE}.{:016x}", chance.next()));
    write_private(&new, &bytes).map_err(|e| cannot("write", e))?;
    // Replicas that start together: the first link wins, the others read it.
    let linked = std::fs::hard_link(&new, &path);
    std::fs::remove_file(&new).map_err(|e| cannot("write", e))?;
    match linked {
        Ok(()) => Ok(Key::from(&bytes)),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => key(dir, chance),
        Err(e) => Err(cannot("write", e)),
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::chance::Seeded;

    #[test]
    fn a_key_is_made_once_and_a_broken_one_is_told() {
        let dir = tempfile::tempdir().expect("a directory");
        let first = key(dir.path(), &Seeded::new(1)).expect("made");
        let again = key(dir.path(), &Seeded::new(2)).expect("read");
        assert_eq!(first.master(), again.master());
        assert_eq!(std::fs::read_dir(dir.path()).expect("a directory").count(), 1, "nothing is left over");
        std::fs::write(dir.path().join(FILE), b"short").expect("written");
        assert!(key(dir.path(), &Seeded::new(3)).expect_err("told").contains(FILE));
    }
}
