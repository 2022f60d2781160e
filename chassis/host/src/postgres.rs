//! A PostgreSQL server of one's own, for a lab or a test: its own cluster in a directory, on a loopback port, from the
//! programs that are installed. It can be killed as a crash would kill it, and started again on the same data.

use std::io::Write;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::free;

/// Where Debian and others put the server's programs; `PATH` is looked at first.
const PLACES: [&str; 2] = ["/usr/lib/postgresql", "/usr/pgsql"];
/// What is used of them.
const PROGRAMS: [&str; 5] = ["initdb", "postgres", "pg_isready", "createdb", "psql"];
/// Looks at a killed process until it is gone; each is a read of a file, and a kill takes milliseconds.
const LOOKS_MAX: u32 = 1_000_000;

/// How careful the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// Nothing survives a crash of the machine: fast, for tests that crash nothing.
    None,
    /// Every commit is on disk before it is answered.
    Durable,
}

/// A server; killed when it is dropped.
pub struct Server {
    dir: PathBuf,
    bin: PathBuf,
    port: u16,
    user: Option<(u32, u32)>,
    process: Mutex<Option<Child>>,
}

impl Server {
    /// Makes a cluster in `dir`, which is there and empty, and starts it; it may not take connections yet.
    pub fn start(dir: &Path, care: Care) -> Result<Self, String> {
        let bin = programs().ok_or("PostgreSQL is not installed (15 or newer; on Debian: apt-get install postgresql)")?;
        // The server refuses to run as root: it gets a user of its own.
        let user = match is_root() {
            true => Some(account("postgres").ok_or("the server does not run as root, and there is no user 'postgres' for it")?),
            false => None,
        };
        if let Some((uid, gid)) = user {
            chown(dir, Some(uid), Some(gid)).map_err(|e| format!("{}: {e}", dir.display()))?;
        }
        let port = free::loopback()?.port();
        let server = Self { dir: dir.to_owned(), bin, port, user, process: Mutex::default() };
        let data = server.data();
        server.tool("initdb", &["-D", &data, "-U", "posthouse", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"])?;
        let care = match care {
            Care::None => "fsync = off\nfull_page_writes = off",
            Care::Durable => "fsync = on\nsynchronous_commit = on",
        };
        server.add(&format!("{care}\nlisten_addresses = '127.0.0.1'\nmax_connections = 300"))?;
        server.up()?;
        Ok(server)
    }

    /// Starts it, also after it was killed; it may not take connections yet.
    pub fn up(&self) -> Result<(), String> {
        let log = self.dir.join("log");
        let log = std::fs::File::options().create(true).append(true).open(&log).map_err(|e| format!("{}: {e}", log.display()))?;
        let (port, socket) = (self.port.to_string(), self.dir.display().to_string());
        let mut server = self.command("postgres");
        server.args(["-D", &self.data(), "-p", &port, "-k", &socket]).stdout(Stdio::null()).stderr(log);
        // A child of this process: when it is killed, it is this process that must ask what became of it, or the number of
        // the dead one keeps the next from starting.
        *self.process() = Some(server.spawn().map_err(|e| format!("PostgreSQL cannot be started: {e}"))?);
        Ok(())
    }

    /// Whether it takes connections.
    pub fn is_ready(&self) -> bool {
        let ready = self.command("pg_isready").args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string(), "-d", "postgres"]).status();
        ready.is_ok_and(|status| status.success())
    }

    /// Kills it as a crash would: all of its processes, at once, without a goodbye. They are gone when this returns.
    pub fn kill(&self) -> Result<(), String> {
        let Some(mut first) = self.process().take() else { return Ok(()) };
        // One that is stopped starts no other while they are counted.
        signal("STOP", &[first.id()])?;
        let mut all = children(first.id());
        all.push(first.id());
        signal("KILL", &all)?;
        first.wait().map_err(|e| format!("cannot wait for PostgreSQL: {e}"))?;
        // What still held the shared memory would keep the next from starting.
        let is_gone = |pid: &u32| (0..LOOKS_MAX).any(|_| stat(*pid).is_none_or(|fields| ["Z", "X"].contains(&fields[0].as_str())));
        if all.iter().all(is_gone) { Ok(()) } else { Err("a killed process of PostgreSQL stays".into()) }
    }

