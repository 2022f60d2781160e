//! The house as processes: one a role (or several), a gateway in front, each of which can be killed, paused, stopped and
//! started again by its id.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use host::free::loopback;
use serde_json::Value;

use crate::client::{Client, wall};
use crate::roster;

/// How long a started process may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long a process that is asked to stop may take.
const STOP_WITHIN: Duration = Duration::from_secs(40);

/// What a fleet consists of.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// PostgreSQL for every role; SQLite files without it.
    pub store: Option<String>,
    /// Replicas of each role; one where nothing is said.
    pub replicas: BTreeMap<&'static str, usize>,
}

/// One process.
pub struct Part {
    /// `<role>-<n>`, or `gateway`.
    pub name: String,
    config: PathBuf,
    /// For everybody.
    pub outside: SocketAddr,
    /// For peers.
    pub inside: SocketAddr,
    child: Child,
}

/// All processes; killed when it is dropped.
pub struct Fleet {
    program: PathBuf,
    /// The processes, the gateway last.
    pub parts: Vec<Part>,
}

impl Fleet {
    /// Starts every role and the gateway, and waits until all are ready. `way` is told the address of each role's first
    /// process and may name another one that others shall use.
    pub async fn start(
        program: &Path,
        dir: &Path,
        shape: &Shape,
        way: impl Fn(&'static str, SocketAddr) -> Option<String>,
    ) -> Result<Self, String> {
        let mut planned = Vec::new();
        for (role, _) in roster::SERVICES {
            for n in 1..=shape.replicas.get(role).copied().unwrap_or(1) {
                planned.push((*role, n, loopback()?, loopback()?));
            }
        }
        let mut peers = String::from("[peers]\n");
        for (role, _) in roster::SERVICES {
            let own = planned.iter().filter(|(of, ..)| of == role);
            let told: Vec<String> = own.map(|(_, _, _, inside)| way(role, *inside).unwrap_or_else(|| format!("http://{inside}"))).collect();
            let _into_a_string = writeln!(peers, "{role} = {told:?}");
        }
        // What is outside of the house (the payment provider, the key of the vault) is one for all replicas.
        let shared = dir.join("shared");
        std::fs::create_dir_all(&shared).map_err(|e| format!("{}: {e}", shared.display()))?;
        let store = shape.store.as_ref().map(|url| format!("store = {url:?}\n")).unwrap_or_default();
        let mut fleet = Self { program: program.to_owned(), parts: Vec::new() };
        for (role, n, outside, inside) in planned {
            let what = format!("roles = [{role:?}]\nshared = {:?}\n{store}", shared.display().to_string());
            fleet.add(dir, &format!("{role}-{n}"), outside, inside, &what, &peers)?;
        }
        fleet.add(dir, "gateway", loopback()?, loopback()?, "gateway = true\n", &peers)?;
        for n in 0..fleet.parts.len() {
            fleet.ready(n).await?;
        }
        Ok(fleet)
    }

    fn add(&mut self, dir: &Path, name: &str, outside: SocketAddr, inside: SocketAddr, what: &str, peers: &str) -> Result<(), String> {
        let (config, data) = (dir.join(format!("{name}.toml")), dir.join(name));
        let text = format!("listen = \"{outside}\"\npeer_listen = \"{inside}\"\ndata = {:?}\n{what}{peers}", data.display().to_string());
        std::fs::write(&config, text).map_err(|e| format!("{}: {e}", config.display()))?;
        let child = spawn(&self.program, &config)?;
        self.parts.push(Part { name: name.to_owned(), config, outside, inside, child });
        Ok(())
    }

    /// The gateway's address.
    pub fn url(&self) -> String {
        self.parts.last().map(|gateway| format!("http://{}", gateway.outside)).unwrap_or_default()
    }

    /// The place of a process.
    pub fn place(&self, name: &str) -> Result<usize, String> {
        let found = self.parts.iter().position(|part| part.name == name);
        found.ok_or_else(|| format!("there is no process '{name}'"))
    }

    /// Kills a process: nothing is flushed, nobody is told.
    pub fn kill(&mut self, n: usize) -> Result<(), String> {
        let part = &mut self.parts[n];
        part.child.kill().map_err(|e| format!("cannot kill {}: {e}", part.name))?;
        part.child.wait().map(drop).map_err(|e| format!("cannot wait for {}: {e}", part.name))
    }

    /// Sends a signal: `STOP` pauses, `CONT` goes on.
    pub fn signal(&self, n: usize, signal: &str) -> Result<(), String> {
        let id = self.parts[n].child.id().to_string();
        let sent = Command::new("kill").args([format!("-{signal}"), id]).status().map_err(|e| e.to_string())?;
        if sent.success() { Ok(()) } else { Err(format!("{} cannot be sent {signal}", self.parts[n].name)) }
    }

    /// Asks a process to stop and waits until it has.
    pub async fn stop(&mut self, n: usize) -> Result<(), String> {
        self.signal(n, "TERM")?;
        let began = wall();
        while wall().duration_since(began) < STOP_WITHIN {
            match self.parts[n].child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("{} stopped with {status}", self.parts[n].name)),
                Ok(None) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(e) => return Err(e.to_string()),
            }
        }
        Err(format!("{} does not stop within {} s", self.parts[n].name, STOP_WITHIN.as_secs()))
    }

    /// Starts a process that has ended again, on the same addresses and stores.
    pub fn start_again(&mut self, n: usize) -> Result<(), String> {
        self.parts[n].child = spawn(&self.program, &self.parts[n].config)?;
        Ok(())
    }

    /// Waits until a process says that it is ready.
    pub async fn ready(&mut self, n: usize) -> Result<(), String> {
        let began = wall();
        let name = self.parts[n].name.clone();
        while wall().duration_since(began) < READY_WITHIN {
            if let Ok(Some(status)) = self.parts[n].child.try_wait() {
                return Err(format!("{name} ended while it was starting: {status}"));
            }
            if self.is_ready(n).await? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(format!("{name} is not ready within {} s", READY_WITHIN.as_secs()))
    }

    /// Whether a process says that it is ready.
    pub async fn is_ready(&self, n: usize) -> Result<bool, String> {
        let client = Client::new(&format!("http://{}", self.parts[n].outside))?;
        Ok(client.once("/readyz").await.is_some_and(|status| status == 200))
    }

    /// How a process has ended, if it has.
    pub fn ended(&mut self, n: usize) -> Option<ExitStatus> {
        self.parts[n].child.try_wait().ok().flatten()
    }

    /// What a process says of one of its peers, as `/ops/peers` shows it.
    pub async fn peer(&self, n: usize, peer: &str) -> Result<Value, String> {
        let all: Value = Client::new(&format!("http://{}", self.parts[n].outside))?.read("/ops/peers").await?;
        let found = all["peers"].as_array().and_then(|peers| peers.iter().find(|shown| shown["peer"] == peer).cloned());
        Ok(found.unwrap_or_default())
    }
}

fn spawn(program: &Path, config: &Path) -> Result<Child, String> {
    let mut command = Command::new(program);
    command.args(["run", "--config"]).arg(config).stdin(Stdio::null()).stdout(Stdio::null());
    let log = config.with_extension("log");
    let log = std::fs::File::options().create(true).append(true).open(&log).map_err(|e| format!("{}: {e}", log.display()))?;
    command.stderr(log).spawn().map_err(|e| format!("cannot start {}: {e}", program.display()))
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for n in 0..self.parts.len() {
            // Already gone is fine; left running is not. A paused process dies of it as well.
            let _already_gone = self.kill(n);
        }
    }
}
