//! The real clock, the real dice and the real tasks are touched in few places.
//!
//! Clippy's `disallowed-methods` says the same at compile time; this rule names the places, so that an `allow`
//! attribute is not a way round it.

use crate::tidy::{
    Found,
    house::{File, House},
    imports::{Import, imports},
    source::line_of,
};

/// What enters through a port, and the way to have it.
const PORTS: &[(&str, &str)] = &[
    ("SystemTime::now", "take a Clock"),
    ("Instant::now", "use tokio::time::Instant, which simulated time governs, or take a Clock"),
    ("Timestamp::now", "take a Clock"),
    ("Zoned::now", "take a Clock"),
    ("getrandom::fill", "take a Chance"),
    ("getrandom::getrandom", "take a Chance"),
    ("thread_rng", "take a Chance"),
    ("OsRng", "take a Chance"),
    ("tokio::spawn", "return an `async fn run(..)` that the host spawns"),
    ("task::spawn", "return an `async fn run(..)` that the host spawns"),
    ("spawn_blocking", "return an `async fn run(..)` that the host spawns"),
    ("spawn_local", "return an `async fn run(..)` that the host spawns"),
    ("JoinSet::new", "return an `async fn run(..)` that the host spawns"),
    ("thread::spawn", "return an `async fn run(..)` that the host spawns"),
    ("thread::scope", "return an `async fn run(..)` that the host spawns"),
    ("thread::Builder", "return an `async fn run(..)` that the host spawns"),
    ("thread::sleep", "use tokio::time::sleep, which simulated time governs"),
    ("disallowed_methods", "do not silence the lint; take the port as an argument"),
];

/// Where ports may be touched: a path, what is allowed there (empty: everything), and why.
const PLACES: &[(&str, &[&str], &str)] = &[
    ("chassis/host/", &[], "the host is where the real clock, dice and tasks enter"),
    ("posthouse/", &[], "the only main(): builds the ports, and its clients measure wall time"),
    ("xtask/", &[], "the workshop is not part of the product"),
    (
        "chassis/eventstore/src/worker.rs",
        &["thread::Builder", "thread::scope"],
        "databases are asked synchronously: one thread a connection",
    ),
    ("simulator/", &["JoinSet::new", "spawn_local"], "a simulated crash is the abort of a JoinSet"),
];

/// Finds ports touched elsewhere; tests are free.
pub fn check(house: &House) -> Vec<Found> {
    let mut found = Vec::new();
    for file in house.rust() {
        let imported = imports(&file.source);
        for (word, fix) in PORTS.iter().filter(|(word, _)| !is_allowed(&file.path, word)) {
            let places = file.source.find(word).filter(|at| !is_free(file, &imported, word, *at));
            found.extend(places.map(|at| Found::new(&file.path, line_of(&file.text, at), format!("`{word}` outside of its place"), *fix)));
        }
        let by_name = imported.iter().filter(|i| ["tokio::spawn", "std::thread::spawn"].contains(&i.path.as_str()));
        found.extend(by_name.filter(|i| !is_allowed(&file.path, "tokio::spawn") && !file.source.is_test(i.at)).map(|i| {
            let fix = "return an `async fn run(..)` that the host spawns";
            Found::new(&file.path, line_of(&file.text, i.at), format!("imports `{}`", i.path), fix)
        }));
    }
    found
}

fn is_allowed(path: &str, word: &str) -> bool {
    PLACES.iter().any(|(place, words, _)| path.starts_with(place) && (words.is_empty() || words.contains(&word)))
}

/// In a test, in an import (the call is what counts), or tokio's own `Instant`.
fn is_free(file: &File, imported: &[Import], word: &str, at: usize) -> bool {
    if file.source.is_test(at) {
        return true;
    }
    if word == "tokio::spawn" && imported.iter().any(|i| i.at < at && at < i.at + i.path.len() + 5) {
        return true;
    }
    if word != "Instant::now" {
        return false;
    }
    let before = &file.source.code[..at];
    let tokio_name = |name: &str| imported.iter().any(|i| i.path == format!("tokio::time{name}"));
    if let Some(head) = before.strip_suffix("time::") {
        return head.ends_with("tokio::") || (!head.ends_with("::") && tokio_name(""));
    }
    !before.ends_with("::") && tokio_name("::Instant")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> Vec<Found> {
        check(&House::of(&[(path, text)]))
    }

    #[test]
    fn the_wall_clock_is_found() {
        let bad = "//! A\nuse std::time::Instant;\nfn f() { Instant::now(); std::time::SystemTime::now(); jiff::Timestamp::now(); }\n";
        let found = of("chassis/feed/src/lib.rs", bad);
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [3, 3, 3]);
        assert!(of("chassis/host/src/clock.rs", bad).is_empty());
        assert!(of("posthouse/src/client/mod.rs", bad).is_empty());
    }

    #[test]
    fn simulated_time_is_free() {
        for fine in [
            "use tokio::time::Instant;\nfn f() { Instant::now(); }",
            "use tokio::time;\nfn f() { time::Instant::now(); }",
            "fn f() { tokio::time::Instant::now(); }",
        ] {
            assert!(of("chassis/peer/src/breaker.rs", fine).is_empty(), "{fine}");
        }
        assert_eq!(of("chassis/peer/src/breaker.rs", "use std::time;\nfn f() { time::Instant::now(); }").len(), 1);
    }

    #[test]
    fn tasks_threads_and_dice_are_found() {
        let bad = "fn f() { tokio::spawn(g()); std::thread::spawn(h); thread_rng(); getrandom::fill(&mut b); }\n";
        assert_eq!(of("services/stays/src/lib.rs", bad).len(), 4);
        assert_eq!(of("services/stays/src/lib.rs", "use tokio::spawn;\n").len(), 1);
        let writer = "fn f() { std::thread::Builder::new(); }\n";
        assert!(of("chassis/eventstore/src/worker.rs", writer).is_empty());
        assert_eq!(of("chassis/eventstore/src/committer.rs", writer).len(), 1);
    }

    #[test]
    fn a_silenced_lint_is_found_and_tests_are_free() {
        let silenced = "#[allow(clippy::disallowed_methods)]\nfn f() {}\n";
        assert_eq!(of("chassis/saga/src/lib.rs", silenced).len(), 1);
        let test = "#[cfg(test)]\nmod tests {\n    #[allow(clippy::disallowed_methods)]\n    fn f() { tokio::spawn(x); }\n}\n";
        assert!(of("chassis/saga/src/lib.rs", test).is_empty());
    }
}
