//! Words of the workplace: paths of one machine, hosts of one network, remarks about how the text came to be.
//!
//! This file is the only one that may contain them.

use crate::tidy::{
    Found,
    house::House,
    source::{line_of, words},
};

/// Where the words are listed.
const HERE: &str = "xtask/src/tidy/rules/words.rs";

/// Where packages of others are named.
const LOCK: &str = "package-lock.json";

/// A part of a text that never belongs here, and what to write instead.
const PARTS: &[(&str, &str)] = &[
    ("/work/", "write a path relative to the root"),
    ("/root/", "write a path relative to the root"),
    ("/home/", "write a path relative to the root"),
    ("/tmp/bash", "write a path relative to the root"),
    ("index.crates.io", "leave registries to cargo's own configuration"),
    ("static.crates.io", "leave registries to cargo's own configuration"),
    ("registry.npmjs", "leave registries to the machine's configuration"),
    ("proxy.golang", "leave registries to the machine's configuration"),
    ("pypi.org", "leave registries to the machine's configuration"),
    ("artifactory", "leave registries to the machine's configuration"),
    ("sparse+http", "leave registries to cargo's own configuration"),
    ("replace-with", "leave registries to cargo's own configuration"),
    ("issue #", "say what is the case, not where it was discussed"),
    ("closing note", "say it in the changelog or a decision"),
    ("this session", "say what is the case, not when it was written"),
    ("another session", "say what is the case, not when it was written"),
    ("previous session", "say what is the case, not when it was written"),
    ("(being written)", "write it, or leave it out"),
];

/// Whole words.
const WHOLE: &[(&str, &str)] = &[
    ("helper", "name it after what it does"),
    ("helpers", "name it after what it does"),
    ("subagent", "say what is the case, not who wrote it"),
    ("TODO", "do it, or write a decision that says why not"),
    ("FIXME", "do it, or write a decision that says why not"),
];

/// Finds such words in any text, whatever its case.
pub fn check(house: &House) -> Vec<Found> {
    let mut found = Vec::new();
    for file in house.files().filter(|file| file.path != HERE) {
        let lower = file.text.to_ascii_lowercase();
        let mut say = |at, word: &str, fix: &str| {
            let line = line_of(&file.text, at);
            found.push(Found::new(&file.path, line, format!("`{word}` is a word of the workplace"), fix));
        };
        for (part, fix) in PARTS {
            lower.match_indices(part).for_each(|(at, _)| say(at, part, fix));
        }
        // In a lock file such a word is in the name of somebody else's package.
        for (word, fix) in WHOLE.iter().filter(|_| !file.path.ends_with(LOCK)) {
            words(&lower, &word.to_ascii_lowercase()).for_each(|at| say(at, word, fix));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_workplace_are_found_in_any_text() {
        for bad in ["see /work/plan", "A Helper for dates", "// TODO later", "fixes Issue #12", "cp /tmp/bash_jobs"] {
            assert_eq!(check(&House::of(&[("docs/a.md", bad)])).len(), 1, "{bad}");
        }
    }

    #[test]
    fn plain_words_pass() {
        let fine = "a framework/ folder, a login session, a root\n";
        assert_eq!(check(&House::of(&[("docs/a.md", fine), (HERE, "/work/")])), []);
        let lock = "web/package-lock.json";
        assert_eq!(check(&House::of(&[(lock, "\"node_modules/color-helpers\"")])), []);
        assert_eq!(check(&House::of(&[(lock, "\"resolved\": \"https://registry.npmjs.org/x\"")])).len(), 1);
    }
}
