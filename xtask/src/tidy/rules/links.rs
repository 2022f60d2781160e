//! Relative links and paths in the documents lead somewhere.

use crate::tidy::{Found, house::House};

/// A piece of code that begins with one of these is a path in the checkout.
const SHELVES: &[&str] =
    &["chassis/", "contracts/", "services/", "bff/", "simulator/", "posthouse/", "stories/", "xtask/", "docs/", ".ci/"];

/// Finds links and paths to files that do not exist, and links to headings that are not there.
pub fn check(house: &House) -> Vec<Found> {
    let mut found = paths(house);
    for file in house.files().filter(|file| file.path.ends_with(".md")) {
        for (line, target) in links(&file.text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let Some(path) = resolve(&file.path, path) else {
                found.push(Found::new(&file.path, line, format!("{target} leads out of the project"), "link inside"));
                continue;
            };
            if !house.has(&path) {
                let fix = format!("write {path}, or take the link out");
                found.push(Found::new(&file.path, line, format!("{target} leads nowhere"), fix));
            } else if !anchor.is_empty()
                && let Some(page) = house.get(&path)
                && page.path.ends_with(".md")
                && !headings(&page.text).any(|slug| slug == anchor)
            {
                let fix = format!("link to one of the headings of {path}");
                found.push(Found::new(&file.path, line, format!("{path} has no heading #{anchor}"), fix));
            }
        }
    }
    found
}

/// Paths written as `code`; placeholders such as `services/<service>/` are left alone.
fn paths(house: &House) -> Vec<Found> {
    let mut found = Vec::new();
    for file in house.files().filter(|file| file.path.ends_with(".md") && file.path != "CHANGELOG.md") {
        for (line, text) in prose(&file.text) {
            let code = text.split('`').skip(1).step_by(2);
            let is_path = |piece: &&str| SHELVES.iter().any(|shelf| piece.starts_with(shelf)) && !piece.contains(['<', '*', ' ', '…', '{']);
            for path in code.filter(is_path).filter(|path| !house.has(path)) {
                let fix = "name the file as it is called now, or write it";
                found.push(Found::new(&file.path, line, format!("`{path}` does not exist"), fix));
            }
        }
    }
    found
}

/// The targets of `[text](target)` with their lines; code is skipped.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in prose(text) {
        // Even pieces stand outside of `code`; a link whose text is code has its target at the head of one.
        for piece in line.split('`').step_by(2) {
            let mut rest = piece;
            while let Some((_, tail)) = rest.split_once("](") {
                let Some((target, after)) = tail.split_once(')') else { break };
                found.push((at, target.split_whitespace().next().unwrap_or_default().to_owned()));
                rest = after;
            }
        }
    }
    found
}

/// The lines outside of fenced blocks, numbered from 1.
pub fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((at + 1, line))
    })
}

/// `target` as seen from the file at `from`, without dots; `None` above the root.
fn resolve(from: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(from.to_owned());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The anchors of the headings, as the usual renderers make them.
fn headings(text: &str) -> impl Iterator<Item = String> + '_ {
    prose(text).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| {
        line.trim_start_matches('#')
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_link_is_found() {
        let text = "# A\n[x](b.md) and [y](docs/none.md)\n[`z`](../up.md)\n[w](#nothing)\n";
        let found = check(&House::of(&[("README.md", text), ("b.md", "")]));
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn a_path_that_does_not_exist_is_found() {
        let text = "`chassis/saga/src/lib.rs`, `chassis/old.rs`, `services/<service>/x.rs`, `cargo doc`\n";
        let found = check(&House::of(&[("docs/a.md", text), ("chassis/saga/src/lib.rs", "")]));
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("chassis/old.rs"));
    }

    #[test]
    fn living_links_pass() {
        let text = "# The house, from above\n[a](#the-house-from-above) [b](../src/) [c](https://example.org/x) `[d](no)`\n```\n[e](no)\n```\n[f](errors/bug.md#what-to-do \"title\")\n";
        let files = [("docs/a.md", text), ("src/lib.rs", ""), ("docs/errors/bug.md", "## What to do\n")];
        assert_eq!(check(&House::of(&files)), []);
    }
}
