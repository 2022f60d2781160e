//! Names that say nothing.

use crate::tidy::{
    Found,
    house::{File, House},
    source::{is_word, line_of},
};

/// Modules, folders and crates that collect what has no home.
const EMPTY: &[&str] = &["common", "commons", "util", "utils", "types", "misc", "shared", "core"];
/// Ends of type names that say nothing.
const ENDINGS: &[&str] = &["Impl", "Manager"];

/// Finds empty names of types, modules, folders and crates.
pub fn check(house: &House) -> Vec<Found> {
    let mut found = Vec::new();
    for file in house.rust() {
        found.extend(path(file));
        found.extend(types(file));
        found.extend(modules(file));
    }
    found
}

fn path(file: &File) -> Option<Found> {
    let mut parts = file.path.trim_end_matches(".rs").split('/');
    let empty = parts.find(|part| EMPTY.contains(part))?;
    let fix = "name it after what it holds, or move each thing next to its user";
    Some(Found::new(&file.path, 1, format!("`{empty}` says nothing"), fix))
}

fn types(file: &File) -> Vec<Found> {
    ["struct", "enum", "trait", "type"]
        .iter()
        .flat_map(|kind| file.source.find(kind).map(move |at| (at, at + kind.len())))
        .filter_map(|(at, end)| {
            let name = name_at(&file.source.code[end..]);
            let ending = ENDINGS.iter().find(|ending| name.ends_with(**ending))?;
            let fix = "name the one implementation after what makes it different, and drop the trait if there is no other";
            Some(Found::new(&file.path, line_of(&file.text, at), format!("{name}: `{ending}` says nothing"), fix))
        })
        .collect()
}

fn modules(file: &File) -> Vec<Found> {
    file.source
        .find("mod")
        .filter_map(|at| {
            let name = name_at(&file.source.code[at + "mod".len()..]);
            let fix = "name it after what it holds";
            EMPTY.contains(&name).then(|| Found::new(&file.path, line_of(&file.text, at), format!("mod {name} says nothing"), fix))
        })
        .collect()
}

/// The name that follows white space.
fn name_at(rest: &str) -> &str {
    let rest = rest.trim_start();
    &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_found() {
        let bad = "//! A\npub struct StoreImpl;\ntrait SagaManager {}\nmod utils { }\n// struct FooImpl\n";
        let found = check(&House::of(&[("a/src/lib.rs", bad)]));
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(check(&House::of(&[("a/src/common/x.rs", "//! X")])).len(), 1);
        assert_eq!(check(&House::of(&[("utils/src/lib.rs", "//! X")])).len(), 1);
    }

    #[test]
    fn speaking_names_pass() {
        let fine = "//! A\nstruct Implicit;\nimpl Rack { }\nmod sheet;\nstruct Managers;\n";
        assert!(check(&House::of(&[("a/src/lib.rs", fine)])).is_empty());
    }
}
