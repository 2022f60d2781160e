//! Blob stores of clouds, as real processes on loopback: Azurite for Azure's, moto for Amazon's. Each is killed with the value
//! that stands for it, and refuses what is not signed with its key.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde::Deserialize;

use crate::tools;

/// The one container, or bucket, that there is.
const ROOM: &str = "archive";

/// A running blob store.
pub struct Cloud {
    /// The URL of its container or bucket, as an archive takes it.
    pub url: String,
    /// What the environment would say of the way to it: variables of the cloud's own tools.
    pub variables: Vec<(String, String)>,
    /// What must be shown to nobody.
    pub secret: String,
    process: Child,
    start: fn(&str) -> (Child, Says),
    port: String,
}

#[derive(Deserialize)]
struct Says {
    key: String,
    secret: String,
}

impl Cloud {
    /// Starts Azurite.
    pub fn azure() -> Self {
        Self::new(
            "az",
            |port| run(Command::new("node").arg(tools::script("azure.mjs")).arg(tools::azurite()), port),
            |port, says| {
                vec![
                    ("AZURE_STORAGE_ACCOUNT_NAME", says.key.clone()),
                    ("AZURE_STORAGE_ACCOUNT_KEY", says.secret.clone()),
                    ("AZURE_STORAGE_ENDPOINT", format!("http://127.0.0.1:{port}/{}", says.key)),
                    ("AZURE_AUTHORITY", format!("127.0.0.1:{port}")),
                    ("AZURE_ALLOW_HTTP", "true".to_owned()),
                ]
            },
        )
    }

    /// Starts moto.
    pub fn s3() -> Self {
        Self::new(
            "s3",
            |port| run(tools::python().arg(tools::script("s3.py")), port),
            |port, says| {
                vec![
                    ("AWS_ACCESS_KEY_ID", says.key.clone()),
                    ("AWS_SECRET_ACCESS_KEY", says.secret.clone()),
                    ("AWS_ENDPOINT", format!("http://127.0.0.1:{port}")),
                    ("AWS_ALLOW_HTTP", "true".to_owned()),
                ]
            },
        )
    }

    fn new(scheme: &str, start: fn(&str) -> (Child, Says), way: fn(&str, &Says) -> Vec<(&'static str, String)>) -> Self {
        let port = host::free::loopback().unwrap_or_else(|why| panic!("{why}")).port().to_string();
        let (process, says) = start(&port);
        let variables = way(&port, &says).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { url: format!("{scheme}://{ROOM}"), variables, secret: says.secret, process, start, port }
    }

    /// Its variables with one more, or with another value in one of them.
    pub fn but(&self, name: &str, value: &str) -> Vec<(String, String)> {
        let others = self.variables.iter().filter(|(of, _)| of != name).cloned();
        others.chain([(name.to_owned(), value.to_owned())]).collect()
    }

    /// Kills it; it is gone when this returns, and so is all that it kept.
    pub fn kill(&mut self) {
        let _it_may_be_gone = self.process.kill();
        self.process.wait().expect("its own child");
    }

    /// Starts it again where it was, with the same key and nothing in it.
    pub fn up(&mut self) {
        self.process = (self.start)(&self.port).0;
    }

    /// Sends it a signal: after `STOP` it takes connections and answers nothing, after `CONT` it goes on with all it has.
    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.process.id().to_string()]).status();
        assert!(done.is_ok_and(|status| status.success()), "{name} cannot be sent");
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a script of `tools/`, which says how it is reached once it answers, and ends when its standard input does.
fn run(command: &mut Command, port: &str) -> (Child, Says) {
    let command = command.args([port, ROOM]).current_dir(std::env::temp_dir());
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut process = spawned.unwrap_or_else(|e| panic!("{command:?} cannot be started (cargo xtask servers): {e}"));
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("its output can be read");
    let says = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{command:?} has not started: {line:?}: {e}"));
    (process, says)
}
