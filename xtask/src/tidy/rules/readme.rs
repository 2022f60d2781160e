//! The commands of the README are run by a test.

use crate::tidy::{Found, house::House};

/// A command, by its beginning, and the file and words that run it.
struct Tested {
    starts: &'static str,
    file: &'static str,
    words: &'static str,
}

/// The story that runs the README's shell block, line by line, against a house it starts.
const STORY: &str = "posthouse/tests/it/readme.rs";

/// What the README may ask a newcomer to type.
const TESTED: &[Tested] = &[
    Tested { starts: "cargo xtask test", file: ".ci/run", words: "cargo xtask test" },
    Tested { starts: "cargo xtask tidy", file: "xtask/tests/it/main.rs", words: "fn " },
    Tested { starts: "cargo run --release", file: STORY, words: "fn the_readme_books_a_room" },
    Tested { starts: "curl ", file: STORY, words: "fn the_readme_books_a_room" },
];

/// Finds commands no test runs, and tests that are gone.
pub fn check(house: &House) -> Vec<Found> {
    let Some(readme) = house.get("README.md") else {
        return vec![Found::new("README.md", 1, "there is no README", "write one")];
    };
    let mut found = Vec::new();
    let mut missing: Vec<&str> = Vec::new();
    for (line, command) in commands(&readme.text) {
        let Some(tested) = TESTED.iter().find(|tested| command.starts_with(tested.starts)) else {
            let fix = "have a test run it and add it to TESTED in xtask/src/tidy/rules/readme.rs";
            found.push(Found::new("README.md", line, format!("no test runs `{command}`"), fix));
            continue;
        };
        let runs = house.get(tested.file).is_some_and(|file| file.text.contains(tested.words));
        if !runs && !missing.contains(&tested.file) {
            missing.push(tested.file);
            let what = format!("`{}` is run by no test: {} lacks `{}`", tested.starts, tested.file, tested.words);
            found.push(Found::new("README.md", line, what, "write the test"));
        }
    }
    found
}

/// The commands in blocks marked `sh`, continuation lines joined, with their lines.
pub fn commands(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let (mut shell, mut open) = (false, false);
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("```") {
            shell = line == "```sh";
            continue;
        }
        if !shell || line.is_empty() || line.starts_with('#') {
            continue;
        }
        let part = line.trim_end_matches('\\').trim_end();
        match found.last_mut() {
            Some((_, command)) if open => {
                command.push(' ');
                command.push_str(part);
            }
            _ => found.push((at + 1, part.to_owned())),
        }
        open = line.ends_with('\\');
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_their_continuations() {
        let text = "```sh\n# a remark\ncurl -s \\\n  http://x \\\n  -d '{}'\ncargo run --release\n```\n```json\nnot a command\n```\n";
        let read = commands(text);
        assert_eq!(read, [(3, "curl -s http://x -d '{}'".to_owned()), (6, "cargo run --release".to_owned())]);
    }

    #[test]
    fn an_untested_command_is_found() {
        let story = "fn the_readme_books_a_room() {}";
        let house = House::of(&[("README.md", "```sh\nmake all\ncurl x\n```\n"), (STORY, story)]);
        let found = check(&house);
        assert_eq!((found.len(), found[0].line), (1, 2));
    }

    #[test]
    fn a_missing_test_is_found_once() {
        let found = check(&House::of(&[("README.md", "```sh\ncurl a\ncurl b\n```\n")]));
        assert_eq!(found.len(), 1);
        assert_eq!(check(&House::of(&[])).len(), 1);
    }
}
