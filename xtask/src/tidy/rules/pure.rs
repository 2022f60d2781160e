//! The domain is pure and synchronous, and what must replay iterates in order.

use crate::tidy::{
    Found,
    house::{File, House},
    imports::imports,
    source::line_of,
};

/// What a decision may not touch, and what to do about it.
const IMPURE: &[(&str, &str)] = &[
    ("tokio", "a decision is synchronous: move waiting into a saga or the host"),
    ("rusqlite", "a decision folds events; SQL belongs into src/views/"),
    ("axum", "HTTP belongs into src/http.rs"),
    ("http", "HTTP belongs into src/http.rs"),
    ("hyper", "HTTP belongs into src/http.rs"),
    ("std::time", "take the time from the context that decide() gets"),
    ("std::fs", "a decision reads the staged state only"),
    ("std::net", "ask a peer in a saga step"),
    ("std::env", "pass configuration in as a value"),
    ("std::thread", "a decision is one thought: no tasks, no threads"),
    ("std::process", "a decision starts nothing"),
    ("async", "a decision is synchronous: move waiting into a saga or the host"),
    (".await", "a decision is synchronous: move waiting into a saga or the host"),
];

/// Where iteration order is part of the result, besides every domain.
const ORDERED: &[&str] = &["chassis/saga/", "chassis/eventstore/", "simulator/"];

/// Finds impure words in the domain.
pub fn check(house: &House) -> Vec<Found> {
    let mut found = Vec::new();
    for file in house.rust().filter(|file| is_domain(&file.path)) {
        let imported = imports(&file.source);
        for (word, fix) in IMPURE {
            let in_use = imported.iter().filter(|i| begins(&i.path, word)).map(|i| i.at);
            let in_code = places(file, word);
            let mut lines: Vec<usize> = in_use.chain(in_code).map(|at| line_of(&file.text, at)).collect();
            lines.sort_unstable();
            lines.dedup();
            found.extend(
                lines
                    .into_iter()
                    .map(|line| Found::new(&file.path, line, format!("`{}` in the domain", word.trim_start_matches('.')), *fix)),
            );
        }
    }
    found
}

/// Finds hashed collections where order matters.
pub fn check_ordered(house: &House) -> Vec<Found> {
    let strict = |path: &str| is_domain(path) || ORDERED.iter().any(|shelf| path.starts_with(shelf));
    let mut found = Vec::new();
    for file in house.rust().filter(|file| strict(&file.path)) {
        for (word, instead) in [("HashMap", "BTreeMap"), ("HashSet", "BTreeSet")] {
            found.extend(file.source.find(word).map(|at| {
                Found::new(&file.path, line_of(&file.text, at), format!("{word} where a run must replay"), format!("use {instead}"))
            }));
        }
    }
    found
}

fn is_domain(path: &str) -> bool {
    path.starts_with("services/") && (path.contains("/src/domain/") || path.ends_with("/src/domain.rs"))
}

fn begins(path: &str, word: &str) -> bool {
    path.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with(' '))
}

/// A crate name counts only at the head of a path: `self.http` or `mod http` is no crate.
fn places<'a>(file: &'a File, word: &'static str) -> Box<dyn Iterator<Item = usize> + 'a> {
    let code = &file.source.code;
    if word.starts_with('.') {
        return Box::new(code.match_indices(word).map(|(at, _)| at));
    }
    let name_only = !word.contains("::") && word != "async";
    Box::new(file.source.find(word).filter(move |at| {
        let free = !code[..*at].ends_with("::") || code[..*at].ends_with(" ::");
        free && (!name_only || code[at + word.len()..].starts_with("::"))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> Vec<Found> {
        let house = House::of(&[(path, text)]);
        let mut found = check(&house);
        found.extend(check_ordered(&house));
        found
    }

    #[test]
    fn time_files_and_tasks_are_found_in_the_domain() {
        let bad = "//! D\nuse std::{fs, collections::BTreeMap};\nasync fn f() { g().await }\nfn t() { std::time::SystemTime::now(); }\nuse tokio::sync::Mutex;\n";
        let lines: Vec<usize> = of("services/stays/src/domain/stay.rs", bad).iter().map(|f| f.line).collect();
        assert_eq!(lines, [5, 4, 2, 3, 3]);
    }

    #[test]
    fn comments_texts_and_other_folders_are_free() {
        let fine = "//! No tokio here, no async.\nconst A: &str = \"std::time\";\nfn f(http: u8) -> u8 { http }\n";
        assert!(of("services/stays/src/domain/stay.rs", fine).is_empty());
        assert!(of("services/stays/src/http.rs", "use tokio::time;\n").is_empty());
    }

    #[test]
    fn hashed_collections_are_found_where_order_matters() {
        let bad = "//! D\nuse std::collections::{HashMap, HashSet};\n";
        for path in ["services/stays/src/domain.rs", "chassis/saga/src/lib.rs", "simulator/src/net.rs"] {
            assert_eq!(of(path, bad).len(), 2, "{path}");
        }
        assert!(of("chassis/host/src/lib.rs", bad).is_empty());
    }
}
