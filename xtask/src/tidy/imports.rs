//! `use` declarations, unfolded into full paths.
//!
//! `use std::{fs, time::Duration};` names `std::fs` and `std::time::Duration`; a rule that looks for `std::fs`
//! must see it.

use super::source::Source;

/// One imported path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Byte offset of its declaration.
    pub at: usize,
    /// The full path, `*` and `as` names included as written.
    pub path: String,
}

/// Every path that `source` imports.
pub fn imports(source: &Source) -> Vec<Import> {
    let mut found = Vec::new();
    for at in source.find("use") {
        let rest = &source.code[at + "use".len()..];
        let Some(end) = rest.find(';') else { continue };
        let tree: String = rest[..end].split_whitespace().collect::<Vec<_>>().join(" ");
        unfold("", &tree, &mut |path| found.push(Import { at, path }));
    }
    found
}

fn unfold(prefix: &str, tree: &str, take: &mut impl FnMut(String)) {
    let tree = tree.trim();
    match tree.split_once('{') {
        None if tree.is_empty() => {}
        None => take(format!("{prefix}{tree}")),
        Some((head, body)) => {
            let prefix = format!("{prefix}{}", head.trim());
            let body = body.trim_end().strip_suffix('}').unwrap_or(body);
            for part in parts(body) {
                unfold(&prefix, part, take);
            }
        }
    }
}

/// Splits at the commas that stand outside of braces.
fn parts(body: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0usize, 0, Vec::new());
    for (at, c) in body.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&body[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&body[from..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_unfold() {
        let source = Source::read(
            "a/src/b.rs",
            "use std::{\n    fs,\n    collections::{BTreeMap, BTreeSet},\n};\nuse tokio::time::Instant as Now;\n",
        );
        let paths: Vec<String> = imports(&source).into_iter().map(|i| i.path).collect();
        assert_eq!(paths, ["std::fs", "std::collections::BTreeMap", "std::collections::BTreeSet", "tokio::time::Instant as Now"]);
    }
}
