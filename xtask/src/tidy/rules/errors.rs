//! Every code a caller can get has a page, and every page a code.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{
    Found,
    house::{File, House},
    source::line_of,
};

/// Where the pages are.
const PAGES: &str = "docs/errors/";
/// Where codes are born.
const SHELVES: &[&str] = &["services/", "chassis/", "posthouse/", "bff/", "contracts/"];
/// Calls whose first kebab-case literal is a code.
const MAKERS: &[&str] = &["Refused::new", "Busy", "Retry", "retry", "refusal", "Problem::new", "problem"];
/// Codes nobody can get, each with its reason.
const UNSPOKEN: &[(&str, &str)] = &[("pivot-timeout", "only a known-bad protocol of the simulator answers it")];

/// Finds codes without a page, pages without a code, and pages that say too little.
pub fn check(house: &House) -> Vec<Found> {
    let codes = codes(house);
    let mut found = Vec::new();
    for (code, (path, line)) in codes.iter().filter(|(code, _)| !UNSPOKEN.iter().any(|(u, _)| u == code)) {
        let page = format!("{PAGES}{code}.md");
        if !house.has(&page) {
            let fix = format!("write {page}: what it means, what to do");
            found.push(Found::new(path, *line, format!("the code `{code}` has no page"), fix));
        }
    }
    let spoken = literals(house);
    for file in house.files().filter(|file| file.path.starts_with(PAGES) && file.path.ends_with(".md")) {
        let code = file.path.trim_start_matches(PAGES).trim_end_matches(".md");
        if code == "README" {
            continue;
        }
        if !spoken.contains(code) {
            found.push(Found::new(&file.path, 1, format!("nothing answers `{code}`"), "take the page out"));
        }
        if !file.text.starts_with(&format!("# {code}\n")) || !file.text.contains("\n## What to do\n") {
            let fix = format!("begin with `# {code}`, say what it means, then `## What to do`");
            found.push(Found::new(&file.path, 1, "the page has another shape than the others", fix));
        }
    }
    found
}

/// Every code with the first place it is found at.
pub fn codes(house: &House) -> BTreeMap<String, (String, usize)> {
    let mut codes = BTreeMap::new();
    for file in house.rust().filter(|file| is_code(file)) {
        for (at, code) in spans(file).into_iter().flat_map(|(from, to, all)| inside(file, from, to, all)) {
            codes.entry(code).or_insert_with(|| (file.path.clone(), line_of(&file.text, at)));
        }
    }
    codes
}

/// What the testkit's fakes refuse is never seen by anybody.
fn is_code(file: &File) -> bool {
    !file.path.starts_with("chassis/testkit/") && SHELVES.iter().any(|shelf| file.path.starts_with(shelf)) && file.path.contains("/src/")
}

/// Pieces of code that hold codes; `true` when every literal in it is one, `false` when only the first is.
fn spans(file: &File) -> Vec<(usize, usize, bool)> {
    let source = &file.source;
    let free = |at: &usize| !source.is_test(*at);
    let mut spans = Vec::new();
    for at in source.find("code").filter(free) {
        let is_fn = source.code[..at].trim_end().ends_with("fn") && source.code[at..].starts_with("code(&self)");
        // A trait's declaration ends in `;` before any block opens.
        let body = source.code[at..].find(['{', ';']).is_some_and(|n| source.code[at + n..].starts_with('{'));
        if is_fn
            && body
            && let Some((from, to)) = source.block(at)
        {
            spans.push((from, to, true));
        }
    }
    for maker in MAKERS {
        for at in source.find(maker).filter(free) {
            let from = at + maker.len();
            if source.code[from..].starts_with('(')
                && let Some(end) = source.code[from..].find([')', ';'])
            {
                spans.push((from, from + end, false));
            }
        }
    }
    // `Refused { code: "stale-version".into(), .. }`
    for at in source.find("code").filter(free) {
        let after = source.code[at + "code".len()..].trim_start();
        if let Some(value) = after.strip_prefix(':')
            && value.trim_start().starts_with('"')
        {
            let from = source.code.len() - value.len();
            spans.push((from, from + value.find(['\n', ',']).unwrap_or(value.len()), false));
        }
    }
    spans
}

fn inside(file: &File, from: usize, to: usize, all: bool) -> Vec<(usize, String)> {
    file.source
        .literals
        .iter()
        .filter(|literal| (from..to).contains(&literal.at) && is_kebab(&literal.value))
        .take(if all { usize::MAX } else { 1 })
        .map(|literal| (literal.at, literal.value.clone()))
        .collect()
}

/// Every kebab-case literal of the shelves' code.
fn literals(house: &House) -> BTreeSet<&str> {
    house
        .rust()
        .filter(|file| is_code(file))
        .flat_map(|file| &file.source.literals)
        .map(|literal| literal.value.as_str())
        .filter(|value| is_kebab(value))
        .collect()
}

fn is_kebab(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_lowercase())
        && !value.ends_with('-')
        && value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSAL: &str = "//! R\nimpl Refusal for R {\n    fn code(&self) -> &'static str {\n        match self {\n            Self::Full => \"night-sold-out\",\n            Self::Gone => \"hotel-unknown\",\n        }\n    }\n}\nfn f() { Err(Busy(\"reservation-busy\")) }\nfn h() { Refused { code: \"stale-version\".into(), detail: \"no-code\" } }\n#[cfg(test)]\nmod tests { fn g() { Busy(\"only-a-test\"); } }\n";
    const PAGE: &str = "# night-sold-out\n\nFull.\n\n## What to do\n\nAsk for another night.\n";

    #[test]
    fn a_code_without_a_page_is_found() {
        let house = House::of(&[("services/inventory/src/domain/hold.rs", REFUSAL), ("docs/errors/night-sold-out.md", PAGE)]);
        let found = check(&house);
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [6, 10, 11]);
    }

    #[test]
    fn a_page_without_a_code_and_a_page_without_advice_are_found() {
        let house = House::of(&[("docs/errors/night-sold-out.md", PAGE)]);
        assert_eq!(check(&house).len(), 1);
        let house = House::of(&[
            ("chassis/host/src/problem.rs", "//! P\nfn f() { Refused::new(\"bug\", x) }"),
            ("docs/errors/bug.md", "# A bug\n"),
        ]);
        assert_eq!(check(&house).len(), 1);
    }

    #[test]
    fn a_trait_declares_no_code() {
        let text =
            "//! T\ntrait Refusal { fn code(&self) -> &'static str; }\nconst A: &str = \"a-word\";\nfn g() { f(\"another-word\") }\n";
        assert!(codes(&House::of(&[("chassis/kernel/src/decide.rs", text)])).is_empty());
    }
}
