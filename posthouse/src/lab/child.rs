//! A house in a process of its own that can be killed without warning.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::client::wall;

/// How long a started house may take to answer.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// A running `posthouse up`; killed when it is dropped.
pub struct HouseProcess {
    program: PathBuf,
    data: PathBuf,
    more: Vec<String>,
    address: SocketAddr,
    child: Child,
}

impl HouseProcess {
    /// Starts `program up` on a free port with its stores in `data`, and waits until it answers.
    pub async fn start(program: &Path, data: &Path) -> Result<Self, String> {
        Self::start_with(program, data, &[]).await
    }

    /// The same with more arguments for `up`.
    pub async fn start_with(program: &Path, data: &Path, more: &[&str]) -> Result<Self, String> {
        let free = host::free::loopback()?;
        let more: Vec<String> = more.iter().map(|arg| (*arg).to_owned()).collect();
        let child = spawn(program, data, free, &more)?;
        let mut house = Self { program: program.to_owned(), data: data.to_owned(), more, address: free, child };
        house.ready().await?;
        Ok(house)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Kills it (SIGKILL: nothing is flushed, nobody is told) and starts it again on the same stores.
    pub async fn kill_and_restart(&mut self) -> Result<(), String> {
        self.kill()?;
        self.child = spawn(&self.program, &self.data, self.address, &self.more)?;
        self.ready().await
    }

    /// The same, and it is started with these arguments for `up` from now on.
    pub async fn kill_and_restart_with(&mut self, more: &[&str]) -> Result<(), String> {
        self.more = more.iter().map(|arg| (*arg).to_owned()).collect();
        self.kill_and_restart().await
    }

    /// Kills it.
    pub fn kill(&mut self) -> Result<(), String> {
        self.child.kill().map_err(|e| format!("cannot kill the house: {e}"))?;
        self.child.wait().map(drop).map_err(|e| format!("cannot wait for the killed house: {e}"))
    }

    async fn ready(&mut self) -> Result<(), String> {
        let began = wall();
        while wall().duration_since(began) < READY_WITHIN {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the house ended while it was starting: {status}"));
            }
            if tokio::net::TcpStream::connect(self.address).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(format!("the house does not answer within {} s", READY_WITHIN.as_secs()))
    }
}

fn spawn(program: &Path, data: &Path, address: SocketAddr, more: &[String]) -> Result<Child, String> {
    Command::new(program)
        .args(["up", "--listen", &address.to_string(), "--data"])
        .arg(data)
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|e| format!("cannot start {}: {e}", program.display()))
}

impl Drop for HouseProcess {
    fn drop(&mut self) {
        // Already gone is fine; left running is not.
        let _already_gone = self.kill();
    }
}
