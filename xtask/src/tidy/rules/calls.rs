//! Which service sends which command to which other: derived from the sagas, kept as a snapshot, without a cycle.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{
    Found,
    house::{File, House},
    imports::imports,
    source::{is_word, line_of},
};

/// The snapshot.
pub const SNAPSHOT: &str = "docs/calls.out";
/// How a saga names a call.
const MAKER: &str = "Call::to";

/// Commands by (caller, owner).
type Graph = BTreeMap<(String, String), BTreeSet<String>>;

/// Finds calls that cannot be read, a snapshot that is not true, and cycles.
pub fn check(house: &House) -> Vec<Found> {
    let (graph, mut found) = read(house);
    let is = print(&graph);
    let was = house.get(SNAPSHOT).map(|file| file.text.as_str()).unwrap_or_default();
    if is != was {
        let line = 1 + is.lines().zip(was.lines()).take_while(|(a, b)| a == b).count();
        let now = is.lines().nth(line - 1).unwrap_or("nothing");
        let what = format!("the sagas say `{now}` here");
        let fix = "if the new arrow is meant: `cargo xtask tidy --bless`, and show it in the review";
        found.push(Found::new(SNAPSHOT, line, what, fix));
    }
    if let Some(cycle) = cycle(&graph) {
        let fix = "turn one arrow into a followed fact (a feed)";
        found.push(Found::new(SNAPSHOT, 1, format!("a cycle: {}", cycle.join(" -> ")), fix));
    }
    found
}

/// The text of the snapshot as the sagas have it.
pub fn snapshot(house: &House) -> String {
    print(&read(house).0)
}

fn print(graph: &Graph) -> String {
    graph
        .iter()
        .map(|((from, to), commands)| {
            let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
            format!("{from} -> {to}: {}\n", commands.join(", "))
        })
        .collect()
}

fn read(house: &House) -> (Graph, Vec<Found>) {
    let (mut graph, mut found) = (Graph::new(), Vec::new());
    for file in house.rust() {
        let Some(caller) = caller(&file.path) else { continue };
        for at in file.source.find(MAKER).filter(|at| !file.source.is_test(*at)) {
            match target(file, at + MAKER.len()) {
                // A saga may cut its own service's work into commands: that crosses no border and is no arrow.
                Some((to, _)) if to == caller => {}
                Some((to, command)) => {
                    graph.entry((caller.to_owned(), to)).or_default().insert(command);
                }
                None => {
                    let fix = "name the command at the call: `Call::to(&contracts::<service>::<Command> { .. })`";
                    let line = line_of(&file.text, at);
                    found.push(Found::new(&file.path, line, "this call names no contract", fix));
                }
            }
        }
    }
    (graph, found)
}

/// The service whose sagas stand in `path`.
fn caller(path: &str) -> Option<&str> {
    let (service, rest) = path.strip_prefix("services/")?.split_once('/')?;
    (rest.starts_with("src/sagas/") || rest == "src/sagas.rs").then_some(service)
}

/// Owner and command of `(&contracts::inventory::Hold {`, imports resolved.
fn target(file: &File, from: usize) -> Option<(String, String)> {
    let rest = file.source.code[from..].trim_start().strip_prefix('(')?;
    let rest = rest.trim_start().trim_start_matches('&').trim_start();
    let path = &rest[..rest.find(|c| !is_word(c) && c != ':').unwrap_or(rest.len())];
    let (head, tail) = path.split_once("::").map_or((path, None), |(head, tail)| (head, Some(tail)));
    let full = imports(&file.source)
        .into_iter()
        .find_map(|import| {
            let (path, name) = match import.path.split_once(" as ") {
                Some((path, name)) => (path.to_owned(), name.to_owned()),
                None => (import.path.clone(), import.path.rsplit("::").next()?.to_owned()),
            };
            (name == head).then(|| tail.map_or(path.clone(), |tail| format!("{path}::{tail}")))
        })
        .unwrap_or_else(|| path.to_owned());
    let mut parts = full.strip_prefix("contracts::")?.split("::");
    let (to, command) = (parts.next()?, parts.next()?);
    command.starts_with(|c: char| c.is_uppercase()).then(|| (to.to_owned(), command.to_owned()))
}

/// A way from a service back to itself.
fn cycle(graph: &Graph) -> Option<Vec<String>> {
    fn walk(graph: &Graph, way: &mut Vec<String>) -> bool {
        let here = way[way.len() - 1].clone();
        for (_, to) in graph.keys().filter(|(from, _)| *from == here) {
            let back = way.contains(to);
            way.push(to.clone());
            if back || walk(graph, way) {
                return true;
            }
            way.pop();
        }
        false
    }
    graph.keys().find_map(|(from, _)| {
        let mut way = vec![from.clone()];
        walk(graph, &mut way).then_some(way)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = "//! B\nuse contracts::payments;\nuse contracts::inventory::{Hold, Confirm as Sure};\nfn a() { Call::to(&Hold { nights }); Call::to(&Sure {}); Call::to(&payments::Authorise { t }); }\nfn b() { Call::to(&contracts::inventory::Release { }); }\n";
    const GRAPH: &str = "reservations -> inventory: Confirm, Hold, Release\nreservations -> payments: Authorise\n";

    #[test]
    fn the_graph_is_read_from_the_sagas() {
        let house = House::of(&[("services/reservations/src/sagas/book.rs", BOOK), (SNAPSHOT, GRAPH)]);
        assert_eq!(snapshot(&house), GRAPH);
        assert_eq!(check(&house), []);
    }

    #[test]
    fn an_old_snapshot_is_found() {
        let house = House::of(&[("services/reservations/src/sagas/book.rs", BOOK), (SNAPSHOT, "")]);
        assert_eq!(check(&house).len(), 1);
    }

    #[test]
    fn a_cycle_is_found() {
        let back = "//! B\nfn a() { Call::to(&contracts::reservations::Arrive {}); }\n";
        let house = House::of(&[("services/reservations/src/sagas/book.rs", BOOK), ("services/inventory/src/sagas/back.rs", back)]);
        let found = check(&house);
        assert!(found.iter().any(|f| f.what.contains("inventory -> reservations -> inventory")), "{found:?}");
    }

    #[test]
    fn a_call_that_names_nothing_is_found() {
        let bad = "//! B\nfn a() { Call::to(&command); }\n";
        let found = check(&House::of(&[("services/stays/src/sagas/x.rs", bad)]));
        assert_eq!((found.len(), found[0].line), (1, 2));
    }
}
