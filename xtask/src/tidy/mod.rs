//! The house rules as functions.
//!
//! A rule takes the checkout as text and says what breaks it: file and line, what, why, and how to mend it. The
//! tests of this crate run each rule on the real checkout, so `cargo nextest run` is enough to be told; every rule
//! also has a test that shows it failing on a bad input.
//!
//! Reading order: [`house`] (the checkout as text), [`source`], [`imports`] and [`manifest`] (Rust and Cargo files, taken apart),
//! then one file per rule in [`rules`].

pub mod house;
pub mod source;
pub mod imports;
pub mod manifest;
pub mod rules;

use std::{fmt, fs, path::Path};

use house::House;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name, as in `cargo xtask tidy --rule NAME`.
    pub name: &'static str,
    /// Why the house has it.
    pub why: &'static str,
    /// Finds what breaks it.
    pub check: fn(&House) -> Vec<Found>,
}

/// One place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub fix: String,
}

impl Found {
    /// What is wrong at `path:line`, and how to mend it.
    pub fn new(path: &str, line: usize, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), fix: fix.into() }
    }
}

/// A found place together with its rule, ready to be read.
#[derive(Debug)]
pub struct Finding<'a>(pub &'a Rule, pub Found);

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(rule, found) = self;
        writeln!(f, "{}:{}: {} [{}]", found.path, found.line, found.what, rule.name)?;
        writeln!(f, "    why: {}", rule.why)?;
        write!(f, "    fix: {}", found.fix)
    }
}

/// All rules, or the one called `only`; `None` when there is no such rule or the checkout cannot be read.
pub fn run(root: &Path, only: Option<&str>) -> bool {
    match findings(root, only) {
        Ok(found) => {
            for finding in &found {
                eprintln!("{finding}");
            }
            match found.len() {
                0 => eprintln!("tidy: the house is in order"),
                n => eprintln!("tidy: {n} to mend"),
            }
            found.is_empty()
        }
        Err(message) => {
            eprintln!("tidy: {message}");
            false
        }
    }
}

/// What breaks the rules (or the one called `only`) in the checkout at `root`, readable.
pub fn findings(root: &Path, only: Option<&str>) -> Result<Vec<String>, String> {
    if let Some(name) = only
        && !rules::RULES.iter().any(|rule| rule.name == name)
    {
        return Err(format!("no rule is called `{name}`; `cargo xtask tidy --list` lists them"));
    }
    let house = House::read(root).map_err(|fault| format!("cannot read {}: {fault}", root.display()))?;
    Ok(rules::RULES
        .iter()
        .filter(|rule| only.is_none_or(|name| name == rule.name))
        .flat_map(|rule| (rule.check)(&house).into_iter().map(move |found| Finding(rule, found).to_string()))
        .collect())
}

/// Prints the rules; always well.
pub fn list() -> bool {
    for rule in rules::RULES {
        println!("{:14} {}", rule.name, rule.why);
    }
    true
}

/// Rewrites the snapshots that are derived from the sources; false when one cannot be written.
pub fn bless(root: &Path) -> bool {
    let house = match House::read(root) {
        Ok(house) => house,
        Err(fault) => {
            eprintln!("tidy: cannot read {}: {fault}", root.display());
            return false;
        }
    };
    let graph = rules::calls::snapshot(&house);
    match fs::write(root.join(rules::calls::SNAPSHOT), &graph) {
        Ok(()) => {
            eprint!("{}:\n{graph}", rules::calls::SNAPSHOT);
            true
        }
        Err(fault) => {
            eprintln!("tidy: cannot write {}: {fault}", rules::calls::SNAPSHOT);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_why_and_how() {
        let rule = Rule { name: "order", why: "readers get lost", check: |_| Vec::new() };
        let finding = Finding(&rule, Found::new("a/src/b.rs", 7, "b stands before a", "move it"));
        assert_eq!(finding.to_string(), "a/src/b.rs:7: b stands before a [order]\n    why: readers get lost\n    fix: move it");
    }

    #[test]
    fn an_unknown_rule_is_an_error() {
        assert!(findings(Path::new("."), Some("no-such-rule")).is_err());
    }

    #[test]
    fn names_are_used_once() {
        let mut names: Vec<_> = rules::RULES.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), rules::RULES.len());
    }
}
