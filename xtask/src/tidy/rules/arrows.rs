//! Arrows between the shelves, read from the manifests.

use std::collections::BTreeMap;

use crate::tidy::{Found, house::House, manifest::Manifest};

/// The chassis from the bottom up; a crate may use only what stands before it.
const CHASSIS: &[&str] = &["kernel", "eventstore", "peer", "feed", "saga", "archive", "auth", "pipeline", "host"];

/// Where a crate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shelf {
    Chassis(usize),
    Testkit,
    Contracts,
    Service,
    Kit,
    Bff,
    Simulator,
    Posthouse,
    Stories,
    Xtask,
}

/// Finds arrows that run the wrong way, and crates that stand on no shelf.
pub fn check(house: &House) -> Vec<Found> {
    let mut found = Vec::new();
    let mut shelves = BTreeMap::new();
    for file in house.manifests() {
        match shelf(&file.path) {
            Some(at) => {
                shelves.insert(package(&file.path, &file.text), at);
            }
            None => found.push(Found::new(
                &file.path,
                1,
                "this crate stands on no shelf",
                "put it under chassis/, services/ or bff/, or give it a rank in xtask/src/tidy/rules/arrows.rs",
            )),
        }
    }
    for file in house.manifests() {
        let Some(from) = shelf(&file.path) else { continue };
        for entry in Manifest::read(&file.text).entries {
            let Some(name) = entry.dependency() else { continue };
            let Some(to) = shelves.get(name) else { continue };
            if !allowed(from, *to, entry.is_dev()) {
                found.push(Found::new(
                    &file.path,
                    entry.line,
                    format!("{} may not use {name}", package(&file.path, &file.text)),
                    advice(from, *to),
                ));
            }
        }
    }
    found
}

fn package(path: &str, text: &str) -> String {
    Manifest::read(text).get("package", "name").map_or_else(
        || path.trim_end_matches("/Cargo.toml").rsplit('/').next().unwrap_or_default().to_owned(),
        |entry| entry.value.trim_matches('"').to_owned(),
    )
}

fn shelf(path: &str) -> Option<Shelf> {
    let parts: Vec<&str> = path.trim_end_matches("/Cargo.toml").split('/').collect();
    match parts[..] {
        ["chassis", "testkit"] => Some(Shelf::Testkit),
        ["chassis", name] => CHASSIS.iter().position(|known| *known == name).map(Shelf::Chassis),
        ["contracts"] => Some(Shelf::Contracts),
        ["services", _] => Some(Shelf::Service),
        ["bff", "kit"] => Some(Shelf::Kit),
        ["bff", _] => Some(Shelf::Bff),
        ["simulator"] => Some(Shelf::Simulator),
        ["posthouse"] => Some(Shelf::Posthouse),
        ["stories"] => Some(Shelf::Stories),
        ["xtask"] => Some(Shelf::Xtask),
        _ => None,
    }
}

fn allowed(from: Shelf, to: Shelf, dev: bool) -> bool {
    let chassis = matches!(to, Shelf::Chassis(_));
    // The testkit holds fakes and fault injection: tests of any crate may use it, production code may not.
    let tests = dev && to == Shelf::Testkit;
    match from {
        Shelf::Chassis(rank) => tests || matches!(to, Shelf::Chassis(below) if below < rank),
        Shelf::Testkit => chassis,
        Shelf::Contracts => tests || matches!(to, Shelf::Chassis(n) if ["kernel", "peer"].contains(&CHASSIS[n])),
        Shelf::Service => tests || chassis || to == Shelf::Contracts,
        Shelf::Kit => chassis,
        Shelf::Bff => tests || chassis || matches!(to, Shelf::Contracts | Shelf::Kit),
        Shelf::Simulator => chassis || matches!(to, Shelf::Testkit | Shelf::Contracts | Shelf::Service | Shelf::Kit | Shelf::Bff),
        Shelf::Posthouse => tests || !matches!(to, Shelf::Testkit | Shelf::Stories | Shelf::Xtask),
        Shelf::Stories => to != Shelf::Xtask,
        Shelf::Xtask => false,
    }
}

fn advice(from: Shelf, to: Shelf) -> &'static str {
    match (from, to) {
        (_, Shelf::Testkit) => "move it to [dev-dependencies]: fakes stay out of the product",
        (_, Shelf::Xtask) | (Shelf::Xtask, _) => "the workshop and the house know each other only as text and commands",
        (Shelf::Service | Shelf::Bff, Shelf::Service) => "say it in contracts/ and call the peer, or follow its feed",
        (Shelf::Chassis(_), Shelf::Chassis(_)) => "move the shared part down, or pass it in as an argument",
        (Shelf::Chassis(_) | Shelf::Testkit, _) => "the chassis knows no hotel word: pass it in as a type or a closure",
        _ => "turn the arrow round, or write a decision in docs/decisions/ and change the ranks",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, lines: &str) -> Vec<Found> {
        let with = format!("[dependencies]\n{lines}\n");
        let mut files = vec![(path, with.as_str())];
        for other in [
            "chassis/kernel/Cargo.toml",
            "chassis/peer/Cargo.toml",
            "chassis/saga/Cargo.toml",
            "chassis/testkit/Cargo.toml",
            "contracts/Cargo.toml",
            "services/stays/Cargo.toml",
            "services/inventory/Cargo.toml",
            "simulator/Cargo.toml",
            "xtask/Cargo.toml",
        ] {
            if other != path {
                files.push((other, ""));
            }
        }
        check(&House::of(&files))
    }

    #[test]
    fn the_chassis_looks_down_only() {
        assert!(of("chassis/saga/Cargo.toml", "kernel.workspace = true\npeer.workspace = true").is_empty());
        let found = of("chassis/kernel/Cargo.toml", "serde.workspace = true\nsaga.workspace = true");
        assert_eq!((found.len(), found[0].line), (1, 3));
        assert_eq!(of("chassis/saga/Cargo.toml", "contracts.workspace = true").len(), 1);
    }

    #[test]
    fn a_service_never_uses_a_service() {
        assert!(of("services/stays/Cargo.toml", "saga.workspace = true\ncontracts.workspace = true").is_empty());
        let found = of("services/stays/Cargo.toml", "inventory.workspace = true");
        assert!(found[0].fix.contains("contracts"), "{found:?}");
        assert_eq!(of("bff/website/Cargo.toml", "inventory.workspace = true").len(), 1);
    }

    #[test]
    fn contracts_know_the_kernel_and_the_peer() {
        assert!(of("contracts/Cargo.toml", "kernel.workspace = true\npeer.workspace = true").is_empty());
        assert_eq!(of("contracts/Cargo.toml", "saga.workspace = true").len(), 1);
    }

    #[test]
    fn the_testkit_is_for_tests() {
        assert_eq!(of("services/stays/Cargo.toml", "testkit.workspace = true").len(), 1);
        assert!(of("services/stays/Cargo.toml", "[dev-dependencies]\ntestkit.workspace = true").is_empty());
    }

    #[test]
    fn nobody_uses_the_workshop() {
        assert_eq!(of("posthouse/Cargo.toml", "simulator.workspace = true\nxtask.workspace = true").len(), 1);
        assert_eq!(of("xtask/Cargo.toml", "kernel.workspace = true").len(), 1);
    }

    #[test]
    fn a_crate_on_no_shelf_is_found() {
        assert_eq!(of("common/Cargo.toml", "").len(), 1);
        assert_eq!(of("chassis/gadgets/Cargo.toml", "").len(), 1);
    }
}
