//! A real PostgreSQL server for one test: its own cluster in a temporary directory, on a free loopback port, ended with
//! the value that stands for it. `cargo xtask test` installs the server where it is missing.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

/// Where Debian and others put the server's programs; `PATH` is looked at first.
const PLACES: [&str; 2] = ["/usr/lib/postgresql", "/usr/pgsql"];

/// What is used of them.
const PROGRAMS: [&str; 5] = ["initdb", "postgres", "pg_isready", "createdb", "psql"];

/// How careful the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// Nothing survives a crash of the machine: fast, for tests that crash nothing.
    None,
    /// Every commit is on disk before it is answered.
    Durable,
}

/// A running server.
pub struct Postgres {
    dir: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
    care: Care,
    user: Option<(u32, u32)>,
    process: Mutex<Option<Child>>,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub fn start(care: Care) -> Self {
        let bin = programs().expect("PostgreSQL 15 or newer is installed (on Debian: apt-get install postgresql)");
        let dir = tempfile::Builder::new().prefix("ph-pg").tempdir().expect("a temporary directory");
        // The server refuses to run as root: it gets a user of its own.
        let user = is_root().then(|| account("postgres").expect("a user for the server"));
        if let Some((uid, gid)) = user {
            chown(dir.path(), Some(uid), Some(gid)).expect("the server's directory");
        }
        let port = free_port();
        let server = Self { dir, bin, port, care, user, process: Mutex::default() };
        let data = server.data();
        server.tool("initdb", &["-D", &data, "-U", "posthouse", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]);
        server.up();
        server
    }

    /// Starts the server, also after it was killed.
    pub fn up(&self) {
        let care: &[&str] = match self.care {
            Care::None => &["fsync=off", "full_page_writes=off"],
            Care::Durable => &["fsync=on", "synchronous_commit=on"],
        };
        let (port, socket) = (self.port.to_string(), self.dir.path().display().to_string());
        let log = std::fs::File::options().create(true).append(true).open(self.dir.path().join("log")).expect("a log");
        let mut server = self.command("postgres");
        server.args(["-D", &self.data(), "-p", &port, "-k", &socket]);
        for setting in care.iter().chain(&["listen_addresses=127.0.0.1", "max_connections=300"]) {
            server.args(["-c", setting]);
        }
        // A child of this process: when it is killed, it is this process that must ask what became of it, or the number of
        // the dead one keeps the next from starting.
        let started = server.stdout(Stdio::null()).stderr(log).spawn().expect("the server starts");
        *self.process() = Some(started);
        for _ in 0..2_000 {
            let ready = self.command("pg_isready").args(["-q", "-h", "127.0.0.1", "-p", &port, "-d", "postgres"]).status();
            if ready.is_ok_and(|status| status.success()) {
                return;
            }
        }
        panic!("the server is not ready: {}", self.said("postgres"));
    }

    /// Kills the server as a crash would: all of its processes, at once, without a goodbye.
    pub fn kill(&self) {
        let Some(mut first) = self.process().take() else { return };
        let all: Vec<String> = children(first.id()).iter().map(u32::to_string).collect();
        first.kill().expect("the server's first process can be killed");
        first.wait().expect("the server's first process ends");
        let _some_are_gone_already = Command::new("kill").arg("-9").args(&all).stderr(Stdio::null()).status();
    }

    /// The first process's number, to stop and continue it by signals.
    pub fn pid(&self) -> Option<u32> {
        self.process().as_ref().map(Child::id)
    }

    fn process(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The URL of a database, with its administrator as the user.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://posthouse@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database and gives its URL.
    pub fn database(&self, name: &str) -> String {
        let port = self.port.to_string();
        self.tool("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "posthouse", name]);
        self.url(name)
    }

    /// Runs SQL as the administrator and gives what came back, unaligned, a row a line.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let out = self.command("psql").args([&self.url(database), "-v", "ON_ERROR_STOP=1", "-qAtc", sql]).output();
        let out = out.map_err(|e| e.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if out.status.success() { Ok(text(&out.stdout)) } else { Err(text(&out.stderr)) }
    }

    fn data(&self) -> String {
        self.dir.path().join("data").display().to_string()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn tool(&self, program: &str, args: &[&str]) {
        // The server inherits these: a pipe would never end.
        let log = std::fs::File::create(self.dir.path().join(format!("{program}.out"))).expect("a log");
        let status = self.command(program).args(args).stdout(Stdio::null()).stderr(log).status();
        assert!(status.as_ref().is_ok_and(|s| s.success()), "{program} {args:?}: {status:?} {}", self.said(program));
    }

    fn said(&self, program: &str) -> String {
        let of = |file: &str| std::fs::read_to_string(self.dir.path().join(file)).unwrap_or_default();
        let log = of("log");
        let last: Vec<&str> = log.lines().rev().take(8).collect();
        format!("{}\n{}", of(&format!("{program}.out")), last.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
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

fn children(of: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    pids.filter(|pid| stat(&pid.to_string()).is_some_and(|fields| fields[1] == of.to_string())).collect()
}

/// State and parent of a process, and what follows.
fn stat(pid: &str) -> Option<Vec<String>> {
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

/// A loopback port nobody listens on.
pub fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback socket");
    socket.local_addr().expect("its address").port()
}
