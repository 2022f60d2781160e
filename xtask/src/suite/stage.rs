//! One stage of the suite: a command, the house rules, or the test run itself.

use std::{
    io::{self, BufRead, BufReader, IsTerminal, Read, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use super::servers;
use super::summary::{Counts, Reader};
use crate::{place, tidy};

/// A stage.
#[derive(Debug)]
pub struct Stage {
    /// What the table calls it.
    pub name: &'static str,
    /// What it does.
    pub how: How,
}

/// What a stage does.
#[derive(Debug)]
pub enum How {
    /// Runs cargo and shows what it says.
    Cargo(Vec<String>),
    /// Runs cargo and shows what it says only when it fails.
    Quiet(Vec<String>),
    /// Runs the house rules in this process.
    Tidy,
    /// Installs the servers that tests start.
    Servers,
    /// Runs the tests and reads the runner's own summary.
    Tests(Vec<String>),
    /// Does nothing, and says why.
    Skip(&'static str),
}

impl Stage {
    /// A stage that runs cargo.
    pub fn cargo(name: &'static str, args: &[&str]) -> Self {
        Self { name, how: How::Cargo(owned(args)) }
    }

    /// A stage that runs cargo and is silent when it passes.
    pub fn quiet(name: &'static str, args: &[&str]) -> Self {
        Self { name, how: How::Quiet(owned(args)) }
    }

    /// The stage, or nothing and why.
    pub fn unless(self, skip: bool, why: &'static str) -> Self {
        if skip { Self { how: How::Skip(why), ..self } } else { self }
    }

    /// What one would type to run it alone.
    pub fn says(&self) -> String {
        match &self.how {
            How::Cargo(args) | How::Quiet(args) | How::Tests(args) => format!("cargo {}", args.join(" ")),
            How::Tidy => "cargo xtask tidy".to_owned(),
            How::Servers => servers::says(),
            How::Skip(why) => (*why).to_owned(),
        }
    }

    /// Runs it; did it pass, and how many tests did the runner count?
    pub fn run(&self, root: &Path) -> (bool, Option<Counts>) {
        let tried = match &self.how {
            How::Cargo(args) => command(root, args).status().map(|status| (status.success(), None)),
            How::Quiet(args) => quiet(command(root, args)),
            How::Tests(args) => counted(command(root, args)),
            How::Tidy => Ok((tidy::run(root, None), None)),
            How::Servers => servers::install(root).map(|well| (well, None)),
            How::Skip(_) => Ok((true, None)),
        };
        tried.unwrap_or_else(|fault| {
            eprintln!("cannot run {}: {fault}", self.says());
            (false, None)
        })
    }
}

fn owned(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

fn command(root: &Path, args: &[String]) -> Command {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = place::cargo(root, &args);
    if args[0] == "doc" {
        command.env("RUSTDOCFLAGS", "-D warnings");
    }
    command
}

fn quiet(mut command: Command) -> io::Result<(bool, Option<Counts>)> {
    let out = command.output()?;
    if !out.status.success() {
        io::stderr().write_all(&out.stdout)?;
        io::stderr().write_all(&out.stderr)?;
    }
    Ok((out.status.success(), None))
}

/// Shows what the runner says as it says it, and keeps its summary.
#[expect(clippy::disallowed_methods, reason = "two pipes need two readers, or the runner blocks on the full one")]
fn counted(mut command: Command) -> io::Result<(bool, Option<Counts>)> {
    // A pipe would take the colours away.
    if io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let reader = thread::spawn(move || show(out, io::stdout()));
    let mut seen = show(err, io::stderr());
    seen.join(reader.join().unwrap_or_default());
    let status = child.wait()?;
    Ok((status.success(), seen.counts()))
}

fn show(from: Option<impl Read>, mut to: impl Write) -> Reader {
    let mut seen = Reader::default();
    let Some(from) = from else { return seen };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        // Nobody may be listening any more; the summary still counts.
        let _ = to.write_all(&line);
        seen.line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_fails_the_stage() {
        let root = place::root();
        assert!(Stage::cargo("version", &["--version"]).run(&root).0);
        assert!(!Stage::quiet("nonsense", &["no-such-command"]).run(&root).0);
    }

    #[test]
    fn what_is_skipped_passes_and_says_why() {
        let stage = Stage::cargo("clippy", &["clippy"]).unless(true, "left out as asked");
        assert_eq!(stage.says(), "left out as asked");
        assert!(stage.run(Path::new(".")).0);
    }
}
