//! `posthouse backup`: the stores of data directories, copied while their house runs, all as of one instant.
//!
//! Why one instant: services command each other and follow each other's feeds, and the two together have no order. `hotels`
//! commands `inventory`, which follows `hotels`: whichever is copied first lacks something that the other knows of. A
//! saga would count on a hold that is not there, or a fact would come a second time with another meaning. A cut through
//! all stores is what a power failure leaves, and a house starts on that anyway.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::Args;
use eventstore::chain::hex;
use eventstore::cut::{self, Cut};
use host::ports::WallClock;
use kernel::Clock;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::lab::play::Bar;
use crate::roster;
use crate::up::say;

/// What says that a backup is whole: written last.
const MANIFEST: &str = "backup.json";
/// What is copied besides the event stores: the simulated provider's ledger and the guests' vault. Views are not: they are
/// made again.
const BESIDES: [&str; 2] = ["provider.db", VAULT];
const VAULT: &str = "guests-vault.db";
/// Without it the vault is noise.
const KEY: &str = "vault.key";

/// `posthouse backup`.
#[derive(Debug, Args, Clone)]
pub struct BackupArgs {
    /// Directory of the stores. Once for each process, when the house runs in pieces on this machine.
    #[arg(long, value_name = "DIR", default_value = "posthouse-data")]
    pub data: Vec<PathBuf>,
    /// Where the copy goes: a directory that is empty or not there yet. `posthouse up --data` starts on it.
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    pub to: Option<PathBuf>,
    /// Read a backup instead, and say whether it is what was written.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["to", "data"])]
    pub check: Option<PathBuf>,
    /// Only to be told what to do: PostgreSQL is backed up with its own tools.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the program that made it.
    pub posthouse: String,
    /// When it was begun, RFC 3339; the instant it shows is moments later.
    pub begun_at: String,
    /// The files.
    pub files: Vec<Copied>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Copied {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 over it, in hex.
    pub sha256: String,
}

/// Makes or checks a backup and prints what it holds; false when it is not what was written. Blocks.
pub fn run(args: &BackupArgs) -> Result<bool, String> {
    if let Some(url) = &args.store {
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        return Err(format!(
            "a store on {scheme}:// is backed up with the server's own tools: pg_dump --format=custom --file=house.dump URL. \
             Without --store, the vault and the provider's ledger in --data are copied (docs/operate.md, \"Back up\")"
        ));
    }
    if let Some(dir) = &args.check {
        let wrong = check(dir)?;
        wrong.iter().for_each(|line| eprintln!("BROKEN: {line}"));
        tell(&read(dir)?, args.json)?;
        return Ok(wrong.is_empty());
    }
    let to = args.to.as_deref().ok_or("--to names where the copy goes")?;
    let mut bar = None;
    let manifest = make(&args.data, to, &mut |done, all| {
        let all = u32::try_from(all).unwrap_or(u32::MAX);
        bar.get_or_insert_with(|| Bar::new(all, "pages")).at(u32::try_from(done).unwrap_or(u32::MAX));
    })?;
    tell(&manifest, args.json)?;
    Ok(true)
}

fn tell(manifest: &Manifest, json: bool) -> Result<(), String> {
    if json {
        say(&serde_json::to_string(manifest).map_err(|e| e.to_string())?);
        return Ok(());
    }
    manifest
        .files
        .iter()
        .for_each(|file| say(&format!("{:>14} bytes  {}  {}", file.bytes, &file.sha256[..16.min(file.sha256.len())], file.name)));
    if !manifest.files.iter().any(|file| is_store(&file.name)) {
        say("no event stores here: those of a house on PostgreSQL are taken with pg_dump");
    }
    Ok(())
}

/// Copies all stores of these directories as of one instant. What was begun and not finished is taken away again.
pub fn make(data: &[PathBuf], to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Manifest, String> {
    let (databases, key) = sources(data)?;
    let was_there = to.exists();
    if fs::read_dir(to).is_ok_and(|mut inside| inside.next().is_some()) || to.is_file() {
        return Err(format!("{} is not empty; a backup goes into a directory of its own", to.display()));
    }
    // Nobody but its owner: the guests' data and its key lie side by side in it.
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(to);
    made.map_err(|e| format!("{} cannot be made: {e}", to.display()))?;
    let done = fill(&databases, key.as_deref(), to, progress);
    if done.is_err() {
        for name in names(&databases).chain([KEY.into(), MANIFEST.into()]) {
            let _was_not_made = fs::remove_file(to.join(name));
        }
        if !was_there {
            let _is_not_empty = fs::remove_dir(to);
        }
    }
    done
}

fn fill(databases: &[PathBuf], key: Option<&Path>, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Manifest, String> {
    let begun_at = jiff::Timestamp::from_microsecond(WallClock.now().0).map_err(|e| e.to_string())?.to_string();
    let cut = Cut::through(databases)?;
    let all = cut.pages();
    cut.copy(|path| to.join(path.file_name().unwrap_or_default()), &mut |done| progress(done, all))?;
    if let Some(key) = key {
        let bytes = fs::read(key).map_err(|e| format!("{} cannot be read: {e}", key.display()))?;
        write(&to.join(KEY), &bytes)?;
    }
    let mut names: Vec<String> = names(databases).chain(key.map(|_| KEY.to_owned())).collect();
    names.sort();
    let files = names.iter().map(|name| measure(to, name)).collect::<Result<_, _>>()?;
    let manifest = Manifest { posthouse: env!("CARGO_PKG_VERSION").into(), begun_at, files };
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| e.to_string())?;
    write(&to.join(MANIFEST), text.as_bytes())?;
    File::open(to).and_then(|dir| dir.sync_all()).map_err(|e| format!("{}: {e}", to.display()))?;
    Ok(manifest)
}

fn is_store(name: &str) -> bool {
    name.strip_suffix(".db").is_some_and(|service| roster::SERVICES.iter().any(|(known, _)| *known == service))
}

fn names(databases: &[PathBuf]) -> impl Iterator<Item = String> + '_ {
    databases.iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
}

/// The databases of these directories, and the vault's key.
fn sources(data: &[PathBuf]) -> Result<(Vec<PathBuf>, Option<PathBuf>), String> {
    let (mut databases, mut key): (Vec<PathBuf>, _) = (Vec::new(), None);
    for dir in data {
        let stores = roster::SERVICES.iter().map(|(service, _)| format!("{service}.db"));
        for path in stores.chain(BESIDES.map(str::to_owned)).map(|name| dir.join(name)).filter(|path| path.is_file()) {
            if let Some(other) = databases.iter().find(|other| other.file_name() == path.file_name()) {
                return Err(format!("{} and {} are stores of the same name: which is the house's?", other.display(), path.display()));
            }
            if path.ends_with(VAULT) {
                let beside = dir.join(KEY);
                if !beside.is_file() {
                    return Err(format!("{} is missing, and the vault beside it is noise without it", beside.display()));
                }
                key = Some(beside);
            }
            databases.push(path);
        }
    }
    if databases.is_empty() {
        let dirs: Vec<_> = data.iter().map(|dir| dir.display().to_string()).collect();
        return Err(format!("there is no store of a house in {}; --data names the directory it was started with", dirs.join(", ")));
    }
    Ok((databases, key))
}

/// A file for its owner only, on the disk when this returns.
fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// Size and hash of a file, which is on the disk when this returns.
fn measure(dir: &Path, name: &str) -> Result<Copied, String> {
    let cannot = |e: std::io::Error| format!("{} cannot be read: {e}", dir.join(name).display());
    let mut file = File::open(dir.join(name)).map_err(cannot)?;
    file.sync_all().map_err(cannot)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        let n = file.read(&mut buffer).map_err(cannot)?;
        if n == 0 {
            return Ok(Copied { name: name.to_owned(), bytes, sha256: hex(&hash.finalize()) });
        }
        bytes += n as u64;
        hash.update(&buffer[..n]);
    }
}

/// What a backup says that it holds.
pub fn read(dir: &Path) -> Result<Manifest, String> {
    let path = dir.join(MANIFEST);
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}; without it this is no whole backup", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{} cannot be understood: {e}", path.display()))
}

/// What of a backup is not as it was written. One that a house has been started on has changed.
pub fn check(dir: &Path) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for file in read(dir)?.files {
        match measure(dir, &file.name) {
            Ok(now) if now == file && file.name != KEY => wrong.extend(cut::check(&dir.join(&file.name)).err()),
            Ok(now) if now == file => {}
            Ok(_) => wrong.push(format!("{} is not what was written", file.name)),
            Err(why) => wrong.push(why),
        }
    }
    Ok(wrong)
}
