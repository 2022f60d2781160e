//! The shape of a file: it says what it is, and it ends in time.

use crate::tidy::{Found, house::House};

/// Lines a Rust file may have.
const LINES_MAX: usize = 400;

/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];

/// Finds Rust files that do not begin with `//!`.
pub fn check_docs(house: &House) -> Vec<Found> {
    house
        .rust()
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| {
            let fix = "begin with `//!`: what it is, and why it exists, before attributes and imports";
            Found::new(&file.path, 1, "the file does not say what it is", fix)
        })
        .collect()
}

/// Finds Rust files that are too long, and exceptions that are not needed any more.
pub fn check_size(house: &House) -> Vec<Found> {
    sizes(house, LONGER)
}

fn sizes(house: &House, longer: &[(&str, &str)]) -> Vec<Found> {
    let mut found = Vec::new();
    for file in house.rust() {
        let lines = file.text.lines().count();
        let excused = longer.iter().any(|(path, _)| *path == file.path);
        if lines > LINES_MAX && !excused {
            let fix = "split it: one file per command, read model or layer";
            found.push(Found::new(&file.path, LINES_MAX + 1, format!("{lines} lines"), fix));
        }
        if lines <= LINES_MAX && excused {
            found.push(Found::new(&file.path, 1, "has an exception it does not need", "take it out of LONGER"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_first_word_is_found() {
        let house = House::of(&[("a/src/x.rs", "#![allow(unused)]\n//! late\n"), ("a/src/y.rs", "//! Y\n")]);
        assert_eq!(check_docs(&house).len(), 1);
    }

    #[test]
    fn a_long_file_is_found() {
        let long = "//! A\n".repeat(LINES_MAX + 1);
        let house = House::of(&[("a/src/x.rs", &long), ("a/src/y.rs", "//! Y\n"), ("a.md", &long)]);
        let found = sizes(&house, &[]);
        assert_eq!((found.len(), found[0].line), (1, 401));
        assert!(sizes(&house, &[("a/src/x.rs", "a list")]).is_empty());
        assert_eq!(sizes(&house, &[("a/src/x.rs", ""), ("a/src/y.rs", "")]).len(), 1);
    }
}
