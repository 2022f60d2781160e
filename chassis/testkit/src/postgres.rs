//! A real PostgreSQL server for one test: its own cluster in a temporary directory, on a free loopback port, ended with
//! the value that stands for it. `cargo xtask test` installs the server where it is missing.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian and others put the server's programs; `PATH` is looked at first.
const PLACES: [&str; 2] = ["/usr/lib/postgresql", "/usr/pgsql"];

/// What is used of them.
const PROGRAMS: [&str; 5] = ["initdb", "pg_ctl", "createdb", "psql", "pg_dump"];

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
        let server = Self { dir, bin, port, care, user };
        let data = server.data();
        server.tool("initdb", &["-D", &data, "-U", "posthouse", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]);
        server.up();
        server
    }

    /// Starts the server, also after it was killed.
    pub fn up(&self) {
        let care = match self.care {
            Care::None => "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
            Care::Durable => "-c fsync=on -c synchronous_commit=on",
        };
        let socket = self.dir.path().display();
        let options = format!("-p {} -k {socket} -c listen_addresses=127.0.0.1 -c max_connections=300 {care}", self.port);
        let log = self.dir.path().join("log").display().to_string();
        self.tool("pg_ctl", &["-D", &self.data(), "-w", "-t", "60", "-l", &log, "-o", &options, "start"]);
    }

    /// Kills the server as a crash would: its first process, at once, without a goodbye.
    pub fn kill(&self) {
        let pid = self.pid().expect("the server's process");
        let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()), "process {pid} can be killed");
        // The next start is refused while children of the dead one hold on to its memory: they end by themselves, soon.
        for _ in 0..6_000 {
            if !Path::new(&format!("/proc/{pid}")).exists() {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// The process to stop and continue by signals.
    pub fn pid(&self) -> Option<u32> {
        let text = std::fs::read_to_string(Path::new(&self.data()).join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
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
        let said = || std::fs::read_to_string(self.dir.path().join(format!("{program}.out"))).unwrap_or_default();
        assert!(status.as_ref().is_ok_and(|s| s.success()), "{program} {args:?}: {status:?} {}", said());
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _gone_already =
            self.command("pg_ctl").args(["-D", &self.data(), "-m", "immediate", "-w", "stop"]).stdout(Stdio::null()).status();
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
