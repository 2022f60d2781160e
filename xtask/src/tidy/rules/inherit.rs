//! Every crate takes its lints, versions and package facts from the workspace.

use crate::tidy::{
    Found,
    house::House,
    manifest::{Manifest, strings},
};

/// What `[package]` inherits.
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

/// Finds crates that decide for themselves, and crates the workspace does not know.
pub fn check(house: &House) -> Vec<Found> {
    let mut found = Vec::new();
    for file in house.manifests() {
        let manifest = Manifest::read(&file.text);
        let mut say = |line, what: String, fix: String| found.push(Found::new(&file.path, line, what, fix));
        for fact in INHERITED {
            if manifest.get("package", &format!("{fact}.workspace")).is_none() {
                say(1, format!("[package] does not inherit {fact}"), format!("write `{fact}.workspace = true`"));
            }
        }
        if manifest.get("lints", "workspace").is_none_or(|entry| entry.value != "true") {
            say(1, "the lints are not the workspace's".into(), "write `[lints]` and `workspace = true`".into());
        }
        for entry in manifest.entries.iter().filter(|e| e.dependency().is_some() && !e.is_inherited()) {
            say(
                entry.line,
                format!("{} has its own version", entry.key),
                "put it into [workspace.dependencies] and write `.workspace = true` here".into(),
            );
        }
        for (table, line) in manifest.tables.iter().filter(|(t, _)| t.contains("dependencies.")) {
            say(*line, format!("[{table}] is a table of its own"), "write the dependency in one line".into());
        }
        if let Some((_, line)) = manifest.tables.iter().find(|(t, _)| t == "features") {
            say(*line, "a feature flag".into(), "pass a value at construction; leaf crates hold what is heavy".into());
        }
    }
    found.extend(members(house));
    found
}

/// The members of the workspace are the crates on disk.
fn members(house: &House) -> Vec<Found> {
    let Some(root) = house.get("Cargo.toml") else { return Vec::new() };
    let manifest = Manifest::read(&root.text);
    let Some(listed) = manifest.get("workspace", "members") else { return Vec::new() };
    let names = strings(&listed.value);
    house
        .manifests()
        .filter_map(|file| file.path.strip_suffix("/Cargo.toml"))
        .filter(|folder| !names.iter().any(|name| name == folder))
        .map(|folder| Found::new("Cargo.toml", listed.line, format!("{folder} is not a member"), "add it to `members`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nname = \"x\"\nversion.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n[lints]\nworkspace = true\n";

    fn of(more: &str) -> Vec<Found> {
        check(&House::of(&[("contracts/Cargo.toml", &format!("{GOOD}{more}"))]))
    }

    #[test]
    fn the_house_style_passes() {
        assert!(of("[dependencies]\nserde.workspace = true\nhttp = { workspace = true, features = [] }\n").is_empty());
    }

    #[test]
    fn an_own_version_table_or_feature_is_found() {
        assert_eq!(of("[dependencies]\nserde = \"1\"\n")[0].line, 11);
        assert_eq!(of("[dependencies.serde]\nworkspace = true\n").len(), 1);
        assert_eq!(of("[features]\ncloud = []\n").len(), 1);
    }

    #[test]
    fn what_is_not_inherited_is_found() {
        let found = check(&House::of(&[("contracts/Cargo.toml", "[package]\nedition = \"2021\"\n")]));
        assert_eq!(found.len(), INHERITED.len() + 1);
    }

    #[test]
    fn a_crate_outside_the_workspace_is_found() {
        let found = check(&House::of(&[
            ("Cargo.toml", "[workspace]\nmembers = [\n \"xtask\",\n]\n"),
            ("contracts/Cargo.toml", GOOD),
            ("xtask/Cargo.toml", GOOD),
        ]));
        assert_eq!((found.len(), found[0].line), (1, 2));
    }
}