    /// The first process's number, to stop and continue it by signals.
    pub fn pid(&self) -> Option<u32> {
        self.process().as_ref().map(Child::id)
    }

    /// Makes it a bad one, for a lab that must notice: from now on commits are answered before they are written, and
    /// nobody writes them but for want of memory (its writer is stopped), so that the next kill loses what was answered.
    pub fn be_careless(&self) -> Result<(), String> {
        self.add("synchronous_commit = off")?;
        let first = self.pid().ok_or("PostgreSQL does not run")?;
        signal("HUP", &[first])?;
        let title = |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let writer = children(first).into_iter().find(|pid| title(pid).contains("walwriter"));
        signal("STOP", &[writer.ok_or("PostgreSQL has no writer")?])
    }

    /// The URL of a database, with its administrator as the user.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://posthouse@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database and gives its URL.
    pub fn database(&self, name: &str) -> Result<String, String> {
        let port = self.port.to_string();
        self.tool("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "posthouse", name])?;
        Ok(self.url(name))
    }

    /// Runs SQL as the administrator and gives what came back, unaligned, a row a line.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let out = self.command("psql").args([&self.url(database), "-v", "ON_ERROR_STOP=1", "-qAtc", sql]).output();
        let out = out.map_err(|e| e.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if out.status.success() { Ok(text(&out.stdout)) } else { Err(text(&out.stderr)) }
    }

    /// The last that the server and one of its programs said.
    pub fn said(&self, program: &str) -> String {
        let of = |file: &str| std::fs::read_to_string(self.dir.join(file)).unwrap_or_default();
        let log = of("log");
        let last: Vec<&str> = log.lines().rev().take(8).collect();
        format!("{}\n{}", of(&format!("{program}.out")), last.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }

    fn add(&self, settings: &str) -> Result<(), String> {
        let path = Path::new(&self.data()).join("postgresql.conf");
        let file = std::fs::File::options().append(true).open(&path);
        file.and_then(|mut file| writeln!(file, "{settings}")).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn data(&self) -> String {
        self.dir.join("data").display().to_string()
    }

    fn process(&self) -> MutexGuard<'_, Option<Child>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(&self.dir).stdin(Stdio::null());
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn tool(&self, program: &str, args: &[&str]) -> Result<(), String> {
        // A file and no pipe: a server would inherit it, and it would never end.
        let log = std::fs::File::create(self.dir.join(format!("{program}.out"))).map_err(|e| format!("{}: {e}", self.dir.display()))?;
        let status = self.command(program).args(args).stdout(Stdio::null()).stderr(log).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            status => Err(format!("{program} {args:?}: {status:?} {}", self.said(program))),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(why) = self.kill() {
            tracing::warn!(why, "a server of PostgreSQL is left behind");
        }
    }
}

/// The directory of `initdb`, the newest version first.
pub fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut versions: Vec<(u32, PathBuf)> = Vec::new();
    for place in PLACES {
        for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
            let version = entry.file_name().to_string_lossy().parse().unwrap_or(0);
            versions.push((version, entry.path().join("bin")));
        }
    }
    versions.sort();
    on_path.chain(versions.into_iter().rev().map(|(_, bin)| bin)).find(|bin| PROGRAMS.iter().all(|program| bin.join(program).is_file()))
}

/// Sends a signal; those that are gone already do not mind.
fn signal(signal: &str, to: &[u32]) -> Result<(), String> {
    let to = to.iter().map(u32::to_string);
    let sent = Command::new("kill").arg(format!("-{signal}")).args(to).stderr(Stdio::null()).status();
    sent.map(drop).map_err(|e| format!("kill -{signal}: {e}"))
}

fn children(of: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    pids.filter(|pid| stat(*pid).is_some_and(|fields| fields[1] == of.to_string())).collect()
}

/// State and parent of a process, and what follows.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let fields: Vec<&str> = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}
